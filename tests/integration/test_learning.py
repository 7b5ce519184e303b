"""A unit's confirmed letters teach their kinds; what was learned is used only where it is no worse than the rules."""

import json
import uuid

import pytest
from sqlalchemy import Engine, text

from access.accounts import Account
from tests.assets.bulk import unique_jpeg
from tests.integration.conftest import MakeAccount
from tests.integration.driving import Hands, connected_as, send
from workers import learning, pipeline

# Wording of an office's own, by which no rule knows a kind
WORDS = {
    "info_keluarga": "kabar sanak kerabat nomor gawai yang dapat dihubungi di kampung halaman",
    "syarat_keberangkatan": "perlengkapan sebelum naik kapal laut penumpang pelabuhan malundung",
}


@pytest.fixture
def who(account: MakeAccount) -> Account:
    return account("petugas")


def _confirmed(superuser: Engine, who: Account, *, rules_right: bool) -> None:
    """Forty letters that a person checked, with that wording and as the rules had judged them."""
    with superuser.begin() as connection:
        connection.execute(text("SET LOCAL session_replication_role = replica"))
        for number in range(40):
            kind = sorted(WORDS)[number % 2]
            words = WORDS[kind].split()
            said = " ".join([*words[number % 3 :], f"catatan {chr(97 + number % 7)}{chr(98 + number % 5)}"])
            document = uuid.uuid4()
            by_rules = kind if rules_right else "surat_masuk_lain"
            connection.execute(
                text(
                    "INSERT INTO document (id, unit, clearance, sha256, size, media_type, filename, original_version,"
                    " stage, kind, verdict, doubt, checked_at, sealed_at, pages, pages_read) VALUES (:id, :unit, 1,"
                    " encode(sha256(CAST(:id AS text)::bytea), 'hex'), 1, 'image/jpeg', 'a.jpg', 'v', 'sealed', :kind,"
                    " CAST(:verdict AS jsonb), 0, now(), now(), 1, 1)"
                ),
                {"id": document, "unit": who.unit, "kind": kind, "verdict": json.dumps({"by_rules": by_rules})},
            )
            connection.execute(
                text(
                    "INSERT INTO page (document_id, document_seq, unit, clearance, number, text, reading, read_at)"
                    " SELECT id, seq, unit, clearance, 1, :text, '{}', now() FROM document WHERE id = :id"
                ),
                {"id": document, "text": said},
            )


def _models(superuser: Engine, who: Account) -> list[tuple[int, bool]]:
    with superuser.connect() as connection:
        rows = connection.execute(
            text("SELECT letters, used FROM kind_model WHERE unit = :unit ORDER BY at"), {"unit": who.unit}
        )
        return [(letters, used) for letters, used in rows]


def _blank_letter_with(words: str, superuser: Engine, who: Account) -> uuid.UUID:
    """A letter that says `words`, read and due to be filed."""
    document = send(who, unique_jpeg(uuid.uuid4().int % 10**6, 20)).document.id
    placed = [[w, 0.1 + 0.05 * i, 0.2, 0.14 + 0.05 * i, 0.22, 0.9, 0] for i, w in enumerate(words.split())]
    reading = {
        "number": 1,
        "size": [595, 842],
        "preview": [1240, 1754],
        "rotation": 0,
        "skew": 0.0,
        "source": "ocr",
        "words": placed,
        "seconds": 0.1,
    }
    with superuser.begin() as connection:
        connection.execute(
            text("UPDATE document SET stage = 'read', pages = 1, pages_read = 1 WHERE id = :id"), {"id": document}
        )
        connection.execute(
            text(
                "INSERT INTO page (document_id, document_seq, unit, clearance, number, text, reading, read_at) SELECT"
                " id, seq, unit, clearance, 1, :text, CAST(:reading AS jsonb), now() FROM document WHERE id = :id"
            ),
            {"id": document, "text": words, "reading": json.dumps(reading)},
        )
    return document


def _file(hands: Hands, document: uuid.UUID) -> None:
    with connected_as(hands.engine), learning.transaction() as session:
        row = pipeline.work.claim_document(session, document, "read", "uji")
    assert row is not None
    with connected_as(hands.engine):
        pipeline._file(hands.worker, row)


def test_confirmed_letters_teach_what_no_rule_knows(hands: Hands, superuser: Engine, who: Account) -> None:
    _confirmed(superuser, who, rules_right=False)
    words = WORDS["info_keluarga"]
    before = _blank_letter_with(words, superuser, who)
    _file(hands, before)
    assert hands.look(before).kind != "info_keluarga"
    with connected_as(hands.engine):
        assert learning.learn_unit(who.unit) is True
    assert _models(superuser, who) == [(40, True)]
    after = _blank_letter_with(words, superuser, who)
    _file(hands, after)
    row = hands.look(after)
    assert (row.kind, row.doubt) == ("info_keluarga", 3)  # what only the model says is asked about
    assert row.verdict["model"] is not None
    assert hands.look(before).verdict["model"] is None


def test_nothing_learned_is_used_where_the_rules_are_better(hands: Hands, superuser: Engine, who: Account) -> None:
    _confirmed(superuser, who, rules_right=True)
    with superuser.begin() as connection:  # one kind's wording stands on the other's letters too: unlearnable
        connection.execute(text("UPDATE page SET text = 'sama saja' WHERE unit = :unit"), {"unit": who.unit})
    with connected_as(hands.engine):
        assert learning.learn_unit(who.unit) is False
        assert learning.model_of(who.unit) is None
    assert _models(superuser, who) == [(40, False)]


def test_learning_goes_on_where_there_is_news_in_a_process_of_its_own(
    hands: Hands, superuser: Engine, who: Account, monkeypatch: pytest.MonkeyPatch
) -> None:
    _confirmed(superuser, who, rules_right=False)
    monkeypatch.setenv("ARSIP_DATABASE_URL", hands.engine.url.render_as_string(hide_password=False))
    with connected_as(hands.engine):
        learning.learn()
        assert _models(superuser, who) == [(40, True)]
        learning.learn()  # nothing new was confirmed since
    assert _models(superuser, who) == [(40, True)]
