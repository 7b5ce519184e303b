"""What the forms of a list share: the list with its lines, who signs, where and when."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import cast
from zoneinfo import ZoneInfo

from core.settings import settings
from records.dates import written
from records.disposal import lines as forms
from records.disposal.deed import Person
from records.disposal.lines import Line
from records.disposal.panel import Panel
from records.disposal.tables import DisposalRow
from records.disposal.workflow import Kind
from records.office import Signatory, office


@dataclass(frozen=True, slots=True)
class Printed:
    """A list with the lines that its forms show, in the order of their berkas' numbers. `papers`: number and date of
    its papers as they were read; `spared`: lines that the panel decided otherwise on."""

    row: DisposalRow
    lines: tuple[Line, ...]
    day: date
    papers: Mapping[str, str] = field(default_factory=dict)
    spared: tuple[Line, ...] = ()

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


def signer(role: str, who: Signatory | Person) -> dict[str, str]:
    """A place to sign."""
    return {"role": role, "title": who.title, "name": who.name, "nip": who.nip}


def place(printed: Printed) -> str:
    """`Tarakan, 3 Maret 2036`."""
    return ", ".join(part for part in (office().place, written(printed.day)) if part)


def at(day: date) -> datetime:
    """The day's first moment at the office."""
    return datetime(day.year, day.month, day.day, tzinfo=ZoneInfo(settings().timezone))
