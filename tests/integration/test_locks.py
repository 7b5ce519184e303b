"""What retention and holds say reaches the store; what differs is mended or named; what is free can be erased, and only
by the one identity that may."""

import io
import os
import time
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid4

import pytest
from minio import Minio
from minio.retention import Retention
from sqlalchemy import Engine, text
from sqlalchemy.orm import Session

from archive import blobs, comparing, erase, keys, locks, objects
from archive.tables import DocumentRow
from cli.datadir import load_secrets
from cli.engines import Stack, disposer_env
from core import clock
from core.db import alone, transaction
from core.faults import Forbidden, KeyDestroyed
from core.queue import LOCKS_LOCK
from core.settings import settings
from records.retention import lockdates
from tests.assets.bulk import unique_jpeg
from tests.integration.driving import (
    Hands,
    connected_as,
    engine_of,
    own_archive,
    process_with,
    send,
    somebody,
    with_settings,
)
from workers import locking, reconciling
from workers.reconciling import Pace

NO_GRACE = Pace(grace=timedelta(0))


class Office:
    """An archive of its own, whose whole store is compared."""

    def __init__(self, stack: Stack, root: Engine, hands: Hands) -> None:
        self.stack, self.root, self.hands = stack, root, hands
        self.clerk, self.one, self.other = (somebody(role, "umum") for role in ("petugas", "arsiparis", "arsiparis"))

    def letter(self) -> DocumentRow:
        row = self.hands.finish(send(self.clerk, unique_jpeg(uuid4().int % 10**6, 20)).document.id)
        assert row.stage == "sealed"
        return row

    def keep_locks(self) -> None:
        with connected_as(self.hands.engine):
            locking.keep_locks()

    def compare(self, pace: Pace = NO_GRACE) -> tuple[int, int, set[tuple[str, str]]]:
        """One whole run: how many were repaired and found, and what stands then."""
        with connected_as(self.hands.engine):
            reconciling.compare(now=True, pace=pace)
            with transaction() as session:
                run = comparing.last_finished(session)
                assert run is not None
                standing = {(one.what, one.object) for one in comparing.standing(session, 99)}
        return run.repaired, run.found, standing

    def objects_of(self, row: DocumentRow) -> list[locks.Version]:
        return list(locks.versions(f"documents/{row.id}/"))

    def locked(self, row: DocumentRow) -> set[tuple[datetime | None, bool]]:
        found = [locks.look(one.name, one.version) for one in self.objects_of(row)]
        assert len(found) >= 3
        return {(one.until and one.until.replace(microsecond=0), one.held) for one in found}

    def file(self, row: DocumentRow, *, fate: str, years: int) -> UUID:
        """The letter in a berkas of its own that is closed today, under a series of that fate and so many years."""
        code = f"9{uuid4().int % 10**6}"
        with self.root.begin() as connection:
            connection.execute(
                text(
                    "INSERT INTO schedule_version (name, valid_from, digest, imported_by, applied_by, applied_at)"
                    " SELECT 'JRA uji', '2020-01-01', repeat('a', 64), :who, :who, now()"
                    " WHERE NOT EXISTS (SELECT FROM schedule_version)"
                ),
                {"who": self.clerk.id},
            )
            connection.execute(
                text(
                    "INSERT INTO schedule_row"
                    " (version_id, line, code, series, active_years, inactive_years, fate, trigger)"
                    " SELECT id, 1, :code, 'X', 1, :years, :fate, 'kasus_selesai' FROM schedule_version"
                ),
                {"code": code, "fate": fate, "years": years - 1},
            )
            berkas: UUID = connection.execute(
                text(
                    "INSERT INTO berkas (unit, clearance, title, code, opened_on, opened_by)"
                    " VALUES ('umum', 1, 'X', :code, office_today(), :who) RETURNING id"
                ),
                {"code": code, "who": self.clerk.id},
            ).scalar_one()
            connection.execute(
                text("INSERT INTO berkas_letter (document_id, berkas_id, filed_by) VALUES (:letter, :berkas, :who)"),
                {"letter": row.id, "berkas": berkas, "who": self.clerk.id},
            )
            connection.execute(
                text("UPDATE berkas SET closed_on = office_today(), closed_by = :who WHERE id = :berkas"),
                {"berkas": berkas, "who": self.clerk.id},
            )
        return berkas


@pytest.fixture(scope="module")
def office() -> Iterator[Office]:
    with (
        own_archive() as stack,
        engine_of(stack, "arsip_worker") as engine,
        engine_of(stack, "postgres") as root,
        Hands(engine) as hands,
    ):
        yield Office(stack, root, hands)


def _about(wanted: datetime, found: set[tuple[datetime | None, bool]], *, held: bool = False) -> bool:
    return all(
        until is not None and abs(until - wanted) < timedelta(minutes=5) and is_held is held for until, is_held in found
    )


def test_a_letter_in_no_berkas_rolls_on(office: Office) -> None:
    row = office.letter()
    assert _about(clock.now() + timedelta(days=30), office.locked(row))
    with office.root.begin() as connection:  # as if it had been sent half a month ago
        connection.execute(text("DELETE FROM lock_due"))
        connection.execute(
            text("INSERT INTO document_lock (document_id, locked_until, at) VALUES (:id, now() + '14 days', 'epoch')"),
            {"id": row.id},
        )
    with with_settings(ARSIP_LOCK_DAYS="60"):
        office.keep_locks()
        assert _about(clock.now() + timedelta(days=60), office.locked(row))
    office.keep_locks()
    assert _about(clock.now() + timedelta(days=60), office.locked(row))  # no lock is ever made shorter


def test_a_known_end_is_locked_to_and_not_beyond(office: Office) -> None:
    row = office.letter()
    berkas = office.file(row, fate="musnah", years=5)
    office.keep_locks()
    with office.root.connect() as connection:
        ends = connection.scalar(text("SELECT expires_on FROM berkas WHERE id = :id"), {"id": berkas})
        assert connection.scalar(text("SELECT count(*) FROM lock_due")) == 0
    end = datetime(ends.year, ends.month, ends.day, tzinfo=clock.now().tzinfo)
    assert ends.year == clock.today().year + 6  # from 1 January next year
    assert office.locked(row) == {(end.astimezone(UTC), False)}


def test_what_is_permanent_is_locked_a_year_ahead(office: Office) -> None:
    row = office.letter()
    office.file(row, fate="permanen", years=5)
    office.keep_locks()
    assert _about(clock.now() + timedelta(days=366), office.locked(row))


def test_a_hold_reaches_the_store_and_leaves_it_with_the_second_person(office: Office) -> None:
    row = office.letter()
    with office.root.begin() as connection:
        hold = connection.execute(
            text(
                "INSERT INTO hold (unit, clearance, scope, kind, reason, placed_by)"
                " VALUES ('umum', 1, 'document', 'sengketa', 'gugatan', :who) RETURNING id"
            ),
            {"who": office.one.id},
        ).scalar_one()
        connection.execute(text("INSERT INTO hold_document VALUES (:hold, :id)"), {"hold": hold, "id": row.id})
    office.keep_locks()
    assert {held for _, held in office.locked(row)} == {True}
    with office.root.begin() as connection:
        connection.execute(
            text("UPDATE hold SET released_by = :who, released_at = now(), release_reason = 'selesai' WHERE id = :id"),
            {"who": office.other.id, "id": hold},
        )
    office.keep_locks()
    assert {held for _, held in office.locked(row)} == {False}


def _admin(stack: Stack) -> Minio:
    secrets = load_secrets(stack.data)
    return blobs.minio(settings(), secrets.s3_admin_access_key, secrets.s3_admin_secret_key)


def test_the_comparison_mends_what_is_safe_and_names_the_rest(office: Office) -> None:
    office.letter()
    office.keep_locks()
    assert office.compare()[2] == set()
    bucket, stray = settings().s3_bucket, f"documents/{uuid4()}/original"
    soon = Retention("COMPLIANCE", datetime.now(UTC) + timedelta(seconds=5))
    blobs.client().put_object(bucket, stray, io.BytesIO(b"x"), 1, retention=soon)
    lost, shrunk, short, held = (office.letter() for _ in range(4))
    office.keep_locks()
    with office.root.begin() as connection:
        connection.execute(text("UPDATE document SET pdf_version = 'x' WHERE id = :id"), {"id": lost.id})
        connection.execute(text("UPDATE document SET size = size + 1 WHERE id = :id"), {"id": shrunk.id})
    office.file(short, fate="musnah", years=9)
    with office.root.begin() as connection:
        connection.execute(text("DELETE FROM lock_due"))  # the quick way missed both
    manifest = office.objects_of(held)[0]
    _admin(office.stack).enable_object_legal_hold(bucket, manifest.name, version_id=manifest.version)
    repaired, found, standing = office.compare()
    assert standing == {
        ("object_without_row", stray),
        ("row_without_object", f"documents/{lost.id}/pdf-{lost.pdf_sha256}"),
        ("wrong_size", f"documents/{shrunk.id}/original"),
    }
    assert (repaired, found) == (3 + 1, 3)
    zone = clock.now().tzinfo
    assert {until and until.astimezone(zone).year for until, _ in office.locked(short)} == {clock.today().year + 10}
    assert {kept for _, kept in office.locked(held)} == {False}
    with office.root.connect() as connection:
        told = text("SELECT count(*) FROM ledger WHERE action = 'store_disagrees'")
        assert connection.scalar(told) == 3
    with office.root.begin() as connection:
        connection.execute(
            text("UPDATE document SET pdf_version = :v WHERE id = :id"), {"v": lost.pdf_version, "id": lost.id}
        )
        connection.execute(text("UPDATE document SET size = size - 1 WHERE id = :id"), {"id": shrunk.id})
    assert office.compare() == (0, 1, {("object_without_row", stray)})
    with office.root.connect() as connection:
        assert connection.scalar(told) == 3  # it is told once, not each night


def test_a_comparison_is_gone_on_with_from_where_it_stopped(office: Office) -> None:
    two = Pace(at_once=2)
    whole = office.compare(two)
    nothing = replace(two, seconds=0.0)  # but what one call begins with
    with connected_as(office.hands.engine):
        reconciling.compare(now=True, pace=nothing)
        for _ in range(5):
            reconciling.compare(pace=nothing)
        with transaction() as session:
            run = comparing.newest(session)
            assert run is not None
            assert (run.finished_at, run.objects) == (None, 0)
    assert office.compare(two)[2] == whole[2]


def _zone_where_it_is(hour: int) -> str:
    """An office's time zone with that hour of the day just now."""
    behind = (datetime.now(UTC).hour - hour + 12) % 24 - 12  # POSIX counts zones westward
    return f"Etc/GMT{behind:+d}"


def test_by_day_a_comparison_hardly_goes_on(office: Office) -> None:
    office.compare()
    pace = replace(NO_GRACE, by_day=0.0)
    with connected_as(office.hands.engine):
        reconciling.compare(now=True, pace=replace(pace, seconds=0.0))  # begun
        for hour, finished in ((9, False), (2, True)):
            with with_settings(ARSIP_TIMEZONE=_zone_where_it_is(hour)):
                reconciling.compare(pace=pace)
            with transaction() as session:
                run = comparing.newest(session)
                assert run is not None
                assert (run.finished_at is not None) is finished


def test_a_life_of_ten_years_is_rehearsed_with_locks_of_seconds(office: Office) -> None:
    """Begun in the past by the office's clock: the store takes no lock behind its own, so it is a short one."""
    with with_settings(ARSIP_CLOCK_OFFSET_DAYS="-3650"):
        row = office.letter()
        office.keep_locks()
        assert _about(datetime.now(UTC), office.locked(row))
    with with_settings(ARSIP_CLOCK_OFFSET_DAYS="10"):
        row = office.letter()
        assert _about(datetime.now(UTC) + timedelta(days=40), office.locked(row))


def test_only_the_disposer_erases_and_only_what_is_free(office: Office) -> None:
    with with_settings(ARSIP_LOCK_DAYS="0.0001"):  # nine seconds
        row = office.letter()
        with office.root.begin() as connection:
            connection.execute(text("DELETE FROM lock_due"))
    extents = objects.extent
    with Session(office.root) as session:
        extent = extents(session, row.id)
    with pytest.raises(Forbidden):  # a process without that key
        erase.erase_objects(extent)
    with engine_of(office.stack, "arsip_owner") as engine, Session(engine) as session, session.begin():
        keys.destroy(session, row.id, uuid4())
    with process_with({**office.stack.env, **disposer_env(load_secrets(office.stack.data)), **dict(_spool(office))}):
        erase._disposer.cache_clear()
        first = erase.erase_objects(extent)
        names = {one.name for one in first.left}
        assert len(names) + first.removed >= 4
        pictures = list(locks.versions(f"pages/{row.id}/", settings().s3_derived_bucket))
        assert pictures == []
        kept = office.objects_of(row)
        locks.hold(kept[0].name, kept[0].version, held=True)
        time.sleep(10)
        second = erase.erase_objects(extent)
        assert [(one.name, one.held) for one in second.left] == [(kept[0].name, True)]
        locks.hold(kept[0].name, kept[0].version, held=False)
        last = erase.erase_objects(replace(extent))
        assert (last.removed, last.left) == (1, ())
        assert office.objects_of(row) == []
        erase._disposer.cache_clear()
    with pytest.raises(KeyDestroyed), transaction(office.clerk.context) as session:
        objects.original(session, session.get_one(DocumentRow, row.id))


def test_a_file_that_the_store_refuses_keeps_no_other_waiting(office: Office) -> None:
    """Locked for good before the office chose locks that can be lifted: that letter's cannot be made one of those."""
    refused = office.letter()
    with with_settings(ARSIP_LOCK_MODE="GOVERNANCE", ARSIP_LOCK_DAYS="60"):
        other = office.letter()
        office.keep_locks()
        assert _about(clock.now() + timedelta(days=60), office.locked(other))
    assert _about(clock.now() + timedelta(days=30), office.locked(refused))
    with office.root.connect() as connection:
        assert connection.scalar(text("SELECT count(*) FROM lock_due")) == 0
        kept = text("SELECT count(*) FROM document_lock WHERE document_id = :id")
        assert [connection.scalar(kept, {"id": row.id}) for row in (refused, other)] == [0, 1]


def test_a_run_leaves_workers_to_the_letters(office: Office) -> None:
    """Work for an hour, as after a new schedule, is done piece by piece, by one run at a time, each file once, and
    one that the store refuses keeps no run from its end."""
    office.keep_locks()  # what other tests left due
    first, second = office.letter(), office.letter()
    ends = text(
        "INSERT INTO document_lock (document_id, locked_until, at) VALUES (:id, now() + '1 day', 'epoch')"
        " ON CONFLICT (document_id) DO UPDATE SET locked_until = excluded.locked_until, at = excluded.at"
    )
    with office.root.begin() as connection:
        connection.execute(text("DELETE FROM lock_due WHERE document_id = :id"), {"id": second.id})
        connection.execute(ends, {"id": second.id})
    due = text(
        "SELECT (SELECT count(*) FROM lock_due), count(*) FROM document_lock WHERE document_id = :id AND at = 'epoch'"
    )
    left = []
    with office.root.connect() as connection, connected_as(office.hands.engine):
        with alone(LOCKS_LOCK) as mine:
            assert mine
            office.keep_locks()  # another run goes on
            left.append(connection.execute(due, {"id": second.id}).one())
        for seconds in (0.0, 45.0):
            locking.keep_locks(seconds=seconds)
            left.append(connection.execute(due, {"id": second.id}).one())
    assert left == [(1, 1), (0, 1), (0, 0)]
    with office.root.begin() as connection:
        for one in (first, second):
            connection.execute(ends, {"id": one.id})
    later, steps = clock.now() + timedelta(days=2), []
    with connected_as(office.hands.engine), transaction() as session:
        while found := lockdates.ending(session, later, later, 1, after=steps[-1] if steps else None):
            steps += found
    files = [file for _, file in steps]  # other tests' among them
    assert {first.id, second.id} <= set(files)
    assert len(files) == len(set(files))


def _spool(office: Office) -> Iterator[tuple[str, str]]:
    yield "ARSIP_SPOOL", os.environ.get("ARSIP_SPOOL", office.stack.env["ARSIP_SPOOL"])
