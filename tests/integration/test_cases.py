"""Cases on the real database: numbers without gaps, walls around clients, versions of SOPs that are kept."""

import json
from concurrent.futures import ThreadPoolExecutor
from uuid import UUID

import pytest
from sqlalchemy import Engine, text
from sqlalchemy.exc import DBAPIError

from access.accounts import Account
from archive import ledger
from cases import book, clients, work
from cases.clients import told
from cases.machine import Command
from cases.sopfiles import packaged, read_sop
from core.db import transaction
from core.faults import CaseClosed, CaseRefused, Forbidden, InvalidRequest, NotFound
from tests.conftest import ROOT
from tests.integration.conftest import MakeAccount
from tests.product import until

A = "pemulangan-tarakan"
KEY = "kunci-uji"


def opened(by: Account, name: str = "Budi Contoh", *, clearance: int = 1, nik: str | None = None) -> UUID:
    with transaction(by.context) as session:
        client = clients.add(session, by, KEY, told(name, nik), unit=by.unit, clearance=clearance)
        return book.open_case(session, by, packaged()[A], client, unit=by.unit, clearance=clearance, year=2026).id


def filed(superuser: Engine, unit: str, clearance: int = 1) -> UUID:
    """A filed letter straight into the table."""
    with superuser.begin() as connection:
        made: UUID = connection.execute(
            text(
                "INSERT INTO document (unit, clearance, sha256, size, media_type, filename, original_version, stage,"
                " pages, pages_read, kind, doubt) VALUES (:unit, :clearance,"
                " encode(sha256(gen_random_uuid()::text::bytea), 'hex'), 1, 'application/pdf', 'uji.pdf', 'v',"
                " 'filed', 1, 1, 'skt_polisi', 0) RETURNING id"
            ),
            {"unit": unit, "clearance": clearance},
        ).scalar_one()
    return made


def numbers(superuser: Engine, unit: str) -> list[int]:
    with superuser.connect() as connection:
        rows = connection.execute(text("SELECT number FROM case_file WHERE unit = :u ORDER BY 1"), {"u": unit})
        return [row[0] for row in rows]


def test_racing_openings_get_every_number_once(account: MakeAccount, superuser: Engine, unit: str) -> None:
    clerk, chief = account("petugas"), account("petugas", clearance="rahasia")

    def one(number: int) -> None:
        # some are above the clerk's ceiling, and some fail at the last moment
        try:
            with transaction((chief if number % 3 else clerk).context) as session:
                by = chief if number % 3 else clerk
                client = clients.add(session, by, KEY, told("Budi"), unit=unit, clearance=2 if number % 3 else 1)
                book.open_case(session, by, packaged()[A], client, unit=unit, clearance=1, year=2026)
                if number % 5 == 0:
                    raise InterruptedError
        except InterruptedError:
            return

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(one, range(60)))
    assert numbers(superuser, unit) == list(range(1, 49))


def test_nobody_counts_in_another_unit(account: MakeAccount) -> None:
    clerk = account("petugas")
    with pytest.raises(DBAPIError, match="own unit"), transaction(clerk.context) as session:
        session.execute(text("SELECT case_number('unit-lain', 2026)"))


def test_a_nik_is_nowhere_to_be_read(account: MakeAccount, superuser: Engine, unit: str) -> None:
    nik = "6571010101800001"
    opened(account("petugas"), nik=nik)
    with superuser.connect() as connection:
        rows = connection.execute(text("SELECT client::text FROM client WHERE unit = :u"), {"u": unit}).scalars().all()
        events = connection.execute(text("SELECT body FROM ledger")).scalars().all()
    assert len(rows) == 1
    assert nik not in rows[0]
    assert nik.encode().hex() not in rows[0]
    assert not [body for body in events if nik in body or "Budi Contoh" in body]


def test_who_may_not_see_a_case_sees_nothing_of_it(account: MakeAccount) -> None:
    chief = account("petugas", clearance="rahasia")
    case = opened(chief, "Nama Rahasia", clearance=2)
    outsiders = [
        account("petugas"),
        account("petugas", unit="unit-lain", clearance="rahasia"),
        account("auditor", clearance="rahasia"),
    ]
    for outsider in outsiders:
        with transaction(outsider.context) as session:
            for table in ("case_file", "case_step", "case_action", "case_letter"):
                column = "id" if table == "case_file" else "case_id"
                count = session.scalar(text(f"SELECT count(*) FROM {table} WHERE {column} = :c"), {"c": case})
                assert count == 0, (outsider.role, table)
            assert session.scalar(text("SELECT count(*) FROM client WHERE name = 'Nama Rahasia'")) == 0
            with pytest.raises(NotFound):
                book.find(session, case)
    with transaction(account("arsiparis", unit="kearsipan", clearance="rahasia").context) as session:
        assert book.find(session, case).client.name == "Nama Rahasia"


def test_what_was_done_is_never_changed(account: MakeAccount) -> None:
    clerk = account("petugas")
    case = opened(clerk)
    with transaction(clerk.context) as session:
        work.act(session, clerk, case, Command("skip", 1, "tidak perlu"))
    for statement in (
        "UPDATE case_action SET reason = 'lain'",
        "DELETE FROM case_action",
        "UPDATE client SET name = 'lain'",
        "DELETE FROM case_letter",
        "UPDATE case_file SET number = 9",
        "UPDATE sop_version SET data = '{}'",
        "SELECT last FROM case_counter",
    ):
        with pytest.raises(DBAPIError, match="permission denied"), transaction(clerk.context) as session:
            session.execute(text(statement))


FORGED = {
    "open": "INSERT INTO case_file (unit, clearance, year, number, sop, sop_digest, client_id, opened_by)"
    " SELECT unit, clearance, year, 9, sop, sop_digest, client_id, :other FROM case_file WHERE id = :case",
    "close": "UPDATE case_file SET closed_at = now(), closed_by = :other WHERE id = :case",
    "link": "INSERT INTO case_letter (case_id, step, document_id, linked_by) VALUES (:case, 2, :letter, :other)",
    "classify": "UPDATE case_file SET classification = '400', classified_by = :other, classified_at = now()"
    " WHERE id = :case",
    "take off": "UPDATE case_letter SET removed_at = now(), removed_by = :other WHERE case_id = :case",
    "add a client": "INSERT INTO client (unit, clearance, name, added_by) VALUES (app_unit(), 1, 'X', :other)",
}


@pytest.mark.parametrize("deed", FORGED)
def test_nobody_works_in_anothers_name(account: MakeAccount, superuser: Engine, deed: str) -> None:
    clerk, other = account("petugas"), account("petugas")
    case, letter = opened(clerk), filed(superuser, clerk.unit)
    with transaction(clerk.context) as session:
        work.link(session, clerk, case, letter, 1)
    with pytest.raises(DBAPIError, match="row-level security"), transaction(clerk.context) as session:
        session.execute(text(FORGED[deed]), {"case": case, "letter": letter, "other": other.id})


def test_a_case_goes_on_by_the_version_it_began_with(account: MakeAccount, unit: str) -> None:
    clerk = account("petugas")
    case = opened(clerk)
    text_of_a = (ROOT / "src" / "cases" / "sops" / f"{A}.toml").read_text()
    newer = read_sop(text_of_a.replace('"90 menit"', '"80 menit"'), "a.toml")
    with transaction(clerk.context) as session:
        client = clients.add(session, clerk, KEY, told("Rina"), unit=unit, clearance=1)
        later = book.open_case(session, clerk, newer, client, unit=unit, clearance=1, year=2026).id
    book._versions.clear()  # as another process, or after a restart
    with transaction(clerk.context) as session:
        old, new = book.find(session, case), book.find(session, later)
    times = [case.state.sop.step(3).time for case in (old, new)]
    assert [time and time.text for time in times] == ["90 menit", "80 menit"]
    assert old.row.sop_digest == old.state.sop.digest == packaged()[A].digest
    assert new.row.sop_digest == new.state.sop.digest == newer.digest


def test_two_people_at_one_step_do_not_both_do_it(account: MakeAccount) -> None:
    clerk = account("petugas")
    case = opened(clerk)

    def skip(number: int) -> str:
        try:
            with transaction(clerk.context) as session:
                work.act(session, clerk, case, Command("skip", 1, f"sebab {number}"))
        except CaseRefused as refused:
            return refused.slug
        return "done"

    with ThreadPoolExecutor(4) as pool:
        told_back = sorted(pool.map(skip, range(4)))
    assert told_back == ["case_refused", "case_refused", "case_refused", "done"]
    with transaction(clerk.context) as session:
        assert [done.what for done in book.history(session, case)] == ["skip"]


@pytest.mark.parametrize(("level", "told"), [(1, ["letter_linked", "letter_unlinked"]), (2, [])])
def test_a_letters_history_tells_of_no_higher_case(
    account: MakeAccount, superuser: Engine, level: int, told: list[str]
) -> None:
    chief, clerk = account("petugas", clearance="rahasia"), account("petugas")
    case, letter = opened(chief, clearance=level), filed(superuser, chief.unit)
    with transaction(chief.context) as session:
        link = work.link(session, chief, case, letter, 1)
    with transaction(chief.context) as session:
        work.unlink(session, chief, case, link.id)
        assert [done.what for done in book.history(session, case)] == ["link", "unlink"]
    with transaction(clerk.context) as session:
        events = ledger.document_events(session, letter)
    assert [event.action for event in events if event.detail.get("case") == str(case)] == told
    assert bool(told) == (str(case) in json.dumps([event.detail for event in events]))
    with superuser.connect() as connection:  # the ledger as such keeps it in any case
        query = text("SELECT body::jsonb ->> 'action' FROM ledger WHERE body::jsonb ->> 'case' = :case ORDER BY seq")
        assert connection.scalars(query, {"case": str(case)}).all() == [
            "case_opened",
            "letter_linked",
            "letter_unlinked",
        ]


def test_a_closed_case_stays_as_it_is(account: MakeAccount) -> None:
    clerk = account("petugas")
    case = opened(clerk)
    with transaction(clerk.context) as session:
        for step in range(1, 9):
            work.act(session, clerk, case, Command("skip", step, "contoh"))
        work.classify(session, clerk, case, "400.9.4.1")
        assert work.close(session, clerk, case).row.closed_at is not None
    for command in (Command("reopen", 1, "lagi"), Command("skip", 2, "lagi")):
        with pytest.raises(CaseClosed), transaction(clerk.context) as session:
            work.act(session, clerk, case, command)


def with_nik(superuser: Engine, unit: str, nik: str, clearance: int = 1) -> UUID:
    """A filed letter that says this NIK."""
    letter = filed(superuser, unit, clearance)
    with superuser.begin() as connection:
        said = json.dumps({"nik": {"value": nik, "text": nik}})
        connection.execute(text("UPDATE document SET fields = :f WHERE id = :id"), {"f": said, "id": letter})
    return letter


def learned(by: Account, case: UUID, letter: UUID) -> str | None:
    with transaction(by.context) as session:
        return work.learn_nik(session, by, KEY, case, letter).client.nik_masked


def linked(by: Account, case: UUID, letter: UUID) -> UUID:
    with transaction(by.context) as session:
        work.link(session, by, case, letter, 1)
    return letter


NIK, OTHER_NIK = "6571010203800001", "6571014203850002"


def test_a_nik_that_a_letter_carries_is_learned_once(account: MakeAccount, superuser: Engine, unit: str) -> None:
    clerk = account("petugas")
    case = opened(clerk)
    letter = linked(clerk, case, with_nik(superuser, unit, NIK))
    masked = learned(clerk, case, letter)
    assert masked is not None
    assert NIK not in masked
    assert learned(clerk, case, letter) == masked
    with transaction(clerk.context) as session:
        found = clients.similar(session, KEY, told("Lain Sekali", NIK), unit)
        assert [(one.why, one.client.name) for one in found] == [("nik", "Budi Contoh")]
    with superuser.connect() as connection:
        query = "SELECT body FROM ledger WHERE action = 'client_nik_learned' AND document = :id"
        bodies = [json.loads(body) for (body,) in connection.execute(text(query), {"id": letter})]
    assert [set(body) for body in bodies] == [{"action", "actor", "document", "case"}]


def test_a_nik_learned_from_two_cases_at_once_is_learned(account: MakeAccount, superuser: Engine, unit: str) -> None:
    clerk = account("petugas")
    first = opened(clerk)
    with transaction(clerk.context) as session:
        client = book.find(session, first).client
        second = book.open_case(session, clerk, packaged()[A], client, unit=unit, clearance=1, year=2026).id
    letters = {case: linked(clerk, case, with_nik(superuser, unit, NIK)) for case in (first, second)}
    number = f"{unit}/{clients.nik_index(KEY, NIK).hex()}"  # as learn_nik() waits for it, behind its case
    with superuser.connect() as connection, ThreadPoolExecutor(2) as pool:
        connection.execute(text("SELECT pg_advisory_xact_lock(hashtextextended(:n, 0))"), {"n": number})
        both = [pool.submit(learned, clerk, case, letter) for case, letter in letters.items()]
        until(lambda: waiting_locks(superuser) == 2)  # each by now holds its case, if it can
        connection.rollback()
        told = [one.result() for one in both]
    assert len(told) == 2
    assert None not in told


def waiting_locks(superuser: Engine) -> int:
    """How many transactions wait for a lock that is named by a number."""
    with superuser.connect() as connection:
        query = "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND NOT granted"
        return int(connection.scalar(text(query)) or 0)


def test_names_are_the_same_for_clients_as_for_letters(account: MakeAccount, unit: str) -> None:
    opened(account("petugas"), "Muhammad Yusuf")
    with transaction(account("petugas").context) as session:
        [found] = clients.similar(session, KEY, told("Moh. Joesoef"), unit)
    assert (found.client.name, found.why) == ("Muhammad Yusuf", "name")


def test_a_nik_of_somebody_else_is_refused_and_said_plainly(account: MakeAccount, superuser: Engine, unit: str) -> None:
    clerk = account("petugas")
    opened(clerk, "Siti Contoh", nik=NIK)
    without, known = opened(clerk), opened(clerk, "Rina Contoh", nik=OTHER_NIK)
    for case, said in ((without, "milik klien lain, Siti Contoh"), (known, "sudah punya NIK lain")):
        letter = linked(clerk, case, with_nik(superuser, unit, NIK))
        with pytest.raises(CaseRefused) as refused:
            learned(clerk, case, letter)
        assert said in refused.value.detail
        assert NIK not in refused.value.detail
        assert OTHER_NIK not in refused.value.detail


def test_who_learns_a_nik_and_from_what(account: MakeAccount, superuser: Engine, unit: str) -> None:
    clerk = account("petugas")
    case = opened(clerk)
    letter = with_nik(superuser, unit, NIK)
    with pytest.raises(NotFound):  # not a letter of the case
        learned(clerk, case, letter)
    linked(clerk, case, letter)
    with pytest.raises(Forbidden):
        learned(account("pejabat"), case, letter)
    with pytest.raises(NotFound):
        learned(account("petugas", unit=f"lain-{unit}"), case, letter)
    misread = linked(clerk, case, with_nik(superuser, unit, "65710102038"))
    with pytest.raises(InvalidRequest):
        learned(clerk, case, misread)


def test_a_known_nik_is_never_overwritten(account: MakeAccount, superuser: Engine, unit: str) -> None:
    clerk = account("petugas")
    case = opened(clerk, nik=NIK)
    with transaction(clerk.context) as session:
        client = book.find(session, case).client.id
        forged = text("UPDATE client SET nik_index = 'x', nik_masked = 'x' WHERE id = :id")
        assert session.execute(forged, {"id": client}).rowcount == 0


def test_racing_letters_give_one_nik_to_one_client(account: MakeAccount, superuser: Engine, unit: str) -> None:
    clerk = account("petugas")
    cases = [opened(clerk, f"Klien {number}") for number in range(4)]
    letters = [linked(clerk, case, with_nik(superuser, unit, NIK)) for case in cases]

    def one(number: int) -> bool:
        try:
            return learned(clerk, cases[number], letters[number]) is not None
        except CaseRefused:
            return False

    with ThreadPoolExecutor(4) as pool:
        assert sum(pool.map(one, range(4))) == 1
