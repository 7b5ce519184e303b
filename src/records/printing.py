"""The agenda books on paper and as a spreadsheet: by day, month or year, with totals and who signs."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final
from zoneinfo import ZoneInfo

from sqlalchemy.orm import Session

from core.faults import InvalidRequest
from core.months import MONTHS
from core.settings import settings
from records import book as shelf
from records.book import Line, Period
from records.columns import COLUMNS, FIRST_HEAD, FIRST_WIDTH, Cell, Layout, cells
from records.dates import written
from records.office import office
from records.particulars import BOOKS, Book
from records.spreadsheet import Sheet, xlsx
from records.typeset import pdf

TITLES: Final[dict[Book, str]] = {"masuk": "Buku Agenda Surat Masuk", "keluar": "Buku Agenda Surat Keluar"}
MOST_LINES: Final = 6000  # of a PDF: ten seconds of one core, and a gigabyte
PAIRED_TITLE: Final = "Buku Agenda Berpasangan"


@dataclass(frozen=True, slots=True)
class Part:
    """One book's lines of the period, as cells in the order of its columns."""

    book: Book
    rows: tuple[tuple[Cell, ...], ...]
    struck: tuple[bool, ...]
    closed: int

    @property
    def total(self) -> str:
        """`Jumlah: 12 surat, di antaranya 1 dibatalkan dan 2 tertutup.`"""
        of_these = [(sum(self.struck), "dibatalkan"), (self.closed, "tertutup")]
        told = " dan ".join(f"{count} {what}" for count, what in of_these if count)
        return f"Jumlah: {len(self.rows)} surat" + (f", di antaranya {told}." if told else ".")


@dataclass(frozen=True, slots=True)
class Printed:
    """What is to be printed: one book, or two side by side, of one unit and period."""

    unit: str
    period: Period
    parts: tuple[Part, ...]

    @property
    def title(self) -> str:
        return TITLES[self.parts[0].book] if len(self.parts) == 1 else PAIRED_TITLE

    @property
    def lines(self) -> int:
        """How many lines there are in all."""
        return sum(len(part.rows) for part in self.parts)


def gather(session: Session, unit: str, layout: Layout, period: Period) -> Printed:
    """The lines of a book, or of both, closed where the reader may not see them."""
    books = BOOKS if layout == "berpasangan" else (layout,)
    return Printed(unit, period, tuple(_part(session, unit, book, period) for book in books))


def _part(session: Session, unit: str, book: Book, period: Period) -> Part:
    lines: list[Line] = list(shelf.all_lines(session, unit, book, period))
    sent = shelf.sent_days(session, [line.entry.id for line in lines if line.entry]) if book == "keluar" else {}
    return Part(
        book,
        tuple(tuple(cells(book, place, line, sent)) for place, line in enumerate(lines, 1)),
        tuple(line.cancelled for line in lines),
        sum(line.entry is None for line in lines),
    )


def named(period: Period) -> str:
    """`Tahun 2026`, `November 2026` or `26 November 2026`."""
    if period.day is not None:
        return written(period.first)
    return f"{MONTHS[period.month - 1]} {period.year}" if period.month else f"Tahun {period.year}"


def filename(printed: Printed, ending: str) -> str:
    """`agenda-masuk-umum-2026-11.pdf`: of a kind of book, a unit and a period, and of no person."""
    book = printed.parts[0].book if len(printed.parts) == 1 else "berpasangan"
    when = "-".join(f"{n:02d}" for n in (printed.period.year, printed.period.month, printed.period.day) if n)
    return f"agenda-{book}-{printed.unit}-{when}.{ending}"


def _now() -> datetime:
    return datetime.now(ZoneInfo(settings().timezone))


def _written(cell: Cell) -> str:
    return written(cell) if isinstance(cell, date) else "" if cell is None else str(cell)


def refuse_too_long(printed: Printed) -> None:
    """Raise InvalidRequest for more lines than one PDF may have."""
    if printed.lines > MOST_LINES:
        raise InvalidRequest(what=f"bagian yang dicetak ({printed.lines} surat; pilih bulan, atau unduh XLSX)")


def as_pdf(printed: Printed) -> bytes:
    """The printed book, A4 across, with heads, page numbers, totals and a place to sign."""
    here, unit, now = office(), office().unit(printed.unit), _now()
    return pdf(
        "agenda",
        {
            "letterhead": here.letterhead,
            "title": printed.title,
            "unit": unit.name,
            "period": named(printed.period),
            "parts": [_part_data(part) for part in printed.parts],
            "signed": {
                "place": ", ".join(part for part in (here.place, written(now.date())) if part),
                "title": unit.signatory.title,
                "name": unit.signatory.name,
                "nip": unit.signatory.nip,
            },
        },
        made_at=now,
    )


def _part_data(part: Part) -> dict[str, Any]:
    return {
        "title": TITLES[part.book],
        "heads": _heads(part.book),
        "widths": _widths(part.book),
        "rows": [[_written(cell) for cell in row] for row in part.rows],
        "struck": part.struck,
        "total": part.total,
    }


def _heads(book: Book) -> tuple[str, ...]:
    return (FIRST_HEAD, *(column.head for column in COLUMNS[book]))


def _widths(book: Book) -> tuple[float, ...]:
    return (FIRST_WIDTH, *(column.width for column in COLUMNS[book]))


def as_xlsx(printed: Printed) -> bytes:
    """The same as a spreadsheet, a sheet for each book: dates are dates, text is text and never a formula."""
    above = (*office().letterhead, f"{office().unit(printed.unit).name}, {named(printed.period)}")
    return xlsx(
        [
            Sheet(
                name=TITLES[part.book].removeprefix("Buku "),
                above=(TITLES[part.book], *above),
                heads=_heads(part.book),
                widths=_widths(part.book),
                rows=part.rows,
                struck=part.struck,
                below=part.total,
            )
            for part in printed.parts
        ],
        made_at=_now(),
    )
