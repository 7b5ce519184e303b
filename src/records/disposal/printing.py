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
from records.disposal import deedform, letters, lists, papers
from records.disposal import lines as forms
from records.disposal.letters import LETTERS
from records.disposal.lines import COLUMNS, TITLES, Line, Stage
from records.disposal.papers import qr_of
from records.disposal.printed import Printed, at, place, signers
from records.disposal.tables import DisposalItemRow, DisposalRow
from records.disposal.words import APPROVERS, VERDICTS
from records.office import office
from records.qrcode import modules
from records.spreadsheet import Sheet, xlsx
from records.typeset import pdf

Form = Literal[
    "daftar",
    "daftar_akhir",
    "berita_acara",
    "pertimbangan",
    "permohonan",
    "pernyataan",
    "sk_panitia",
    "notulen",
    "sk_penetapan",
]
_NAMING_PAPERS: Final = ("berita_acara", "permohonan", "sk_penetapan")
MOST_LINES: Final = 20_000  # of a PDF: it is set in half a minute
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
    judged = tuple(
        (line, item.verdict or "", item.verdict_reason)
        for line, item in zip(made, shown, strict=True)
        if told[item.berkas_id]["fate"] == "dinilai_kembali"
    )
    return Printed(row, made, day, judged=judged)


def gathered(session: Session, listed: UUID, form: Form, day: date) -> Printed:
    """What a form shows; of what was done, on the day it was. Raises NotFound, InvalidRequest where there is none."""
    row = lists.find(session, listed)
    began = row.began_at if row.deed else None
    done_on = began.astimezone(ZoneInfo(settings().timezone)).date() if began else day
    stage: Stage = "usul" if form in ("daftar", "sk_panitia", "notulen") else "akhir"
    made = gather(session, row, stage, done_on)
    if form == "berita_acara" and not deedform.is_ready(made):
        raise InvalidRequest(what="formulir (berita acara ada setelah pelaksanaannya dimulai)")
    if form in LETTERS:
        letters.require(made, form)
        going = {line.berkas for line in made.lines}
        whole = gather(session, row, "usul", done_on).lines if form == "pertimbangan" else ()
        made = replace(made, spared=tuple(line for line in whole if line.berkas not in going))
    return replace(made, papers=papers_named(session, listed) if form in _NAMING_PAPERS else {})


def papers_named(session: Session, listed: UUID) -> dict[str, str]:
    """Number and date of the list's papers, by which paper each is, as they were read."""
    attached = papers.of_list(session, listed)
    return {paper.row.paper: papers.numbered(paper) or "terlampir" for paper in attached}


def as_pdf(printed: Printed, form: Form) -> bytes:
    """A form as PDF/A."""
    if form == "berita_acara":
        return deedform.as_pdf(printed)
    if form in LETTERS:
        return letters.as_pdf(printed, form)
    return list_pdf(printed, "usul" if form == "daftar" else "akhir")


def as_xlsx(printed: Printed, form: Form) -> bytes:
    """A list as a spreadsheet."""
    return list_xlsx(printed, "usul" if form == "daftar" else "akhir")


def filename(row: DisposalRow, form: Form, ending: str) -> str:
    """`daftar-msn-2036-0001.pdf`: of a form and a list, and of no person."""
    return f"{form.replace('_', '-')}-{row.code.lower()}.{ending}"


def _about(printed: Printed) -> list[tuple[str, str]]:
    row, here = printed.row, office()
    return [
        ("Pencipta arsip", here.name),
        ("Unit pengolah", here.unit(row.unit).name),
        *([("Yang menyetujui", APPROVERS[row.approver])] if row.approver else []),
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
        "signers": signers(printed, stage),
        "copies": deedform.COPIES if stage == "akhir" else ("",),
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
        place=place(printed),
        signers=signers(printed, stage),
    )
    return xlsx([sheet], made_at=at(printed.day))
