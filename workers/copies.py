"""What is said of a letter beside its pages: in its searchable PDF, of its signatures, and of the software at work."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Final

from archive.signatures import UNREADABLE, Signature
from archive.tables import DocumentRow
from classify.rules import labels
from core.faults import ReaderCrashed, ReaderTooSlow
from core.settings import settings
from ocr import reader
from ocr.about import About
from ocr.roots import identity, roots
from ocr.sandbox import Sandbox

_SECONDS: Final = 60


def signatures_of(sandbox: Sandbox, pdf: Path) -> list[Signature]:
    """The electronic signatures in a PDF. One that cannot be looked at holds no letter up: its bytes lie locked."""
    trusted, seconds = roots(settings().signature_roots), min(_SECONDS, settings().file_seconds)
    try:
        found = reader.signatures(sandbox, pdf, trusted, seconds=seconds)
    except (ReaderCrashed, ReaderTooSlow):
        found = [UNREADABLE]
    return [replace(one, roots=identity(trusted)) for one in found]


def about(row: DocumentRow, mark: Sequence[str] = ()) -> About:
    """What the searchable PDF says of itself: kind and number of the letter, and nobody's name; and its mark."""
    number = row.fields.get("nomor_surat", {}).get("value", "")
    title = f"{labels().get(row.kind or '', 'Surat')} {number}".strip()
    return About(title, str(row.id), row.sha256, mark)


def software(row: DocumentRow) -> dict[str, str]:
    """What read the letter, the second reader too where it was asked."""
    asked = any(field.get("other") is not None for field in row.fields.values())
    return reader.engine_versions(settings().reading_mode) | (reader.second_versions() if asked else {})
