"""What the forms of a list share: the list with its lines, who signs, where and when."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any, Final, cast
from zoneinfo import ZoneInfo

from core.settings import settings
from records.dates import written
from records.disposal import lines as forms
from records.disposal.deed import Deed, Person
from records.disposal.lines import Line, Stage
from records.disposal.panel import Panel
from records.disposal.tables import DisposalRow
from records.disposal.workflow import Kind
from records.office import Signatory, office

Part = dict[str, Any]  # a paragraph of berita.typ
GAP: Final = "………………………"  # written in by hand


@dataclass(frozen=True, slots=True)
class Printed:
    """A list with the lines that its forms show, in the order of their berkas' numbers. `papers`: number and date of
    its papers as they were read; `spared`: lines that the panel decided otherwise on; `judged`: those it has to decide
    one by one, with its verdict ("" before) and reason."""

    row: DisposalRow
    lines: tuple[Line, ...]
    day: date
    papers: Mapping[str, str] = field(default_factory=dict)
    spared: tuple[Line, ...] = ()
    judged: tuple[tuple[Line, str, str], ...] = ()

    @property
    def kind(self) -> Kind:
        return cast(Kind, self.row.kind)

    @property
    def panel(self) -> Panel:
        return Panel.from_json(self.row.panel)

    @property
    def count(self) -> str:
        """`12 berkas, 57 surat`."""
        return forms.totals(self.lines).removeprefix("Jumlah: ").rstrip(".")


def said(words: str) -> Part:
    """A paragraph."""
    return {"kind": "text", "text": words}


def headed(words: str) -> Part:
    """A word over what follows."""
    return {"kind": "head", "text": words}


def enumerated(rows: list[str]) -> Part:
    """Numbered points."""
    return {"kind": "rows", "rows": rows}


def paired(rows: list[tuple[str, str]]) -> Part:
    """What, and what is said of it."""
    return {"kind": "pairs", "rows": rows}


def signer(role: str, who: Signatory | Person) -> dict[str, str]:
    """A place to sign."""
    return {"role": role, "title": who.title, "name": who.name, "nip": who.nip}


def place(printed: Printed) -> str:
    """`Tarakan, 3 Maret 2036`."""
    return ", ".join(part for part in (office().place, written(printed.day)) if part)


def at(day: date) -> datetime:
    """The day's first moment at the office."""
    return datetime(day.year, day.month, day.day, tzinfo=ZoneInfo(settings().timezone))


def signers(printed: Printed, stage: Stage) -> list[dict[str, str]]:
    """Who signs a form, in the order that its kind has them."""
    here, deed = office(), Deed.from_json(printed.row.deed)
    keeper = signer("Unit kearsipan,", here.usual_unit.signatory)
    owner = signer("Unit pengolah,", here.unit(printed.row.unit).signatory)
    if printed.kind == "alih_media":
        return [keeper]
    if printed.kind == "penyerahan" and stage == "akhir":
        return [keeper, *(signer("Yang menerima,", one) for one in deed.witnesses[:1])]
    witnesses = deed.witnesses if printed.kind == "pemusnahan" and stage == "akhir" else ()
    return [owner, keeper, *(signer(f"Saksi {number},", one) for number, one in enumerate(witnesses, 1))]
