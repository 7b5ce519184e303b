"""The sheet of disposition, printed from an agenda entry; its code tells the entry again when it is scanned."""

import textwrap
from datetime import datetime
from typing import Any, Final
from zoneinfo import ZoneInfo

from core.settings import settings
from records.dates import written
from records.office import office
from records.qrcode import modules
from records.sheetcode import code_of
from records.tables import AgendaEntryRow
from records.typeset import pdf

_ROOM: Final = 160  # letters of a text: two lines
# The first four marks of ArUco's 4×4 dictionary, clockwise from the top left, as ocr/marks.py finds them
MARKS: Final = (
    ("######", "#.#..#", "##.#.#", "###..#", "###.##", "######"),
    ("######", "######", "#....#", "#.##.#", "#.#.##", "######"),
    ("######", "###..#", "###..#", "###.##", "#..#.#", "######"),
    ("######", "#.##.#", "#.##.#", "##.###", "##..##", "######"),
)


def _short(text: str) -> str:
    """What a sheet has room for; the whole stands in the book, and the letter goes with the sheet."""
    return textwrap.shorten(text, _ROOM, placeholder=" …") if " " in text else text[:_ROOM]


def as_pdf(entry: AgendaEntryRow) -> bytes:
    """The entry's sheet, A4, one page."""
    here, signed = office(), office().disposition.signatory
    data: dict[str, Any] = {
        "letterhead": here.letterhead,
        "book": entry.book,
        "number": str(entry.number or "–"),
        "year": str(entry.year or "–"),
        "marks": MARKS,
        "code": modules(code_of(entry.id)),
        "rows": [
            ("Surat dari" if entry.book == "masuk" else "Surat kepada", _short(entry.party)),
            ("Nomor surat", _short(entry.letter_number) or "–"),
            ("Tanggal surat", written(entry.letter_date) or "–"),
            ("Diterima tanggal", written(entry.received_on or entry.day) or "–"),
            ("Nomor agenda", str(entry.number or "–")),
        ],
        "sifat": [
            ("Sangat Segera", entry.urgency == "sangat_segera"),
            ("Segera", entry.urgency == "segera"),
            ("Rahasia", entry.secrecy >= 2),
        ],
        "subject": _short(entry.subject),
        "recipients": here.disposition.recipients,
        "instructions": here.disposition.instructions,
        "signed": {
            "place": f"{here.place}," if here.place else "",
            "title": signed.title,
            "name": signed.name,
            "nip": signed.nip,
        },
    }
    return pdf("disposisi", data, made_at=datetime.now(ZoneInfo(settings().timezone)))
