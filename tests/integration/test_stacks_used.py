"""Stacks beside what else holds letters: agenda books, cases, twins, the office's words."""

import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Any
from unittest.mock import patch
from uuid import UUID, uuid4

import psycopg
import pytest
from sqlalchemy import Engine, text
from sqlalchemy.orm import Session

from access.accounts import Account
from api import cutting
from api.casework import Opening, open_case
from api.web import twin
from archive import rereading, stacks, twins, vocabulary, work
from archive.reading import SEPARATOR, Code, PageReading
from archive.stacks import Decision
from archive.tables import DocumentRow
from cases import book, clients
from cases import work as casework
from cases.sopfiles import packaged
from core.db import cursor, transaction
from core.faults import CutFirst, Fault, LetterInUse, NotReady, PagesElsewhere
from records import agenda, outgoing, returned, waiting
from records.agenda import Registration
from records.particulars import Particulars
from search.query import search
from tests.integration.conftest import MakeAccount
from tests.integration.driving import Hands, connected_as, write_pages
from tests.unit.typed import page
from workers import pipeline

SAID = Particulars(party="Kelurahan Karang Anyar", subject="Permohonan", code="400.9.4.1")
SOP = "pemulangan-tarakan"
FILED: dict[str, Any] = {"stage": "filed", "kind": "tiket", "doubt": 0}


@pytest.fixture
def who(account: MakeAccount) -> Account:
    return account("petugas")


@pytest.fixture
def put(superuser: Engine) -> Callable[..., None]:
    """Change a document's row as nobody in the product could: `put(document, stage="filed")`."""

    def change(document: UUID, **values: Any) -> None:
        told = {name: json.dumps(value) if isinstance(value, dict) else value for name, value in values.items()}
        sets = ", ".join(f"{name} = :{name}" for name in told)
        with superuser.begin() as connection:
            connection.execute(text(f"UPDATE document SET {sets} WHERE id = :id"), {"id": document, **told})

    return change


@pytest.fixture
def filed(superuser: Engine, who: Account, put: Callable[..., None]) -> Callable[..., UUID]:
    """A filed letter of so many pages."""

    def make(pages: int = 3, **values: Any) -> UUID:
        document = write_pages(superuser, who.unit, [f"halaman {n}" for n in range(1, pages + 1)])
        put(document, **{**FILED, **values})
        return document

    return make


@pytest.fixture
def stack(
    filed: Callable[..., UUID], who: Account, put: Callable[..., None], hands: Hands
) -> Callable[[], tuple[UUID, list[UUID]]]:
    """A stack of three pages and its two sealed letters."""

    def make() -> tuple[UUID, list[UUID]]:
        whole = filed()
        decide(who, whole, {1, 2}, 3)
        with connected_as(hands.engine), transaction() as session:
            letters = [part.id for part in stacks.letters_of(session, whole)]
        for letter in letters:
            put(letter, **{**FILED, "stage": "sealed", "sealed_at": "now"})
        return whole, letters

    return make


def decide(who: Account, document: UUID, begins: set[int], pages: int, letters: int | None = None) -> None:
    with transaction(who.context) as session:
        cutting.decide(session, who, document, Decision(frozenset(begins), pages, letters))


def join(who: Account, whole: UUID) -> None:
    with transaction(who.context) as session:
        cutting.join(session, who, whole)


def register(who: Account, document: UUID) -> UUID:
    with transaction(who.context) as session:
        return agenda.register(session, who, Registration("masuk", SAID, document)).entry.id


def cancel(who: Account, entry: UUID) -> None:
    with transaction(who.context) as session:
        agenda.cancel(session, who, entry, "keliru")


def opened(who: Account, clearance: int = 1) -> UUID:
    with transaction(who.context) as session:
        client = clients.add(
            session, who, "kunci", clients.told("Budi Contoh", None), unit=who.unit, clearance=clearance
        )
        row = book.open_case(session, who, packaged()[SOP], client, unit=who.unit, clearance=clearance, year=2026)
        return row.id


def link(who: Account, case: UUID, document: UUID) -> UUID:
    with transaction(who.context) as session:
        return casework.link(session, who, case, document, 1).id


def file(hands: Hands, document: UUID) -> DocumentRow:
    """What a worker does with a document that is read."""
    with connected_as(hands.engine), transaction() as session:
        row = work.claim_document(session, document, "read", "uji")
    assert row is not None
    with connected_as(hands.engine):
        pipeline._file(hands.worker, row)
    return hands.look(document)


def test_what_a_book_holds_is_not_split(who: Account, filed: Callable[..., UUID], put: Callable[..., None]) -> None:
    document = filed()
    entry = register(who, document)
    with pytest.raises(LetterInUse) as refused:
        decide(who, document, {1, 2}, 3)
    assert "agenda surat masuk nomor 1 tahun" in refused.value.detail
    decide(who, document, {1}, 3)  # that it is one letter changes no line
    put(document, stage="filed")
    cancel(who, entry)
    decide(who, document, {1, 2}, 3, letters=1)


def test_what_a_case_holds_is_neither_split_nor_joined(
    who: Account, stack: Callable[[], tuple[UUID, list[UUID]]]
) -> None:
    whole, [_, letter] = stack()
    case = opened(who)
    made = link(who, case, letter)
    for refused in (lambda: join(who, whole), lambda: decide(who, letter, {1, 2}, 2, letters=1)):
        with pytest.raises(LetterInUse, match="letter_in_use") as fault:
            refused()
        assert "kasus 001/2026" in fault.value.detail
    with transaction(who.context) as session:
        casework.unlink(session, who, case, made)
    join(who, whole)


def test_a_registered_letter_of_a_stack_is_not_joined(
    who: Account, stack: Callable[[], tuple[UUID, list[UUID]]]
) -> None:
    whole, letters = stack()
    entries = [register(who, letter) for letter in letters]
    for entry in entries:
        with pytest.raises(LetterInUse):
            join(who, whole)
        cancel(who, entry)
    join(who, whole)


def test_a_secret_case_is_not_told_by_a_refusal_and_loses_its_paper_openly(
    who: Account, account: MakeAccount, stack: Callable[[], tuple[UUID, list[UUID]]]
) -> None:
    whole, [letter, _] = stack()
    chief = account("petugas", clearance="rahasia")
    case = opened(chief, clearance=2)
    link(chief, case, letter)
    with transaction(chief.context) as session:
        assert [one.kind for one in book.find(session, case).linked] == ["tiket"]
    join(who, whole)
    with transaction(chief.context) as session:
        found = book.find(session, case)
    assert (len(found.letters), found.linked) == (1, ())


def test_no_room_takes_what_is_no_letter(
    who: Account, filed: Callable[..., UUID], stack: Callable[[], tuple[UUID, list[UUID]]]
) -> None:
    asked, unread = filed(verdict={"letters": [{}, {}]}), filed(stage="read", kind=None)
    whole, _ = stack()
    back, [empty, _] = stack()
    join(who, back)
    case = opened(who)
    with transaction(who.context) as session:
        draft = agenda.register(session, who, Registration("keluar", SAID, None, numbered=False, key="k")).entry.id
    refusals: list[tuple[UUID, type[Fault]]] = [
        (asked, CutFirst), (unread, NotReady), (whole, PagesElsewhere), (empty, PagesElsewhere)
    ]  # fmt: skip
    person = clients.told("Budi Contoh", None)
    doors: list[Callable[[Session, UUID], object]] = [
        lambda session, document: agenda.register(session, who, Registration("masuk", SAID, document)),
        lambda session, document: outgoing.take(session, who, draft, "ttd", on_day=None, document=document),
        lambda session, document: casework.link(session, who, case, document, 1),
        lambda session, document: open_case(session, who, Opening(SOP, None, person, document)),
    ]
    for document, fault in refusals:
        with transaction(who.context) as session:
            assert not stacks.is_letter(session.get_one(DocumentRow, document))
        for door in doors:
            with pytest.raises(fault), transaction(who.context) as session:
                door(session, document)


def test_what_was_checked_of_a_longer_letter_goes_with_its_pages(
    who: Account, stack: Callable[[], tuple[UUID, list[UUID]]], put: Callable[..., None], hands: Hands
) -> None:
    _, [_, letter] = stack()
    nik = {"nik": {"value": "6571010106650029", "text": "6571010106650029", "page": 2, "sure": True}}
    put(letter, checked_at="now", fields=nik, verdict={"letters": [{}, {}]}, kind_confidence=1.0, sampled=True, doubt=2)
    decide(who, letter, {1, 2}, 2, letters=1)
    row = hands.look(letter)
    assert (row.stage, row.pages, row.kind, row.kind_confidence, row.checked_at) == ("read", 1, None, None, None)
    assert (row.fields, row.verdict, row.doubt, row.sampled) == ({}, {}, None, False)


def _typed(superuser: Engine, who: Account, *pages: PageReading) -> UUID:
    """A read file of these pages, as if the PDF had given their text."""
    document = write_pages(superuser, who.unit, [one.text for one in pages])
    with superuser.begin() as connection:
        connection.execute(text("SET LOCAL session_replication_role = replica"))
        for number, one in enumerate(pages, 1):
            reading = json.dumps(replace(one, source="pdf_text").to_json())
            connection.execute(
                text("UPDATE page SET reading = CAST(:r AS jsonb) WHERE document_id = :id AND number = :n"),
                {"r": reading, "id": document, "n": number},
            )
    return document


def _with_a_sheet(superuser: Engine, who: Account) -> UUID:
    """Two letters, plain to see: between them lies a separator sheet."""
    letter = page("SURAT KETERANGAN ORANG TERLANTAR\nNomor : 460/454/KEL-KAP/V/2025\nNama : Lambudi Karimanto")
    between = replace(page("PEMISAH"), codes=(Code("qr", SEPARATOR, (0.1, 0.1, 0.3, 0.3), 0),))
    return _typed(superuser, who, letter, between, letter)


def test_what_was_filed_before_is_split_by_a_person_only(
    who: Account, superuser: Engine, put: Callable[..., None], hands: Hands
) -> None:
    new, known = _with_a_sheet(superuser, who), _with_a_sheet(superuser, who)
    put(known, **FILED)
    entry = register(who, known)
    put(known, stage="read", doubt=None)  # as a newer reading leaves it
    assert file(hands, new).letters == 2  # where nothing holds it, paper says enough
    row = file(hands, known)
    assert (row.stage, row.letters, row.doubt, stacks.waits(row)) == ("filed", None, 3, True)
    assert row.kind is not None
    with transaction(who.context) as session:
        assert stacks.letters_of(session, known) == []
        found = agenda.entry_of(session, known)
    assert found is not None
    assert found.id == entry


def test_what_was_decided_is_not_proposed_again(
    who: Account, superuser: Engine, put: Callable[..., None], hands: Hands
) -> None:
    proposed = {"sure": True, "letters": [{"first": 1, "last": 1}, {"first": 3, "last": 3}], "apart": []}
    document = _with_a_sheet(superuser, who)
    put(document, **FILED, checked_at="now", verdict=proposed, letters=1)
    with transaction(who.context) as session:
        assert len(cutting.gather(session, document).letters) == 1
    put(document, stage="read")
    row = file(hands, document)
    assert (row.stage, row.verdict["letters"], row.verdict["sure"]) == ("filed", [], True)


def test_twins_of_what_is_joined_back_are_withdrawn_and_never_met(
    who: Account, superuser: Engine, filed: Callable[..., UUID], stack: Callable[[], tuple[UUID, list[UUID]]],
    hands: Hands, worker_engine: Engine,
) -> None:  # fmt: skip
    other, decided = filed(1), filed(1)
    whole, letters = stack()
    with superuser.begin() as connection:
        pair = "INSERT INTO twin (first_id, second_id, score, reasons, decision, decided_by, decided_at) VALUES"
        connection.execute(text(f"{pair} (:a, :b, 0.9, '[]', NULL, NULL, NULL)"), {"a": other, "b": letters[0]})
        said = {"a": decided, "b": letters[1], "by": who.id}
        connection.execute(text(f"{pair} (:a, :b, 0.9, '[]', 'same', :by, now())"), said)
    with Session(worker_engine) as session, session.begin():
        for document in (whole, *letters):
            twins.enter_marks(session, hands.look(document), {"a", "b", "c"})
        assert set(twins.candidates(session, hands.look(other), {"a", "b", "c"})) == set(letters)  # not the stack
    with transaction(who.context) as session:
        assert twins.undecided_count(session) == 1
    join(who, whole)
    with transaction(who.context) as session:
        assert twins.undecided_count(session) == 0
        assert [row.decision for row in twins.of_document(session, letters[1])] == ["same"]
    with Session(worker_engine) as session:
        assert twins.candidates(session, hands.look(other), {"a", "b", "c"}) == [whole]


def test_words_of_what_is_joined_back_are_not_learned(
    who: Account, superuser: Engine, stack: Callable[[], tuple[UUID, list[UUID]]]
) -> None:
    whole, [letter, _] = stack()
    with superuser.begin() as connection:
        connection.execute(
            text(
                "INSERT INTO confirmation (document_id, account_id, kind, name, read, said, sure, confidence)"
                " VALUES (:document, :account, 'tiket', 'penandatangan', 'Budi', 'Budi Contoh', false, 0.5)"
            ),
            {"document": letter, "account": who.id},
        )

    def said() -> list[str]:
        with transaction(who.context) as session:
            return [one.value for one in vocabulary.said(session, who.unit, 1, ["penandatangan"])]

    assert said() == ["Budi Contoh"]
    join(who, whole)
    assert said() == []


def test_a_sheet_that_came_back_is_where_its_page_is(
    who: Account, superuser: Engine, filed: Callable[..., UUID], hands: Hands
) -> None:
    entry, whole = register(who, filed(1)), filed()

    def arrived(document: UUID, page: int) -> None:
        with superuser.begin() as connection:
            row = "INSERT INTO agenda_sheet (document_id, entry_id, page) VALUES (:document, :entry, :page)"
            connection.execute(text(row), {"document": document, "entry": entry, "page": page})

    def sheets() -> list[UUID]:
        with transaction(who.context) as session:
            found = [row.id for row in returned.of_entry(session, entry)]
            assert (returned.entry_of(session, whole) is not None) == (whole in found)
        return found

    arrived(whole, 3)
    assert sheets() == [whole]
    decide(who, whole, {1, 2}, 3)
    with transaction(who.context) as session:
        second = stacks.letters_of(session, whole)[1].id
    assert sheets() == []
    arrived(second, 2)
    assert sheets() == [second]
    with superuser.begin() as connection:
        connection.execute(text("UPDATE document SET stage = 'filed', kind = 'tiket' WHERE id = :id"), {"id": second})
    decide(who, second, {1, 2}, 2, letters=1)
    assert sheets() == []  # its page is another letter's now


@contextmanager
def _meanwhile(session: Session, after: str, what: Callable[[], None]) -> Iterator[None]:
    """Let somebody else do that just before the session's first statement that has those words."""
    left = [what]
    connection: Any = session.connection().connection.driver_connection

    class Watched(psycopg.Cursor[Any]):
        def execute(self, query: Any, *args: Any, **how: Any) -> Any:
            if after in query and left:
                left.pop()()
            return super().execute(query, *args, **how)

    # with no cursor that was kept from before
    with patch.object(connection, "cursor_factory", Watched), patch.object(cursor(session), "_cursors", {}):
        yield
    assert not left


def test_a_page_that_moves_between_two_statements_is_no_error(
    who: Account, superuser: Engine, filed: Callable[..., UUID]
) -> None:
    word = f"kata{uuid4().hex}"
    document = write_pages(superuser, who.unit, [word, word])
    other = filed(1)
    with superuser.begin() as connection:
        pair = "INSERT INTO twin (first_id, second_id, score, reasons) VALUES (:a, :b, 0.9, '[]') RETURNING id"
        found = connection.scalar(text(pair), {"a": document, "b": other})

    def moved(number: int, to: int) -> None:
        with superuser.begin() as connection:
            change = "UPDATE page SET number = :to WHERE document_id = :id AND number = :number"
            connection.execute(text(change), {"id": document, "number": number, "to": to})

    with transaction(who.context) as session, _meanwhile(session, "json_object_agg(t.lexeme", lambda: moved(1, 9)):
        assert [(hit.document, hit.page) for hit in search(session, word).hits] == [(document, 2)]
    with (
        transaction(who.context) as session,
        _meanwhile(session, "string_to_array(u.places", lambda: moved(2, 7)),
    ):
        assert {(hit.page, len(hit.boxes)) for hit in search(session, word).hits} == {(2, 0), (9, 1)}
    moved(7, 2)
    with superuser.begin() as connection:
        reading = json.dumps(page("surat").to_json())
        connection.execute(
            text("UPDATE page SET reading = CAST(:r AS jsonb) WHERE document_id = ANY (:ids)"),
            {"r": reading, "ids": [document, other]},
        )
    with (
        transaction(who.context) as session,
        _meanwhile(session, "(page.document_id, page.number) IN", lambda: moved(2, 8)),
    ):
        assert [number for number, _ in twin.gather(session, found).first.pages] == [9]


def test_asking_for_a_new_reading_waits_for_pages_before_letters(
    who: Account, superuser: Engine, filed: Callable[..., UUID], put: Callable[..., None], account: MakeAccount
) -> None:
    """As those do who record a page: whoever holds its page gets the letter, though somebody waits for that page."""
    document = filed(1)
    put(document, stage="sealed", sealed_at="now")
    with superuser.begin() as connection:
        connection.execute(
            text("UPDATE page SET reading = CAST(:r AS jsonb) WHERE document_id = :id"),
            {"r": json.dumps(page("surat").to_json()), "id": document},
        )
    asked: list[rereading.Asked] = []

    def ask() -> None:
        with transaction(who.context) as session:
            asked.append(rereading.ask(session, who)[0])

    thread = threading.Thread(target=ask)
    with superuser.connect() as worker:
        worker.execute(text("SELECT 1 FROM page WHERE document_id = :id FOR UPDATE"), {"id": document})
        thread.start()
        blocked = "SELECT count(*) FROM pg_stat_activity WHERE pg_backend_pid() = ANY (pg_blocking_pids(pid))"
        while thread.is_alive() and not worker.scalar(text(blocked)):
            thread.join(0.02)
        held = text("SELECT 1 FROM document WHERE id = :id FOR UPDATE NOWAIT")
        worker.execute(held, {"id": document})
        worker.commit()
    thread.join()
    assert asked == [rereading.Asked(1, 1)]


def test_what_is_cancelled_waits_again_with_what_showed_its_steps(
    who: Account, filed: Callable[..., UUID], hands: Hands
) -> None:
    draft, scan, out = (filed(1, kind="skt_polisi") for _ in range(3))

    def waits() -> set[UUID]:
        with transaction(who.context) as session:
            return {row.id for row in waiting.waiting(session, 10)}

    with transaction(who.context) as session:
        entry = agenda.register(session, who, Registration("keluar", SAID, draft, numbered=False)).entry.id
        outgoing.take(session, who, entry, "ttd", on_day=None, document=scan)
        waiting.leave_out(session, who, out, "lampiran")
    assert waits() == set()
    assert all(hands.look(one).booked for one in (draft, scan, out))
    cancel(who, entry)
    assert waits() == {draft, scan}
