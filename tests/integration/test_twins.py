"""Scans of one paper: proposed when a letter is sealed, decided by a person, seen by who may see both letters."""

import io
import json
from uuid import UUID, uuid4

import pytest
from PIL import Image, ImageEnhance
from pypdf import PdfReader, PdfWriter
from sqlalchemy import Engine, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from access.accounts import Account
from archive import ledger, twins
from archive.tables import TwinRow
from core.db import transaction
from core.faults import CheckedMeanwhile, NotFound
from tests.assets.letter import Letter, make_letter
from tests.conftest import SAMPLES
from tests.integration.conftest import MakeAccount
from tests.integration.driving import Hands, connected_as, send, write_pages
from workers import twinning

LETTER = make_letter("surat_rujukan_rsud", 301)


@pytest.fixture
def who(account: MakeAccount) -> Account:
    return account("petugas", clearance="rahasia")


def scanned_again(name: str) -> bytes:
    """The sample once more through another scanner: a little askew, darker, smaller, other bytes."""
    with Image.open(SAMPLES / name) as picture:
        turned = picture.convert("L").rotate(0.4, Image.Resampling.BICUBIC, fillcolor=240)
    again = ImageEnhance.Brightness(turned.resize((turned.width * 9 // 10, turned.height * 9 // 10))).enhance(0.93)
    out = io.BytesIO()
    again.save(out, "JPEG", quality=70, dpi=(180, 180))
    return out.getvalue()


def printed(letter: Letter = LETTER) -> bytes:
    """The letter as an office program prints it, in bytes of its own: it needs no recognition."""
    return letter.digital_pdf() + b"\n%" + uuid4().hex.encode()


def sealed(hands: Hands, who: Account, data: bytes, clearance: str | None = None) -> UUID:
    document = send(who, data, clearance=clearance).document.id
    assert hands.finish(document).stage == "sealed"
    return document


def pairs_of(who: Account, document: UUID) -> list[TwinRow]:
    with transaction(who.context) as session:
        return twins.of_document(session, document)


@pytest.fixture
def pair(hands: Hands, who: Account) -> tuple[UUID, UUID]:
    """A letter, twice."""
    return sealed(hands, who, printed()), sealed(hands, who, printed())


def test_another_scan_is_proposed_once_whatever_is_done_again(
    hands: Hands, who: Account, pair: tuple[UUID, UUID], worker_engine: Engine
) -> None:
    first, second = pair
    (found,) = pairs_of(who, second)
    assert (found.first_id, found.second_id, found.decision) == (first, second, None)
    assert found.score > 0.9
    assert any("angka dan nama sama" in reason for reason in found.reasons)
    with connected_as(worker_engine):
        twinning.seek(hands.look(first))
        twinning.seek(hands.look(second))
    assert [row.id for row in pairs_of(who, first)] == [found.id]


def test_letters_of_one_template_to_others_are_not_proposed(hands: Hands, who: Account) -> None:
    documents = [sealed(hands, who, printed(make_letter("surat_rujukan_rsud", seed))) for seed in range(301, 305)]
    assert [pairs_of(who, document) for document in documents] == [[], [], [], []]


def test_a_blank_back_more_is_still_the_same_letter(hands: Hands, who: Account) -> None:
    back = PdfWriter(clone_from=PdfReader(io.BytesIO(LETTER.digital_pdf())))
    back.add_blank_page(595, 842)
    out = io.BytesIO()
    back.write(out)
    first, second = sealed(hands, who, printed()), sealed(hands, who, out.getvalue())
    assert [(row.first_id, row.second_id) for row in pairs_of(who, first)] == [(first, second)]


def test_a_photo_of_a_scanned_letter_is_proposed(hands: Hands, who: Account) -> None:
    name = "skt_polisi.jpg"
    first, second = sealed(hands, who, (SAMPLES / name).read_bytes()), sealed(hands, who, scanned_again(name))
    (found,) = pairs_of(who, second)
    assert (found.first_id, found.second_id) == (first, second)
    assert found.score > 0.9
    assert any(reason.startswith("gambar halamannya") for reason in found.reasons)


def test_identity_cards_are_never_proposed(hands: Hands, who: Account) -> None:
    first, second = sealed(hands, who, (SAMPLES / "ktp.jpg").read_bytes()), sealed(hands, who, scanned_again("ktp.jpg"))
    assert hands.look(first).kind == hands.look(second).kind == "ktp"
    assert pairs_of(who, first) == []


def test_other_units_letters_are_not_even_met(hands: Hands, who: Account, account: MakeAccount) -> None:
    first = sealed(hands, who, printed())
    sealed(hands, account("petugas", unit=f"lain-{uuid4().hex[:6]}"), printed())
    assert pairs_of(who, first) == []


def test_same_is_kept_undone_and_stands_in_the_ledger(hands: Hands, who: Account, pair: tuple[UUID, UUID]) -> None:
    (found,) = pairs_of(who, pair[0])
    for decision in ("same", "same", None, "different"):
        with transaction(who.context) as session:
            row = twins.decide(session, who, found.id, decision)
            assert row.decision == decision
            assert (row.decided_by, row.decided_at is None) == ((who.id, False) if decision else (None, True))
    with transaction(who.context) as session:
        assert twins.undecided(session) == []
        assert [row.id for row in twins.last_decided(session, 5)] == [found.id]
    for document, other in (pair, pair[::-1]):
        told = [body for action, body in hands.events(document) if action == "twin_decided"]
        assert [body["decision"] for body in told] == ["same", "undecided", "different"]
        assert {body["twin"] for body in told} == {str(other)}
        assert told[0].keys() == {"action", "actor", "document", "twin", "decision"}


def test_two_people_cannot_overwrite_each_other(who: Account, account: MakeAccount, pair: tuple[UUID, UUID]) -> None:
    (found,) = pairs_of(who, pair[0])
    with transaction(who.context) as session:
        twins.decide(session, who, found.id, "same")
    colleague = account("petugas", clearance="rahasia")
    with pytest.raises(CheckedMeanwhile), transaction(colleague.context) as session:
        twins.decide(session, colleague, found.id, "different")
    assert pairs_of(who, pair[0])[0].decision == "same"


def test_what_was_decided_is_never_asked_again(
    hands: Hands, who: Account, pair: tuple[UUID, UUID], worker_engine: Engine
) -> None:
    (found,) = pairs_of(who, pair[0])
    with transaction(who.context) as session:
        twins.decide(session, who, found.id, "different")
    with connected_as(worker_engine):
        twinning.seek(hands.look(pair[1]))
    assert [(row.id, row.decision) for row in pairs_of(who, pair[1])] == [(found.id, "different")]


def test_a_proposal_goes_when_a_letter_turns_out_to_be_another(
    hands: Hands, who: Account, pair: tuple[UUID, UUID], superuser: Engine, worker_engine: Engine
) -> None:
    with superuser.begin() as connection:  # as if a person had found that it is a card
        connection.execute(text("UPDATE document SET kind = 'ktp' WHERE id = :id"), {"id": pair[1]})
    with connected_as(worker_engine):
        twinning.seek(hands.look(pair[1]))
    assert pairs_of(who, pair[0]) == []
    with transaction(who.context) as session:
        assert twins.undecided(session) == []
    with superuser.begin() as connection:  # and that it is none after all
        connection.execute(text("UPDATE document SET kind = 'surat_rujukan_rsud' WHERE id = :id"), {"id": pair[1]})
    with connected_as(worker_engine):
        twinning.seek(hands.look(pair[1]))
    assert len(pairs_of(who, pair[0])) == 1


def test_a_pair_is_there_for_who_may_see_both(hands: Hands, who: Account, account: MakeAccount) -> None:
    low = sealed(hands, who, printed(), "terbatas")
    high = sealed(hands, who, printed(), "rahasia")
    (found,) = pairs_of(who, low)
    seeing = [who, account("arsiparis", unit="arsip", clearance="rahasia")]
    blind = [account("petugas"), account("petugas", unit="lain", clearance="rahasia"), account("auditor")]
    for somebody in seeing:
        with transaction(somebody.context) as session:
            assert twins.find(session, found.id).id == found.id
    for somebody in blind:
        with transaction(somebody.context) as session:
            assert twins.of_document(session, low) == twins.undecided(session) == twins.last_decided(session, 5) == []
            assert twins.undecided_count(session) == 0
            with pytest.raises(NotFound):
                twins.find(session, found.id)
            with pytest.raises(NotFound):
                twins.decide(session, somebody, found.id, "same")
    with transaction(who.context) as session:
        twins.decide(session, who, found.id, "same")
    with transaction(account("petugas").context) as session:  # sees the lower letter, and must learn of no higher one
        assert str(high) not in json.dumps([event.detail for event in ledger.document_events(session, low)])
    assert [action for action, _ in hands.events(high)].count("twin_decided") == 1


def test_nobody_decides_in_anothers_name_and_no_worker_decides(
    who: Account, account: MakeAccount, pair: tuple[UUID, UUID], worker_engine: Engine
) -> None:
    (found,) = pairs_of(who, pair[0])
    other = account("petugas")
    forged = "UPDATE twin SET decision = 'same', decided_by = :by, decided_at = now() WHERE id = :id"
    with pytest.raises(DBAPIError, match="row-level security"), transaction(who.context) as session:
        session.execute(text(forged), {"by": other.id, "id": found.id})
    with pytest.raises(DBAPIError, match="permission denied"), Session(worker_engine) as session:
        session.execute(text(forged), {"by": who.id, "id": found.id})
    with pytest.raises(DBAPIError, match="permission denied"), transaction(who.context) as session:
        session.execute(text("SELECT 1 FROM letter_mark"))


def test_a_letter_is_sealed_though_its_twins_cannot_be_sought(
    hands: Hands, who: Account, superuser: Engine, caplog: pytest.LogCaptureFixture
) -> None:
    with superuser.begin() as connection:
        connection.execute(text("REVOKE INSERT ON letter_mark FROM arsip_worker"))
    try:
        sealed(hands, who, printed())
    finally:
        with superuser.begin() as connection:
            connection.execute(text("GRANT INSERT ON letter_mark TO arsip_worker"))
    assert "twins_not_sought" in [record.message for record in caplog.records]


def test_a_mark_that_many_letters_have_leads_nowhere(
    unit: str, superuser: Engine, worker_engine: Engine, hands: Hands
) -> None:
    row, *others = (hands.look(write_pages(superuser, unit, [""])) for _ in range(twins.MOST_WITH_A_MARK + 2))
    marks = {"a", "b", "c"}
    with Session(worker_engine) as session:
        assert twins.candidates(session, row, marks) == []
        for other in others[:-1]:
            twins.enter_marks(session, other, marks)
        assert set(twins.candidates(session, row, marks)) <= {other.id for other in others}
        assert len(twins.candidates(session, row, marks)) == twins.MOST_CANDIDATES
        assert twins.candidates(session, row, {"a"}) == []  # too few shared
        twins.enter_marks(session, others[-1], marks)
        assert twins.candidates(session, row, marks) == []


def test_the_letter_that_shares_the_rarest_marks_comes_first(
    unit: str, superuser: Engine, worker_engine: Engine, hands: Hands
) -> None:
    row, near, *others = (hands.look(write_pages(superuser, unit, [""])) for _ in range(5))
    with Session(worker_engine) as session:
        for other in others:
            twins.enter_marks(session, other, {"a", "b", "c", "d"})
        twins.enter_marks(session, near, {"b", "c", "x"})
        assert twins.candidates(session, row, {"a", "b", "c", "d", "x"})[0] == near.id
