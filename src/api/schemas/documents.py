"""What the API says of letters and their pages, with examples for its documentation."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Literal
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from access.roles import CLEARANCES
from api.schemas.ledger import EVENT_EXAMPLE, LedgerEvent
from api.schemas.shared import ID, SHA256, Clearance
from archive.keytables import DocumentLockRow
from archive.stacks import Part
from archive.tables import DocumentRow
from classify.fieldspec import mask
from core.faults import fault_from
from records.particulars import sifat

Stage = Literal["received", "paged", "read", "filed", "sealed", "held"]

_RECEIPT: dict[str, Any] = {"id": ID, "sha256": SHA256, "stage": "received", "duplicate_of": None}
DOCUMENT_EXAMPLE: dict[str, Any] = {
    "id": ID,
    "sha256": SHA256,
    "filename": "surat keterangan terlantar.jpg",
    "media_type": "image/jpeg",
    "stage": "sealed",
    "pages": 1,
    "pages_read": 1,
    "kind": {"value": "skt_polisi", "confidence": 0.99, "sure": True, "reasons": ["judul: SURAT KETERANGAN TERLANTAR"]},
    "fields": {
        "tanggal": {
            "value": "2026-11-20",
            "text": "20 November 2026",
            "page": 1,
            "box": [0.61, 0.71, 0.84, 0.73],
            "confidence": 0.97,
            "sure": True,
            "passed": ["tanggal ada di kalender"],
            "failed": [],
            "repaired": None,
            "other": None,
        },
        "nama": {
            "value": "Siti Aminah",
            "text": "Siti Aminah",
            "page": 1,
            "box": [0.31, 0.33, 0.52, 0.35],
            "confidence": 0.71,
            "sure": False,
            "passed": [],
            "failed": [],
            "repaired": None,
            "other": "Siti Aminan",
        },
    },
    "checked_at": None,
    "part_of": None,
    "letters": [],
    "sampled": False,
    "signatures": None,
    "clearance": "terbatas",
    "secrecy": "biasa",
    "urgency": "segera",
    "locked_until": "2032-01-01T00:00:00Z",
    "store_holds": False,
    "received_at": "2026-11-21T01:02:03Z",
    "sealed_at": "2026-11-21T01:02:08Z",
    "fault": None,
}
MANIFEST_EXAMPLE: dict[str, Any] = {
    "manifest": 1,
    "document": ID,
    "original": {"key": f"documents/{ID}/original", "version": "1", "sha256": SHA256, "size": 181234},
    "pdf": {"key": f"documents/{ID}/pdf-{SHA256}", "version": "2", "sha256": SHA256},
    "pdfa": {"conformant": True, "why": []},
    "pages": [{"number": 1, "source": "ocr", "text_sha256": SHA256}],
    "part_of": None,
    "letters": [],
    "ledger": {"seq": 20, "hash": SHA256},
}


class Receipt(BaseModel):
    """What the sender of a file is told."""

    model_config = ConfigDict(json_schema_extra={"examples": [_RECEIPT]})

    id: UUID
    sha256: str
    stage: Stage
    duplicate_of: UUID | None = Field(description="The document that had the same bytes before; then `id` is the same")


class Kind(BaseModel):
    """What sort of letter it is, how sure that is (0…1) and why. Null until the letter is filed."""

    value: str | None
    confidence: float | None
    sure: bool | None = Field(description="Whether it was filed without asking a person")
    reasons: list[str]


class Fact(BaseModel):
    """What one field of a letter says: `value` in one form for all letters, `text` as printed, and where it stands."""

    value: str
    text: str
    page: int | None = Field(description="Null, as the box is, where a person typed what was not found")
    box: tuple[float, float, float, float] | None
    confidence: float
    sure: bool = Field(description="Whether it is taken without asking a person")
    passed: list[str]
    failed: list[str]
    repaired: str | None = Field(description="What was put right in the printed text, if anything")
    other: str | None = Field(
        None, description="What a second reader read at the same place; null where it was not asked or read nothing"
    )


class Signature(BaseModel):
    """One electronic signature of a PDF, as it was judged when the letter came."""

    status: Literal["valid", "invalid", "unknown", "expired"]
    why: str | None = Field(description="What spoke against it; null where it is valid")
    signer: str | None
    issuer: str | None
    signed_at: datetime | None = Field(description="As the signer says, unless `stamped`")
    stamped: bool = Field(description="Whether a trusted time stamp proves when it was made")
    whole: bool = Field(description="Whether it covers the file to its end")
    later: bool = Field(description="Whether something was added after it that is more than proof of it")


class HeldFor(BaseModel):
    """Why a document is held."""

    slug: str
    detail: str


class PartOf(BaseModel):
    """The stack that a letter was scanned in, and which of its pages it is; no pages where it was joined back."""

    id: UUID
    first_page: int | None
    last_page: int | None


class StackLetter(BaseModel):
    """One letter of a stack: its document, and the stack's pages it is made of."""

    id: UUID
    first_page: int
    last_page: int


class Document(BaseModel):
    """One letter as it arrived, or one out of a stack that was scanned as one file."""

    model_config = ConfigDict(json_schema_extra={"examples": [DOCUMENT_EXAMPLE]})

    id: UUID
    sha256: str
    filename: str
    media_type: str
    stage: Stage
    pages: int | None = Field(description="Null until the file was opened")
    pages_read: int
    kind: Kind
    fields: dict[str, Fact]
    checked_at: datetime | None = Field(description="When a person last confirmed kind and fields")
    part_of: PartOf | None
    letters: list[StackLetter] = Field(
        description="The letters that this stack was split into; told only where one document is asked for by its id"
    )
    signatures: list[Signature] | None = Field(
        description="Electronic signatures of the file (a stack's stand with the stack), in the order they were made; "
        "null for a picture, and for a letter that came before anybody looked"
    )
    sampled: bool = Field(description="Filed unasked, and drawn by lot to be checked all the same")
    clearance: Clearance
    secrecy: Clearance | None = Field(description="What its Sifat says of secrecy; null where none was read")
    urgency: str | None = Field(description="What its Sifat says of urgency; null where none was read")
    locked_until: datetime | None = Field(
        description="Until when the store keeps its file from everybody, as it was last told; null where one letter is "
        "not asked for by its id, and before that"
    )
    store_holds: bool | None = Field(description="Whether the store holds it beyond that day; null as above")
    received_at: datetime
    sealed_at: datetime | None
    fault: HeldFor | None


class DocumentList(BaseModel):
    """Documents, newest first. `next` is the cursor of the following ones, or null."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"documents": [DOCUMENT_EXAMPLE], "next": "41"}]})

    documents: list[Document]
    next: str | None


class PageText(BaseModel):
    """One page's text: lines in reading order."""

    number: int
    text: str


class DocumentText(BaseModel):
    """The text of the pages read so far."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"pages": [{"number": 1, "text": "SURAT KETERANGAN\nNomor: 12/XI/2026"}]}]}
    )

    pages: list[PageText]


class PageWord(BaseModel):
    """A word, its box as fractions of the page's picture (origin top left), and how sure the reader was (0…1)."""

    text: str
    box: tuple[float, float, float, float]
    confidence: float | None
    line: int


class PageWords(BaseModel):
    """One page's words in reading order."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "number": 1,
                    "source": "ocr",
                    "rotation": 0,
                    "skew": 0.4,
                    "words": [{"text": "SURAT", "box": [0.31, 0.12, 0.39, 0.14], "confidence": 0.96, "line": 0}],
                }
            ]
        }
    )

    number: int
    source: Literal["ocr", "pdf_text", "blank"]
    rotation: int = Field(description="Degrees clockwise that the page was turned to stand upright")
    skew: float = Field(description="Degrees clockwise that its lines lean")
    words: list[PageWord]


class Events(BaseModel):
    """Events of one document, oldest first."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"events": [EVENT_EXAMPLE]}]})

    events: list[LedgerEvent]


def document(
    row: DocumentRow, *, whole: bool = False, letters: Sequence[Part] = (), lock: DocumentLockRow | None = None
) -> Document:
    """A document's row as the API shows it; identity numbers in full only where one letter is asked for by its id."""
    secrecy, urgency = sifat(row.fields) if "sifat" in row.fields else (None, None)
    part_of = PartOf(id=row.part_of, first_page=row.first_page, last_page=row.last_page) if row.part_of else None
    fault = fault_from(row.fault_slug, row.fault_facts or {}) if row.fault_slug else None
    return Document(
        id=row.id,
        sha256=row.sha256,
        filename=row.filename,
        media_type=row.media_type,
        stage=row.stage,
        pages=row.pages,
        pages_read=row.pages_read,
        kind=Kind(
            value=row.kind,
            confidence=row.kind_confidence,
            sure=None if row.doubt is None else row.doubt < 3 or row.checked_at is not None,
            reasons=row.verdict.get("reasons", []),
        ),
        fields=row.fields if whole else {name: _masked(name, field) for name, field in row.fields.items()},
        checked_at=row.checked_at,
        part_of=part_of,
        letters=[StackLetter(**letter._asdict()) for letter in letters],
        sampled=row.sampled,
        signatures=row.signatures,
        clearance=CLEARANCES[row.clearance],
        secrecy=None if secrecy is None else CLEARANCES[secrecy],
        urgency=urgency,
        locked_until=lock.locked_until if lock else None,
        store_holds=lock.held if lock else None,
        received_at=row.received_at,
        sealed_at=row.sealed_at,
        fault=HeldFor(slug=fault.slug, detail=f"{fault.title}. {fault.detail}") if fault else None,
    )


def _masked(name: str, field: dict[str, Any]) -> dict[str, Any]:
    other = field.get("other")
    masked = {part: mask(name, field[part]) for part in ("value", "text")}
    return {**field, **masked, "other": mask(name, other) if other else other}
