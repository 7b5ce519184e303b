"""Tables in the columns of SRIKANDI, which has no way in for programs: a person brings them over (domain.md §7.1).

SRIKANDI is the aplikasi umum of kearsipan dinamis (KepmenPANRB 679/2020): registration of letters that came from
outside it, klasifikasi with its retention in five columns, daftar berkas and daftar isi berkas (Permendagri's forms).
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Final, Literal, get_args

from sqlalchemy import Select, func, select, text
from sqlalchemy.orm import Session

from access.accounts import Account
from access.roles import CLEARANCES, Right
from archive import ledger
from archive.tables import DocumentRow
from core import clock, csvlines
from core.csvlines import Cell
from core.faults import InvalidRequest
from records.filing.tables import BerkasLetterRow, BerkasRow
from records.office import office
from records.retention.clocks import FATES
from records.retention.tables import ScheduleRowRow, ScheduleVersionRow
from records.spreadsheet import Sheet, xlsx
from records.tables import AgendaEntryRow

Table = Literal["naskah", "berkas", "isi-berkas", "klasifikasi"]
Ending = Literal["csv", "xlsx"]
TABLES: Final[tuple[Table, ...]] = get_args(Table)
MOST_LINES: Final = 50_000
_DAYS: Final = text(
    "SELECT l.berkas_id, min(letter_day(d.fields, d.received_at)), max(letter_day(d.fields, d.received_at))"
    " FROM berkas_letter l JOIN document d ON d.id = l.document_id JOIN berkas b ON b.id = l.berkas_id"
    " WHERE b.unit = :unit AND b.year = :year GROUP BY 1"
)


@dataclass(frozen=True, slots=True)
class Asked:
    """Which table, of which unit and year; klasifikasi is the office's and of no year. Letters also of one month."""

    table: Table
    unit: str
    year: int
    month: int | None = None

    @property
    def name(self) -> str:
        """What a file of it is called: of a table, a unit and a time, and of no person."""
        parts = ["srikandi", self.table]
        if self.table != "klasifikasi":
            parts += [self.unit, str(self.year), *([f"{self.month:02d}"] if self.month else [])]
        return "-".join(parts)


@dataclass(frozen=True, slots=True)
class Columns:
    """What a table is called, and its heads with their widths."""

    title: str
    heads: tuple[str, ...]
    widths: tuple[float, ...]


COLUMNS: Final[Mapping[Table, Columns]] = {
    "naskah": Columns(
        "Registrasi naskah",
        (
            *("Jenis", "Nomor agenda", "Nomor naskah", "Tanggal naskah", "Tanggal diterima/dikirim", "Asal naskah"),
            *("Tujuan", "Hal", "Sifat naskah", "Tingkat urgensi", "Kode klasifikasi", "Lampiran", "Keterangan"),
            *("Berkas PDF", "Halaman surat", "SHA-256 berkas asli"),
        ),
        (0.8, 0.8, 1.6, 1.0, 1.0, 1.8, 1.8, 2.4, 0.9, 0.9, 1.2, 0.9, 1.4, 1.5, 2.2, 2.4),
    ),
    "berkas": Columns(
        "Daftar berkas",
        (
            *("Unit pengolah", "Nomor berkas", "Kode klasifikasi", "Uraian informasi berkas", "Kurun waktu"),
            *("Jumlah", "Keterangan"),
        ),
        (1.6, 0.9, 1.2, 3.2, 1.1, 0.9, 1.8),
    ),
    "isi-berkas": Columns(
        "Daftar isi berkas",
        (
            *("Nomor berkas", "Nomor item arsip", "Kode klasifikasi", "Uraian informasi arsip", "Tanggal"),
            *("Jumlah", "Keterangan"),
        ),
        (0.9, 0.8, 1.2, 3.4, 1.0, 0.9, 1.6),
    ),
    "klasifikasi": Columns(
        "Klasifikasi dan JRA",
        ("Kode", "Nama", "Retensi aktif", "Retensi inaktif", "Keterangan akhir"),
        (1.2, 4.0, 0.9, 0.9, 1.6),
    ),
}


@dataclass(frozen=True, slots=True)
class Made:
    """A file to be saved."""

    name: str
    data: bytes
    lines: int


def make(session: Session, account: Account, asked: Asked, ending: Ending, kinds: Mapping[str, str]) -> Made:
    """The table with what the asker may see. That it was taken out is entered in the ledger.

    Raises Forbidden, and InvalidRequest for more lines than one file may have.
    """
    account.require(Right.EXPORT)
    rows, remark = _ROWS[asked.table](session, asked, kinds)
    if len(rows) > MOST_LINES:
        raise InvalidRequest(what=f"tabel (lebih dari {MOST_LINES} baris)")
    columns = COLUMNS[asked.table]
    name = f"{asked.name}-contoh" if remark else asked.name
    data = _csv(columns, rows) if ending == "csv" else _xlsx(columns, rows, asked, remark)
    told: dict[str, Any] = {"table": asked.table, "format": ending, "lines": len(rows)}
    ledger.append(session, "srikandi_exported", actor=account.id, **told)
    return Made(f"{name}.{ending}", data, len(rows))


def _csv(columns: Columns, rows: Sequence[Sequence[Cell]]) -> bytes:
    return csvlines.BEGINS + csvlines.lines([columns.heads, *rows])


def _xlsx(columns: Columns, rows: Sequence[Sequence[Cell]], asked: Asked, remark: str) -> bytes:
    here = office()
    of = here.unit(asked.unit).name + f", tahun {asked.year}" if asked.table != "klasifikasi" else here.name
    above = (columns.title, *here.letterhead, of, *([remark] if remark else []))
    below = f"Jumlah: {len(rows)} baris."
    sheet = Sheet(columns.title[:31], above, columns.heads, columns.widths, rows, [False] * len(rows), below)
    return xlsx([sheet], made_at=clock.now())


Rows = tuple[list[list[Cell]], str]


def registered(asked: Asked) -> Select[AgendaEntryRow, DocumentRow]:
    """The numbered lines of both books that the asker may see, incoming ones first, with their letters if there are."""
    query = (
        select(AgendaEntryRow, DocumentRow)
        .outerjoin(DocumentRow, DocumentRow.id == AgendaEntryRow.document_id)
        .where(AgendaEntryRow.unit == asked.unit, AgendaEntryRow.year == asked.year, AgendaEntryRow.numbered)
        .order_by(AgendaEntryRow.book.desc(), AgendaEntryRow.number)
        .limit(MOST_LINES + 1)
    )
    if asked.month is not None:
        query = query.where(func.extract("month", AgendaEntryRow.day) == asked.month)
    return query


def pdf_name(entry: AgendaEntryRow, row: DocumentRow | None) -> str:
    """`masuk-2026-00012.pdf`, the letter's searchable PDF; "" while there is none."""
    has_one = row is not None and row.stage == "sealed" and entry.cancelled_at is None
    return f"{entry.book}-{entry.year}-{entry.number:05d}.pdf" if has_one else ""


def _letters(session: Session, asked: Asked, _kinds: Mapping[str, str]) -> Rows:
    query = (
        registered(asked)
        .outerjoin(BerkasLetterRow, BerkasLetterRow.document_id == DocumentRow.id)
        .outerjoin(BerkasRow, BerkasRow.id == BerkasLetterRow.berkas_id)
        .add_columns(BerkasRow.code)
    )
    return [_letter(*found) for found in session.execute(query)], ""


def _letter(entry: AgendaEntryRow, row: DocumentRow | None, code: str | None) -> list[Cell]:
    incoming = entry.book == "masuk"
    remark = f"BATAL: {entry.cancel_reason}" if entry.cancel_reason else entry.note
    return [
        f"Naskah {entry.book}",
        entry.number,
        entry.letter_number,
        _iso(entry.letter_date),
        _iso((entry.received_on or entry.day) if incoming else entry.day),
        entry.party if incoming else office().unit(entry.unit).name,
        office().unit(entry.unit).name if incoming else entry.party,
        entry.subject,
        _level(entry.secrecy),
        entry.urgency.replace("_", " ").capitalize(),
        entry.code or code or "",
        entry.attachments,
        remark,
        pdf_name(entry, row),
        f"/arsip/{row.id}" if row is not None else "",
        row.sha256 if row is not None else "",
    ]


def _berkas(session: Session, asked: Asked, _kinds: Mapping[str, str]) -> Rows:
    days = {found[0]: found[1:] for found in session.execute(_DAYS, {"unit": asked.unit, "year": asked.year})}
    return [
        [
            office().unit(row.unit).name,
            f"{row.number:03d}/{row.year}",
            row.code or "",
            row.title,
            _span(*days[row.id]) if row.id in days else "",
            row.amount or f"{row.letters} surat",
            row.note,
        ]
        for row in session.scalars(_of_year(select(BerkasRow), asked).order_by(BerkasRow.number))
    ], ""


def _contents(session: Session, asked: Asked, kinds: Mapping[str, str]) -> Rows:
    day = func.letter_day(DocumentRow.fields, DocumentRow.received_at).label("day")
    query = (
        _of_year(select(BerkasRow, DocumentRow, day), asked)
        .join(BerkasLetterRow, BerkasLetterRow.berkas_id == BerkasRow.id)
        .join(DocumentRow, DocumentRow.id == BerkasLetterRow.document_id)
        .order_by(BerkasRow.number, day, DocumentRow.seq)
    )
    rows: list[list[Cell]] = []
    last, item = None, 0
    for berkas, row, bears in session.execute(query):
        item = item + 1 if berkas.id == last else 1
        last = berkas.id
        said = (kinds.get(row.kind or "", "Surat"), _value(row, "nomor_surat"), _value(row, "perihal"))
        uraian = " ".join(part for part in said if part)
        number = f"{berkas.number:03d}/{berkas.year}"
        level = _level(row.clearance)
        rows.append([number, item, berkas.code or "", uraian, bears.isoformat(), f"{row.pages or 0} lembar", level])
    return rows, ""


def _codes(session: Session, _asked: Asked, _kinds: Mapping[str, str]) -> Rows:
    version = session.scalar(select(func.schedule_in_force()))
    if version is None:
        return [], ""
    query = select(ScheduleRowRow).where(ScheduleRowRow.version_id == version).order_by(ScheduleRowRow.line)
    sample = session.scalars(select(ScheduleVersionRow.sample).where(ScheduleVersionRow.id == version)).one()
    return [
        [row.code, row.series, row.active_years, row.inactive_years, row.condition or _fate(row.fate)]
        for row in session.scalars(query)
    ], "CONTOH: bukan JRA kantor ini" if sample else ""


def _of_year(query: Any, asked: Asked) -> Any:
    return query.where(BerkasRow.unit == asked.unit, BerkasRow.year == asked.year).limit(MOST_LINES + 1)


def _fate(fate: str) -> str:
    return next(words for name, words in FATES.items() if name == fate)


def _value(row: DocumentRow, name: str) -> str:
    return str(row.fields.get(name, {}).get("value") or "")


def _level(level: int) -> str:
    return CLEARANCES[level].replace("_", " ").capitalize()


def _iso(day: date | None) -> str:
    return day.isoformat() if day is not None else ""


def _span(first: date, last: date) -> str:
    return str(first.year) if first.year == last.year else f"{first.year}–{last.year}"


_ROWS: Final[Mapping[Table, Callable[[Session, Asked, Mapping[str, str]], Rows]]] = {
    "naskah": _letters,
    "berkas": _berkas,
    "isi-berkas": _contents,
    "klasifikasi": _codes,
}
