"""Letters into the product's own tables, as its workers leave them: by COPY, with every trigger of the search."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from uuid import UUID, uuid5

from psycopg import Connection, Cursor

from search.identities import blind, numbers_in

_ROOT = UUID("6f6b1f0e-5f0a-4d5c-9a52-3a1f4f1c2d10")
_DOCUMENT = (
    "COPY document (id, unit, clearance, sha256, size, media_type, filename, original_version, stage, pages,"
    " pages_read, kind, kind_confidence, doubt, fields, pdf_sha256, manifest_key, sealed_at, received_at) FROM STDIN"
)
_PAGE = "COPY page (document_id, document_seq, unit, clearance, number, text, reading, read_at, identities) FROM STDIN"


@dataclass(frozen=True, slots=True)
class Stored:
    """One letter of one page to be stored, sealed or only read.

    `fields` are values by the names of classify/fields.toml.
    """

    name: str
    unit: str
    kind: str
    fields: dict[str, str]
    text: str
    at: datetime
    clearance: int = 1
    sealed: bool = True

    @property
    def id(self) -> UUID:
        """Its id, which follows from unit and name."""
        return uuid5(_ROOT, f"{self.unit}/{self.name}")


def store(connection: Connection[Any], letters: Iterable[Stored], identity_key: str) -> None:
    """Store the letters in one transaction of the connection's own; the key is of the index of identity numbers."""
    rows = list(letters)
    with connection.transaction(), connection.cursor() as cursor:
        with cursor.copy(_DOCUMENT) as copy:
            for row in rows:
                copy.write_row(document_row(row))
        seqs = _seqs(cursor, [row.id for row in rows])
        with cursor.copy(_PAGE) as copy:
            for row in rows:
                reading = json.dumps(reading_of(row.text))
                numbers = blind(numbers_in(row.text), identity_key)
                copy.write_row((row.id, seqs[row.id], row.unit, row.clearance, 1, row.text, reading, row.at, numbers))


def document_row(row: Stored) -> tuple[object, ...]:
    """Its row of `document`, in the order of the COPY."""
    sha256, stage = row.id.hex * 2, ("sealed" if row.sealed else "read")
    fields = json.dumps({name: _field(name, value) for name, value in row.fields.items()})
    return (
        row.id, row.unit, row.clearance, sha256, 1, "image/jpeg", f"{row.name}.jpg", "v", stage, 1, 1,
        row.kind, 0.9, 0, fields, sha256, "manifest", row.at if row.sealed else None, row.at,
    )  # fmt: skip


def _field(name: str, value: str) -> dict[str, object]:
    """As classify/fields.py writes one."""
    return {
        "name": name, "value": value, "text": value, "page": 1, "box": [0.1, 0.1, 0.5, 0.12], "confidence": 0.9,
        "sure": True, "passed": [], "failed": [], "repaired": None, "other": None,
    }  # fmt: skip


def _seqs(cursor: Cursor[Any], ids: list[UUID]) -> dict[UUID, int]:
    cursor.execute("SELECT id, seq FROM document WHERE id = ANY (%s)", (ids,))
    return dict(cursor.fetchall())


def reading_of(text: str) -> dict[str, object]:
    """A page's reading with a box for each word, as archive/reading.py writes one."""
    words = [
        [word, round(0.1 + 0.06 * x % 0.8, 3), round(0.05 + 0.02 * y % 0.9, 3), round(0.15 + 0.06 * x % 0.8, 3),
         round(0.07 + 0.02 * y % 0.9, 3), 0.9, y]
        for y, line in enumerate(text.splitlines())
        for x, word in enumerate(line.split())
    ]  # fmt: skip
    return {
        "number": 1, "size": [595.0, 842.0], "preview": [1240, 1754], "rotation": 0, "skew": 0.0, "source": "ocr",
        "words": words, "seconds": 0.5,
    }  # fmt: skip


def noon(day: Any) -> datetime:
    """When a letter of that day came."""
    return datetime(day.year, day.month, day.day, 4, tzinfo=UTC)
