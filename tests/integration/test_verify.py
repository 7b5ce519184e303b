"""Whatever an intruder with the database's and the disk's own rights changes, the check names the first of it.

The intruder's changes are made in one transaction that the check looks at, and are then rolled back.
"""

import hashlib
import io
import json
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import pytest
from minio.retention import Retention
from sqlalchemy import text
from sqlalchemy.orm import Session

from access.accounts import Account
from archive import blobs, ledger
from archive.lockedheads import Finding
from archive.notes import Signer
from archive.objects import Place
from archive.verify import Verification
from cli.datadir import load_secrets
from cli.engines import Stack
from core.db import transaction
from core.settings import settings
from tests.assets.bulk import unique_jpeg
from tests.conftest import BAD, SAMPLES
from tests.integration.driving import Hands, connected_as, engine_of, own_archive, send, somebody
from workers import housekeeping


@dataclass
class Archive:
    """A small archive: two records, a letter on its way and a held one, and people who looked at them."""

    stack: Stack
    auditor: Account
    original: bytes
    sealed: list[UUID]
    entries: int


@pytest.fixture(scope="module")
def small() -> Iterator[Archive]:
    with own_archive() as stack, engine_of(stack, "arsip_worker") as engine, Hands(engine) as hands:
        clerk, auditor = somebody("petugas", "umum"), somebody("auditor", "umum")
        original = unique_jpeg(11, 60)
        sealed = [send(clerk, data).document.id for data in (original, (SAMPLES / "tiket.pdf").read_bytes())]
        for document in sealed:
            assert hands.finish(document).stage == "sealed"
        send(clerk, original)
        send(clerk, unique_jpeg(12, 20))
        assert hands.finish(send(clerk, (BAD / "no_pages.pdf").read_bytes()).document.id).stage == "held"
        for number in range(5):
            with transaction(clerk.context) as session:
                ledger.append(session, "viewed", actor=clerk.id, document=sealed[0], page=number)
        with connected_as(engine):
            housekeeping.checkpoint()
            housekeeping.checkpoint()  # nothing has happened since: the same head again
        with transaction(auditor.context) as session:
            entries = ledger.head(session)[0]
        yield Archive(stack, auditor, original, sealed, entries)


@pytest.fixture
def intruder(small: Archive) -> Iterator[Session]:
    """A superuser for whom no trigger fires; all it does is undone."""
    with engine_of(small.stack, "postgres") as engine, Session(engine) as session:
        session.execute(text("SET LOCAL session_replication_role = replica"))
        yield session
        session.rollback()


def _verified(session: Session) -> Verification:
    check = Verification(lambda: nullcontext(session), settings())
    list(check.run())
    return check


def _finding(session: Session) -> Finding:
    found = _verified(session).finding
    assert found is not None
    return found


def _seq(session: Session, action: str, document: UUID | None = None) -> int:
    found: int = session.scalar(
        text(
            "SELECT seq FROM ledger WHERE action = :action AND document = coalesce(CAST(:document AS uuid), document)"
            " ORDER BY seq LIMIT 1"
        ),
        {"action": action, "document": document},
    )
    return found


def _rehash(session: Session, start: int) -> None:
    """Make the chain fit again from there on, as its owner could."""
    prev = bytes(session.scalar(text("SELECT hash FROM ledger WHERE seq = :seq"), {"seq": start - 1}) or bytes(32))
    rows = session.execute(
        text("SELECT seq, at, body FROM ledger WHERE seq >= :seq ORDER BY seq"), {"seq": start}
    ).all()
    for seq, at, body in rows:
        stamp = at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")
        digest = hashlib.sha256(prev + f"{seq}|{stamp}|{body}".encode()).digest()
        session.execute(
            text("UPDATE ledger SET prev = :prev, hash = :hash WHERE seq = :seq"),
            {"prev": prev, "hash": digest, "seq": seq},
        )
        prev = digest


def _append(session: Session, body: dict[str, object], *, prev: bytes | None = None, gap: int = 0) -> int:
    """An entry behind the last one, well hashed unless another `prev` is given."""
    seq, head = session.execute(text("SELECT seq, hash FROM ledger ORDER BY seq DESC LIMIT 1")).one()
    new = seq + 1 + gap
    session.execute(
        text("INSERT INTO ledger (seq, at, body, prev, hash) VALUES (:seq, now(), :body, :prev, :hash)"),
        {"seq": new, "body": json.dumps(body), "prev": prev or bytes(head), "hash": uuid4().bytes * 2},
    )
    if prev is None:
        at = session.scalar(text("SELECT at FROM ledger WHERE seq = :seq"), {"seq": new})
        stamp = at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")
        digest = hashlib.sha256(bytes(head) + f"{new}|{stamp}|{json.dumps(body)}".encode()).digest()
        session.execute(text("UPDATE ledger SET hash = :hash WHERE seq = :seq"), {"hash": digest, "seq": new})
    return new


def test_an_untouched_archive_is_whole_also_for_who_sees_no_letter(small: Archive) -> None:
    check = Verification(lambda: transaction(small.auditor.context), settings())
    progress = list(check.run())
    assert check.finding is None
    assert check.entries == small.entries
    assert check.objects == 4 + 2 * 2  # each arrival's bytes; a PDF and a manifest for each record
    assert [step.objects for step in progress] == sorted(step.objects for step in progress)
    assert progress[-1].entries == small.entries


def test_the_intruder_alone_changes_nothing(intruder: Session) -> None:
    assert _verified(intruder).finding is None


@pytest.mark.parametrize("column", ["body", "at", "hash", "prev"])
def test_a_changed_entry(intruder: Session, small: Archive, column: str) -> None:
    seq = _seq(intruder, "paged", small.sealed[1])
    changed = {
        "body": "replace(body, 'worker', 'someone')",
        "at": "at + interval '1 microsecond'",
        "hash": "sha256(hash)",
        "prev": "sha256(prev)",
    }[column]
    intruder.execute(text(f"UPDATE ledger SET {column} = {changed} WHERE seq = :seq"), {"seq": seq})
    found = _finding(intruder)
    assert found.where.startswith(f"ledger entry {seq}:")
    assert found.what == ("ledger_gap" if column == "prev" else "ledger_changed")


@pytest.mark.parametrize("where", ["first", "middle"])
def test_a_deleted_entry(intruder: Session, small: Archive, where: str) -> None:
    seq = 1 if where == "first" else small.entries // 2
    intruder.execute(text("DELETE FROM ledger WHERE seq = :seq"), {"seq": seq})
    assert _finding(intruder) == Finding("ledger_gap", f"ledger entry {seq + 1}: does not follow entry {seq - 1}")


def test_a_deleted_entry_with_the_rest_moved_up(intruder: Session, small: Archive) -> None:
    seq = small.entries - 2
    intruder.execute(text("DELETE FROM ledger WHERE seq = :seq"), {"seq": seq})
    intruder.execute(text("UPDATE ledger SET seq = -seq WHERE seq > :seq"), {"seq": seq})
    intruder.execute(text("UPDATE ledger SET seq = -seq - 1 WHERE seq < 0"))
    assert _finding(intruder).where.startswith(f"ledger entry {seq}:")
    _rehash(intruder, seq)
    assert _finding(intruder).what == "ledger_cut"


def test_a_cut_end(intruder: Session, small: Archive) -> None:
    intruder.execute(text("DELETE FROM ledger WHERE seq > :seq"), {"seq": small.entries - 3})
    found = _finding(intruder)
    assert found == Finding("ledger_cut", f"object ledger/{small.entries:012d}.json: the ledger does not reach it")


def test_an_emptied_ledger(intruder: Session) -> None:
    intruder.execute(text("DELETE FROM ledger"))
    assert _finding(intruder).what == "ledger_cut"


@pytest.mark.parametrize("gap", [0, 1])
def test_a_forged_entry(intruder: Session, small: Archive, gap: int) -> None:
    body = {"action": "viewed", "actor": "worker"}
    new = _append(intruder, body, prev=None if gap else bytes(32), gap=gap)
    assert _finding(intruder) == Finding("ledger_gap", f"ledger entry {new}: does not follow entry {small.entries}")


def test_a_forged_entry_that_follows_but_does_not_fit(intruder: Session, small: Archive) -> None:
    head = bytes(intruder.scalar(text("SELECT hash FROM ledger ORDER BY seq DESC LIMIT 1")))
    new = _append(intruder, {"action": "viewed", "actor": "worker"}, prev=head)
    assert _finding(intruder) == Finding("ledger_changed", f"ledger entry {new}: its hash does not fit what it says")


def test_two_entries_swapped(intruder: Session, small: Archive) -> None:
    one, other = small.entries - 4, small.entries - 2
    for seq, new in ((one, -1), (other, one), (-1, other)):
        intruder.execute(text("UPDATE ledger SET seq = :new WHERE seq = :seq"), {"seq": seq, "new": new})
    assert _finding(intruder).where.startswith(f"ledger entry {one}:")


def test_a_ledger_made_anew_does_not_fit_what_is_locked(intruder: Session, small: Archive) -> None:
    """The intruder hides who looked, and hashes everything again: the chain is sound, the locked heads are not its."""
    seq = _seq(intruder, "viewed")
    intruder.execute(text("UPDATE ledger SET body = replace(body, 'viewed', 'listed') WHERE seq = :s"), {"s": seq})
    _rehash(intruder, seq)
    assert _finding(intruder).what == "ledger_cut"
    early = _seq(intruder, "paged", small.sealed[0])
    intruder.execute(text("UPDATE ledger SET at = at + interval '1 hour' WHERE seq = :seq"), {"seq": early})
    _rehash(intruder, early)
    found = _finding(intruder)
    assert found.what == "manifest_disagrees"
    assert f"documents/{small.sealed[0]}/manifest-1" in found.where


def _signed_head(small: Archive) -> dict[str, Any]:
    kept: dict[str, Any] = json.loads(blobs.get(Place(f"ledger/{small.entries:012d}.json")))
    return kept


@pytest.mark.parametrize("how", ["another_key", "another_root", "no_note"])
def test_a_checkpoint_that_the_office_did_not_sign(small: Archive, intruder: Session, how: str) -> None:
    """The intruder puts another version of a locked head on top, which says what the ledger says."""
    signed = _signed_head(small)
    body = {name: value for name, value in signed.items() if how != "no_note" or name != "note"}
    root = bytes(32) if how == "another_root" else bytes.fromhex(signed["root"])
    if how != "no_note":
        seed = bytes(32) if how == "another_key" else _office_seed(small)
        body["note"] = Signer(seed).checkpoint(signed["seq"], root, signed["hash"], datetime.now(UTC))
    intruder.execute(text("UPDATE checkpoint SET note = :note"), {"note": body.get("note", signed["note"])})
    with _on_top(f"ledger/{small.entries:012d}.json", body, signed):
        found = _finding(intruder)
    where = f"object ledger/{small.entries:012d}.json: the office's key did not sign what it says"
    assert found == Finding("checkpoint_forged", where)
    intruder.rollback()
    assert _verified(intruder).finding is None


def test_a_checkpoint_that_the_database_names_otherwise_or_that_is_gone(small: Archive, intruder: Session) -> None:
    intruder.execute(text("UPDATE checkpoint SET note = replace(note, 'waktu 2', 'waktu 1')"))
    assert _finding(intruder).what == "checkpoint_forged"
    intruder.execute(text("UPDATE checkpoint SET size = size - 1, key = 'ledger/x.json'"))
    assert _finding(intruder) == Finding("checkpoint_missing", "object ledger/x.json: signed, but not there")
    intruder.execute(text("UPDATE checkpoint SET size = size + 5"))
    assert _finding(intruder).what == "checkpoint_missing"


def test_checkpoints_that_no_known_key_can_prove_are_not_called_good(small: Archive, intruder: Session) -> None:
    intruder.execute(text("DELETE FROM checkpoint"))
    assert _finding(intruder).what == "checkpoint_unproven"


def test_a_letter_destroyed_once_more_that_no_sealed_list_names(small: Archive, intruder: Session) -> None:
    letter = str(small.sealed[0])
    seq = _append(intruder, {"action": "destroyed_again", "document": letter, "disposal": str(uuid4())})
    found = _finding(intruder)
    assert found.what == "destroyed_undecided"
    assert (
        found.where
        == f"document {letter} (ledger entry {seq}): it was destroyed once more, and no sealed list names it"
    )


def _office_seed(small: Archive) -> bytes:
    return bytes.fromhex(load_secrets(small.stack.data).checkpoint_key)


@contextmanager
def _on_top(name: str, body: dict[str, Any], before: dict[str, Any]) -> Iterator[None]:
    def put(told: dict[str, Any]) -> None:
        data = json.dumps(told, ensure_ascii=False, sort_keys=True).encode()
        until = Retention(settings().lock_mode, blobs.first_until())
        blobs.client().put_object(settings().s3_bucket, name, io.BytesIO(data), len(data), retention=until)

    put(body)
    try:
        yield
    finally:
        put(before)


@pytest.mark.parametrize(
    ("member", "new", "what"),
    [
        ("object", f"documents/{UUID(int=1)}/original", "object_unreadable"),  # nothing lies there
        ("version", "00000000000000000000000000000000", "object_unreadable"),
    ],
)
def test_an_object_that_is_not_there(intruder: Session, small: Archive, member: str, new: str, what: str) -> None:
    seq = _seq(intruder, "received", small.sealed[1])
    body = json.loads(intruder.scalar(text("SELECT body FROM ledger WHERE seq = :seq"), {"seq": seq}))
    body[member] = new
    intruder.execute(text("UPDATE ledger SET body = :body WHERE seq = :seq"), {"body": json.dumps(body), "seq": seq})
    _rehash(intruder, seq)
    found = _finding(intruder)
    assert found.what == what
    assert f"ledger entry {seq})" in found.where
    assert new in found.where


@pytest.mark.parametrize(
    ("change", "what"),
    [
        ("DELETE FROM document_key WHERE document_id = :id", "key_missing"),
        ("UPDATE document_key SET wrapped = sha256(wrapped) WHERE document_id = :id", "object_changed"),
        (
            "UPDATE document_key SET wrapped = (SELECT wrapped FROM document_key o WHERE o.document_id <> :id LIMIT 1)"
            " WHERE document_id = :id",
            "object_changed",
        ),
    ],
)
def test_a_key_that_is_gone_or_another(intruder: Session, small: Archive, change: str, what: str) -> None:
    intruder.execute(text(change), {"id": small.sealed[1]})
    found = _finding(intruder)
    assert (found.what, f"documents/{small.sealed[1]}/original" in found.where) == (what, True)


def test_what_was_destroyed_is_not_asked_of_the_store(intruder: Session, small: Archive) -> None:
    objects = _verified(intruder).objects
    intruder.execute(text("SELECT document_key_destroy(:id, :id)"), {"id": small.sealed[1]})
    check = _verified(intruder)
    assert check.finding is not None
    # every object was asked for but its own; that no list decided its end is found behind that
    assert (check.finding.what, check.objects) == ("destroyed_undecided", objects - 3)


def test_an_object_that_is_another(intruder: Session, small: Archive) -> None:
    """The ledger is made to say that the first record's manifest has another digest."""
    seq = _seq(intruder, "sealed", small.sealed[0])
    body = json.loads(intruder.scalar(text("SELECT body FROM ledger WHERE seq = :seq"), {"seq": seq}))
    body["digest"] = "1" * 64
    intruder.execute(text("UPDATE ledger SET body = :body WHERE seq = :seq"), {"body": json.dumps(body), "seq": seq})
    _rehash(intruder, seq)
    found = _finding(intruder)
    assert found.what == "object_changed"
    assert body["manifest"] in found.where


@pytest.mark.parametrize(
    "change",
    [
        "UPDATE document SET sha256 = repeat('0', 64) WHERE id = :id",
        "UPDATE document SET pdf_sha256 = repeat('0', 64) WHERE id = :id",
        "UPDATE document SET pdf_sha256 = NULL WHERE id = :id",
        "UPDATE document SET manifest_key = 'documents/x/manifest-1' WHERE id = :id",
        "UPDATE document SET stage = 'read', sealed_at = NULL WHERE id = :id",
        "DELETE FROM document WHERE id = :id",
    ],
)
def test_a_row_that_disagrees(intruder: Session, small: Archive, change: str) -> None:
    document = small.sealed[1]
    intruder.execute(text(change), {"id": document})
    found = _finding(intruder)
    assert (found.what, str(document) in found.where) == ("document_unknown", True)


def test_a_letter_nobody_sent(intruder: Session) -> None:
    document = intruder.scalar(
        text(
            "INSERT INTO document (unit, clearance, sha256, size, media_type, filename, original_version)"
            " VALUES ('umum', 0, repeat('a', 64), 1, 'image/jpeg', 'x', 'v') RETURNING id"
        )
    )
    assert _finding(intruder) == Finding(
        "document_unknown", f"document {document}: its row and the ledger do not agree"
    )


def test_the_first_of_several_is_named(intruder: Session, small: Archive) -> None:
    for seq in (small.entries, 7, small.entries // 2):
        intruder.execute(text("UPDATE ledger SET hash = sha256(hash) WHERE seq = :seq"), {"seq": seq})
    assert _finding(intruder).where.startswith("ledger entry 7:")


def test_a_byte_flipped_on_the_disk(small: Archive, intruder: Session) -> None:
    name = f"documents/{small.sealed[0]}/original"
    stored = b"".join(blobs.stored_chunks(name))
    volume, place = _on_disk(small.stack.data / "seaweedfs", stored)
    with volume.open("r+b") as file:
        file.seek(place + len(stored) // 2)
        byte = file.read(1)[0]
        file.seek(-1, 1)
        file.write(bytes([byte ^ 0x01]))
    try:
        found = _finding(intruder)
    finally:
        with volume.open("r+b") as file:
            file.seek(place + len(stored) // 2)
            file.write(bytes([byte]))
    assert found.what in ("object_changed", "object_unreadable")
    assert name in found.where
    assert _verified(intruder).finding is None


def _on_disk(folder: Path, data: bytes) -> tuple[Path, int]:
    for volume in folder.rglob("*.dat"):
        place = volume.read_bytes().find(data[:4096])
        if place >= 0:
            return volume, place
    raise AssertionError("the object lies in no volume")
