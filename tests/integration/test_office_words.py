"""The office's own words: learned from what its people confirmed, used for its letters, and leaking nowhere."""

import json
import uuid
from collections.abc import Sequence
from dataclasses import replace

import pytest
from sqlalchemy import Engine, text

from access.accounts import Account
from archive import sampling, vocabulary, work
from archive.checks import waiting
from classify.vocabulary import learned_from
from core.db import transaction
from tests.integration.conftest import MakeAccount
from tests.integration.driving import Hands, connected_as
from tests.unit.typed import page
from workers import pipeline

OFFICIAL, MISREAD = "Wirasena Lamadika, S.E.", "Wirasena Larnadika, S.E."
LETTER = """
                 KEPOLISIAN NEGARA REPUBLIK INDONESIA
               SURAT KETERANGAN ORANG TERLANTAR
                  Nomor : 460/454/KEL-KAP/V/2025
Nama              : Lambudi Karimanto
NIK               : 6571010106650029
Tempat/Tgl. Lahir : Tarakan, 1 Juni 1965
Jenis Kelamin     : Laki-laki
                   Tarakan, 9 Mei 2025
                   {official}
                   NIP. 19720207 199701 1 011
"""


@pytest.fixture
def who(account: MakeAccount) -> Account:
    return account("petugas")


def _letter(
    superuser: Engine, unit: str, *, clearance: int = 1, official: str = OFFICIAL, confidence: float = 0.99
) -> uuid.UUID:
    """A letter of a typed page, read and due to be filed; its lot at two per cent is drawn."""
    document = next(one for one in iter(uuid.uuid4, None) if sampling.drawn(one, 2))
    # its text as if the PDF had given it: there is no paper that a second reader could look at
    reading = replace(page(LETTER.format(official=official), confidence=confidence), source="pdf_text")
    with superuser.begin() as connection:
        connection.execute(text("SET LOCAL session_replication_role = replica"))
        connection.execute(
            text(
                "INSERT INTO document (id, unit, clearance, sha256, size, media_type, filename, original_version,"
                " stage, pages, pages_read) VALUES (:id, :unit, :clearance,"
                " encode(sha256(CAST(:id AS text)::bytea), 'hex'), 1, 'image/jpeg', 'a.jpg', 'v', 'read', 1, 1)"
            ),
            {"id": document, "unit": unit, "clearance": clearance},
        )
        connection.execute(
            text(
                "INSERT INTO page (document_id, document_seq, unit, clearance, number, text, reading, read_at) SELECT"
                " id, seq, unit, clearance, 1, :text, CAST(:reading AS jsonb), now() FROM document WHERE id = :id"
            ),
            {"id": document, "text": reading.text, "reading": json.dumps(reading.to_json())},
        )
    return document


def _confirmed(superuser: Engine, who: Account, documents: Sequence[uuid.UUID], name: str, said: str) -> None:
    with superuser.begin() as connection:
        for document in documents:
            connection.execute(
                text(
                    "INSERT INTO confirmation (document_id, account_id, kind, name, read, said, sure, confidence)"
                    " VALUES (:document, :account, 'skt_polisi', :name, :said, :said, false, 0.5)"
                ),
                {"document": document, "account": who.id, "name": name, "said": said},
            )


def _file(hands: Hands, document: uuid.UUID) -> None:
    with connected_as(hands.engine), transaction() as session:
        row = work.claim_document(session, document, "read", "uji")
    assert row is not None
    with connected_as(hands.engine):
        pipeline._file(hands.worker, row)


def _said(who: Account, clearance: int) -> set[str]:
    with transaction(who.context) as session:
        return {one.value for one in vocabulary.said(session, who.unit, clearance, learned_from())}


def test_what_people_confirmed_twice_mends_a_reading_and_says_so(hands: Hands, superuser: Engine, who: Account) -> None:
    _confirmed(superuser, who, [_letter(superuser, who.unit) for _ in range(2)], "penandatangan", OFFICIAL)
    document = _letter(superuser, who.unit, official=MISREAD, confidence=0.8)
    _file(hands, document)
    field = hands.look(document).fields["penandatangan"]
    assert (field["text"], field["sure"]) == (OFFICIAL, False)
    assert f"“{MISREAD}” dibaca “{OFFICIAL}”" in field["repaired"]


def test_what_the_office_knows_needs_no_person(hands: Hands, superuser: Engine, account: MakeAccount) -> None:
    sure = {}
    for unit in (f"unit-{uuid.uuid4().hex[:8]}", f"unit-{uuid.uuid4().hex[:8]}"):
        who = account("petugas", unit=unit)
        if not sure:  # only this unit's people confirmed the name; a name said once is not known yet
            letters = [_letter(superuser, unit) for _ in range(2)]
            _confirmed(superuser, who, letters, "penandatangan", OFFICIAL)
        else:
            _confirmed(superuser, who, [_letter(superuser, unit)], "penandatangan", OFFICIAL)
        document = _letter(superuser, unit, confidence=0.8)
        _file(hands, document)
        sure[unit] = hands.look(document).fields["penandatangan"]["sure"]
    assert list(sure.values()) == [True, False]


def test_a_word_does_not_come_down_from_a_letter_of_a_higher_level(
    hands: Hands, superuser: Engine, account: MakeAccount
) -> None:
    who, below = account("petugas", clearance="rahasia"), account("petugas")
    secret = [_letter(superuser, who.unit, clearance=2) for _ in range(2)]
    _confirmed(superuser, who, secret, "penandatangan", OFFICIAL)
    document = _letter(superuser, who.unit, official=MISREAD, confidence=0.8)
    _file(hands, document)
    assert hands.look(document).fields["penandatangan"]["text"] != OFFICIAL
    assert _said(who, 2) == {OFFICIAL}
    assert _said(who, 1) == set()  # at a letter of a lower level not even to somebody who may see the others
    assert _said(below, 2) == set()
    assert _said(account("petugas", unit="lain", clearance="rahasia"), 2) == set()


def test_the_last_word_on_a_letter_counts_once(superuser: Engine, who: Account) -> None:
    letter = _letter(superuser, who.unit)
    for name in ("Salah Ketik, S.E.", OFFICIAL):
        _confirmed(superuser, who, [letter], "penandatangan", name)
    with transaction(who.context) as session:
        told = vocabulary.said(session, who.unit, 1, ["penandatangan", "pengirim"])
    assert [(one.name, one.value, one.letters) for one in told] == [("penandatangan", OFFICIAL, 1)]


def test_a_letter_filed_unasked_may_be_drawn_and_stays_a_sample(hands: Hands, superuser: Engine, who: Account) -> None:
    document = _letter(superuser, who.unit)
    _file(hands, document)
    row = hands.look(document)
    assert (row.doubt, row.sampled) == (0, True), row.fields
    with transaction(who.context) as session:
        assert [one.id for one in waiting(session, 10)] == [document]
    with superuser.begin() as connection:  # read anew, by a setting that draws none
        connection.execute(text("UPDATE document SET stage = 'read', doubt = NULL WHERE id = :id"), {"id": document})
    _file(hands, document)
    assert hands.look(document).sampled is True


def test_a_doubtful_letter_is_no_sample(hands: Hands, superuser: Engine, who: Account) -> None:
    document = _letter(superuser, who.unit, confidence=0.5)
    _file(hands, document)
    row = hands.look(document)
    assert row.doubt is not None
    assert row.doubt > 0
    assert row.sampled is False


def test_samples_tell_how_right_the_archive_is(
    hands: Hands, superuser: Engine, who: Account, account: MakeAccount
) -> None:
    letters = [_letter(superuser, who.unit) for _ in range(3)]
    for letter in letters:
        _file(hands, letter)
    asked = _letter(superuser, who.unit, confidence=0.5)
    _file(hands, asked)
    for letter in (*letters[:2], asked):
        _confirmed(superuser, who, [letter], "nama", "Lambudi Karimanto")
        _confirmed(superuser, who, [letter], "kind", "skt_polisi")
    with superuser.begin() as connection:
        connection.execute(
            text("UPDATE confirmation SET said = 'Orang Lain' WHERE document_id = :id AND name = 'nama'"),
            {"id": letters[1]},
        )
    with transaction(who.context) as session:
        found = sampling.checked(session)
    kind = hands.look(letters[0]).kind
    assert [(one.kind, one.letters, one.right, one.facts, one.facts_right) for one in found] == [(kind, 2, 1, 4, 3)]
    with transaction(account("petugas", unit="lain").context) as session:
        assert sampling.checked(session) == []
