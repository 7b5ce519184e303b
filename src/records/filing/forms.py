"""Lists of the records unit in the forms' own columns (domain.md §1.6): Daftar Berkas, Daftar Isi Berkas, Daftar Arsip
Inaktif, Daftar Arsip Vital; as PDF/A and XLSX."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Final, Literal
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from archive.tables import DocumentRow
from core import clock
from core.faults import InvalidRequest
from records import boxes
from records.columns import Cell
from records.dates import written
from records.filing.berkas import DEVELOPMENTS, Span, number_of, spans
from records.filing.letters import Item
from records.filing.tables import BerkasLetterRow, BerkasRow
from records.office import office
from records.papertables import PaperBoxRow, PaperPlaceRow
from records.retention.clocks import FATES
from records.spreadsheet import Sheet, xlsx
from records.typeset import pdf

List = Literal["berkas", "inaktif", "vital"]
LISTS: Final[dict[List, str]] = {
    "berkas": "Daftar Berkas",
    "inaktif": "Daftar Arsip Inaktif",
    "vital": "Daftar Arsip Vital",
}
MOST_LINES: Final = 6000  # of one PDF


@dataclass(frozen=True, slots=True)
class Line:
    """One berkas of a list: its kurun waktu, and where its paper lies."""

    place: int
    row: BerkasRow
    span: Span | None
    boxes: str
    stands: str


@dataclass(frozen=True, slots=True)
class Column:
    """One column: its head, its share of the width, and what it says of a berkas."""

    head: str
    width: float
    cell: Callable[[Line], Cell]


@dataclass(frozen=True, slots=True)
class Printed:
    """A form that is ready to be set: what stands above its table, the table, and the total under it."""

    title: str
    unit: str
    about: tuple[tuple[str, str], ...]
    heads: tuple[str, ...]
    widths: tuple[float, ...]
    rows: tuple[tuple[Cell, ...], ...]
    total: str


def _development(line: Line) -> Cell:
    return next(name for slug, name in DEVELOPMENTS.items() if slug == line.row.development)


def _amount(line: Line) -> Cell:
    return "; ".join(part for part in (line.row.amount, f"{line.row.letters} surat") if part)


def _kept(line: Line) -> Cell:
    row = line.row
    fate = next(name for slug, name in FATES.items() if slug == row.fate)
    return fate if row.active_years is None else f"{row.active_years} + {row.inactive_years} tahun; {fate.lower()}"


def _moved(line: Line) -> Cell:
    moved = f"dipindahkan {written(line.row.moved_on)}" if line.row.moved_on else ""
    return "; ".join(part for part in (line.row.note, moved) if part)


def _span(line: Line) -> Cell:
    return str(line.span or "")


_UNIT: Final = Column("Unit pengolah", 1.3, lambda line: office().unit(line.row.unit).name)
_NUMBER: Final = Column("Nomor berkas", 0.9, lambda line: number_of(line.row))
_CODE: Final = Column("Kode klasifikasi", 1.0, lambda line: line.row.code or "")
_TITLE: Final = Column("Uraian informasi berkas", 3.0, lambda line: line.row.title)
_TIME: Final = Column("Kurun waktu", 0.9, _span)
_COUNT: Final = Column("Jumlah", 1.0, _amount)
_NOTE: Final = Column("Keterangan", 1.4, lambda line: line.row.note)
COLUMNS: Final[dict[List, tuple[Column, ...]]] = {
    "berkas": (_UNIT, _NUMBER, _CODE, _TITLE, _TIME, _COUNT, _NOTE),
    "inaktif": (
        Column("Nomor arsip", 0.7, lambda line: line.place),
        Column("Kode klasifikasi", 1.2, _CODE.cell),
        Column("Uraian informasi arsip", 2.4, lambda line: line.row.title),
        _TIME,
        _COUNT,
        Column("Tingkat perkembangan", 1.3, _development),
        Column("Keterangan", 1.0, _moved),
        Column("Nomor definitif folder dan boks", 1.1, lambda line: line.boxes),
        Column("Lokasi simpan", 1.2, lambda line: line.stands),
        Column("Jangka simpan dan nasib akhir", 1.2, _kept),
        Column("Kategori arsip", 0.8, lambda line: "Vital" if line.row.vital else "Umum"),
    ),
    "vital": (
        Column("No.", 0.5, lambda line: line.place),
        Column("Jenis arsip", 2.6, lambda line: line.row.title),
        Column("Unit kerja", 1.2, _UNIT.cell),
        _TIME,
        Column("Media", 0.9, lambda line: line.row.media),
        _COUNT,
        Column("Jangka simpan", 1.2, _kept),
        Column("Metode pelindungan", 1.3, lambda line: line.row.protection),
        Column("Lokasi simpan", 1.2, lambda line: "; ".join(part for part in (line.boxes, line.stands) if part)),
        _NOTE,
    ),
}


def gather(session: Session, unit: str, which: List) -> Printed:
    """A list of a unit's berkas, of those that the asker may see: the open and the active, the inactive, or the vital
    ones. Raises InvalidRequest for more than one form can hold."""
    wanted = {
        "berkas": BerkasRow.phase == "aktif",
        "inaktif": BerkasRow.phase != "aktif",
        "vital": BerkasRow.vital,
    }[which]
    query = (
        select(BerkasRow)
        .where(BerkasRow.unit == unit, BerkasRow.disposed_at.is_(None), wanted)
        .order_by(BerkasRow.year, BerkasRow.number)
        .limit(MOST_LINES + 1)
    )
    rows = list(session.scalars(query))
    if len(rows) > MOST_LINES:
        raise InvalidRequest(what=f"daftar (lebih dari {MOST_LINES} berkas; unduh CSV di halaman Retensi)")
    ids = [row.id for row in rows]
    times, places = spans(session, ids), _places(session, ids)
    lines = [Line(place, row, times.get(row.id), *places.get(row.id, ("", ""))) for place, row in enumerate(rows, 1)]
    columns = COLUMNS[which]
    letters = sum(row.letters for row in rows)
    return Printed(
        title=LISTS[which],
        unit=office().unit(unit).name,
        about=(("Pencipta arsip", office().name), ("Unit pengolah", office().unit(unit).name)),
        heads=tuple(column.head for column in columns),
        widths=tuple(column.width for column in columns),
        rows=tuple(tuple(column.cell(line) for column in columns) for line in lines),
        total=f"Jumlah: {len(rows)} berkas, {letters} surat.",
    )


def contents(row: BerkasRow, items: Sequence[Item], names: Callable[[str | None], str]) -> Printed:
    """Daftar Isi Berkas; `names` says what a kind of letter is called."""
    cells = [
        (
            number_of(row),
            place,
            row.code or "",
            item.subject or names(item.row.kind),
            item.day,
            f"{item.row.pages or 1} halaman",
            "" if item.urgency == "biasa" else item.urgency.replace("_", " ").capitalize(),
        )
        for place, item in enumerate(items, 1)
    ]
    unit = office().unit(row.unit).name
    return Printed(
        title="Daftar Isi Berkas",
        unit=unit,
        about=(("Unit pengolah", unit), ("Berkas", f"{number_of(row)} {row.title}")),
        heads=(
            *("Nomor berkas", "Nomor item arsip", "Kode klasifikasi", "Uraian informasi arsip", "Tanggal", "Jumlah"),
            "Keterangan",
        ),
        widths=(0.9, 0.8, 1.0, 3.0, 1.0, 0.8, 1.0),
        rows=tuple(cells),
        total=f"Jumlah: {len(cells)} item arsip.",
    )


def as_pdf(printed: Printed, unit: str) -> bytes:
    """The form as a PDF/A, A4 across: heads and numbers on each page, the total, and a place to sign."""
    here, now = office(), clock.now()
    data: dict[str, Any] = {
        "letterhead": here.letterhead,
        "title": printed.title,
        "unit": printed.unit,
        "about": printed.about,
        "heads": printed.heads,
        "widths": printed.widths,
        "rows": [[_written(cell) for cell in row] for row in printed.rows],
        "total": printed.total,
        "signed": {"place": _place(), **_signed(unit)},
    }
    return pdf("berkas", data, made_at=now)


def _place() -> str:
    return ", ".join(part for part in (office().place, written(clock.now().date())) if part)


def _signed(unit: str) -> dict[str, str]:
    who = office().unit(unit).signatory
    return {"role": "", "title": who.title, "name": who.name, "nip": who.nip}


def as_xlsx(printed: Printed, unit: str) -> bytes:
    """The same as a spreadsheet."""
    above = (printed.title, *office().letterhead, *(f"{label}: {value}" for label, value in printed.about))
    sheet = Sheet(
        name=printed.title[:31],
        above=above,
        heads=printed.heads,
        widths=printed.widths,
        rows=printed.rows,
        struck=[False] * len(printed.rows),
        below=printed.total,
        place=_place(),
        signers=[_signed(unit)],
    )
    return xlsx([sheet], made_at=clock.now())


def filename(title: str, unit: str, ending: str) -> str:
    """`daftar-berkas-umum.pdf`: of a kind of list and a unit, and of no person."""
    return f"{title.lower().replace(' ', '-')}-{unit}.{ending}"


def _written(cell: Cell) -> str:
    return written(cell) if isinstance(cell, date) else "" if cell is None else str(cell)


def _places(session: Session, berkas: Iterable[UUID]) -> dict[UUID, tuple[str, str]]:
    """In which boxes and folders the paper of each lies, and where those stand; that of a destroyed letter is gone."""
    query = (
        select(BerkasLetterRow.berkas_id, PaperPlaceRow.folder, PaperBoxRow)
        .join(PaperPlaceRow, PaperPlaceRow.document_id == BerkasLetterRow.document_id)
        .join(PaperBoxRow, PaperBoxRow.id == PaperPlaceRow.box_id)
        .join(DocumentRow, DocumentRow.id == PaperPlaceRow.document_id)
        .where(BerkasLetterRow.berkas_id.in_(list(berkas)), PaperPlaceRow.last, DocumentRow.destroyed_at.is_(None))
        .order_by(PaperBoxRow.unit, PaperBoxRow.number, PaperPlaceRow.folder)
    )
    codes: dict[UUID, dict[str, None]] = {}
    stands: dict[UUID, dict[str, None]] = {}
    for of, folder, box in session.execute(query):
        if of is None:
            continue
        told = f"{boxes.code_of(box)}{f' folder {folder}' if folder else ''}"
        codes.setdefault(of, {})[told] = None
        stands.setdefault(of, {})[boxes.words(boxes.stand_of(box))] = None
    return {of: ("; ".join(told), "; ".join(one for one in stands[of] if one)) for of, told in codes.items()}
