"""The archive is searched block by block of letters, and each page knows of its letter what conditions ask."""

import json
from collections.abc import Iterator
from uuid import uuid4

import pytest
from sqlalchemy import Connection, Engine, Row, text
from sqlalchemy.orm import Session

from search.query import search

# Letters so far apart that they lie in blocks of each size, and on both sides of their edges
_FIRST = 3_000_000
_SEQS = [
    _FIRST + far
    for far in (
        0, 1, 1023, 1024, 2047, 2048, 8191, 8192, 16_383, 16_384, 65_535, 65_536, 131_071, 131_072, 262_143, 262_144,
        400_000, 900_000, 900_001,
    )
]  # fmt: skip
_LAST = 2**62
_LETTER = text(
    "INSERT INTO document (unit, clearance, sha256, size, media_type, filename, original_version, stage, pages,"
    " pages_read, kind, fields) VALUES (:unit, :clearance, encode(sha256(gen_random_uuid()::text::bytea), 'hex'), 1,"
    " 'x', 'x', 'v', 'read', 1, 1, :kind, CAST(:fields AS jsonb)) RETURNING id"
)
_PAGE = text(
    "INSERT INTO page (document_id, document_seq, unit, clearance, number, text, reading, read_at)"
    " SELECT id, :seq, unit, clearance, 1, :said, '{\"words\": []}', now() FROM document WHERE id = :id"
)


@pytest.fixture
def blocks(superuser: Engine) -> Iterator[Connection]:
    """A transaction, rolled back, of an official whose unit has one letter at each of these numbers."""
    unit = f"blok-{uuid4().hex[:6]} 'dan' \\lain"
    with superuser.connect() as connection:
        for n, seq in enumerate(_SEQS):
            _stored(connection, unit, seq, kind=("ktp", "kk", "tiket")[n % 3], day=f"{2020 + n % 4}-0{1 + n % 9}-11")
            _stored(connection, unit, seq, clearance=2)  # not for whoever asks
            _stored(connection, f"{unit} lain", seq)
        connection.execute(
            text("SELECT set_config('app.role', 'pejabat', true), set_config('app.unit', :unit, true),"
                 " set_config('app.clearance', '1', true)"),
            {"unit": unit},
        )  # fmt: skip
        yield connection
        connection.rollback()


def _stored(
    connection: Connection,
    unit: str,
    seq: int,
    said: str = "bantuan warga",
    *,
    kind: str = "ktp",
    day: str = "2020-01-01",
    clearance: int = 1,
) -> None:
    told = {"unit": unit, "clearance": clearance, "kind": kind, "fields": json.dumps({"tanggal": {"value": day}})}
    letter = connection.scalar(_LETTER, told)
    connection.execute(_PAGE, {"id": letter, "seq": seq, "said": said})


def _seqs(
    connection: Connection, function: str, start: int, most: int, asked: dict[str, object] | None = None
) -> list[int]:
    words = "ARRAY[CAST('warga' AS tsquery)]" if function == "search_pages" else "'warga'"
    call = text(f"SELECT document_seq FROM {function}({words}, :start, 0, :most, CAST(:asked AS jsonb))")
    told = {"start": start, "most": most, "asked": json.dumps(asked) if asked else None}
    return list(connection.scalars(call, told))


@pytest.mark.parametrize("most", [1, 2, 5, 100])
def test_leafing_through_all_blocks_leaves_nothing_out(blocks: Connection, most: int) -> None:
    for function, start, order in (("search_pages", _LAST, _SEQS[::-1]), ("search_oldest", 0, _SEQS)):
        found: list[int] = []
        while part := _seqs(blocks, function, start, most):
            found += part
            start = part[-1] - 1 if function == "search_pages" else part[-1] + 1
        assert found == order, function


def test_going_on_from_any_letter(blocks: Connection) -> None:
    """Number 0 is before the letter's first page, so the letter itself is among them."""
    for start in _SEQS:
        assert _seqs(blocks, "search_pages", start, 100) == [seq for seq in _SEQS[::-1] if seq <= start]
        assert _seqs(blocks, "search_oldest", start, 100) == [seq for seq in _SEQS if seq >= start]


def test_all_blocks_are_counted(blocks: Connection) -> None:
    assert blocks.scalar(text("SELECT search_count('warga')")) == len(_SEQS)
    letters = text("SELECT document_seq FROM search_letters(:last, :most, CAST('{}' AS jsonb))")
    assert list(blocks.scalars(letters, {"last": _LAST, "most": 100})) == _SEQS[::-1]


def _few(connection: Connection, words: list[str], before: int, most: int) -> list[list[int] | None]:
    call = text("SELECT seqs FROM search_few(CAST(:words AS tsquery[]), CAST(:words AS tsquery[]), :seq, :most)"
                " ORDER BY query")  # fmt: skip
    found = connection.scalars(call, {"words": words, "seq": before, "most": most})
    return [None if seqs is None else sorted(seqs) for seqs in found]


def test_pages_of_what_few_have_are_all_found(blocks: Connection) -> None:
    """Though the newest blocks and the sample have but some of them; only of what is asked of letters before one."""
    assert _few(blocks, ["warga", "nirwana", "bantu"], _LAST, 100) == [_SEQS, [], _SEQS]
    assert _few(blocks, ["warga"], _SEQS[7], 100) == [_SEQS[:7]]


def test_of_what_many_have_no_page_is_told(blocks: Connection) -> None:
    assert _few(blocks, ["warga", "nirwana"], _LAST, 5) == [None, []]
    assert _few(blocks, ["warga"], _LAST, len(_SEQS)) == [None]
    assert _few(blocks, ["warga"], _LAST, len(_SEQS) + 1) == [_SEQS]
    assert _few(blocks, ["warga"], _LAST, 1) == [None]  # by the newest blocks alone


def test_a_sample_tells_in_a_small_archive_too(blocks: Connection) -> None:
    """Of eleven blocks two are looked at: what they have five times is taken for more than ten."""
    unit = blocks.scalar(text("SELECT current_setting('app.unit')"))
    for seq in (1, 2, 3, 5 * 1024 + 1, 5 * 1024 + 2):
        _stored(blocks, unit, seq)
    assert _few(blocks, ["warga"], 10 * 1024, 10) == [None]
    assert _few(blocks, ["warga"], 10 * 1024, 20) == [[1, 2, 3, 5121, 5122]]


def _looked(connection: Connection, queries: list[str | None]) -> list[int]:
    call = text("SELECT document_seq FROM search_pages(CAST(:queries AS tsquery[]), :last, 0, 100)")
    return list(connection.scalars(call, {"queries": queries, "last": _LAST}))


def test_a_look_finds_what_has_one_query_or_both_of_a_pair(blocks: Connection) -> None:
    unit = blocks.scalar(text("SELECT current_setting('app.unit')"))
    for seq, said in ((7, "mangga jambu"), (8, "mangga"), (9, "jambu salak"), (5000, "salak mangga jambu")):
        _stored(blocks, unit, seq, said)
    assert _looked(blocks, ["salak"]) == [5000, 9]
    assert _looked(blocks, [None, "mangga", "jambu"]) == [5000, 7]
    assert _looked(blocks, [None, "mangga", "jambu", "salak", "jambu"]) == [5000, 9, 7]
    assert _looked(blocks, [None, "mangga", "nirwana", None, None, "salak", "mangga"]) == [5000]
    assert _looked(blocks, ["mangga & !jambu", "salak", "nirwana"]) == [8]


def _told(connection: Connection, queries: list[str], parts: list[list[int]]) -> list[list[int]]:
    call = text("SELECT seqs FROM search_few(CAST(:queries AS tsquery[]), CAST(:queries AS tsquery[]), :last,"
                " 20, NULL, CAST(:parts AS int[])) ORDER BY query")  # fmt: skip
    found = connection.scalars(call, {"queries": queries, "last": _LAST, "parts": parts})
    return [sorted(seqs) for seqs in found]


def test_what_has_rare_parts_is_among_the_pages_of_the_rarest(blocks: Connection) -> None:
    """Letter 5009 has it too, but not what is told to be a part of it: it isn't looked at."""
    unit = blocks.scalar(text("SELECT current_setting('app.unit')"))
    for seq, said in ((5007, "mangga jambu"), (5008, "mangga salak"), (5009, "jambu salak")):
        _stored(blocks, unit, seq, said)
    found = _told(blocks, ["mangga", "jambu", "salak"], [[0, 0], [0, 0], [1, 2]])
    assert found == [[5007, 5008], [5007, 5009], [5008]]


def test_what_is_rare_is_looked_for_without_a_sample(blocks: Connection) -> None:
    """As test_a_sample_tells_in_a_small_archive_too has it, but that the words are known to be rare."""
    unit = blocks.scalar(text("SELECT current_setting('app.unit')"))
    for seq in (1, 2, 3, 5 * 1024 + 1, 5 * 1024 + 2):
        _stored(blocks, unit, seq)
    call = text("SELECT seqs FROM search_few(ARRAY['warga'::tsquery], ARRAY[NULL::tsquery], 10240, 10)")
    assert sorted(blocks.scalar(call) or []) == [1, 2, 3, 5121, 5122]


def _sampled(many: int) -> list[int]:
    """So many letters of the sample of common words (search/common.py), of which each stands for hundreds."""
    return [round((_SEQS[-1] >> 12 << 12) * (run * 0.6180339887 % 1)) for run in range(1, many + 1)]


def test_what_is_misread_is_found_where_the_index_is_asked_for_common_words_apart(blocks: Connection) -> None:
    """Both words are on many pages by the sample: three pairs are looked for."""
    unit = blocks.scalar(text("SELECT current_setting('app.unit')"))
    for word in ("semangka", "rambutan"):
        for seq in _sampled(4):
            _stored(blocks, unit, seq, f"{word} saja")
    wanted = {4_100 + n: said for n, said in enumerate(("semangka rambutan", "semangqa rambutan", "semangka rambvtan",
                                                        "semangqa rambvtan"))}  # fmt: skip
    for seq, said in wanted.items():
        _stored(blocks, unit, seq, said)
    found = search(Session(blocks), "semangka rambutan")
    hits = [" ".join(word for word, _ in hit.snippet) for hit in found.hits]
    assert (hits[0], sorted(hits)) == ("semangka rambutan", sorted(wanted.values()))


def test_a_near_word_is_one_of_its_own_by_pages_that_cannot_be_shown_too(blocks: Connection) -> None:
    """Sariut is on pages without semangka, whose letters aren't read: it is no misreading of Sariat, as Sariqt is."""
    unit = blocks.scalar(text("SELECT current_setting('app.unit')"))
    for seq in _sampled(4):
        _stored(blocks, unit, seq, "semangka saja")
    said = ("sariqt semangka", "sariut semangka", "sariat semangka", *["sariut saja"] * 60)
    for n, words in enumerate(said):
        _stored(blocks, unit, 4_100 + n, words)
    found = search(Session(blocks), "sariat semangka")
    hits = [" ".join(word for word, _ in hit.snippet) for hit in found.hits]
    assert hits == ["sariat semangka", "sariqt semangka", "sariut semangka"]


def test_conditions_are_asked_of_what_few_have_and_of_what_is_counted(blocks: Connection) -> None:
    asked = {"asked": json.dumps({"kinds": ["tiket"]})}
    few = text("SELECT seqs FROM search_few(ARRAY[CAST('warga' AS tsquery)], ARRAY[CAST('warga' AS tsquery)],"
               " 9223372036854775807, 100, CAST(:asked AS jsonb))")  # fmt: skip
    assert sorted(blocks.scalar(few, asked)) == _SEQS[2::3]
    assert blocks.scalar(text("SELECT search_count('warga', CAST(:asked AS jsonb))"), asked) == len(_SEQS[2::3])


@pytest.mark.parametrize("most", [1, 2, 3, 5, 6, 7, 100])
def test_few_pages_that_suit_are_told_with_their_number(blocks: Connection, most: int) -> None:
    total = text("SELECT total, seqs, numbers FROM search_total('warga', CAST(:asked AS jsonb), :most, :keep)")
    asked = {"asked": json.dumps({"kinds": ["tiket"]}), "most": most}
    there = _SEQS[2::3]
    number, seqs, numbers = blocks.execute(total, asked | {"keep": 100}).one()
    assert (number, len(numbers)) == (len(seqs), len(seqs))
    assert number == min(most, len(there))
    assert len({*seqs} & {*there}) == number
    assert tuple(blocks.execute(total, asked | {"keep": number - 1}).one()) == (number, None, None)
    assert tuple(blocks.execute(total, asked | {"asked": None, "keep": 100}).one()[1:]) == (None, None)


@pytest.mark.parametrize("newer", [0, 400])
@pytest.mark.parametrize("most", [2, 60])
def test_what_begins_so_is_found_in_the_newest_that_may_be_seen(blocks: Connection, most: int, newer: int) -> None:
    """Among the newest pages, or behind so many others that indexes have to say."""
    others = blocks.scalar(_LETTER, {"unit": "lain", "clearance": 1, "kind": "ktp", "fields": "{}"})
    blocks.execute(
        text(
            "INSERT INTO page (document_id, document_seq, unit, clearance, number, text, read_at)"
            " SELECT :id, :seq, 'lain', 1, n, 'lain', now() FROM generate_series(1, :newer) n"
        ),
        {"id": others, "seq": _SEQS[-1] + 5, "newer": newer},
    )
    seqs = text(
        "SELECT (SELECT document_seq FROM page p WHERE p.document_id = h.document_id) FROM search_begun('warg:*', :m) h"
    )
    assert list(blocks.scalars(seqs, {"m": most})) == _SEQS[::-1][:most]


@pytest.mark.parametrize(
    ("asked", "keep"),
    [
        ({"kinds": ["ktp", "tiket"]}, lambda n: n % 3 != 1),
        ({"kind": "kt", "kinds_like": ["ktp"]}, lambda n: n % 3 == 0),
        ({"years": ["2021"]}, lambda n: n % 4 == 1),
        ({"dari": "2021-00-00", "sampai": "2022-99-99"}, lambda n: n % 4 in (1, 2)),
        ({"dari": "2021-06-11", "sampai": "2021-06-11"}, lambda n: n % 4 == 1 and n % 9 == 5),
        ({"dari": "2021-06-12", "sampai": "2021-06-30"}, lambda n: False),
        ({"dari": "2022-00-00"}, lambda n: n % 4 >= 2),
        ({"sampai": "2020-99-99"}, lambda n: n % 4 == 0),
        ({"kinds": ["kk"], "years": ["2020", "2023"]}, lambda n: n % 3 == 1 and n % 4 in (0, 3)),
    ],
)  # fmt: skip
def test_conditions_hold_in_every_block(blocks: Connection, asked: dict[str, object], keep: object) -> None:
    assert callable(keep)
    assert _seqs(blocks, "search_oldest", 0, 100, asked) == [seq for n, seq in enumerate(_SEQS) if keep(n)]


def test_a_page_follows_its_letter(blocks: Connection) -> None:
    letter = blocks.scalar(text("SELECT document_id FROM search_oldest('warga', 0, 0, 1)"))

    def told() -> Row[tuple[str, str]]:
        return blocks.execute(text("SELECT kind, day FROM page WHERE document_id = :id"), {"id": letter}).one()

    assert tuple(told()) == ("ktp", "2020-01-11")
    blocks.execute(text("UPDATE document SET kind = 'kk' WHERE id = :id"), {"id": letter})
    assert tuple(told()) == ("kk", "2020-01-11")
    without = "UPDATE document SET fields = '{}', received_at = '2019-02-03 04:05Z' WHERE id = :id"
    blocks.execute(text(without), {"id": letter})
    assert tuple(told()) == ("kk", "2019-02-03")
    blocks.execute(text("UPDATE document SET kind = NULL WHERE id = :id"), {"id": letter})
    assert told().kind is None
