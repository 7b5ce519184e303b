"""Books as XLSX. What people wrote is always written as text: a cell that begins with `=` computes nothing."""

import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import TYPE_CHECKING, Final

from records.columns import Cell

if TYPE_CHECKING:
    from xlsxwriter.format import Format
    from xlsxwriter.workbook import Workbook
    from xlsxwriter.worksheet import Worksheet

_CHARACTERS: Final = 9.0  # of an average column
_ROOM_TO_SIGN: Final = 4  # rows
_AS_WRITTEN: Final = {"strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}


@dataclass(frozen=True, slots=True)
class Sheet:
    """One sheet: lines over the table, its heads and rows (struck ones lined through), a line under it, and where it
    is signed: place and day, then for each who signs their `role`, `title`, `name`, `nip`."""

    name: str
    above: tuple[str, ...]
    heads: tuple[str, ...]
    widths: tuple[float, ...]
    rows: Sequence[Sequence[Cell]]
    struck: Sequence[bool]
    below: str
    place: str = ""
    signers: Sequence[Mapping[str, str]] = ()


def xlsx(sheets: Sequence[Sheet], *, made_at: datetime) -> bytes:
    """The sheets as one workbook, ready to print: heads on every page, pages numbered."""
    import xlsxwriter  # only who prints needs it

    out = io.BytesIO()
    with xlsxwriter.Workbook(out, {"in_memory": True, **_AS_WRITTEN}) as workbook:
        workbook.set_properties({"title": sheets[0].above[0], "created": made_at.replace(tzinfo=None)})
        for sheet in sheets:
            _write(workbook, sheet)
    return out.getvalue()


def _write(workbook: "Workbook", sheet: Sheet) -> None:
    page = workbook.add_worksheet(sheet.name)
    bold = workbook.add_format({"bold": True})
    head = workbook.add_format({"bold": True, "border": 1, "text_wrap": True, "valign": "top", "bg_color": "#E8EDF1"})
    for number, line in enumerate(sheet.above):
        page.write_string(number, 0, line, bold)
    top = len(sheet.above) + 1
    for column, (title, width) in enumerate(zip(sheet.heads, sheet.widths, strict=True)):
        page.set_column(column, column, width * _CHARACTERS)
        page.write_string(top, column, title, head)
    formats = {struck: _formats(workbook, struck) for struck in (False, True)}
    for number, (row, struck) in enumerate(zip(sheet.rows, sheet.struck, strict=True), top + 1):
        for column, cell in enumerate(row):
            _cell(page, number, column, cell, formats[struck])
    page.write_string(top + len(sheet.rows) + 2, 0, sheet.below, bold)
    _sign(page, top + len(sheet.rows) + 4, sheet, bold)
    page.freeze_panes(top + 1, 0)
    page.autofilter(top, 0, top + len(sheet.rows), len(sheet.heads) - 1)
    page.set_landscape()
    page.set_paper(9)  # A4
    page.fit_to_pages(1, 0)
    page.repeat_rows(top)
    page.set_footer("&CHalaman &P dari &N")


def _sign(page: "Worksheet", row: int, sheet: Sheet, bold: "Format") -> None:
    """A place to sign for each, one under the other: columns are too unlike to stand them side by side."""
    if sheet.signers:
        page.write_string(row, 0, sheet.place)
    for who in sheet.signers:
        for line in (who["role"], who["title"]):
            row += 1
            page.write_string(row, 0, line)
        row += _ROOM_TO_SIGN
        page.write_string(row, 0, who["name"] or "…" * 20, bold)
        page.write_string(row + 1, 0, f"NIP {who['nip'] or '…' * 14}")
        row += 2


def _formats(workbook: "Workbook", struck: bool) -> tuple["Format", "Format"]:
    usual = {"border": 1, "text_wrap": True, "valign": "top", "font_strikeout": struck}
    return workbook.add_format(usual), workbook.add_format({**usual, "num_format": "dd-mm-yyyy", "align": "left"})


def _cell(page: "Worksheet", row: int, column: int, cell: Cell, formats: tuple["Format", "Format"]) -> None:
    usual, dated = formats
    if isinstance(cell, date):
        page.write_datetime(row, column, datetime(cell.year, cell.month, cell.day), dated)  # noqa: DTZ001 - a day
    elif isinstance(cell, int):
        page.write_number(row, column, cell, usual)
    else:
        page.write_string(row, column, cell or "", usual)
