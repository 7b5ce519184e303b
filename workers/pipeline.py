"""The stages of one letter: claim, work with no transaction open, record.

received → paged    open the file, one row a page
paged    → read     one task a page; the last page moves the document on
read     → filed    what kind of letter it is
filed    → sealed   searchable PDF and manifest beside the original: the record
         → held     a person must act; the original lies locked all the while
"""

import hashlib
import logging
import secrets
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from uuid import UUID

from sqlalchemy.orm import Session

from archive import blobs, seal, work
from archive.tables import DocumentRow, PageRow
from archive.work import MOST_ATTEMPTS, Sealed
from core.db import transaction
from core.faults import (
    DatabaseUnavailable,
    Fault,
    ReaderCrashed,
    ReaderTooSlow,
    Unavailable,
    Unforeseen,
    UnreadableFile,
)
from core.settings import settings
from ingest.sniff import PDF
from ocr import reader
from ocr.sandbox import Sandbox
from ocr.words import PageReading
from workers.cache import copy_of

log = logging.getLogger(__name__)

UNCLASSIFIED = "belum_diklasifikasi"
# An engine that is away is asked again after so long, and does not count as an attempt
_AWAY_SECONDS = 3
# A tsvector holds a megabyte and takes up to twice its text; no page of a letter comes near
_LONGEST_TEXT_BYTES = 400_000


@dataclass(frozen=True, slots=True)
class Worker:
    """One thread of a worker process: the name it takes work under, and its own sandbox."""

    name: str
    sandbox: Sandbox


@contextmanager
def _work_folder() -> Iterator[Path]:
    """A folder of this attempt's own, gone with it."""
    with tempfile.TemporaryDirectory(prefix="work-", dir=settings().spool) as folder:
        yield Path(folder)


def _outcome(row: DocumentRow | PageRow, document: UUID, fault: Fault) -> None:
    """Settle what follows from a fault. When the database itself is away, that waits for it: only the lease's end
    would make the work due otherwise, minutes later."""
    number = row.number if isinstance(row, PageRow) else None
    facts = {"document": str(document), "page": number, "slug": fault.slug, "attempt": row.attempts}
    log.warning("work_failed", extra=facts)
    for _ in range(settings().lease_seconds):
        try:
            with transaction() as session:
                _settle(session, row, document, fault, number)
        except DatabaseUnavailable:
            time.sleep(1)
        else:
            return


def _settle(session: Session, row: DocumentRow | PageRow, document: UUID, fault: Fault, number: int | None) -> None:
    """Wait for an engine, try again, or hold the letter for a person."""
    final = isinstance(fault, UnreadableFile) and not isinstance(fault, ReaderCrashed | ReaderTooSlow)
    if isinstance(fault, Unavailable):
        work.give_back(session, row, seconds=_AWAY_SECONDS, counts=False)
    elif final or row.attempts >= MOST_ATTEMPTS:
        if number is not None:
            fault.facts["page"] = number
        if work.still_holds(session, row):
            work.hold(session, document, fault)
    else:
        work.give_back(session, row, seconds=row.attempts, counts=True)


def _guarded(row: DocumentRow | PageRow, document: UUID, step: Callable[[], None]) -> None:
    try:
        step()
    except Fault as fault:
        _outcome(row, document, fault)
    except Exception as error:
        incident = secrets.token_hex(4)  # what the clerk reads to the admin, who finds it in the log
        log.error("unforeseen", exc_info=error, extra={"document": str(document), "incident": incident})
        _outcome(row, document, Unforeseen(incident=incident))


def open_document(worker: Worker, document: UUID) -> None:
    """received → paged."""
    with transaction() as session:
        row = work.claim_document(session, document, "received", worker.name)
    if row is not None:
        _guarded(row, document, lambda: _open(worker, row))


def _open(worker: Worker, row: DocumentRow) -> None:
    wanted = settings()
    original = copy_of(row.sha256, working=False)
    with _work_folder() as folder:
        working = folder / "working.pdf"
        found = reader.inspect(
            worker.sandbox,
            original,
            row.media_type,
            working,
            max_pages=wanted.max_pages,
            seconds=wanted.file_seconds,
        )
        sha256 = None
        if found.has_working:
            with working.open("rb") as file:
                sha256 = hashlib.file_digest(file, "sha256").hexdigest()
            blobs.put_derived(blobs.working_key(sha256), working, PDF)
    with transaction() as session:
        work.record_opened(session, row, pages=len(found.pages), working_sha256=sha256)


def _pdf_of(row: DocumentRow) -> Path:
    """The PDF that the pages are read from: the original, or the one derived from a picture."""
    return copy_of(row.working_sha256 or row.sha256, working=row.working_sha256 is not None)


def read_page(worker: Worker, page: UUID) -> None:
    """One page of paged → read."""
    with transaction() as session:
        claimed = work.claim_page(session, page, worker.name)
    if claimed is not None:
        row, document = claimed
        _guarded(row, document.id, lambda: _read(worker, row, document))


def _read(worker: Worker, row: PageRow, document: DocumentRow) -> None:
    with _work_folder() as folder:
        preview = folder / "preview.jpg"
        reading = reader.read_page(
            worker.sandbox, _pdf_of(document), row.number, preview, seconds=settings().page_seconds
        )
        blobs.put_derived(blobs.page_key(document.id, row.number), preview, "image/jpeg")
    kept = reading.text.encode()[:_LONGEST_TEXT_BYTES]
    text, digest = kept.decode(errors="ignore"), hashlib.sha256(kept).hexdigest()
    with transaction() as session:
        work.record_page(session, row, text=text, reading=reading.to_json(), digest=digest)


def seal_document(worker: Worker, document: UUID) -> None:
    """read → filed → sealed."""
    with transaction() as session:
        row = work.claim_document(session, document, "read", worker.name)
        if row is not None:
            work.record_filed(session, row, kind=UNCLASSIFIED, confidence=0.0)
    with transaction() as session:
        row = work.claim_document(session, document, "filed", worker.name)
    if row is not None:
        _guarded(row, document, lambda: _seal(worker, row))


def _seal(worker: Worker, row: DocumentRow) -> None:
    with transaction() as session:
        held = seal.contents(session, row.id)
    readings = [PageReading.from_json(page.reading or {}) for page in held.pages]
    with _work_folder() as folder:
        searchable = folder / "searchable.pdf"
        reader.assemble(worker.sandbox, _pdf_of(row), readings, searchable, seconds=settings().file_seconds)
        data = searchable.read_bytes()
    pdf = blobs.put(data, hashlib.sha256(data).hexdigest(), PDF)
    manifest = seal.put_manifest(seal.manifest(row, held, pdf, reader.engine_versions()))
    with transaction() as session:
        work.record_sealed(
            session, row, Sealed(pdf.sha256, pdf.version, manifest.key, manifest.version, manifest.sha256)
        )
