"""What the API answers with, with examples for its documentation."""

import json
from collections.abc import Sequence
from datetime import date, datetime
from typing import Annotated, Any, Literal
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from access.roles import CLEARANCES
from archive.ledger import Event
from archive.stacks import Part
from archive.tables import DocumentRow, TwinRow
from classify.fieldspec import mask
from core.faults import fault_from
from search.query import Results

Stage = Literal["received", "paged", "read", "filed", "sealed", "held"]
Clearance = Literal["biasa", "terbatas", "rahasia", "sangat_rahasia"]

_ID = "0b6f1a52-3c1e-4c57-9f0e-6f0d7f2f9a11"
_SHA = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"
_RECEIPT: dict[str, Any] = {"id": _ID, "sha256": _SHA, "stage": "received", "duplicate_of": None}
_DOCUMENT: dict[str, Any] = {
    "id": _ID,
    "sha256": _SHA,
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
    "clearance": "terbatas",
    "received_at": "2026-11-21T01:02:03Z",
    "sealed_at": "2026-11-21T01:02:08Z",
    "fault": None,
}
_EVENT: dict[str, Any] = {
    "seq": 17,
    "at": "2026-11-21T01:02:03Z",
    "action": "received",
    "actor": "5c0e7b0a-6a53-4f6e-8f2b-2f1f1d3b7a10",
    "document": _ID,
    "digest": _SHA,
    "detail": {"size": 181234},
    "hash": _SHA,
}


_TWIN: dict[str, Any] = {
    "id": "7f0d1c0e-9a54-4c39-8a53-0d5f6f1b2c44",
    "documents": [_ID, "d3b07384-d113-4ec6-a5d2-6b1f0f6f3c20"],
    "score": 0.97,
    "reasons": ["Nomor surat sama", "52 angka dan nama sama", "97 % kata sama"],
    "proposed_at": "2026-11-21T01:02:07Z",
    "decision": None,
    "decided_by": None,
    "decided_at": None,
}
MANIFEST_EXAMPLE: dict[str, Any] = {
    "manifest": 1,
    "document": _ID,
    "original": {"key": f"sha256/9f/86/{_SHA}", "version": "1", "sha256": _SHA, "size": 181234},
    "pdf": {"key": f"sha256/9f/86/{_SHA}", "version": "2", "sha256": _SHA},
    "pages": [{"number": 1, "source": "ocr", "text_sha256": _SHA}],
    "part_of": None,
    "letters": [],
    "ledger": {"seq": 20, "hash": _SHA},
}
NEWS_EXAMPLE = f"event: document\nid: {_ID}\ndata: {json.dumps(_DOCUMENT)}\n\n"
VERIFICATION_EXAMPLE = '{"entries": 41, "objects": 12}\n{"entries": 52, "objects": 15, "ok": true, "finding": null}\n'


class Alive(BaseModel):
    """The process is alive."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"alive": True}]})

    alive: bool


class Health(BaseModel):
    """Which engines answer."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [{"ready": True, "engines": {"postgresql": True, "valkey": True, "s3": True, "worker": True}}]
        }
    )

    ready: bool
    engines: dict[str, bool]


class Problem(BaseModel):
    """RFC 9457 problem. `slug` is stable; docs/faults.md lists them all."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "type": "urn:arsip:fault:not_found",
                    "title": "Tidak ditemukan",
                    "status": 404,
                    "detail": "Tidak ada yang bisa ditampilkan di alamat ini.",
                    "slug": "not_found",
                }
            ]
        }
    )

    type: str
    title: str
    status: int
    detail: str
    slug: str


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

    model_config = ConfigDict(json_schema_extra={"examples": [_DOCUMENT]})

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
    sampled: bool = Field(description="Filed unasked, and drawn by lot to be checked all the same")
    clearance: Clearance
    received_at: datetime
    sealed_at: datetime | None
    fault: HeldFor | None


class DocumentList(BaseModel):
    """Documents, newest first. `next` is the cursor of the following ones, or null."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"documents": [_DOCUMENT], "next": "41"}]})

    documents: list[Document]
    next: str | None


class Checks(BaseModel):
    """Letters that wait for a person, those first that wait longest and matter most; `waiting` is how many in all."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"waiting": 1, "documents": [_DOCUMENT]}]})

    waiting: int
    documents: list[Document]


class AccuracyRow(BaseModel):
    """Of one month, kind and field (`kind` is the kind itself): how many facts people told, how many were read so."""

    month: date
    kind: str
    name: str
    told: int
    right: int
    sure: int = Field(description="How many would have been filed without asking")
    sure_right: int


class SampleRow(BaseModel):
    """Of one kind of letter, those filed unasked that were drawn by lot and checked: in `right` nothing was corrected.

    `facts` people told of them, `facts_right` were read so.
    """

    kind: str
    letters: int
    right: int
    facts: int
    facts_right: int


class AccuracyReport(BaseModel):
    """How often reading was right, computed from the letters that people confirmed, oldest month first.

    Those are mostly doubtful ones; `samples` tell of the letters that nobody was asked about.
    """

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "rows": [
                        {
                            "month": "2026-11-01",
                            "kind": "ktp",
                            "name": "nik",
                            "told": 40,
                            "right": 39,
                            "sure": 36,
                            "sure_right": 36,
                        }
                    ],
                    "samples": [{"kind": "ktp", "letters": 12, "right": 12, "facts": 168, "facts_right": 168}],
                }
            ]
        }
    )

    rows: list[AccuracyRow]
    samples: list[SampleRow]


class Twin(BaseModel):
    """Two letters that may be scans of one paper: how likely (0…1), why, and what a person said of it, if anything."""

    model_config = ConfigDict(json_schema_extra={"examples": [_TWIN]})

    id: UUID
    documents: tuple[UUID, UUID] = Field(description="The letter that came first, and the other one")
    score: float
    reasons: list[str]
    proposed_at: datetime
    decision: Literal["same", "different"] | None
    decided_by: UUID | None
    decided_at: datetime | None


class Twins(BaseModel):
    """The pairs that a letter belongs to, oldest first."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"twins": [_TWIN]}]})

    twins: list[Twin]


class TwinList(BaseModel):
    """Pairs that wait for a person, oldest first; `waiting` is how many in all, `next` the cursor of the following."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"waiting": 1, "twins": [_TWIN], "next": None}]})

    waiting: int
    twins: list[Twin]
    next: str | None


class TwinDecision(BaseModel):
    """A person's word on a pair; `undecided` takes an earlier word back."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"examples": [{"decision": "same"}]})

    decision: Literal["same", "different", "undecided"]


class Rereading(BaseModel):
    """How many letters and pages wait to be read anew."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"documents": 120, "pages": 480}]})

    documents: int
    pages: int


class EarlierReading(BaseModel):
    """What a page was read to say, by which reader (digest of its software), and until when that stood."""

    text: str
    reader: str | None
    read_at: datetime
    replaced_at: datetime


class PageHistory(BaseModel):
    """Earlier readings of a page, newest first."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "earlier": [
                        {
                            "text": "SURAT KETERANGAN TERLANTAR",
                            "reader": _SHA,
                            "read_at": "2026-11-21T01:02:03Z",
                            "replaced_at": "2026-12-01T01:02:03Z",
                        }
                    ]
                }
            ]
        }
    )

    earlier: list[EarlierReading]


class Check(BaseModel):
    """What a person says of a letter: its kind, and each field's text as printed; a field left out is not there."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={"examples": [{"kind": "skt_polisi", "fields": {"tanggal": "20 November 2026"}}]},
    )

    kind: str = Field(max_length=60)
    fields: dict[str, Annotated[str, Field(max_length=500)]] = Field(max_length=60)


class CutLetter(BaseModel):
    """One letter that a file seems to hold, or was split into: its pages, its likely kind, whether that it begins there
    is sure, and why. `id` is its document, once there is one."""

    id: UUID | None
    first_page: int
    last_page: int
    kind: str | None
    sure: bool
    reasons: list[str]


class Cuts(BaseModel):
    """Where the letters of a file begin. `decided`: nobody has to say so any more; `apart`: pages of no letter,
    which are separator sheets and their blank backs; `decided_letters`: as how many letters it is kept (null: not
    decided)."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "pages": 4,
                    "decided": False,
                    "decided_letters": None,
                    "apart": [2],
                    "letters": [
                        {
                            "id": None,
                            "first_page": 1,
                            "last_page": 1,
                            "kind": "skt_polisi",
                            "sure": True,
                            "reasons": ["awal berkas"],
                        },
                        {
                            "id": None,
                            "first_page": 3,
                            "last_page": 4,
                            "kind": "hasil_asesmen",
                            "sure": True,
                            "reasons": ["sesudah lembar pemisah"],
                        },
                    ],
                }
            ]
        }
    )

    pages: int
    decided: bool
    decided_letters: int | None
    apart: list[int]
    letters: list[CutLetter]


class Decision(BaseModel):
    """Where a person says that letters begin; `[1]` is one letter. `pages` and `decided_letters` as the cuts told."""

    model_config = ConfigDict(
        extra="forbid", json_schema_extra={"examples": [{"begins": [1, 3], "pages": 4, "decided_letters": None}]}
    )

    begins: list[Annotated[int, Field(ge=1, le=100_000)]] = Field(min_length=1, max_length=100_000)
    pages: int = Field(ge=1, le=100_000)
    decided_letters: int | None = Field(default=None, ge=1, le=100_000)


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


class LedgerEvent(BaseModel):
    """One entry of the ledger."""

    model_config = ConfigDict(json_schema_extra={"examples": [_EVENT]})

    seq: int
    at: datetime
    action: str
    actor: str = Field(description="Id of the account, or `worker`")
    document: UUID | None
    digest: str | None
    detail: dict[str, Any]
    hash: str


class Events(BaseModel):
    """Events of one document, oldest first."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"events": [_EVENT]}]})

    events: list[LedgerEvent]


class LedgerPage(BaseModel):
    """Events of the whole archive, newest first."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"events": [_EVENT], "next": "17"}]})

    events: list[LedgerEvent]
    next: str | None


class SearchHit(BaseModel):
    """One page that has all the words."""

    document: UUID
    page: int
    snippet: str
    boxes: list[tuple[float, float, float, float]]
    received_at: datetime


class SearchResults(BaseModel):
    """Pages, newest letter first; `boxes` are fractions of the page's picture (origin top left)."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "total": 1,
                    "hits": [
                        {
                            "document": _ID,
                            "page": 1,
                            "snippet": "menerangkan bahwa orang terlantar tersebut di atas",
                            "boxes": [[0.31, 0.42, 0.39, 0.44]],
                            "received_at": "2026-11-21T01:02:03Z",
                        }
                    ],
                    "next": None,
                }
            ]
        }
    )

    total: int
    hits: list[SearchHit]
    next: str | None


class NewUser(BaseModel):
    """An account to add."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={
            "examples": [
                {"name": "sari", "role": "petugas", "unit": "rehsos", "clearance": "terbatas", "password": "…"}
            ]
        },
    )

    name: str
    role: str
    unit: str = "umum"
    clearance: str = "terbatas"
    password: str | None = None


class NewPassword(BaseModel):
    """A password to set; at least 8 characters."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"examples": [{"password": "kata sandi baru"}]})

    password: str


class User(BaseModel):
    """An account."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [{"id": _ID, "name": "sari", "role": "petugas", "unit": "rehsos", "clearance": "terbatas"}]
        }
    )

    id: UUID
    name: str
    role: str
    unit: str
    clearance: Clearance


class Token(BaseModel):
    """A new bearer token; shown this once."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"token": "arsip_…"}]})

    token: str


class Revoked(BaseModel):
    """How many tokens were taken back."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"revoked": 1}]})

    revoked: int


def document(row: DocumentRow, *, whole: bool = False, letters: Sequence[Part] = ()) -> Document:
    """A document's row as the API shows it; identity numbers in full only where one letter is asked for by its id."""
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
        clearance=CLEARANCES[row.clearance],
        received_at=row.received_at,
        sealed_at=row.sealed_at,
        fault=HeldFor(slug=fault.slug, detail=f"{fault.title}. {fault.detail}") if fault else None,
    )


def twin(row: TwinRow) -> Twin:
    """A pair as the API shows it."""
    return Twin(
        id=row.id,
        documents=(row.first_id, row.second_id),
        score=row.score,
        reasons=row.reasons,
        proposed_at=row.proposed_at,
        decision=row.decision,
        decided_by=row.decided_by,
        decided_at=row.decided_at,
    )


def _masked(name: str, field: dict[str, Any]) -> dict[str, Any]:
    other = field.get("other")
    masked = {part: mask(name, field[part]) for part in ("value", "text")}
    return {**field, **masked, "other": mask(name, other) if other else other}


def event(entry: Event) -> LedgerEvent:
    """A ledger entry as the API shows it."""
    return LedgerEvent(
        seq=entry.seq,
        at=entry.at,
        action=entry.action,
        actor=entry.actor,
        document=entry.document,
        digest=entry.digest,
        detail=entry.detail,
        hash=entry.hash,
    )


def search_results(results: Results) -> SearchResults:
    """Results as the API shows them."""
    return SearchResults(
        total=results.total,
        hits=[
            SearchHit(
                document=hit.document,
                page=hit.page,
                snippet=" ".join(word for word, _ in hit.snippet),
                boxes=list(hit.boxes),
                received_at=hit.received_at,
            )
            for hit in results.hits
        ],
        next=results.next,
    )
