"""The record's manifest: what belongs to it, with digests, and what happened to it up to now."""

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from importlib.metadata import version
from itertools import count
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session, undefer

from archive import blobs, keys, ledger, objects, stacks
from archive.blobs import Stored
from archive.objects import Place
from archive.stacks import Part
from archive.tables import DocumentRow, PageRow
from core.faults import BytesDiffer

MANIFEST_FORMAT = 1


@dataclass(frozen=True, slots=True)
class Contents:
    """What is read from the database before sealing, in one transaction. A stack's pages are its letters' too, each
    with its number in the document that is sealed. `key` is the document's own, `original` where its bytes lie."""

    pages: list[tuple[int, PageRow]]
    letters: list[Part]
    events: list[ledger.Event]
    head: tuple[int, str]
    original: Place
    key: bytes | None = field(repr=False)


def contents(session: Session, row: DocumentRow) -> Contents:
    """Pages with their readings, the letters of a stack, the events so far, and keys; a letter's own is made here.

    Raises KeyDestroyed, KeyUnusable.
    """
    letters = stacks.letters_of(session, row.id)
    shift = {letter.id: letter.first_page - 1 for letter in letters}
    pages = session.scalars(
        select(PageRow).where(PageRow.document_id.in_([row.id, *shift])).options(undefer(PageRow.reading))
    )
    numbered = [(page.number + shift.get(page.document_id, 0), page) for page in pages]
    numbered.sort(key=lambda pair: pair[0])
    return Contents(
        numbered,
        letters,
        ledger.document_events(session, row.id),
        ledger.head(session),
        objects.original(session, row),
        keys.of_letter(session, row),
    )


def _page_entry(number: int, page: PageRow) -> dict[str, Any]:
    text = page.text or ""
    reading = {k: v for k, v in (page.reading or {}).items() if k not in ("words", "text")}
    return {**reading, "number": number, "text_sha256": hashlib.sha256(text.encode()).hexdigest()}


def _part_of(row: DocumentRow) -> dict[str, Any] | None:
    if row.part_of is None:
        return None
    return {"document": str(row.part_of), "first_page": row.first_page, "last_page": row.last_page}


def manifest(
    row: DocumentRow,
    held: Contents,
    pdf: Stored,
    software: dict[str, str],
    broken: list[str],
    mark: Sequence[str],
) -> dict[str, Any]:
    """The manifest as JSON values (docs/ARCHITECTURE.md lists its members); `broken`: why the PDF is no PDF/A; `mark`:
    what it bears as an authentic copy."""
    return {
        "manifest": MANIFEST_FORMAT,
        "document": str(row.id),
        "unit": row.unit,
        "clearance": row.clearance,
        "filename": row.filename,
        "media_type": row.media_type,
        "received_at": row.received_at.isoformat(),
        "original": {
            "key": held.original.name,
            "version": row.original_version,
            "sha256": row.sha256,
            "size": row.size,
        },
        "pdf": {"key": pdf.key, "version": pdf.version, "sha256": pdf.sha256},
        "pdfa": {"conformant": not broken, "why": broken},
        "mark": list(mark),
        "part_of": _part_of(row),
        "letters": [
            {"document": str(part.id), "first_page": part.first_page, "last_page": part.last_page}
            for part in held.letters
        ],
        "pages": [_page_entry(number, page) for number, page in held.pages],
        "signatures": row.signatures,
        "kind": {"value": row.kind, "confidence": row.kind_confidence},
        "fields": row.fields,
        "software": {"arsip": version("arsiparis"), **software},
        "ledger": {"seq": held.head[0], "hash": held.head[1]},
        "events": [
            {"seq": e.seq, "at": e.at.isoformat(), "action": e.action, "actor": e.actor, "hash": e.hash}
            for e in held.events
        ],
    }


def put_manifest(wanted: dict[str, Any], key: bytes | None) -> Stored:
    """Put the manifest, under the document's key, at its next free number.

    A worker killed between this put and its commit leaves a manifest that names the same bytes: that one is taken
    as it is, so a record never has two manifests that say the same.
    """
    data = json.dumps(wanted, ensure_ascii=False, sort_keys=True, indent=1).encode()
    sha256 = hashlib.sha256(data).hexdigest()
    for number in count(1):
        place = objects.manifest_at(UUID(wanted["document"]), number, key)
        try:
            return blobs.put(place, data, sha256, "application/json")
        except BytesDiffer as taken:
            version = taken.facts["version"]
            earlier = blobs.get(place, version)
            if _says_the_same(json.loads(earlier), wanted):
                return Stored(place.name, version, hashlib.sha256(earlier).hexdigest())
    raise AssertionError("count() has no end")


def _says_the_same(earlier: dict[str, Any], wanted: dict[str, Any]) -> bool:
    changing = ("events", "ledger")
    return {k: v for k, v in earlier.items() if k not in changing} == {
        k: v for k, v in wanted.items() if k not in changing
    }
