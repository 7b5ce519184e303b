"""What a search found, as a table, or as a bag with each letter's searchable PDF. Only what the asker may see."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from importlib.metadata import version
from typing import Final, Literal

from sqlalchemy.orm import Session

from access.accounts import Account
from access.roles import Right
from archive import blobs, ledger, objects
from archive.tables import DocumentRow
from core import csvlines
from core.faults import InvalidRequest, KeyDestroyed
from records.columns import Cell
from records.export.bag import Bag, Payload
from records.export.gather import Source
from records.office import office
from records.spreadsheet import Sheet, xlsx

Ending = Literal["csv", "xlsx"]
MOST_LINES: Final = 2000
MOST_IN_BAG: Final = 200
"""Letters: a bag is read from the store while somebody waits."""
NAME: Final = "hasil-pencarian"
HEADS: Final = ("Surat", "Halaman", "Jenis", "Nomor surat", "Tanggal surat", "Unit", "Diterima", "Cuplikan", "ID")
_WIDTHS: Final = (2.4, 0.7, 1.8, 1.8, 1.2, 1.0, 1.2, 4.0, 3.2)
Row = Sequence[str | int]


def table(rows: Sequence[Row], ending: Ending, made_at: datetime) -> bytes:
    """The rows under their heads; what people wrote computes nothing in either form."""
    if ending == "csv":
        return csvlines.BEGINS + csvlines.lines([HEADS, *rows])
    cells: list[list[Cell]] = [list(row) for row in rows]
    above, below = ("Hasil pencarian", *office().letterhead), f"Jumlah: {len(rows)} baris."
    return xlsx([Sheet("Hasil pencarian", above, HEADS, _WIDTHS, cells, [False] * len(rows), below)], made_at=made_at)


@dataclass(frozen=True, slots=True)
class Gathered:
    """The table's rows, and where each letter's PDF lies."""

    rows: Sequence[Row]
    pdfs: tuple[Source, ...]


def gather(session: Session, account: Account, letters: Sequence[DocumentRow], rows: Sequence[Row]) -> Gathered:
    """What the bag will hold; that each letter went out is entered in the ledger. Raises Forbidden, InvalidRequest."""
    account.require(Right.EXPORT)
    if len(letters) > MOST_IN_BAG:
        raise InvalidRequest(what=f"hasil untuk kantong BagIt (lebih dari {MOST_IN_BAG} surat); persempit pencariannya")
    pdfs: list[Source] = []
    for row in letters:
        if row.stage != "sealed":
            continue  # it has no PDF yet; the table names it
        try:
            place = objects.pdf(session, row)
        except KeyDestroyed:
            continue
        name = f"pdf/{row.id}.pdf"
        pdfs.append(Source(name, place, row.pdf_version, row.pdf_sha256, None, "application/pdf"))
        ledger.append(session, "letter_exported", actor=account.id, document=row.id, digest=row.pdf_sha256)
    return Gathered(rows, tuple(pdfs))


def stream(found: Gathered, made_at: datetime) -> Iterator[bytes]:
    """The bag as a ZIP, while it is read from the store. Raises as berkasbag.stream() does."""
    info = {
        "Source-Organization": office().name,
        "External-Description": "Hasil pencarian",
        "Bagging-Date": made_at.date().isoformat(),
        "Bag-Software-Agent": f"Arsiparis {version('arsiparis')}",
    }
    return Bag(NAME, made_at).written(_payload(found, made_at), info)


def _payload(found: Gathered, made_at: datetime) -> Iterator[Payload]:
    for ending in ("csv", "xlsx"):
        yield Payload(f"{NAME}.{ending}", [table(found.rows, ending, made_at)])
    for pdf in found.pdfs:
        yield Payload(pdf.name, blobs.chunks(pdf.place, pdf.version), pdf.sha256)
