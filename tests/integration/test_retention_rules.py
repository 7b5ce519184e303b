"""What the database itself sees to: berkas of cases, gapless numbers, clocks nobody writes, holds, locks due."""

import re
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import date, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as effort
from hypothesis import strategies as st
from sqlalchemy import Engine, text
from sqlalchemy.exc import DBAPIError

from access.accounts import Account
from cases import work
from core.clock import today
from core.db import transaction
from records.retention.clocks import TRIGGERS, Series, Told, clock
from tests.integration.conftest import MakeAccount
from tests.integration.test_cases import filed, opened

DAYS = st.dates(date(1995, 1, 1), date(2026, 11, 1))


def code() -> str:
    """A code that no other test uses."""
    return f"9{uuid4().int % 90 + 10}.{uuid4().int % 90 + 1}.{uuid4().int % 90 + 1}.{uuid4().int % 90 + 1}"


def berkas(by: Account, *, title: str = "Berkas uji", **values: Any) -> UUID:
    columns = {"unit": by.unit, "clearance": 1, "title": title, "opened_on": date(2020, 1, 2), "opened_by": by.id}
    columns |= values
    with transaction(by.context) as session:
        names = ", ".join(columns)
        made: UUID = session.execute(
            text(f"INSERT INTO berkas ({names}) VALUES (:{', :'.join(columns)}) RETURNING id"), columns
        ).scalar_one()
    return made


def row(superuser: Engine, what: UUID, column: str = "id") -> Any:
    with superuser.connect() as connection:
        return connection.execute(text(f"SELECT * FROM berkas WHERE {column} = :id"), {"id": what}).one()


def in_berkas(by: Account, letter: UUID, where: UUID) -> None:
    with transaction(by.context) as session:
        session.execute(
            text("INSERT INTO berkas_letter (document_id, berkas_id, filed_by) VALUES (:d, :b, :a)"),
            {"d": letter, "b": where, "a": by.id},
        )


@pytest.fixture
def in_force(account: MakeAccount, superuser: Engine) -> Iterator[Any]:
    """Bring a schedule of the given rows (code, aktif, inaktif, nasib akhir, trigger) into force."""
    made: list[UUID] = []

    def bring(*rows: tuple[str, int, int, str, str], sample: bool = False) -> UUID:
        who = account("arsiparis")
        with superuser.begin() as connection:
            version: UUID = connection.execute(
                text(
                    "INSERT INTO schedule_version (name, valid_from, digest, sample, imported_by, applied_by,"
                    " applied_at) VALUES ('uji', office_today(), repeat('a', 64), :s, :a, :a, clock_timestamp())"
                    " RETURNING id"
                ),
                {"a": who.id, "s": sample},
            ).scalar_one()
            for line, (of, active, inactive, fate, trigger) in enumerate(rows):
                connection.execute(
                    text(
                        "INSERT INTO schedule_row (version_id, line, code, series, active_years, inactive_years, fate,"
                        " trigger) VALUES (:v, :l, :c, 'uji', :a, :i, :f, :t)"
                    ),
                    {"v": version, "l": line, "c": of, "a": active, "i": inactive, "f": fate, "t": trigger},
                )
        made.append(version)
        return version

    yield bring
    with superuser.begin() as connection:  # other tests see no schedule
        connection.execute(
            text("UPDATE schedule_version SET valid_to = valid_from, valid_from = valid_from - 1 WHERE id = ANY (:v)"),
            {"v": made},
        )
        connection.execute(
            text("UPDATE schedule_version SET valid_to = office_today() - 1 WHERE id = ANY (:v)"), {"v": made}
        )


def test_a_case_is_a_berkas_from_its_first_day(account: MakeAccount, superuser: Engine) -> None:
    clerk = account("petugas")
    case = opened(clerk)
    made = row(superuser, case, "case_id")
    assert (made.unit, made.number, made.year) == (clerk.unit, 1, today().year)
    # its uraian is printed on lists: the SOP's name, while the client stands in the case
    assert re.fullmatch(rf"\w.+, kasus 001/{today().year}", made.title)
    assert "Contoh" not in made.title
    letter = filed(superuser, clerk.unit)
    with transaction(clerk.context) as session:
        link = work.link(session, clerk, case, letter, 1).id
        work.classify(session, clerk, case, "400.9.4.1")
    made = row(superuser, case, "case_id")
    assert (made.letters, made.code, made.trigger_on) == (1, "400.9.4.1", None)
    with transaction(clerk.context) as session:
        work.unlink(session, clerk, case, link)
    assert row(superuser, case, "case_id").letters == 0
    with superuser.connect() as connection:
        asked = text("SELECT in_berkas FROM document WHERE id = :id")
        assert connection.scalar(asked, {"id": letter}) is False


def test_a_letter_of_two_cases_lies_in_the_first_and_then_in_the_other(account: MakeAccount, superuser: Engine) -> None:
    clerk = account("petugas")
    first, second = opened(clerk), opened(clerk, "Lain Contoh")
    letter = filed(superuser, clerk.unit)
    with transaction(clerk.context) as session:
        link = work.link(session, clerk, first, letter, 1).id
    with transaction(clerk.context) as session:
        work.link(session, clerk, second, letter, 1)
    assert [row(superuser, case, "case_id").letters for case in (first, second)] == [1, 0]
    with transaction(clerk.context) as session:
        work.unlink(session, clerk, first, link)
    assert [row(superuser, case, "case_id").letters for case in (first, second)] == [0, 1]


def test_numbers_have_no_gap(account: MakeAccount, superuser: Engine, unit: str) -> None:
    clerk = account("petugas")

    def one(number: int) -> None:
        try:
            with transaction(clerk.context) as session:
                session.execute(
                    text(
                        "INSERT INTO berkas (unit, clearance, title, opened_on, opened_by)"
                        " VALUES (:u, 1, 'x', '2020-01-02', :a)"
                    ),
                    {"u": unit, "a": clerk.id},
                )
                if number % 5 == 0:
                    raise InterruptedError
        except InterruptedError:
            return

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(one, range(40)))
    with superuser.connect() as connection:
        given_out = connection.scalars(text("SELECT number FROM berkas WHERE unit = :u ORDER BY 1"), {"u": unit}).all()
    assert given_out == list(range(1, 33))


@given(
    closed=DAYS,
    said=st.none() | DAYS,
    active=st.integers(0, 40),
    inactive=st.integers(0, 40),
    trigger=st.sampled_from(sorted(TRIGGERS)),
)
@effort(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_the_database_and_the_pure_clock_say_the_same(
    account: MakeAccount, superuser: Engine, in_force: Any, closed: date, said: date | None, active: int, inactive: int,
    trigger: Any,
) -> None:  # fmt: skip
    clerk, kept = account("petugas"), code()
    in_force((kept, active, inactive, "musnah", trigger))
    made = row(superuser, berkas(clerk, code=kept, closed_on=closed, trigger_said=said))
    expected = clock(
        Series(active, inactive, "musnah", trigger),
        Told(closed, said),
        start="1_januari_berikutnya",
        today=today(),
    )
    assert (made.trigger_on, made.inactive_on, made.expires_on, made.phase) == (
        expected.trigger_on,
        expected.inactive_on,
        expected.expires_on,
        expected.phase,
    )


def test_the_nearest_code_counts_and_a_sample_gives_way(account: MakeAccount, superuser: Engine, in_force: Any) -> None:
    clerk, top = account("petugas"), code()
    in_force((top, 1, 1, "musnah", "kasus_selesai"), (f"{top}.1", 2, 3, "permanen", "kasus_selesai"), sample=True)
    made = {c: row(superuser, berkas(clerk, code=c)) for c in (top, f"{top}.1.7", f"{top}.10", f"{top[:-1]}x")}
    assert [one.fate for one in made.values()] == ["musnah", "permanen", "musnah", "belum_ditetapkan"]
    in_force((top, 9, 9, "dinilai_kembali", "kasus_selesai"))
    with transaction(clerk.context) as session:
        session.execute(text("SELECT retention_sweep(100000)"))
    again = [row(superuser, one.id) for one in made.values()]
    assert [one.fate for one in again] == ["dinilai_kembali"] * 3 + ["belum_ditetapkan"]
    assert again[0].active_years == 9


def test_a_day_that_passes_moves_the_phase(account: MakeAccount, superuser: Engine, in_force: Any) -> None:
    """As if the berkas had been written long ago: only the sweep sees that time passed."""
    clerk, kept = account("petugas"), code()
    in_force((kept, 2, 3, "musnah", "kasus_selesai"))
    made = berkas(clerk, code=kept, closed_on=date(2010, 5, 5))
    with superuser.begin() as connection:
        connection.execute(text("SET LOCAL session_replication_role = replica"))
        connection.execute(text("UPDATE berkas SET phase = 'aktif', phase_on = NULL WHERE id = :id"), {"id": made})
    with transaction(clerk.context) as session:
        session.execute(text("SELECT retention_sweep(100000)"))
    swept = row(superuser, made)
    assert (swept.phase, swept.phase_on, swept.expires_on) == ("habis", today(), date(2016, 1, 1))


def test_nobody_writes_a_clock_or_the_future(account: MakeAccount) -> None:
    keeper = account("arsiparis", clearance="sangat_rahasia")
    made = berkas(keeper)
    for statement in (
        "UPDATE berkas SET expires_on = '2000-01-01'",
        "UPDATE berkas SET phase = 'habis'",
        "UPDATE berkas SET fate = 'musnah'",
        "UPDATE berkas SET appraised_fate = 'musnah'",
        "UPDATE berkas SET disposed_at = now()",
        "DELETE FROM berkas",
        "UPDATE schedule_row SET fate = 'musnah'",
        "CREATE OR REPLACE FUNCTION office_setting(wanted text) RETURNS text LANGUAGE sql AS $$ SELECT '9999' $$",
    ):
        with (
            pytest.raises(DBAPIError, match=r"permission denied|must be owner"),
            transaction(keeper.context) as session,
        ):
            session.execute(text(statement))
    for column in ("closed_on", "trigger_said"):
        with pytest.raises(DBAPIError, match="lies ahead"), transaction(keeper.context) as session:
            session.execute(
                text(f"UPDATE berkas SET {column} = :d WHERE id = :b"), {"d": today() + timedelta(2), "b": made}
            )


def test_a_cases_berkas_is_closed_by_its_case_alone(account: MakeAccount, superuser: Engine) -> None:
    clerk = account("petugas")
    made = row(superuser, opened(clerk), "case_id").id
    with transaction(clerk.context) as session:
        session.execute(text("UPDATE berkas SET closed_on = '2001-01-01' WHERE id = :id"), {"id": made})
    assert row(superuser, made).closed_on is None
    with pytest.raises(DBAPIError, match="row-level security"):
        in_berkas(clerk, filed(superuser, clerk.unit), made)


def test_walls_around_berkas(account: MakeAccount, superuser: Engine) -> None:
    chief = account("petugas", clearance="rahasia")
    made = berkas(chief, clearance=2)
    for outsider in (account("petugas"), account("petugas", unit="unit-lain", clearance="rahasia")):
        with transaction(outsider.context) as session:
            assert session.scalar(text("SELECT count(*) FROM berkas WHERE id = :id"), {"id": made}) == 0
        with pytest.raises(DBAPIError, match="row-level security"):
            in_berkas(outsider, filed(superuser, outsider.unit), made)


@pytest.mark.parametrize("scope", ["document", "berkas", "case"])
def test_a_hold_is_told_to_guards_and_released_by_another(
    account: MakeAccount, superuser: Engine, worker_engine: Engine, scope: str
) -> None:
    keeper, second = account("arsiparis"), account("admin")
    letter = filed(superuser, keeper.unit)
    if scope == "case":
        case = opened(keeper)
        with transaction(keeper.context) as session:
            work.link(session, keeper, case, letter, 1)
        where = row(superuser, case, "case_id").id
    else:
        where = berkas(keeper)
        in_berkas(keeper, letter, where)
    with worker_engine.begin() as connection:
        connection.execute(text("DELETE FROM lock_due"))

    def due() -> int | None:
        with worker_engine.begin() as connection:
            return connection.execute(text("DELETE FROM lock_due WHERE document_id = :d"), {"d": letter}).rowcount

    def held() -> tuple[Any, Any]:
        with transaction(keeper.context) as session:
            one = session.execute(text("SELECT is_held(:d), berkas_is_held(:b)"), {"d": letter, "b": where}).one()
            return one[0], one[1]

    assert held() == (False, False)
    with transaction(keeper.context) as session:
        hold = session.execute(
            text(
                "INSERT INTO hold (unit, clearance, scope, berkas_id, kind, reason, placed_by)"
                " VALUES (:u, 1, :s, :b, 'audit', 'pemeriksaan', :a) RETURNING id"
            ),
            {"u": keeper.unit, "s": scope, "b": None if scope == "document" else where, "a": keeper.id},
        ).scalar_one()
        if scope == "document":
            session.execute(text("INSERT INTO hold_document VALUES (:h, :d)"), {"h": hold, "d": letter})
    assert held() == (True, True)
    assert due() == 1
    release = text("UPDATE hold SET released_by = :a, released_at = now(), release_reason = 'selesai' WHERE id = :h")
    with transaction(keeper.context) as session:  # the policy doesn't even show it to who placed it
        assert session.execute(release, {"a": keeper.id, "h": hold}).rowcount == 0
    with pytest.raises(DBAPIError, match="row-level security"), transaction(second.context) as session:
        session.execute(release, {"a": keeper.id, "h": hold})
    with transaction(second.context) as session:
        assert session.execute(release, {"a": second.id, "h": hold}).rowcount == 1
    assert held() == (False, False)
    assert due() == 1


def test_locks_are_due_when_retention_changes(
    account: MakeAccount, superuser: Engine, worker_engine: Engine, in_force: Any
) -> None:
    clerk, kept = account("petugas"), code()
    in_force((kept, 2, 3, "musnah", "kasus_selesai"))
    made, letter = berkas(clerk, code=kept), filed(superuser, clerk.unit)
    in_berkas(clerk, letter, made)
    asked = text("DELETE FROM lock_due WHERE document_id = :d")

    def due() -> int:
        with worker_engine.begin() as connection:
            return connection.execute(asked, {"d": letter}).rowcount

    assert due() == 1
    with transaction(clerk.context) as session:
        session.execute(text("UPDATE berkas SET note = 'catatan' WHERE id = :id"), {"id": made})
    assert due() == 0
    with transaction(clerk.context) as session:
        session.execute(text("UPDATE berkas SET closed_on = '2020-05-05' WHERE id = :id"), {"id": made})
    assert due() == 1
    with pytest.raises(DBAPIError, match="row-level security"):  # a closed one is whole
        in_berkas(clerk, filed(superuser, clerk.unit), made)


def test_two_who_file_one_letter_at_once_file_it_once(account: MakeAccount, superuser: Engine) -> None:
    clerk = account("petugas")
    places, letter = [berkas(clerk) for _ in range(2)], filed(superuser, clerk.unit)
    together = threading.Barrier(2)

    def one(where: UUID) -> bool:
        together.wait(20)
        try:
            in_berkas(clerk, letter, where)
        except DBAPIError:
            return False
        return True

    with ThreadPoolExecutor(2) as pool:
        assert sorted(pool.map(one, places)) == [False, True]
    assert sorted(row(superuser, where).letters for where in places) == [0, 1]
