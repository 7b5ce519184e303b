"""Which words many pages have is known by a sample of what may be seen, and no near word is one of its own."""

from collections.abc import Iterator
from types import SimpleNamespace
from uuid import uuid4

import pytest
from sqlalchemy import Connection, Engine, text
from sqlalchemy.orm import Session

from core.db import transaction
from search import common as sampling
from search.common import Common, common
from search.query import Results, search
from tests.integration.conftest import MakeAccount

_NEWEST = 3_000_000
_LETTERS = text(
    "WITH made AS (INSERT INTO document (unit, clearance, sha256, size, media_type, filename, original_version, stage,"
    " pages, pages_read, kind) SELECT :unit, :clearance, encode(sha256(gen_random_uuid()::text::bytea), 'hex'), 1, 'x',"
    " 'x', 'v', 'read', 1, 1, :kind FROM unnest(CAST(:seqs AS bigint[])) RETURNING id)"
    " INSERT INTO page (document_id, document_seq, unit, clearance, number, text, reading, read_at)"
    " SELECT d.id, s.seq, :unit, :clearance, 1, :said, '{\"words\": []}', now()"
    " FROM (SELECT id, row_number() OVER () AS n FROM made) d"
    " JOIN unnest(CAST(:seqs AS bigint[])) WITH ORDINALITY s (seq, n) USING (n)"
)
# Letters of the sample, each of which stands for hundreds
_SAMPLED = [round((_NEWEST >> 12 << 12) * (run * 0.6180339887 % 1)) for run in range(1, 41)]


class Large:
    """An archive with numbers up to three million, of which a unit sees what it has at the lowest level."""

    def __init__(self, connection: Connection) -> None:
        self.connection, self.unit = connection, f"besar-{uuid4().hex[:6]}"
        self.write("akhir", [_NEWEST])
        self.next = 1000

    def write(
        self, said: str, seqs: list[int], unit: str | None = None, clearance: int = 1, kind: str | None = None
    ) -> None:
        """Letters of one page with these numbers."""
        told = {"unit": unit or self.unit, "clearance": clearance, "said": said, "seqs": seqs, "kind": kind}
        self.connection.execute(_LETTERS, told)

    def write_once(self, *texts: str) -> None:
        """Letters that are not in the sample."""
        for said in texts:
            self.next += 1
            self.write(said, [self.next])

    def write_often(self, said: str) -> None:
        """Enough letters of the sample."""
        self.write(said, _SAMPLED[:3])

    def as_official(self) -> Session:
        """A session under the policies."""
        self.connection.execute(text("SET LOCAL ROLE arsip_api"))
        told = {"unit": self.unit}
        self.connection.execute(
            text("SELECT set_config('app.role', 'pejabat', true), set_config('app.unit', :unit, true),"
                 " set_config('app.clearance', '1', true)"), told,
        )  # fmt: skip
        return Session(self.connection)


@pytest.fixture
def large(superuser: Engine) -> Iterator[Large]:
    """Rolled back at the end."""
    with superuser.connect() as connection:
        yield Large(connection)
        connection.rollback()


def test_a_word_on_some_pages_of_the_sample_stands_often(large: Large) -> None:
    large.write("mangga", _SAMPLED[:3])
    large.write("jambu", _SAMPLED[3:5])
    large.write_once(*["salak"] * 20)
    found = common(large.as_official())
    assert {"mangga", "jambu", "salak"} & found.often == {"mangga"}
    assert found.many(["mangga"])
    assert found.many(["jambu"])  # so many can hardly be chance, but be on fewer than those that stand often
    assert not found.many(["salak"])


def test_a_letter_of_many_pages_and_a_numbers_hash_make_nothing_common(large: Large) -> None:
    large.write("nik123456 biasa", _SAMPLED)
    large.connection.execute(text(
        "INSERT INTO page (document_id, document_seq, unit, clearance, number, text, reading, read_at)"
        " SELECT document_id, document_seq, unit, clearance, n, 'mangga', reading, now() FROM page,"
        " generate_series(2, 50) n WHERE document_seq = :seq AND unit = :unit"
    ), {"seq": _SAMPLED[0], "unit": large.unit})  # fmt: skip
    found = common(large.as_official())
    assert (found.size, found.pages) == (40, {"biasa": 40})


def test_words_are_common_by_their_sum(large: Large) -> None:
    large.write("mangga", _SAMPLED[:1])
    large.write("jambu", _SAMPLED[1:2])
    found = common(large.as_official())
    assert (found.many(["mangga"]), found.many(["mangga", "jambu"]), found.often) == (False, True, frozenset())


def test_what_may_not_be_seen_makes_no_word_common(large: Large) -> None:
    large.write("rahasia", _SAMPLED, unit="lain")
    large.write("rahasia", _SAMPLED, clearance=3)
    large.write("biasa", _SAMPLED)
    assert common(large.as_official()).pages.keys() == {"biasa"}


def test_a_small_archive_has_no_sample(large: Large) -> None:
    large.connection.execute(text("DELETE FROM page WHERE document_seq = :last"), {"last": _NEWEST})
    large.write("mangga", list(range(1, 200)))
    assert common(large.as_official()) == Common()


def test_words_of_nearly_all_pages_are_on_as_many_as_lack_none(large: Large) -> None:
    large.write("mangga jambu", _SAMPLED[:30])
    large.write("mangga", _SAMPLED[30:36])
    large.write("jambu", _SAMPLED[36:])
    found = common(large.as_official())
    assert (found.size, found.pages["mangga"], found.pages["jambu"]) == (40, 36, 34)
    assert found.at_least(["mangga", "jambu"]) == pytest.approx(30 * found.times)
    assert found.at_least(["mangga", "jambu", "salak"]) == 0


@pytest.mark.parametrize(
    ("asked", "total"),
    [
        ("mangga jambu -salak", 140), ("mangga -jambu", 7), ("mangga ATAU jambu", 147), ('mangga "mangga jambu"', 140),
        ("mangga jambu dari:2020", 140), ("mangga jambu salak", 0), ("mangga jamb*", 140), ("mangga nama:jambu", 0),
    ],
)  # fmt: skip
def test_what_far_more_pages_have_than_are_counted_is_not_counted(large: Large, asked: str, total: int) -> None:
    """By the sample, as soon as it is known how the index has the words; but where anything else is asked, it is."""
    large.write("mangga jambu", [*_SAMPLED, *range(5000, 5100)])
    large.write_once(*["mangga"] * 7)
    session = large.as_official()
    for plain in ("mangga jambu", "jambu mangga"):
        found = search(session, plain)
    assert (found.total, found.exact, len(found.hits)) == (10_000, False, 20)
    search(session, asked)
    assert search(session, asked).total == total


def test_a_slow_disk_is_not_waited_for(large: Large, monkeypatch: pytest.MonkeyPatch) -> None:
    """The search goes on without a sample, and with the patience it had."""
    large.write("mangga", _SAMPLED)
    session = large.as_official()
    assert common(session).often == {"mangga"}
    patience = session.scalar(text("SHOW statement_timeout"))
    monkeypatch.setattr(
        sampling, "_SAMPLED", sampling._SAMPLED.replace("WHERE s.word", "WHERE pg_sleep(2) IS NULL AND s.word")
    )
    monkeypatch.setattr(sampling, "_PATIENCE", 50)
    assert common(session) == Common()
    assert search(session, "mangga").total == len(_SAMPLED)
    assert session.scalar(text("SHOW statement_timeout")) == patience


def test_it_is_kept_for_ten_minutes_for_those_who_may_see_the_same(
    account: MakeAccount, monkeypatch: pytest.MonkeyPatch
) -> None:
    now = [1000.0]
    monkeypatch.setattr(sampling, "time", SimpleNamespace(monotonic=lambda: now[0]))
    clerk, colleague, other = account("petugas"), account("petugas"), account("petugas", unit=f"lain-{uuid4().hex}")

    def of(context: dict[str, str]) -> Common:
        with transaction(context) as session:
            return common(session)

    first = of(clerk.context)
    now[0] += 599
    assert of(colleague.context) is first
    assert of(other.context) is not first
    assert of(clerk.context | {"app.clearance": "2"}) is not first
    now[0] += 2
    assert of(clerk.context) is not first


def _near(found: Results) -> list[str]:
    """The near words that hits have; what a page has of several words may be enough without them."""
    return sorted(word for one in found.added for word in one.words)


def test_common_words_may_be_rare_among_what_suits_conditions(large: Large) -> None:
    """As rare as they are there they are most of what is asked for, and enough."""
    large.write_often("mangga jambu")
    large.write("mangga jambu", list(range(5000, 5050)), kind="ktp")
    large.write("durian", [6000], kind="ktp")
    assert search(large.as_official(), "mangga jambu durian jenis:ktp").total == 50


def test_a_common_word_is_not_near_words_that_stand_together_as_they_were_typed(large: Large) -> None:
    """Surat is no misreading of Sumiati, nor bualan of Bualam; of two common names one may be the other's spelling."""
    for word in ("surat", "samsudin", "syamsuddin", "padangsimpuan", "bualan"):
        large.write_often(f"{word} sesuatu")
    large.write_once("sumiati tenda", "surat tenda", "sumiqti tenda")
    large.write_once("syamsuddin payung", "samsudin payung", "syamsudin payung", "svamsuddim payung")
    large.write_once("padangsidempuan tikar", "padangsimpuan tikar", "bualam kasur", "bualan kasur", "bualaq kasur")
    session = large.as_official()
    assert _near(search(session, "sumiati tenda")) == ["sumiqti"]
    assert _near(search(session, "syamsuddin payung")) == ["samsudin", "svamsuddim", "syamsudin"]
    assert _near(search(session, "padangsidempuan tikar")) == []
    assert _near(search(session, "bualam kasur")) == ["bualaq"]


def test_a_common_word_is_not_near_another_common_word(large: Large) -> None:
    for word in ("padangsimpuan", "padangsidempuan"):
        large.write_often(f"{word} sesuatu")
    large.write_once("padangsimpuan tenda", "padangsidempvan tenda")
    session = large.as_official()
    assert _near(search(session, "padangsidempuan tenda")) == ["padangsidempvan"]
    assert _near(search(session, "padangsimpuan tenda")) == []  # it stands there itself


def test_a_common_misreading_of_a_commoner_word_is_near_it(large: Large) -> None:
    large.write("rambutan sesuatu", _SAMPLED[:9])
    large.write("rambulan sesuatu", _SAMPLED[9:12])
    large.write_once("rambulan tenda", "rambutan kasur")
    session = large.as_official()
    assert _near(search(session, "rambutan tenda")) == ["rambulan"]
    assert _near(search(session, "rambulan kasur")) == []


def test_a_common_word_is_found_for_a_long_one_that_was_mistyped_twice(large: Large) -> None:
    for word in ("rekomendasi", "orang"):
        large.write_often(f"{word} sesuatu")
    large.write_once("rekomendasi tenda", "orang payung", "taranga payung")
    session = large.as_official()
    assert _near(search(session, "rekomtendalsi tenda")) == ["rekomendasi"]
    assert _near(search(session, "toranga payung")) == ["taranga"]
    assert "orang" in _near(search(session, "toranga"))  # nothing else tells what was meant
