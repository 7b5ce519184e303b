"""The columns of the printed books (domain.md §3.1), the same for PDF and spreadsheet. Pure."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Final, Literal
from uuid import UUID

from records.book import Line
from records.particulars import Book
from records.tables import AgendaEntryRow

Cell = str | int | date | None
Sent = Mapping[UUID, date]


@dataclass(frozen=True, slots=True)
class Column:
    """One column: its head, its share of the width, and what it says of a visible line."""

    head: str
    width: float
    cell: Callable[[AgendaEntryRow, Sent], Cell]


Layout = Literal["masuk", "keluar", "berpasangan"]


def _note(row: AgendaEntryRow, _: Sent) -> Cell:
    """Keterangan; of a cancelled entry first why it is."""
    return "; ".join(part for part in (f"BATAL: {row.cancel_reason}" if row.cancel_reason else "", row.note) if part)


def _received(row: AgendaEntryRow, _: Sent) -> Cell:
    return row.received_on or row.day


_INCOMING: Final = (
    Column("Tanggal terima", 1.1, _received),
    Column("Nomor agenda", 0.7, lambda row, _: row.number),
    Column("Pengirim (asal surat)", 2.0, lambda row, _: row.party),
    Column("Tanggal surat", 1.1, lambda row, _: row.letter_date),
    Column("Nomor surat", 1.7, lambda row, _: row.letter_number),
    Column("Isi ringkas/perihal", 2.6, lambda row, _: row.subject),
    Column("Lampiran", 0.9, lambda row, _: row.attachments),
    Column("Diteruskan kepada", 1.4, lambda row, _: row.forwarded_to),
    Column("Keterangan", 1.3, _note),
)
COLUMNS: Final[Mapping[Book, tuple[Column, ...]]] = {
    "masuk": _INCOMING,
    "keluar": (
        Column("No. verbal", 0.9, lambda row, _: row.verbal),
        Column("Nomor surat", 1.9, lambda row, _: row.letter_number),
        Column("Tanggal surat", 1.1, lambda row, _: row.letter_date),
        Column("Tanggal kirim", 1.1, lambda row, sent: sent.get(row.id)),
        Column("Dikirim kepada (instansi, alamat)", 2.3, lambda row, _: row.party),
        Column("Isi ringkas", 2.7, lambda row, _: row.subject),
        Column("Keterangan", 1.4, _note),
    ),
}
# The first column: the serial of an outgoing letter; incoming ones are counted within what is printed
FIRST_HEAD, FIRST_WIDTH = "No.", 0.5
CLOSED: Final = "tertutup"


def cells(book: Book, place: int, line: Line, sent: Sent) -> list[Cell]:
    """The cells of the line that is the `place`th of what is printed; of a closed line nothing but its number, its day
    and that it is closed."""
    columns = COLUMNS[book]
    first = place if book == "masuk" else line.number
    if line.entry is not None:
        return [first, *(column.cell(line.entry, sent) for column in columns)]
    closed: list[Cell] = [""] * len(columns)
    if book == "masuk":
        closed[:2] = line.day, line.number
    closed[-1] = f"{CLOSED}; BATAL" if line.cancelled else CLOSED
    return [first, *closed]
