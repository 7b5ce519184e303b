"""A list's forms: the list as proposed and as carried out (PDF/A, XLSX), its berita acara (letters: letters.py).
Each names the list by its code, so that whatever is written about it can."""

from dataclasses import replace
from datetime import date
from typing import Any, Final, Literal
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy import select, text
from sqlalchemy.orm import Session

from core.faults import InvalidRequest
from core.settings import settings
from records.dates import written
from records.disposal import letters, lists, papers
from records.disposal import lines as forms
from records.disposal.deed import Deed
from records.disposal.letters import LETTERS
from records.disposal.lines import COLUMNS, TITLES, Line, Stage
from records.disposal.papers import qr_of
from records.disposal.printed import Printed, at, place, signer
from records.disposal.tables import DisposalItemRow, DisposalRow
from records.disposal.words import APPROVERS, VERDICTS
from records.disposal.workflow import Kind, workflows
from records.office import Signatory, office
from records.qrcode import modules
from records.spreadsheet import Sheet, xlsx
from records.typeset import pdf

Form = Literal["daftar", "daftar_akhir", "berita_acara", "pertimbangan", "permohonan", "pernyataan"]
MOST_LINES: Final = 20_000  # of a PDF: it is set in half a minute
COPIES: Final = ("Rangkap 1: unit kearsipan", "Rangkap 2: unit pengolah")
_TOLD: Final = text("SELECT berkas_id, line FROM disposal_told(:list)")


def _line(position: int, item: DisposalItemRow, told: dict[str, Any]) -> Line:
    first, last = told["first"], told["last"]
    years = "" if first is None else str(first) if first == last else f"{first}–{last}"
    note = f"dinilai kembali: {VERDICTS[item.verdict].lower()}, {item.verdict_reason}" if item.verdict else ""
    return Line(
        position,
        office().unit(told["unit"]).name,
        f"{told['unit'].upper()}/{told['year']}/{told['number']}",
        told["code"] or "",
        told["series"],
        years,
        told["letters"],
        str(told["development"]).capitalize(),
        ", ".join(told["boxes"]),
        note if item.chosen else "; ".join(part for part in (note, "tidak disetujui") if part),
    )


def gather(session: Session, row: DisposalRow, stage: Stage, day: date) -> Printed:
    """What the forms show: `usul` every line; `akhir` those that were carried out, or will be."""
    items = list(session.scalars(select(DisposalItemRow).where(DisposalItemRow.disposal_id == row.id)))
    told = {item.berkas_id: item.line for item in items if item.line is not None}
    if len(told) < len(items):
        told |= {berkas: line for berkas, line in session.execute(_TOLD, {"list": row.id})}  # noqa: C416 - as typed
    wanted = {"pemusnahan": "musnah", "penyerahan": "permanen"}.get(row.kind)
    shown = [
        item
        for item in items
        if stage == "usul" or (item.chosen and (item.verdict is None or wanted is None or item.verdict == wanted))
    ]
    shown.sort(key=lambda item: (told[item.berkas_id]["year"], told[item.berkas_id]["number"]))
    made = tuple(_line(place, item, told[item.berkas_id] or {}) for place, item in enumerate(shown, 1))
    return Printed(row, made, day)


def gathered(session: Session, listed: UUID, form: Form, day: date) -> Printed:
    """What a form shows; of what was done, on the day it was. Raises NotFound, InvalidRequest where there is none."""
    row = lists.find(session, listed)
    if form == "berita_acara" and not row.deed:
        raise InvalidRequest(what="formulir (berita acara ada setelah pelaksanaannya dimulai)")
    began = row.began_at if row.deed else None
    done_on = began.astimezone(ZoneInfo(settings().timezone)).date() if began else day
    stage: Stage = "usul" if form == "daftar" else "akhir"
    made = gather(session, row, stage, done_on)
    if form in LETTERS:
        letters.require(made, form)
        going = {line.berkas for line in made.lines}
        whole = gather(session, row, "usul", done_on).lines if form == "pertimbangan" else ()
        made = replace(made, spared=tuple(line for line in whole if line.berkas not in going))
    return replace(made, papers=papers_named(session, listed) if form in ("berita_acara", "permohonan") else {})


def papers_named(session: Session, listed: UUID) -> dict[str, str]:
    """Number and date of the list's papers, by which paper each is, as they were read."""
    attached = papers.of_list(session, listed)
    return {paper.row.paper: papers.numbered(paper) or "terlampir" for paper in attached}


def as_pdf(printed: Printed, form: Form) -> bytes:
    """A form as PDF/A."""
    if form == "berita_acara":
        return deed_pdf(printed)
    if form in LETTERS:
        return letters.as_pdf(printed, form)
    return list_pdf(printed, "usul" if form == "daftar" else "akhir")


def as_xlsx(printed: Printed, form: Form) -> bytes:
    """A list as a spreadsheet."""
    return list_xlsx(printed, "usul" if form == "daftar" else "akhir")


def filename(row: DisposalRow, form: Form, ending: str) -> str:
    """`daftar-msn-2036-0001.pdf`: of a form and a list, and of no person."""
    return f"{form.replace('_', '-')}-{row.code.lower()}.{ending}"


def _signers(printed: Printed, stage: Stage) -> list[dict[str, str]]:
    here, deed = office(), Deed.from_json(printed.row.deed)
    keeper = signer("Unit kearsipan,", here.usual_unit.signatory)
    owner = signer("Unit pengolah,", here.unit(printed.row.unit).signatory)
    if printed.kind == "alih_media":
        return [keeper]
    if printed.kind == "penyerahan" and stage == "akhir":
        return [keeper, *(signer("Yang menerima,", one) for one in deed.witnesses[:1])]
    witnesses = deed.witnesses if printed.kind == "pemusnahan" and stage == "akhir" else ()
    return [owner, keeper, *(signer(f"Saksi {number},", one) for number, one in enumerate(witnesses, 1))]


def _about(printed: Printed) -> list[tuple[str, str]]:
    row, here = printed.row, office()
    return [
        ("Pencipta arsip", here.name),
        ("Unit pengolah", here.unit(row.unit).name),
        *([("Disetujui oleh", APPROVERS[row.approver])] if row.approver else []),
        ("Sidik jari daftar", row.digest or "belum dinilai; daftar masih dapat berubah"),
    ]


def list_pdf(printed: Printed, stage: Stage) -> bytes:
    """The list, A4 across, with its code, totals, page numbers, places to sign; carried out, in two copies.

    Raises InvalidRequest for more lines than one PDF may have.
    """
    if len(printed.lines) > MOST_LINES:
        raise InvalidRequest(what=f"daftar yang dicetak ({len(printed.lines)} berkas; unduh XLSX)")
    columns = COLUMNS[printed.kind, stage]
    cells = forms.rows(columns, printed.lines)
    data = {
        "letterhead": office().letterhead,
        "title": TITLES[printed.kind, stage],
        "code": printed.row.code,
        "qr": modules(qr_of(printed.row.id)),
        "about": _about(printed),
        "heads": [column.head for column in columns],
        "widths": [column.width for column in columns],
        "rows": [["" if cell is None else str(cell) for cell in row] for row in cells],
        "totals": [forms.totals(printed.lines)],
        "place": place(printed),
        "signers": _signers(printed, stage),
        "copies": COPIES if stage == "akhir" else ("",),
    }
    return pdf("daftar", data, made_at=at(printed.day))


def list_xlsx(printed: Printed, stage: Stage) -> bytes:
    """The same as a spreadsheet."""
    columns = COLUMNS[printed.kind, stage]
    title = TITLES[printed.kind, stage]
    about = [f"{label}: {value}" for label, value in _about(printed)]
    sheet = Sheet(
        name=title.removeprefix("Daftar ")[:31],
        above=(title, f"Nomor daftar {printed.row.code}", *office().letterhead, *about),
        heads=tuple(column.head for column in columns),
        widths=tuple(column.width for column in columns),
        rows=forms.rows(columns, printed.lines),
        struck=[False] * len(printed.lines),
        below=forms.totals(printed.lines),
    )
    return xlsx([sheet], made_at=at(printed.day))


_TITLES: Final[dict[Kind, str]] = {
    "pemusnahan": "Berita Acara Pemusnahan Arsip",
    "penyerahan": "Berita Acara Serah Terima Arsip Statis",
    "pemindahan": "Berita Acara Pemindahan Arsip Inaktif",
    "alih_media": "Berita Acara Alih Media",
}
_DAYS: Final = ("Senin", "Selasa", "Rabu", "Kamis", "Jumat", "Sabtu", "Minggu")


def _named(who: Signatory) -> str:
    """Name, NIP and jabatan, as far as the office's file tells them."""
    told = [who.name, f"NIP {who.nip}" if who.nip else "", who.title]
    return ", ".join(part for part in told if part)


def _deed(printed: Printed) -> list[str]:
    """What was done, sentence by sentence."""
    kind, deed = printed.kind, Deed.from_json(printed.row.deed)
    count = printed.count
    here = office()
    owner, keeper = here.unit(printed.row.unit), here.usual_unit
    when = f"Pada hari ini, {_DAYS[printed.day.weekday()]}, tanggal {written(printed.day)}, bertempat di {deed.place}, "
    deciding = [name for name in ("surat_persetujuan", "sk_penetapan") if name in printed.papers]
    based = "; ".join(f"{workflows()[kind].papers[name]} {printed.papers[name]}" for name in deciding)
    basis = [f"Dasar: {based}; {workflows()[kind].law}."] if based else [f"Dasar: {workflows()[kind].law}."]
    enclosed = f"sebagaimana daftar terlampir nomor {printed.row.code}"
    erased = (
        "Arsip elektroniknya dihapus bersamaan: tiap versi berkas, gambar halaman, teks, dan kata yang dicari dihapus, "
        "dan kunci sandi tiap surat dimusnahkan sehingga salinan dan cadangannya tidak terbaca lagi. Yang tersisa "
        f"nomor, kode, tanggal, dan sidik jarinya. Sidik jari daftar: {printed.row.digest}."
    )
    said: dict[Kind, list[str]] = {
        "pemusnahan": [f"{when}telah dimusnahkan secara total arsip sebanyak {count} {enclosed}, dengan cara "
                       f"{deed.method}.", erased],
        "penyerahan": [f"{when}{keeper.signatory.title} menyerahkan arsip statis sebanyak {count} {enclosed} kepada "
                       f"{deed.witnesses[0].title if deed.witnesses else 'lembaga kearsipan'}."],
        "pemindahan": [f"{when}yang bertanda tangan di bawah ini: {_named(owner.signatory)} (pihak pertama, unit "
                       f"pengolah {owner.name}) menyerahkan kepada {_named(keeper.signatory)} (pihak kedua, unit "
                       f"kearsipan) arsip inaktif sebanyak {count} {enclosed}."],
        "alih_media": [f"{when}telah dialihmediakan arsip sebanyak {count} {enclosed}, dengan {deed.method}. Hasilnya "
                       "sama isi, konteks, dan susunannya dengan aslinya; kertas aslinya tetap disimpan."],
    }  # fmt: skip
    closing = "Demikian berita acara ini dibuat dalam rangkap 2 (dua) untuk dipergunakan sebagaimana mestinya."
    return [*said[kind], *basis, closing]


def deed_pdf(printed: Printed) -> bytes:
    """The berita acara, in two copies."""
    deed = Deed.from_json(printed.row.deed)
    data = {
        "letterhead": office().letterhead,
        "title": _TITLES[printed.kind],
        "code": printed.row.code,
        "number": deed.number or "………………………",
        "qr": modules(qr_of(printed.row.id)),
        "parts": [{"kind": "text", "text": one} for one in _deed(printed)],
        "place": place(printed),
        "signers": _signers(printed, "akhir"),
        "copies": COPIES,
        "below": ["Tembusan: Kepala ANRI"] if printed.kind == "pemusnahan" else [],
    }
    return pdf("berita", data, made_at=at(printed.day))
