"""Checkpoints signed by a worker, the exported ledger, proofs of letters: as written by the product, as checked without
it."""

import hashlib
import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime

import pypdfium2
import pytest
from sqlalchemy import Engine, text

from access.accounts import Account
from archive import blobs, checkpoints, comparing, documents, ledger, ledgerexport, proofs
from archive.objects import Place
from archive.offline import Key, LedgerCheck, Proven, opened, proven
from archive.tables import DocumentRow
from cli.engines import Stack
from core.db import transaction
from core.faults import NotCheckpointed
from core.settings import settings
from records import proofsheet
from records.disposal.tables import AuthenticCopyRow, DisposalRow
from records.proofsheet import Sheet
from tests.assets.bulk import unique_jpeg
from tests.conftest import SAMPLES
from tests.integration.driving import Hands, connected_as, engine_of, own_archive, send, somebody, with_settings
from workers import housekeeping

PAGES = checkpoints.BLOCK * 2 + 300


@dataclass
class Small:
    """A small archive with more than two blocks of entries."""

    stack: Stack
    worker: Engine
    clerk: Account
    auditor: Account
    original: bytes
    sealed: DocumentRow

    def checkpoint(self) -> None:
        with connected_as(self.worker):
            housekeeping.checkpoint()

    def look(self, times: int) -> None:
        with transaction(self.clerk.context) as session:
            for number in range(times):
                ledger.append(session, "page_viewed", actor=self.clerk.id, document=self.sealed.id, page=number)

    def key(self) -> Key:
        with transaction(self.auditor.context) as session:
            newest = checkpoints.newest(session)
            assert newest is not None
            return Key.read(newest.public_key)

    def export(self) -> list[bytes]:
        parts = ledgerexport.lines(lambda: transaction(self.auditor.context))
        return "".join(parts).encode().splitlines(keepends=True)

    def proof(self) -> dict[str, object]:
        with transaction(self.clerk.context) as session:
            made = proofs.of(session, documents.find(session, self.sealed.id)).as_json()
        return json.loads(json.dumps(made))


@pytest.fixture(scope="module")
def small() -> Iterator[Small]:
    with own_archive() as stack, engine_of(stack, "arsip_worker") as engine, Hands(engine) as hands:
        clerk, auditor = somebody("petugas", "umum"), somebody("auditor", "umum")
        original = (SAMPLES / "tiket.pdf").read_bytes()
        document = send(clerk, original).document.id
        with transaction(clerk.context) as session, pytest.raises(NotCheckpointed):
            proofs.of(session, documents.find(session, document))
        made = Small(stack, engine, clerk, auditor, original, hands.look(document))
        made.checkpoint()
        made.sealed = hands.finish(document)
        send(somebody("petugas", "lain"), unique_jpeg(4, 20))
        made.look(PAGES)
        made.checkpoint()
        made.look(7)
        made.checkpoint()
        yield made


def test_an_export_is_whole_and_covered_to_its_end(small: Small) -> None:
    check = LedgerCheck([small.key()])
    list(check.run(small.export()))
    assert check.flaw is None
    assert check.checkpoints >= 3
    assert check.covered == check.entries > PAGES


def test_nothing_is_signed_twice(small: Small) -> None:
    with transaction(small.auditor.context) as session:
        before = checkpoints.count(session)
    small.checkpoint()
    small.look(1)
    small.checkpoint()
    with transaction(small.auditor.context) as session:
        assert checkpoints.count(session) == before + 1


def test_a_checkpoint_lies_locked_and_says_what_its_row_says(small: Small) -> None:
    with transaction(small.auditor.context) as session:
        newest = checkpoints.newest(session)
    assert newest is not None
    kept = json.loads(blobs.get(Place(newest.key), newest.version))
    assert (kept["note"], kept["seq"], kept["root"]) == (newest.note, newest.size, bytes(newest.root).hex())
    found = opened(newest.note, [small.key()])
    assert found is not None
    assert (found.size, found.root, found.head) == (newest.size, bytes(newest.root), bytes(newest.head).hex())
    assert blobs.client().get_object_retention(settings().s3_bucket, newest.key, version_id=newest.version) is not None


def test_a_worker_that_died_before_its_commit_finds_what_it_put(small: Small) -> None:
    small.look(1)
    with connected_as(small.worker), transaction() as session:
        wanted = checkpoints.draft(session)
    assert wanted is not None
    seed = settings().checkpoint_key
    assert seed is not None
    signer = checkpoints.Signer(bytes.fromhex(seed.get_secret_value()))
    first = checkpoints.put(wanted, signer, small.sealed.received_at)
    small.checkpoint()
    with transaction(small.auditor.context) as session:
        newest = checkpoints.newest(session)
    assert first is not None
    assert newest is not None
    assert (newest.note, newest.version) == (first.note, first.stored.version)


def test_a_letters_proof_shows_its_files_and_no_others(small: Small) -> None:
    shown = proven(small.proof(), [small.key()])
    assert isinstance(shown, Proven)
    assert [event["body"]["action"] for event in shown.events] == ["received", "sealed"]
    assert shown.names(hashlib.sha256(small.original).hexdigest()) == "original"
    assert shown.names(small.sealed.pdf_sha256 or "") == "pdf"
    assert shown.names(hashlib.sha256(unique_jpeg(3, 20)).hexdigest()) is None


def test_the_sheet_is_one_page(small: Small) -> None:
    with transaction(small.clerk.context) as session:
        proof = proofs.of(session, documents.find(session, small.sealed.id))
    made = proofsheet.as_pdf(Sheet(proof, "Tiket", None), datetime.now(UTC))
    sheet = pypdfium2.PdfDocument(made)
    assert len(sheet) == 1
    assert "Tiket" in sheet[0].get_textpage().get_text_range()
    assert "SALINAN AUTENTIK" not in sheet[0].get_textpage().get_text_range()


def test_the_sheet_of_an_authentic_copy_bears_its_mark(small: Small) -> None:
    """Only a list of alih media that was carried out gives it, with its berita acara."""
    with transaction(small.clerk.context) as session:
        proof = proofs.of(session, documents.find(session, small.sealed.id))
    listed = DisposalRow(code="AMD-2036-0001", kind="alih_media", deed={"number": "000.5.7/3", "place": "Kantor"})
    copied = (AuthenticCopyRow(document_id=small.sealed.id, on_day=date(2036, 3, 3)), listed)
    made = proofsheet.as_pdf(Sheet(proof, "Tiket", None, copied), datetime.now(UTC))
    with pypdfium2.PdfDocument(made) as sheet:
        assert len(sheet) == 1
        said = sheet[0].get_textpage().get_text_range()
    for mark in ("SALINAN AUTENTIK", "000.5.7/3", "AMD-2036-0001", "3 Maret 2036"):
        assert mark in said, mark


def test_a_proof_needs_no_more_than_the_letter(small: Small) -> None:
    """Whoever proves a letter reads hashes of others' entries, and never what those say."""
    with transaction(small.clerk.context) as session:
        seen = session.scalar(text("SELECT count(*) FROM ledger"))
        hashes = session.scalar(text("SELECT count(*) FROM ledger_hashes(1, 100000)"))
    with transaction(small.auditor.context) as session:
        assert session.scalar(text("SELECT count(*) FROM ledger")) == hashes > seen
    with transaction() as session:
        assert session.scalar(text("SELECT count(*) FROM ledger_hashes(1, 100000)")) == 0


def test_the_stored_blocks_are_the_trees(small: Small) -> None:
    with transaction(small.auditor.context) as session:
        tree = checkpoints.Tree(session)
        size = ledger.head(session)[0]
        assert sorted(tree._blocks) == list(range(size // checkpoints.BLOCK))
        with_blocks = tree.root_of(0, size)
        tree._blocks.clear()
        assert tree.root_of(0, size) == with_blocks


def test_what_is_kept_beyond_the_end_is_exported(small: Small) -> None:
    """Entries were taken out of the database, and the checkpoints' rows too: what lies under lock tells it."""
    small.look(2)
    small.checkpoint()
    key = small.key()
    with engine_of(small.stack, "postgres") as engine, engine.begin() as connection:
        connection.execute(text("SET LOCAL session_replication_role = replica"))
        size = connection.scalar(text("SELECT max(seq) FROM ledger"))
        gone = connection.execute(text("DELETE FROM ledger WHERE seq > :s RETURNING *"), {"s": size - 2}).all()
        connection.execute(text("DELETE FROM checkpoint WHERE size > :s"), {"s": size - 2})
        connection.commit()
        check = LedgerCheck([key])
        list(check.run(small.export()))
        assert check.flaw is not None
        assert (check.flaw.what, check.flaw.where.split(":")[0]) == ("ledger_cut", f"ledger entry {size - 1}")
    with engine_of(small.stack, "postgres") as engine, engine.begin() as connection:
        connection.execute(text("SET LOCAL session_replication_role = replica"))
        for row in gone:
            values = {"seq": row.seq, "at": row.at, "body": row.body, "prev": row.prev, "hash": row.hash}
            connection.execute(
                text("INSERT INTO ledger (seq, at, body, prev, hash) VALUES (:seq, :at, :body, :prev, :hash)"), values
            )


def test_the_key_never_signs_two_histories(small: Small, caplog: pytest.LogCaptureFixture) -> None:
    small.checkpoint()
    small.look(1)
    with engine_of(small.stack, "postgres") as engine, engine.begin() as connection:
        connection.execute(text("SET LOCAL session_replication_role = replica"))
        last = connection.scalar(text("SELECT max(size) FROM checkpoint"))
        before = connection.scalar(text("SELECT hash FROM ledger WHERE seq = :s"), {"s": last})
        connection.execute(text("UPDATE ledger SET hash = sha256(hash) WHERE seq = :s"), {"s": last})
    small.checkpoint()
    assert "checkpoint_refused" in caplog.text
    assert _alarms(small) == ["checkpoint_refused"]
    with engine_of(small.stack, "postgres") as engine, engine.begin() as connection:
        connection.execute(text("SET LOCAL session_replication_role = replica"))
        assert connection.scalar(text("SELECT max(size) FROM checkpoint")) == last
        connection.execute(text("UPDATE ledger SET hash = :h WHERE seq = :s"), {"s": last, "h": before})
    small.checkpoint()
    with transaction(small.auditor.context) as session:
        newest = checkpoints.newest(session)
    assert newest is not None
    assert newest.size > last
    assert _alarms(small) == []


def _alarms(small: Small) -> list[str]:
    with transaction(small.auditor.context) as session:
        return [one.what for one in comparing.standing(session, 9)]


def test_without_a_key_the_head_alone_is_kept(small: Small) -> None:
    small.look(1)
    with with_settings(ARSIP_CHECKPOINT_KEY=""):
        small.checkpoint()
        small.checkpoint()
    with transaction(small.auditor.context) as session:
        size, head = ledger.head(session)
        newest = checkpoints.newest(session)
    assert json.loads(blobs.get(Place(checkpoints.head_key(size)))) == {"hash": head, "seq": size}
    assert newest is not None
    assert newest.size < size
    small.checkpoint()  # the head of that size lies there unsigned: the next one is signed
    small.look(1)
    small.checkpoint()
    with transaction(small.auditor.context) as session:
        signed = checkpoints.newest(session)
    assert signed is not None
    assert signed.size == size + 1
