"""What the API takes for lists of records to be moved, handed over or destroyed, with examples for its docs."""

from typing import Annotated, Any, Literal
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from api.schemas.shared import ID
from core.faults import InvalidRequest
from records.book import UNIT
from records.disposal import deed
from records.disposal import panel as panels
from records.disposal.lists import MOST_AT_ONCE
from records.disposal.panel import Panel
from records.disposal.printing import MOST_LINES
from records.disposal.workflow import Kind
from records.office import office

BERKAS_EXAMPLE = "7c9e6679-7425-40de-944b-e07fc1f90ae7"
_DEED: dict[str, Any] = {
    "number": "000.5.6.2/1/DINSOS/III/2036", "place": "halaman kantor", "method": "dicacah",
    "witnesses": [{"name": "Dewi Contoh", "title": "Kepala Bagian Hukum", "nip": ""},
                  {"name": "Eko Contoh", "title": "Inspektorat", "nip": ""}],
}  # fmt: skip
PANEL_EXAMPLE: dict[str, Any] = {
    "decree": "000.5.6.2/7/DINSOS/2036 tanggal 4 Februari 2036",
    "members": [{"name": "Gita Contoh", "title": "Kepala Subbagian Umum", "nip": "198001012005012001"},
                {"name": "Hadi Contoh", "title": "Arsiparis", "nip": ""}],
}  # fmt: skip

Text = Annotated[str, Field(max_length=500)]
Short = Annotated[str, Field(max_length=200)]
Unit = Annotated[str, Field(pattern=UNIT)]
Some = Annotated[list[UUID], Field(max_length=MOST_AT_ONCE)]


class NewDisposal(BaseModel):
    """A new list: what is to become of which berkas of a unit (left out: one's own)."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={"examples": [{"kind": "pemusnahan", "unit": "rehsos", "berkas": [BERKAS_EXAMPLE]}]},
    )

    kind: Kind
    unit: Unit | None = None
    berkas: Annotated[list[UUID], Field(min_length=1, max_length=MOST_AT_ONCE)]
    note: Text = ""


class ListChanges(BaseModel):
    """Berkas to put on an open list, and berkas to take off it."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"examples": [{"add": [BERKAS_EXAMPLE], "remove": []}]})

    add: Some = []
    remove: Some = []


class PanelVerdict(BaseModel):
    """The panel's word on one berkas, and why."""

    model_config = ConfigDict(
        extra="forbid", json_schema_extra={"examples": [{"verdict": "permanen", "reason": "Perkara pertama sejenis"}]}
    )

    verdict: Literal["musnah", "permanen"]
    reason: Text


class StopReason(BaseModel):
    """Why."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"examples": [{"reason": "Satu berkas masih dipakai"}]})

    reason: Text


class NewPaper(BaseModel):
    """A letter of the archive as one of the list's papers; `why`, where it does not name the list."""

    model_config = ConfigDict(
        extra="forbid", json_schema_extra={"examples": [{"paper": "sk_panitia", "document": ID, "why": ""}]}
    )

    paper: Annotated[str, Field(max_length=40)]
    document: UUID
    why: Text = ""


class Witness(BaseModel):
    """Who witnessed, or took over: name, jabatan, NIP."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"examples": _DEED["witnesses"]})

    name: Short
    title: Short
    nip: Short = ""


class DisposalDeed(BaseModel):
    """What the berita acara says of the execution; without `executor` who did it is written in by hand."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"examples": [_DEED]})

    number: Short
    place: Short
    method: Short = ""
    witnesses: Annotated[list[Witness], Field(max_length=deed.MOST_WITNESSES)] = []
    executor: Witness | None = None


class DisposalPanel(BaseModel):
    """Who appraises the list, the ketua first, and by which SK (its number and date)."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"examples": [PANEL_EXAMPLE]})

    decree: Short
    members: Annotated[list[Witness], Field(max_length=panels.MOST_MEMBERS)]


class TakeStep(BaseModel):
    """A step to take. `declared`: the assessor answers that the records have no use value left and that no law forbids
    it (UU 43/2009 ps 51 a, c); `chosen`: the berkas that were approved, where only some were; `deed`: what was done."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={"examples": [{"step": "nilai", "declared": True}, {"step": "musnahkan", "deed": _DEED}]},
    )

    step: Annotated[str, Field(max_length=40)]
    declared: bool = False
    chosen: Annotated[list[UUID], Field(max_length=MOST_LINES)] = []
    deed: DisposalDeed | None = None


def told(wanted: DisposalDeed | None, kind: Kind) -> dict[str, Any] | None:
    """The deed as it is kept. Raises InvalidRequest, which says what is missing."""
    if wanted is None:
        return None
    people = [deed.Person(one.name, one.title, one.nip) for one in wanted.witnesses]
    by = deed.Person(wanted.executor.name, wanted.executor.title, wanted.executor.nip) if wanted.executor else None
    try:
        return deed.told(
            kind, wanted.number, wanted.place, wanted.method, people, by, units=office().witnesses
        ).to_json()
    except ValueError as error:
        raise InvalidRequest(what=str(error)) from error


def seated(wanted: DisposalPanel) -> Panel:
    """The panel as it is kept. Raises InvalidRequest, which says what is missing."""
    try:
        return panels.told(wanted.decree, [deed.Person(one.name, one.title, one.nip) for one in wanted.members])
    except ValueError as error:
        raise InvalidRequest(what=str(error)) from error
