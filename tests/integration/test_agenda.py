"""Agenda books on the real database: numbers 1..n whatever happens, who sees which line, what no client can do."""

import json
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import replace
from datetime import datetime
from uuid import UUID, uuid4
from zoneinfo import ZoneInfo

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Engine, text
from sqlalchemy.exc import DBAPIError

from access.accounts import Account
from archive import documents
from core.db import make_engine, transaction
from core.faults import (
    DatabaseUnavailable,
    EntryCancelled,
    IdempotencyConflict,
    InOtherBook,
    InvalidRequest,
    NotFound,
    NotReady,
    PagesElsewhere,
    StepNotYet,
    StepTaken,
)
from records import agenda, outgoing, printing, waiting
from records.agenda import Registration
from records.book import Period, all_lines, lines, shelves
from records.particulars import Book, Particulars
from records.steps import STEPS
from records.tables import AgendaEntryRow
from tests.integration.conftest import MakeAccount
from tests.integration.driving import connected_as

YEAR = datetime.now(ZoneInfo("Asia/Makassar")).year
WHOLE = Period(YEAR)
SAID = Particulars(party="Kelurahan Karang Anyar", subject="Permohonan", code="400.9.4.1")
MakeLetters = Callable[..., list[UUID]]


@pytest.fixture
def letters(superuser: Engine, unit: str) -> MakeLetters:
    """So many filed letters straight into the table: `letters(3, clearance=2)`."""

    def make(number: int, *, clearance: int = 1, unit: str = unit, kind: str = "surat_masuk_lain") -> list[UUID]:
        with superuser.begin() as connection:
            rows = connection.execute(
                text(
                    "INSERT INTO document (unit, clearance, sha256, size, media_type, filename, original_version,"
                    " stage, pages, pages_read, kind, doubt) SELECT :unit, :clearance,"
                    " encode(sha256(gen_random_uuid()::text::bytea), 'hex'), 1, 'application/pdf', 'uji.pdf', 'v',"
                    " 'filed', 1, 1, :kind, 0 FROM generate_series(1, :number) RETURNING id"
                ),
                {"unit": unit, "clearance": clearance, "number": number, "kind": kind},
            )
            return [row.id for row in rows]

    return make


def register(account: Account, document: UUID | None, book: Book = "masuk", **more: object) -> AgendaEntryRow:
    with transaction(account.context) as session:
        return agenda.register(session, account, Registration(book, SAID, document, **more)).entry  # type: ignore[arg-type]


def numbers(account: Account, book: Book = "masuk") -> list[int]:
    with transaction(account.context) as session:
        return [line.number for line in all_lines(session, account.unit, book, WHOLE)]


def test_racing_registrations_give_exactly_one_to_n(archive, account: MakeAccount, letters: MakeLetters) -> None:
    clerks, papers = [account("petugas") for _ in range(4)], letters(200)
    wanted = [(clerks[n % 4], paper) for n, paper in enumerate([*papers, *papers[:60]])]  # some are sent again
    busy = make_engine(archive.env["ARSIP_DATABASE_URL"], pool_size=16)
    with connected_as(busy), ThreadPoolExecutor(16) as pool:
        entries = list(pool.map(lambda pair: register(*pair), wanted))
    busy.dispose()
    assert len({entry.id for entry in entries}) == 200
    assert sorted({entry.number for entry in entries}) == list(range(1, 201))
    assert numbers(clerks[0]) == list(range(1, 201))


def test_a_connection_that_dies_before_its_commit_takes_no_number(
    archive, account: MakeAccount, letters: MakeLetters, superuser: Engine
) -> None:
    clerk, (first, second) = account("petugas"), letters(2)
    with pytest.raises(DatabaseUnavailable):
        _register_and_die(clerk, first, superuser)
    assert numbers(clerk) == []
    assert register(clerk, second).number == 1
    assert register(clerk, first).number == 2


def _register_and_die(clerk: Account, letter: UUID, superuser: Engine) -> None:
    with transaction(clerk.context) as session:
        pid = session.scalar(text("SELECT pg_backend_pid()"))
        assert agenda.register(session, clerk, Registration("masuk", SAID, letter)).entry.number == 1
        with superuser.begin() as root:
            root.execute(text("SELECT pg_terminate_backend(:pid)"), {"pid": pid})


class Clerk:
    """Somebody at the books of a unit of their own, and how many numbers each book must have by now."""

    def __init__(self, account: Account, letters: MakeLetters) -> None:
        self.account, self.letters = account, letters
        self.live: list[AgendaEntryRow] = []
        self.drafts: list[AgendaEntryRow] = []
        self.given: dict[Book, int] = {"masuk": 0, "keluar": 0}

    def paper(self) -> UUID:
        return self.letters(1, unit=self.account.unit)[0]

    def enter(self) -> None:
        self.live.append(register(self.account, self.paper()))
        self.given["masuk"] += 1

    def again(self) -> None:
        if self.live:
            assert register(self.account, self.live[-1].document_id).id == self.live[-1].id

    def cancel(self) -> None:
        if self.live:
            with transaction(self.account.context) as session:
                agenda.cancel(session, self.account, self.live.pop().id, "salah buku")

    def draft(self) -> None:
        self.drafts.append(register(self.account, None, "keluar", numbered=False))

    def number(self) -> None:
        if self.drafts:
            with transaction(self.account.context) as session:
                outgoing.take(session, self.account, self.drafts.pop().id, "nomor", on_day=None, document=None)
            self.given["keluar"] += 1

    def break_off(self) -> None:
        with suppress(ZeroDivisionError), transaction(self.account.context) as session:
            agenda.register(session, self.account, Registration("masuk", SAID, self.paper()))
            _ = 1 / 0


@settings(max_examples=12, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.sampled_from(["enter", "again", "cancel", "draft", "number", "break_off"]), max_size=12))
def test_no_sequence_of_commands_breaks_numbering(
    account: MakeAccount, letters: MakeLetters, commands: list[str]
) -> None:
    clerk = Clerk(account("petugas", unit=f"unit-{uuid4().hex[:12]}"), letters)
    for command in commands:
        getattr(clerk, command)()
    for book, last in clerk.given.items():
        assert numbers(clerk.account, book) == list(range(1, last + 1))


def test_an_entry_says_what_was_told_and_the_ledger_only_which_line(
    account: MakeAccount, letters: MakeLetters, superuser: Engine
) -> None:
    clerk, [letter] = account("petugas"), letters(1)
    entry = register(clerk, letter)
    assert (entry.number, entry.year, entry.party) == (1, YEAR, "Kelurahan Karang Anyar")
    with superuser.connect() as root:
        query = text("SELECT body FROM ledger WHERE document = :id AND action = 'agenda_registered'")
        bodies = [json.loads(body) for body in root.scalars(query, {"id": letter})]
    known = {"actor", "action", "document", "entry", "book", "unit", "year", "number"}
    assert [set(body) for body in bodies] == [known]


def test_a_cancelled_entry_keeps_its_number_and_its_letter_gets_another(
    account: MakeAccount, letters: MakeLetters
) -> None:
    clerk, [letter] = account("petugas"), letters(1)
    entry = register(clerk, letter)
    with transaction(clerk.context) as session:
        struck = agenda.cancel(session, clerk, entry.id, "  salah   buku ")
        assert (struck.number, struck.cancel_reason) == (1, "salah buku")
    with transaction(clerk.context) as session:
        with pytest.raises(EntryCancelled):
            agenda.cancel(session, clerk, entry.id, "lagi")
        assert [row.id for row in waiting.waiting(session, 10)] == [letter]
    again = register(clerk, letter, "keluar")
    assert (again.number, again.letter_number.split("/")[1]) == (1, "1")
    assert register(clerk, letters(1)[0]).number == 2
    with transaction(clerk.context) as session, pytest.raises(InvalidRequest):
        agenda.cancel(session, clerk, again.id, "   ")


def test_a_letter_stands_in_one_book_only(account: MakeAccount, letters: MakeLetters) -> None:
    clerk, [letter] = account("petugas"), letters(1)
    register(clerk, letter)
    with pytest.raises(InOtherBook):
        register(clerk, letter, "keluar")


def test_a_letter_is_registered_only_when_it_is_filed(account: MakeAccount, superuser: Engine, letters) -> None:
    clerk, [letter] = account("petugas"), letters(1)
    with superuser.begin() as root:
        root.execute(text("UPDATE document SET stage = 'paged' WHERE id = :id"), {"id": letter})
    with pytest.raises(NotReady):
        register(clerk, letter)
    with pytest.raises(NotFound):
        register(clerk, uuid4())
    with pytest.raises(InvalidRequest):
        register(clerk, None)


def test_the_same_request_without_a_letter_gives_one_number(account: MakeAccount) -> None:
    clerk = account("petugas")
    with ThreadPoolExecutor(4) as pool:
        made = list(pool.map(lambda _: register(clerk, None, "keluar", key="formulir-1"), range(4)))
    assert {entry.number for entry in made} == {1}
    assert register(clerk, None, "keluar", key="formulir-2").number == 2
    assert register(account("petugas"), None, "keluar", key="formulir-1").number == 3


def test_another_request_with_a_used_key_is_refused(account: MakeAccount) -> None:
    clerk = account("petugas")
    draft = register(clerk, None, "keluar", key="k", numbered=False)
    with transaction(clerk.context) as session:
        outgoing.take(session, clerk, draft.id, "nomor", on_day=None, document=None)
    again = register(clerk, None, "keluar", key="k", numbered=False)  # it has its number by now
    assert (again.id, again.number) == (draft.id, 1)
    others = [Registration("keluar", replace(SAID, subject="Lain"), None, False, "k")]
    others += [Registration("keluar", SAID, None, True, "k")]
    for other in others:
        with pytest.raises(IdempotencyConflict), transaction(clerk.context) as session:
            agenda.register(session, clerk, other)
    assert numbers(clerk, "keluar") == [1]


def test_an_entry_without_a_letter_is_for_those_who_would_see_it(account: MakeAccount) -> None:
    high, low = account("petugas", clearance="sangat_rahasia"), account("petugas", clearance="biasa")
    assert register(high, None, "keluar").clearance == 1  # as of any new letter
    assert register(low, None, "keluar").clearance == 0
    secret = replace(SAID, secrecy=2)
    with transaction(high.context) as session:
        assert agenda.register(session, high, Registration("keluar", secret)).entry.clearance == 2


def test_each_unit_book_and_year_counts_for_itself(
    account: MakeAccount, letters: MakeLetters, superuser: Engine, unit: str
) -> None:
    clerk, archivist, other = account("petugas"), account("arsiparis", unit="arsip"), f"lain-{unit}"
    assert register(clerk, letters(1)[0]).number == 1
    assert register(clerk, letters(1)[0], "keluar").number == 1
    assert register(archivist, letters(1, unit=other)[0]).number == 1  # into the book of the letter's unit
    with superuser.begin() as root:  # a book of the year before
        root.execute(
            text(
                "INSERT INTO agenda_entry (unit, clearance, book, numbered, day, document_id, account_id)"
                " VALUES (:unit, 1, 'masuk', true, make_date(:year, 12, 31), :letter, :account)"
            ),
            {"unit": unit, "year": YEAR - 1, "letter": letters(1)[0], "account": clerk.id},
        )
    with transaction(clerk.context) as session:
        assert {(s.book, s.year, s.last) for s in shelves(session)} == {
            ("masuk", YEAR, 1), ("keluar", YEAR, 1), ("masuk", YEAR - 1, 1),
        }  # fmt: skip


SEEN, CLOSED, NOTHING = "entry", "number and day", "nothing"


@pytest.mark.parametrize(
    ("role", "where", "ceiling", "sees"),
    [
        ("petugas", "own", "rahasia", SEEN),
        ("petugas", "own", "terbatas", CLOSED),
        ("pejabat", "own", "terbatas", CLOSED),
        ("arsiparis", "other", "rahasia", SEEN),
        ("arsiparis", "other", "terbatas", CLOSED),
        ("auditor", "other", "sangat_rahasia", CLOSED),
        ("petugas", "other", "sangat_rahasia", NOTHING),
        ("pejabat", "other", "sangat_rahasia", NOTHING),
        ("admin", "other", "sangat_rahasia", NOTHING),
    ],
)
def test_who_sees_a_line(
    account: MakeAccount, letters: MakeLetters, unit: str, role: str, where: str, ceiling: str, sees: str
) -> None:
    clerk = account("petugas", clearance="rahasia")
    entry = register(clerk, letters(1, clearance=2)[0])
    who = account(role, unit=unit if where == "own" else f"lain-{unit}", clearance=ceiling)
    with transaction(who.context) as session:
        leafed = lines(session, unit, "masuk", WHOLE, most=10)
        assert [line.number for line in leafed] == ([] if sees == NOTHING else [1])
        assert [line.entry is not None for line in leafed] == ([] if sees == NOTHING else [sees == SEEN])
        if sees == SEEN:
            assert agenda.find(session, entry.id).number == 1
        else:
            with pytest.raises(NotFound):
                agenda.find(session, entry.id)


def test_a_period_is_a_year_a_month_or_a_day(account: MakeAccount, letters: MakeLetters) -> None:
    clerk = account("petugas")
    today = register(clerk, letters(1)[0]).day
    assert today is not None
    for period, found in (
        (Period(today.year, today.month, today.day), [1]),
        (Period(today.year, today.month), [1]),
        (Period(today.year, today.month % 12 + 1), []),
        (Period(today.year - 1), []),
    ):
        with transaction(clerk.context) as session:
            assert [line.number for line in lines(session, clerk.unit, "masuk", period, most=9)] == found
    for year, month, day in ((2026, 2, 30), (2026, None, 3), (1, None, None), (2026, 13, None)):
        with pytest.raises(InvalidRequest):
            Period(year, month, day)


def test_a_printed_book_misses_no_number_and_tells_nothing_of_closed_lines(
    account: MakeAccount, letters: MakeLetters
) -> None:
    clerk = account("petugas", clearance="rahasia")
    for clearance in (1, 2, 1):
        register(clerk, letters(1, clearance=clearance)[0])
    third = register(clerk, letters(1)[0])
    with transaction(clerk.context) as session:
        agenda.cancel(session, clerk, third.id, "salah buku")
    low = account("pejabat", clearance="terbatas")
    with transaction(low.context) as session:
        printed = printing.gather(session, clerk.unit, "berpasangan", WHOLE)
    masuk, keluar = printed.parts
    assert [row[2] for row in masuk.rows] == [1, 2, 3, 4]
    assert [row[3] for row in masuk.rows] == ["Kelurahan Karang Anyar", "", *["Kelurahan Karang Anyar"] * 2]
    assert [row[-1] for row in masuk.rows] == ["", "tertutup", "", "BATAL: salah buku"]
    assert (masuk.closed, masuk.struck, keluar.rows) == (1, (False, False, False, True), ())
    assert masuk.total == "Jumlah: 4 surat, di antaranya 1 dibatalkan dan 1 tertutup."


FORBIDDEN = {
    "delete an entry": "DELETE FROM agenda_entry WHERE id = :id",
    "renumber": "UPDATE agenda_entry SET number = 99 WHERE id = :id",
    "move the counter": "UPDATE agenda_counter SET last = 99",
    "begin a book at will": "INSERT INTO agenda_counter VALUES (app_unit(), 'keluar', 2026, 99)",
    "rewrite who it came from": "UPDATE agenda_entry SET party = 'lain' WHERE id = :id",
    "give another letter": "UPDATE agenda_entry SET document_id = NULL WHERE id = :id",
    "delete a step": "DELETE FROM agenda_step",
    "take the number back": "UPDATE agenda_entry SET numbered = false WHERE id = :id",
    "un-cancel": "UPDATE agenda_entry SET cancelled_at = NULL, cancelled_by = NULL, cancel_reason = NULL"
    " WHERE cancelled_at IS NOT NULL",
    "act as somebody else": "INSERT INTO agenda_entry (unit, clearance, book, numbered, account_id)"
    " VALUES (app_unit(), 1, 'keluar', false, gen_random_uuid())",
    "hide a letter from the queue": "UPDATE document SET booked = true",
    "into another unit's book": "INSERT INTO agenda_entry (unit, clearance, book, numbered, account_id)"
    " VALUES ('lain', 1, 'keluar', false, app_account())",
}


@pytest.mark.parametrize("attempt", FORBIDDEN)
def test_what_even_the_server_process_may_not_do(account: MakeAccount, letters: MakeLetters, attempt: str) -> None:
    clerk = account("petugas")
    entry, struck = register(clerk, letters(1)[0]), register(clerk, letters(1)[0])
    with transaction(clerk.context) as session:
        agenda.cancel(session, clerk, struck.id, "keliru")
    with pytest.raises(DBAPIError), transaction(clerk.context) as session:
        session.execute(text(FORBIDDEN[attempt]), {"id": entry.id} if ":id" in FORBIDDEN[attempt] else {})
    assert numbers(clerk) == [1, 2]


def test_nobody_cancels_in_anothers_name(account: MakeAccount, letters: MakeLetters) -> None:
    clerk, other = account("petugas"), account("petugas")
    entry = register(clerk, letters(1)[0])
    forged = "UPDATE agenda_entry SET cancelled_at = now(), cancelled_by = :by, cancel_reason = 'x' WHERE id = :id"
    with pytest.raises(DBAPIError, match="row-level security"), transaction(clerk.context) as session:
        session.execute(text(forged), {"by": other.id, "id": entry.id})


def test_a_number_that_a_client_asks_for_is_not_what_it_gets(account: MakeAccount) -> None:
    clerk = account("petugas")
    with transaction(clerk.context) as session:
        given = session.execute(
            text(
                "INSERT INTO agenda_entry (unit, clearance, book, numbered, number, year, day, account_id)"
                " VALUES (:unit, 1, 'keluar', true, 4711, 1999, make_date(:year, 3, 1), :account)"
                " RETURNING number, year"
            ),
            {"unit": clerk.unit, "account": clerk.id, "year": YEAR},
        ).one()
    assert tuple(given) == (1, YEAR)


def test_the_queue_holds_what_is_in_no_book(account: MakeAccount, letters: MakeLetters) -> None:
    clerk = account("petugas")
    first, second, third = letters(3)
    letters(1, kind="ktp")
    letters(1, clearance=2)
    letters(1, unit="lain")
    with transaction(clerk.context) as session:
        assert [row.id for row in waiting.waiting(session, 10)] == [first, second, third]
        waiting.leave_out(session, clerk, first, "lampiran surat lain")
        waiting.leave_out(session, clerk, first, "lampiran surat lain")
    register(clerk, second)
    with transaction(clerk.context) as session:
        assert waiting.waiting_count(session) == 1
        with pytest.raises(InOtherBook):
            waiting.leave_out(session, clerk, second, "bukan surat")
        with pytest.raises(NotFound):
            waiting.leave_out(session, clerk, uuid4(), "bukan surat")
        with pytest.raises(InvalidRequest):
            waiting.leave_out(session, clerk, third, " ")
    assert register(clerk, first).number == 2  # left out is not for ever


def test_what_stays_within_a_case_is_asked_for_while_its_kind_is_in_doubt(
    account: MakeAccount, letters: MakeLetters, superuser: Engine
) -> None:
    clerk = account("petugas")
    form, doubted, checked = letters(3, kind="formulir_layanan_sosial")
    with superuser.begin() as connection:
        connection.exec_driver_sql(f"UPDATE document SET doubt = 3 WHERE id IN ('{doubted}', '{checked}')")
        connection.exec_driver_sql(f"UPDATE document SET checked_at = now() WHERE id = '{checked}'")
    with transaction(clerk.context) as session:
        assert [row.id for row in waiting.waiting(session, 10)] == [doubted]
        assert waiting.waiting_count(session) == 1
    assert register(clerk, form).number == 1  # it may stand in a book all the same


def test_a_stack_is_no_letter_for_the_books(account: MakeAccount, letters: MakeLetters, superuser: Engine) -> None:
    clerk = account("petugas")
    whole, stack, letter, empty, asked = letters(5)
    as_what = {
        stack: "letters = 2",
        letter: f"letters = 1, part_of = '{stack}', first_page = 1, last_page = 1",
        empty: f"letters = 1, part_of = '{stack}'",
        asked: """verdict = '{"letters": [{}, {}]}'""",  # where its letters begin is not decided yet
    }
    with superuser.begin() as connection:
        for document, what in as_what.items():
            connection.exec_driver_sql(f"UPDATE document SET {what} WHERE id = '{document}'")
    with transaction(clerk.context) as session:
        assert [row.id for row in waiting.waiting(session, 10)] == [whole, letter]
    for document in (stack, empty):
        with pytest.raises(PagesElsewhere):
            register(clerk, document)
    assert register(clerk, letter).number == 1


def test_an_outgoing_letter_on_its_way(account: MakeAccount, letters: MakeLetters) -> None:
    clerk, [draft_scan, signed_scan] = account("petugas"), letters(2)
    entry = register(clerk, draft_scan, "keluar", numbered=False)
    assert (entry.number, entry.letter_number) == (None, "")

    def take(step: str, document: UUID | None = None) -> AgendaEntryRow:
        with transaction(clerk.context) as session:
            return outgoing.take(session, clerk, entry.id, step, on_day=None, document=document)  # type: ignore[arg-type]

    with pytest.raises(StepNotYet) as refused:
        take("terkirim")
    assert "nomor, tanda tangan" in refused.value.detail
    take("paraf")
    take("ttd", signed_scan)
    with pytest.raises(StepNotYet):
        take("terkirim")
    with pytest.raises(NotFound):
        take("nomor", uuid4())
    numbered = take("nomor")
    assert (numbered.number, numbered.letter_number) == (
        1,
        f"400.9.4.1/1/DINSOS-{clerk.unit.upper()}/{numbered.letter_number.split('/')[3]}/{YEAR}",
    )
    take("terkirim")
    for step in STEPS:
        with pytest.raises(StepTaken):
            take(step)
    with transaction(clerk.context) as session:
        assert [(row.step, row.document_id) for row in outgoing.taken(session, entry.id)] == [
            ("draf", draft_scan), ("paraf", None), ("nomor", None), ("ttd", signed_scan), ("terkirim", None),
        ]  # fmt: skip
        assert waiting.waiting(session, 10) == []
        found = agenda.entry_of(session, signed_scan)
        assert found is not None
        assert found.id == entry.id
        assert documents.find(session, signed_scan).stage == "filed"


def test_an_incoming_letter_has_no_steps(account: MakeAccount, letters: MakeLetters) -> None:
    clerk = account("petugas")
    entry = register(clerk, letters(1)[0])
    with transaction(clerk.context) as session, pytest.raises(InvalidRequest):
        outgoing.take(session, clerk, entry.id, "ttd", on_day=None, document=None)
