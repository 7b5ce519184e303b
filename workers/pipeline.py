"""The stages of one letter: claim, work with no transaction open, record.

received → paged    open the file, one row a page
paged    → read     one task a page; the last page moves the document on
read     → filed    what kind of letter it is; a stack whose letters are plain to see becomes letters
filed    → sealed   its other scans and its case sought; searchable PDF and manifest beside the original: the record
         → held     a person must act; the original lies locked all the while
"""

import hashlib
import logging
import secrets
import shutil
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session

from archive import blobs, checks, documents, ledger, objects, rereading, sampling, seal, stacks, work
from archive.objects import Place
from archive.reading import Inspection, PageReading, is_separator
from archive.stacks import Span
from archive.tables import DocumentRow, PageRow
from archive.work import MOST_ATTEMPTS, Filed, Sealed
from classify.cuts import surely
from classify.fieldspec import kind_spec
from classify.letter import MOST_PAGES, Understood, understand
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
from records import returned, sheets
from records.disposal import marks
from records.office import office
from search import identities
from workers import linking, twinning, vocabulary
from workers.cache import kept
from workers.copies import about, signatures_of, software
from workers.learning import model_of
from workers.opinions import with_second_opinion

log = logging.getLogger(__name__)

# An engine that is away is asked again after so long, and does not count as an attempt
_AWAY_SECONDS = 3
# A tsvector holds a megabyte and takes up to twice its text; no page of a letter comes near
_LONGEST_TEXT_BYTES = 400_000


@dataclass(frozen=True, slots=True)
class Worker:
    """One thread of a worker process: the name it takes work under, and its own sandbox."""

    name: str
    sandbox: Sandbox


def _folder_of(name: str) -> Path:
    return settings().spool / f"work-{name}"


def clear_work_folder(name: str) -> None:
    """Remove what a killed worker of that name was writing: parts of letters must not lie about."""
    shutil.rmtree(_folder_of(name), ignore_errors=True)


@contextmanager
def _work_folder(worker: Worker) -> Iterator[Path]:
    """A folder of this attempt's own, gone with it."""
    _folder_of(worker.name).mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory(dir=_folder_of(worker.name)) as folder:
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
    elif isinstance(row, PageRow) and row.reread and (final or row.attempts >= MOST_ATTEMPTS):
        rereading.leave(session, row)
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
    with _work_folder(worker) as folder:
        working = folder / "working.pdf"
        found = _inspect(worker, row, working)
        if found.has_working:  # the pages will be read here most likely, and soon
            kept(_working_name(row), working.replace)
    signed = signatures_of(worker.sandbox, _original(row)) if row.media_type == PDF else None
    with transaction() as session:
        work.record_opened(session, row, pages=len(found.pages), signatures=signed)


def _inspect(worker: Worker, row: DocumentRow, working: Path) -> Inspection:
    """Open the original in the sandbox; a picture's pages are written to `working` as a PDF, without loss."""
    wanted = settings()
    return reader.inspect(
        worker.sandbox,
        _original(row),
        row.media_type,
        working,
        max_pages=wanted.max_pages,
        seconds=wanted.file_seconds,
    )


def _original(row: DocumentRow) -> Path:
    return kept(row.sha256, lambda file: blobs.fetch(_placed(objects.original, row), row.sha256, file))


def _placed(find: Callable[..., Place], row: DocumentRow, *which: int) -> Place:
    """Where an object of the document lies, found in a transaction of its own."""
    with transaction() as session:
        return find(session, row, *which)


def _working_name(row: DocumentRow) -> str:
    return f"{row.sha256}.pdf"


def _pdf_of(worker: Worker, row: DocumentRow) -> Path:
    """The PDF that pages are read from: the original, or the one made of a picture, on any machine at any time."""
    if row.media_type == PDF:
        return _original(row)
    return kept(_working_name(row), lambda file: _inspect(worker, row, file))


def read_page(worker: Worker, page: UUID) -> None:
    """One page of paged → read."""
    with transaction() as session:
        claimed = work.claim_page(session, page, worker.name)
    if claimed is not None:
        row, document = claimed
        _guarded(row, document.id, lambda: _read(worker, row, document))


def _read(worker: Worker, row: PageRow, document: DocumentRow) -> None:
    by = reader.identity(settings().reading_mode)
    if row.reread and row.reader == by:
        with transaction() as session:
            rereading.leave(session, row)
        return
    with _work_folder(worker) as folder:
        preview = folder / "preview.jpg"
        wanted = settings()
        pdf, place = _pdf_of(worker, document), document.place_in_file(row.number)
        reading = reader.read_page(
            worker.sandbox, pdf, place, preview, seconds=wanted.page_seconds, mode=wanted.reading_mode
        )
        blobs.put_derived(_placed(objects.page, document, row.number), preview, "image/jpeg")
    cut = reading.text.encode()[:_LONGEST_TEXT_BYTES]
    text, digest = cut.decode(errors="ignore"), hashlib.sha256(cut).hexdigest()
    with transaction() as session:
        numbers = identities.blind(identities.numbers_in(text), wanted.identity_key.get_secret_value())
        said = reading.to_json()
        work.record_page(session, row, text=text, identities=numbers, reading=said, reader=by, digest=digest)


def seal_document(worker: Worker, document: UUID) -> None:
    """read → filed → sealed."""
    with transaction() as session:
        read = work.claim_document(session, document, "read", worker.name)
    if read is not None:
        _guarded(read, document, lambda: _file(worker, read))
    with transaction() as session:
        row = work.claim_document(session, document, "filed", worker.name)
    if row is not None:
        _guarded(row, document, lambda: _seal(worker, row))


def _file(worker: Worker, row: DocumentRow) -> None:
    if row.checked_at is not None and row.kind is not None:  # read anew: what a person said of it stands
        verdict = _without_decided(row, row.verdict)
        kept_as = Filed(row.kind, row.kind_confidence or 1.0, verdict, row.fields, row.doubt or 0, row.sampled)
        with transaction() as session:
            work.record_filed(session, row, kept_as)
        return
    read, understood = _understood(row)
    # what was filed before may stand in a book or a case by now: it is a person who splits it
    letters = surely(understood.cuts) if row.letters is None and row.kind is None else ()
    if len(letters) > 1:
        with transaction() as session:
            stacks.split_surely(session, row, [Span(*letter) for letter in letters])
        return
    known = vocabulary.in_words_of(row, understood.fields)
    begins, pdf, wanted = row.first_page or 1, lambda: _pdf_of(worker, row), settings()
    seconds = wanted.page_seconds
    told = with_second_opinion(worker.sandbox, row.id, known, read, row.fields, pdf, begins, seconds=seconds)
    fields = sheets.in_offices_words(replace(understood, fields=told).fields_json(), office().disposition)
    verdict = _without_decided(row, understood.verdict_json())
    sure = understood.verdict.sure and not verdict["letters"]
    doubt = checks.doubt_of(sure, fields, kind_spec(understood.verdict.kind).must)
    sampled = sampling.is_sample(row, doubt, wanted.sample_percent)
    filed = Filed(understood.verdict.kind, understood.verdict.confidence, verdict, fields, doubt, sampled)
    with transaction() as session:
        if not stacks.hold_claimed(session, row):
            return
        sheet = returned.link(session, row, read)
        work.record_filed(session, row, filed)
        if sheet is not None:
            ledger.append(session, "disposition_returned", actor=ledger.WORKER, document=row.id, **sheet)


def _without_decided(row: DocumentRow, verdict: dict[str, Any]) -> dict[str, Any]:
    """The verdict; where the letters begin is not proposed again once it was decided."""
    return verdict if row.letters is None else {**verdict, "letters": []}


def _understood(row: DocumentRow) -> tuple[list[PageReading], Understood]:
    """The document's first pages, and all understood: the first ones whole, of the others what tells sheets between
    letters."""
    with transaction() as session:
        read = [PageReading.from_json(page) for page in documents.first_readings(session, row.id, MOST_PAGES)]
        more = documents.codes_after(session, row.id, len(read))
    coded = [(page.number, [code.text for code in page.codes]) for page in read]
    coded += [(number, codes) for number, _, codes in more]
    separators = frozenset(number for number, codes in coded if any(is_separator(code) for code in codes))
    rest = [blank for _, blank, _ in more]
    return read, understand(read, model=model_of(row.unit), separators=separators, rest=rest)


def _seal(worker: Worker, row: DocumentRow) -> None:
    twinning.seek(row)
    linking.seek(row.id)
    with transaction() as session:
        held, mark = seal.contents(session, row), marks.of_letter(session, row)
        identity_key = settings().identity_key.get_secret_value()
        identities.enter_fields(row, (page for _, page in held.pages), identity_key)
    readings = [PageReading.from_json({**(page.reading or {}), "number": number}) for number, page in held.pages]
    part = (row.first_page, row.last_page) if row.first_page and row.last_page else None
    with _work_folder(worker) as folder:
        searchable, pdf_in = folder / "searchable.pdf", _pdf_of(worker, row)
        picture, seconds = row.media_type != PDF, settings().file_seconds
        broken = reader.assemble(
            worker.sandbox, pdf_in, readings, searchable, about(row, mark), part=part, picture=picture, seconds=seconds
        )
        data = searchable.read_bytes()
    digest = hashlib.sha256(data).hexdigest()
    pdf = blobs.put(objects.pdf_at(row.id, digest, held.key), data, digest, PDF)
    manifest = seal.put_manifest(seal.manifest(row, held, pdf, software(row), broken, mark), held.key)
    sealed = Sealed(pdf.sha256, pdf.version, pdf.key, manifest.key, manifest.version, manifest.sha256)
    with transaction() as session:
        work.record_sealed(session, row, sealed)
