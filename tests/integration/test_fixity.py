"""Every object is read again: a flipped bit in any of them is found, told, and repaired where a second copy is."""

import hashlib
import io
import json
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random
from typing import Any
from uuid import UUID, uuid4

import pytest
from minio import Minio
from minio.commonconfig import COMPLIANCE
from minio.retention import Retention
from sqlalchemy import Engine, text

from access.accounts import Account
from archive import blobs, fixity, fixitystate, objects, replica, wholesale
from archive.lockedheads import Finding
from archive.locks import Version
from archive.objects import Place
from archive.tables import DocumentRow
from archive.verify import Verification
from cli.datadir import load_secrets
from cli.engines import Stack
from core.db import alone, transaction
from core.queue import FIXITY_LOCK
from core.settings import settings
from tests.assets.bulk import unique_jpeg
from tests.conftest import SAMPLES
from tests.integration.driving import Hands, connected_as, engine_of, own_archive, send, somebody, with_settings
from workers import fixity as work
from workers import housekeeping

KINDS = ("original", "pdf", "manifest", "checkpoint", "picture", "snapshot")
OF_NO_LETTER = ("checkpoint", "snapshot")
BESIDE_THE_LEDGER = ("picture", "snapshot")
SECOND = "salinan"


@dataclass
class Small:
    """An archive of two records and a checkpoint."""

    stack: Stack
    worker: Engine
    keeper: Account
    auditor: Account
    letters: list[UUID]
    original: bytes

    def run(self) -> None:
        with connected_as(self.worker):
            work.run()

    def ask(self, sql: str, **values: Any) -> Any:
        with engine_of(self.stack, "postgres") as engine, engine.begin() as connection:
            connection.execute(text("SET LOCAL session_replication_role = replica"))
            found = connection.execute(text(sql), values)
            return found.all() if found.returns_rows else None

    def make_due(self) -> None:
        """As if all objects had been read long ago."""
        self.ask("UPDATE stored_object SET checked_at = now() - interval '1 year'")

    def object(self, kind: str) -> Any:
        """The newest whole object of that kind, of the first letter."""
        [row] = self.ask(
            "SELECT * FROM stored_object WHERE kind = :kind AND coalesce(document_id = :letter, true)"
            " AND bad IS NULL ORDER BY checked_at DESC, seq DESC LIMIT 1",
            kind=kind,
            letter=self.letters[0],
        )
        return row

    def events(self) -> list[tuple[str, dict[str, Any]]]:
        rows = self.ask("SELECT action, body FROM ledger WHERE action LIKE 'fixity%' ORDER BY seq")
        return [(action, json.loads(body)) for action, body in rows]

    def verified(self) -> Finding | None:
        check = Verification(lambda: transaction(self.auditor.context), settings())
        list(check.run())
        return check.finding

    @contextmanager
    def flipped(self, key: str, version: str, lies_in: str | None = None) -> Iterator[None]:
        """One bit of the object's bytes on the disk is another meanwhile; in the bucket of its copies, of its copy."""
        bucket = settings().s3_bucket if version else settings().s3_derived_bucket
        stored = b"".join(blobs.stored_chunks(key, version or None, bucket))
        volume, place = _on_disk(self.stack.data / "seaweedfs", stored, lies_in or bucket)
        _flip(volume, place + len(stored) // 2)
        try:
            yield
        finally:
            _flip(volume, place + len(stored) // 2)


def _on_disk(folder: Path, data: bytes, bucket: str) -> tuple[Path, int]:
    for volume in folder.rglob(f"{bucket}_*.dat"):
        place = volume.read_bytes().find(data[:4096])
        if place >= 0:
            return volume, place
    raise AssertionError("the object lies in no volume")


def _flip(volume: Path, place: int) -> None:
    with volume.open("r+b") as file:
        file.seek(place)
        byte = file.read(1)[0]
        file.seek(place)
        file.write(bytes([byte ^ 0x01]))


@pytest.fixture(scope="module")
def small() -> Iterator[Small]:
    with own_archive() as stack, engine_of(stack, "arsip_worker") as engine, Hands(engine) as hands:
        clerk = somebody("petugas", "umum")
        original = (SAMPLES / "tiket.pdf").read_bytes()
        letters = [send(clerk, data, name="tiket.pdf").document.id for data in (original, unique_jpeg(3, 40))]
        for letter in letters:
            assert hands.finish(letter).stage == "sealed"
        with connected_as(engine):
            housekeeping.checkpoint()
        part = Random(5).randbytes(20_000)  # as a snapshot's part lies there
        named = hashlib.sha256(part).hexdigest()
        blobs.put(Place(f"snapshot/part-{named}"), part, named, "application/octet-stream")
        yield Small(stack, engine, somebody("arsiparis", "umum"), somebody("auditor", "umum"), letters, original)


@pytest.fixture
def second(small: Small) -> Iterator[Minio]:
    """A second store: another bucket, with another identity."""
    secrets = load_secrets(small.stack.data)
    wanted = {
        "ARSIP_REPLICA_ENDPOINT": settings().s3_endpoint,
        "ARSIP_REPLICA_BUCKET": SECOND,
        "ARSIP_REPLICA_ACCESS_KEY": secrets.s3_admin_access_key,
        "ARSIP_REPLICA_SECRET_KEY": secrets.s3_admin_secret_key,
        "ARSIP_REPLICA_SECURE": "false",
    }
    with with_settings(**wanted):
        _forget()
        client = replica._client()
        if not client.bucket_exists(SECOND):
            client.make_bucket(SECOND, object_lock=True)
        yield client
        _forget()


def _forget() -> None:
    replica._client.cache_clear()
    replica._is_locking.cache_clear()


def test_every_object_of_the_record_is_known_and_read(small: Small) -> None:
    small.run()
    rows = small.ask("SELECT kind, count(*), count(checked_at), count(bad) FROM stored_object GROUP BY kind ORDER BY 1")
    assert [tuple(row) for row in rows] == [
        ("checkpoint", 1, 1, 0),
        ("manifest", 2, 2, 0),
        ("original", 2, 2, 0),
        ("pdf", 2, 2, 0),
        ("picture", 2, 2, 0),
        ("snapshot", 1, 1, 0),
    ]
    with transaction(small.auditor.context) as session:
        state, days = fixitystate.state(session), fixitystate.days(session, 10)
    assert (state.objects, state.unread, state.bad) == (10, 0, 0)
    assert [(day.objects, day.bad, day.told) for day in days] == [(10, 0, False)]
    assert days[0].bytes > len(small.original)
    head = small.object("checkpoint")
    kept = blobs.client().get_object_retention(settings().s3_bucket, head.key, version_id=head.version)
    assert kept is not None
    assert kept.retain_until_date > datetime.now(UTC) + timedelta(days=59)  # longer than the first lock
    small.run()  # nothing is due
    with transaction(small.auditor.context) as session:
        assert fixitystate.days(session, 10)[0].objects == 10


@pytest.mark.parametrize("kind", ["original", "picture"])  # the store tries long to read what is bad
def test_a_flipped_bit_is_found_told_once_and_gone_when_it_is_mended(small: Small, kind: str) -> None:
    small.run()
    row, before = small.object(kind), len(small.events())
    with small.flipped(row.key, row.version):
        small.make_due()
        small.run()
        [(action, body)] = small.events()[before:]
        assert (action, body["object"], body["version"]) == ("fixity_failed", row.key, row.version)
        assert body["what"] in ("object_changed", "object_unreadable")
        with transaction(small.keeper.context) as session:
            [flaw] = [one for one in fixitystate.flaws(session, 10) if one.repaired_at is None]
            assert flaw.filename == (None if kind in OF_NO_LETTER else "tiket.pdf")
            assert bool(fixitystate.flaws_of(session, small.letters[0])) is (kind not in OF_NO_LETTER)
        with transaction(small.auditor.context) as session:
            [flaw] = [one for one in fixitystate.flaws(session, 10) if one.repaired_at is None]
            assert (flaw.key, flaw.filename) == (row.key, None)
            assert fixitystate.state(session).bad == 1
        small.make_due()
        small.run()  # it is known by now
        assert len(small.events()) == before + 1
        found = small.verified()
        assert (found is None) is (kind in BESIDE_THE_LEDGER)
        assert found is None or row.key in found.where
    small.make_due()
    small.run()
    assert [event for event, _ in small.events()[before:]] == ["fixity_failed", "fixity_recovered"]
    assert small.verified() is None
    with transaction(small.auditor.context) as session:
        assert fixitystate.state(session).bad == 0


@pytest.mark.parametrize("kind", KINDS)
def test_a_flipped_bit_is_repaired_from_the_second_copy(small: Small, second: Minio, kind: str) -> None:
    small.make_due()
    small.run()
    row, before = small.object(kind), len(small.events())
    assert row.copied_at is not None
    with small.flipped(row.key, row.version):
        small.make_due()
        small.run()
        (failed, _), (repaired, body) = small.events()[before:]
        assert (failed, repaired) == ("fixity_failed", "fixity_repaired")
        assert (body["version"], body["object"]) == (row.version, row.key)
        assert (body["by"] != row.version) is (kind != "picture")
        assert small.verified() is None
        if kind == "original":
            with transaction(small.keeper.context) as session:
                letter = session.get_one(DocumentRow, small.letters[0])
                place = objects.original(session, letter)
            assert letter.original_version == body["by"]
            assert blobs.get(place, letter.original_version) == small.original
        if kind == "picture":
            with transaction(small.keeper.context) as session:
                place = objects.page(session, session.get_one(DocumentRow, small.letters[0]), 1)
            assert blobs.get_derived(place).startswith(b"\xff\xd8")
            return
        held = blobs.client().get_object_retention(settings().s3_bucket, row.key, version_id=body["by"])
        assert held is not None
        small.make_due()
        small.run()  # the bad version is not read again
        assert len(small.events()) == before + 2
    assert small.verified() is None


def test_what_is_known_of_objects_is_made_again_from_the_ledger(small: Small, second: Minio) -> None:
    """As after the database was lost: what was repaired is known to be, and nothing is found bad again."""
    small.make_due()
    small.run()
    asked = (
        "SELECT key, version, kind, document_id, sha256, repaired_at IS NULL FROM stored_object"
        " WHERE kind <> 'snapshot' ORDER BY key, version"
    )
    known, before = small.ask(asked), len(small.events())
    versions = "SELECT id, original_version, pdf_version, manifest_version FROM document ORDER BY id"
    named = small.ask(versions)
    small.ask("DELETE FROM stored_object")
    for kind in ("received", "sealed"):  # rows as those events alone would have them
        column, member = ("original_version", "version") if kind == "received" else ("pdf_version", "pdf_version")
        small.ask(
            f"UPDATE document d SET {column} = l.body::jsonb ->> '{member}' FROM ledger l"
            f" WHERE l.document = d.id AND l.action = '{kind}'"
        )
    small.run()
    assert small.ask(asked) == known
    assert small.ask(versions) == named
    assert len(small.events()) == before
    assert small.verified() is None


def test_a_second_copy_that_is_bad_or_gone_is_made_again(small: Small, second: Minio) -> None:
    small.make_due()
    small.run()
    rotten, lost = small.object("original"), small.object("pdf")
    whole = b"".join(blobs.stored_chunks(rotten.key, rotten.version))
    second.put_object(SECOND, rotten.key, io.BytesIO(bytes(len(whole))), len(whole))
    second.remove_object(SECOND, lost.key)
    small.make_due()
    small.run()
    assert b"".join(replica.chunks(rotten.key)) == whole
    with small.flipped(rotten.key, rotten.version, SECOND):  # its own store can't read it any more
        small.make_due()
        small.run()
        assert b"".join(replica.chunks(rotten.key)) == whole
    assert b"".join(replica.chunks(lost.key)) == b"".join(blobs.stored_chunks(lost.key, lost.version))


def _locked_until(second: Minio, key: str) -> datetime:
    found = second.get_object_retention(SECOND, key)
    assert found is not None
    assert found.mode == "COMPLIANCE"
    return found.retain_until_date


def test_the_second_copy_is_locked_and_again_when_it_was_read(small: Small, second: Minio) -> None:
    small.make_due()
    with with_settings(ARSIP_FIXITY_DAYS="7", ARSIP_LOCK_DAYS="3"):
        small.ask("UPDATE stored_object SET copied_at = NULL")
        small.run()
        kept = small.object("original")
        first = _locked_until(second, kept.key)
        left = first - datetime.now(UTC)
        assert timedelta(days=13) < left < timedelta(days=14)
    small.make_due()
    small.run()
    assert _locked_until(second, kept.key) > first + timedelta(days=40)


def test_a_second_store_without_locks_keeps_copies_all_the_same(
    small: Small, second: Minio, caplog: pytest.LogCaptureFixture
) -> None:
    second.make_bucket("tanpa-kunci")
    with with_settings(ARSIP_REPLICA_BUCKET="tanpa-kunci"):
        _forget()
        small.ask("UPDATE stored_object SET copied_at = NULL")
        small.run()
        small.make_due()
        small.run()
        kept = small.object("original")
        assert b"".join(replica.chunks(kept.key)) == b"".join(blobs.stored_chunks(kept.key, kept.version))
    small.ask("UPDATE stored_object SET copied_at = NULL")
    assert caplog.text.count("replica_unlocked") == 1


def test_second_copies_of_old_snapshots_go_once_they_are_gone_here(small: Small, second: Minio) -> None:
    """Not while it is not known that all that is needed is here, nor while they are, or may be, locked there."""
    gone, kept = f"snapshot/part-{uuid4().hex}", next(wholesale.names_under("snapshot/"))
    unlocked = "tanpa-kunci-lama"
    second.make_bucket(unlocked)
    for bucket in (SECOND, unlocked):
        for name in (gone, kept):
            second.put_object(bucket, name, io.BytesIO(b"x"), 1)
    small.run()
    small.ask("INSERT INTO snapshot_progress (generation) VALUES (99)")
    time.sleep(1)  # the store's times are of whole seconds
    for known in ("NULL", "now() - interval '4 days'", "now()"):
        small.ask(f"UPDATE snapshot_progress SET kept_at = {known} WHERE generation = 99")
        for bucket in (SECOND, unlocked):
            assert {gone, kept} <= _lying(second, bucket)
            small.ask("DELETE FROM fixity_day WHERE day = '2000-01-01'")
            small.ask("INSERT INTO fixity_day (day) VALUES ('2000-01-01')")  # a day is over
            with with_settings(ARSIP_REPLICA_BUCKET=bucket):
                _forget()
                small.run()
    assert {gone, kept} <= _lying(second, SECOND)  # their first lock may last
    assert gone not in _lying(second, unlocked)
    assert kept in _lying(second, unlocked)
    small.ask("DELETE FROM fixity_day WHERE day = '2000-01-01'")
    small.ask("DELETE FROM snapshot_progress WHERE generation = 99")


def _lying(second: Minio, bucket: str) -> set[str]:
    return {str(one.object_name) for one in second.list_objects(bucket, prefix="snapshot/", recursive=True)}


def test_a_second_copy_that_is_locked_stays_whoever_asks(small: Small, second: Minio) -> None:
    name = f"snapshot/part-{uuid4().hex}"
    day = Retention(COMPLIANCE, datetime.now(UTC) + timedelta(days=1))
    first = second.put_object(SECOND, name, io.BytesIO(b"x"), 1)
    then = second.put_object(SECOND, name, io.BytesIO(b"y"), 1, retention=day)
    free, locked = (Version(name, str(one.version_id), 1, datetime.now(UTC), False) for one in (first, then))
    assert (replica.remove(free), replica.remove(locked)) == (True, False)
    assert second.stat_object(SECOND, name, version_id=locked.version)


def test_the_second_store_away_stops_nothing(small: Small, caplog: pytest.LogCaptureFixture) -> None:
    with with_settings(ARSIP_REPLICA_ENDPOINT="127.0.0.1:1", ARSIP_REPLICA_SECURE="false"):
        _forget()
        small.make_due()
        small.ask("UPDATE stored_object SET copied_at = NULL")
        small.run()
        _forget()
    assert "replica_away" in caplog.text
    assert small.ask("SELECT count(*) FROM stored_object WHERE checked_at > now() - interval '1 day'")[0][0] >= 7


def test_a_day_that_is_over_is_told_once(small: Small) -> None:
    small.run()
    small.ask("UPDATE fixity_day SET day = day - 1, told = false")
    before = len(small.events())
    small.run()
    small.run()
    [(action, body)] = small.events()[before:]
    assert action == "fixity_checked"
    assert body["objects"] >= 7
    assert {"day", "bytes", "bad", "repaired", "copied"} < set(body)


def test_one_run_at_a_time(small: Small) -> None:
    small.make_due()
    with connected_as(small.worker), alone(FIXITY_LOCK) as mine:
        assert mine
        small.run()
    assert small.ask("SELECT max(checked_at) < now() - interval '1 month' FROM stored_object")[0][0]
    small.run()
    assert small.ask("SELECT max(checked_at) > now() - interval '1 month' FROM stored_object")[0][0]


def test_the_oldest_come_first_and_never_read_ones_before_them(small: Small) -> None:
    small.run()
    small.make_due()
    first, second_ = small.object("pdf"), small.object("manifest")
    small.ask("UPDATE stored_object SET checked_at = NULL WHERE key = :key", key=first.key)
    small.ask("UPDATE stored_object SET checked_at = now() - interval '2 years' WHERE key = :key", key=second_.key)
    with connected_as(small.worker), transaction() as session:
        due = fixity.due(session, 30, 10)
    names = [one.place.name for one in due]
    assert names.index(first.key) < names.index(second_.key) < len(names) - 1
    assert set(names[:2]) <= {first.key, second_.key}
    small.run()


def test_what_was_destroyed_with_its_key_is_not_read(small: Small) -> None:
    small.make_due()
    letter = small.letters[1]
    [kept] = small.ask("SELECT wrapped FROM document_key WHERE document_id = :id", id=letter)
    small.ask(
        "UPDATE document_key SET wrapped = NULL, destroyed_at = now(), disposal = :act WHERE document_id = :id",
        id=letter,
        act=uuid4(),
    )
    with connected_as(small.worker), transaction() as session:
        assert letter not in {one.document for one in fixity.due(session, 30, 100)}
    small.ask(
        "UPDATE document_key SET wrapped = :kept, destroyed_at = NULL, disposal = NULL WHERE document_id = :id",
        id=letter,
        kept=kept[0],
    )
    small.run()


def test_no_faster_than_the_office_allows(small: Small) -> None:
    small.make_due()
    began = time.monotonic()
    with with_settings(ARSIP_FIXITY_MB_PER_SECOND="1"):
        pace = work._Pace()
        pace.passed(400_000)
        small.run()
    assert time.monotonic() - began > 0.4
    [day] = small.ask("SELECT * FROM fixity_day ORDER BY day DESC LIMIT 1")
    assert day.bytes > 0
