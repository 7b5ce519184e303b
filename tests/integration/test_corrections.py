"""Putting agenda lines right: what stood there is kept, numbers stay, the check of the books finds what broke."""

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import date, datetime
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Engine, text
from sqlalchemy.exc import DBAPIError

from access.accounts import Account
from core.db import transaction
from core.faults import EntryCancelled, Forbidden, IdempotencyConflict, InvalidRequest, NotFound, Refused
from records import agenda, correcting, history, outgoing, printing
from records.agenda import Registration
from records.book import Period
from records.particulars import Particulars
from records.tables import AgendaEntryRow
from tests.integration.conftest import MakeAccount

YEAR = datetime.now(ZoneInfo("Asia/Makassar")).year
SAID = Particulars(
    party="Kelurahan Karang Anyar",
    letter_number="460/1/KRA",
    letter_date=date(YEAR, 1, 2),
    subject="Permohonan",
    code="400.9.4.1",
)
MakeEntry = Callable[..., AgendaEntryRow]


@pytest.fixture
def clerk(account: MakeAccount) -> Account:
    return account("petugas")


@pytest.fixture
def entry(clerk: Account, superuser: Engine) -> MakeEntry:
    """An entry of a new letter: `entry("keluar", numbered=False)`; an outgoing one has none."""

    def make(book: str = "masuk", **more: Any) -> AgendaEntryRow:
        paper = None
        if book == "masuk":
            with superuser.begin() as connection:
                paper = connection.execute(
                    text(
                        "INSERT INTO document (unit, clearance, sha256, size, media_type, filename, original_version,"
                        " stage, pages, pages_read, kind, doubt) VALUES (:unit, 1,"
                        " encode(sha256(gen_random_uuid()::text::bytea), 'hex'), 1, 'application/pdf', 'uji.pdf', 'v',"
                        " 'filed', 1, 1, 'surat_masuk_lain', 0) RETURNING id"
                    ),
                    {"unit": clerk.unit},
                ).scalar_one()
        with transaction(clerk.context) as session:
            return agenda.register(session, clerk, Registration(book, SAID, paper, **more)).entry  # type: ignore[arg-type]

    return make


def correct(by: Account, entry: UUID, why: str = "salah ketik", **changed: Any) -> AgendaEntryRow:
    with transaction(by.context) as session:
        return correcting.correct(session, by, entry, changed, why)


def test_a_line_is_put_right_and_what_stood_there_is_kept(clerk: Account, entry: MakeEntry, superuser: Engine) -> None:
    row = entry()
    said = {"subject": " Permohonan  bantuan ", "letter_date": None, "party": SAID.party}
    now = correct(clerk, row.id, "  salah   ketik ", **said)
    assert (now.number, now.subject, now.letter_date, now.party) == (row.number, "Permohonan bantuan", None, SAID.party)
    later = correct(clerk, row.id, "tanggalnya ada", letter_date=date(YEAR, 1, 3), secrecy=2)
    assert (later.letter_date, later.secrecy) == (date(YEAR, 1, 3), 2)
    with transaction(clerk.context) as session:
        first, second = history.of_entry(session, row.id)
        assert (first.reason, first.account_id) == ("salah ketik", clerk.id)
        assert history.values_before(first) == {"subject": "Permohonan", "letter_date": date(YEAR, 1, 2)}
        assert history.values_before(second) == {"letter_date": None, "secrecy": 0}
        assert history.as_registered(session, later) == SAID.values()
        printed = printing.gather(session, clerk.unit, "masuk", Period(YEAR))
    assert "Permohonan bantuan" in str(printed.parts[0].rows)
    with superuser.connect() as connection:
        query = "SELECT body FROM ledger WHERE action = 'agenda_corrected' AND document = :id ORDER BY seq"
        bodies = [json.loads(body) for (body,) in connection.execute(text(query), {"id": row.document_id})]
    assert [body["corrected"] for body in bodies] == [["letter_date", "subject"], ["letter_date", "secrecy"]]
    assert "bantuan" not in json.dumps(bodies)


def test_saying_the_same_again_is_no_correction(clerk: Account, entry: MakeEntry) -> None:
    row = entry()
    correct(clerk, row.id, subject="Permohonan", party=" Kelurahan  Karang Anyar ")
    with transaction(clerk.context) as session:
        assert history.of_entry(session, row.id) == []


def test_who_and_what_is_refused(clerk: Account, entry: MakeEntry, account: MakeAccount, unit: str) -> None:
    row, sent, draft = entry(), entry("keluar"), entry("keluar", numbered=False)
    for wrong in ({"subject": " "}, {"party": "x" * 501}):
        with pytest.raises(InvalidRequest):
            correct(clerk, row.id, **wrong)
    with pytest.raises(InvalidRequest):
        correct(clerk, row.id, "  ", subject="Lain")
    for fixed in ({"code": "400.7"}, {"letter_number": "1"}):
        with pytest.raises(InvalidRequest, match="invalid_request"):
            correct(clerk, sent.id, **fixed)
    assert correct(clerk, draft.id, code="400.7").code == "400.7"
    with pytest.raises(Forbidden):
        correct(account("pejabat"), row.id, subject="Lain")
    for stranger in (account("petugas", unit=f"lain-{unit}"), account("petugas", clearance="biasa")):
        with pytest.raises(NotFound):
            correct(stranger, row.id, subject="Lain")
    with transaction(clerk.context) as session:
        agenda.cancel(session, clerk, row.id, "salah buku")
    with pytest.raises(EntryCancelled):
        correct(clerk, row.id, subject="Lain")
    assert correct(account("arsiparis", unit="kearsipan"), sent.id, subject="Lain").subject == "Lain"


def test_the_same_request_still_finds_its_corrected_entry(clerk: Account, entry: MakeEntry) -> None:
    row = entry("keluar", key="k", numbered=False)
    correct(clerk, row.id, subject="Lain")
    assert entry("keluar", key="k", numbered=False).id == row.id
    other = Registration("keluar", replace(SAID, subject="Lain"), None, False, "k")
    with pytest.raises(IdempotencyConflict), transaction(clerk.context) as session:
        agenda.register(session, clerk, other)


FORBIDDEN = {
    "by hand": "UPDATE agenda_entry SET subject = 'lain' WHERE id = :id",
    "rewrite what stood there": "UPDATE agenda_correction SET before = '{}'",
    "forget it": "DELETE FROM agenda_correction",
    "make one up": "INSERT INTO agenda_correction (entry_id, account_id, reason, before)"
    " VALUES (:id, app_account(), 'x', '{}')",
    "renumber": "SELECT agenda_correct(:id, 'x', '{\"number\": 7}')",
    "move to another unit": "SELECT agenda_correct(:id, 'x', '{\"unit\": \"lain\"}')",
    "without a reason": "SELECT agenda_correct(:id, '', '{\"subject\": \"lain\"}')",
}


@pytest.mark.parametrize("attempt", FORBIDDEN)
def test_what_even_the_server_process_may_not_do(clerk: Account, entry: MakeEntry, attempt: str) -> None:
    row = entry()
    correct(clerk, row.id, subject="Permohonan bantuan")
    statement = FORBIDDEN[attempt]
    with pytest.raises(DBAPIError), transaction(clerk.context) as session:
        session.connection().exec_driver_sql(statement.replace(":id", f"'{row.id}'"))


deeds = st.lists(
    st.one_of(
        st.tuples(st.just("enter"), st.sampled_from(["masuk", "keluar", "draft"])),
        st.tuples(st.just("correct"), st.integers(0, 20)),
        st.tuples(st.just("cancel"), st.integers(0, 20)),
        st.tuples(st.just("number"), st.integers(0, 20)),
    ),
    min_size=1,
    max_size=12,
)


@given(deeds)
@settings(max_examples=25, suppress_health_check=list(HealthCheck))
def test_no_order_of_deeds_breaks_the_numbering(
    clerk: Account, entry: MakeEntry, superuser: Engine, told: list[tuple[str, Any]]
) -> None:
    made: list[AgendaEntryRow] = []
    for what, which in told:
        if what == "enter":
            made.append(entry(which) if which != "draft" else entry("keluar", numbered=False))
            continue
        if not made:
            continue
        place = which % len(made)
        row = made[place]
        try:
            if what == "correct":
                assert correct(clerk, row.id, subject=f"Hal {len(told)}", code="400.7").number == row.number
            elif what == "cancel":
                with transaction(clerk.context) as session:
                    agenda.cancel(session, clerk, row.id, "keliru")
            else:
                with transaction(clerk.context) as session:
                    made[place] = outgoing.take(session, clerk, row.id, "nomor", on_day=None, document=None)
        except Refused:  # a deed that its entry is past
            continue
    with transaction(clerk.context) as session:
        assert session.scalar(text("SELECT agenda_broken()")) is None


BREAKS = {
    "a line is gone": ("DELETE FROM agenda_entry WHERE id = :second", "number 2: missing"),
    "the last line is gone": ("DELETE FROM agenda_entry WHERE id = :third", "counter: says 3, the last number is 2"),
    "the counter was moved": ("UPDATE agenda_counter SET last = 9 WHERE unit = :unit", "counter: says 9"),
    "renumbered": ("UPDATE agenda_entry SET number = 8 WHERE id = :third", "number 3: missing"),
    "a cancelled line lost its reason": (
        "UPDATE agenda_entry SET cancelled_at = now(), cancelled_by = account_id, cancel_reason = '' WHERE id = :first",
        "number 1: cancelled without a reason",
    ),
}


@pytest.mark.parametrize("how", BREAKS)
def test_the_first_bad_entry_is_named(clerk: Account, entry: MakeEntry, superuser: Engine, how: str) -> None:
    rows = [entry() for _ in range(3)]
    names = dict(zip(("first", "second", "third"), (row.id for row in rows), strict=True)) | {"unit": clerk.unit}
    statement, wrong = BREAKS[how]
    used = {name: value for name, value in names.items() if f":{name}" in statement}
    with superuser.connect() as intruder, intruder.begin() as undone:
        assert intruder.scalar(text("SELECT agenda_broken()")) is None
        intruder.execute(text("SET LOCAL session_replication_role = replica"))  # no trigger fires for them
        intruder.execute(text(statement), used)
        assert str(intruder.scalar(text("SELECT agenda_broken()"))).startswith(
            f"book masuk of {clerk.unit} in {YEAR}, {wrong}"
        )
        undone.rollback()
