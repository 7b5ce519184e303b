"""The mark of an authentic copy (Perka ANRI 20/2011), in words: only a carried-out list of alih media gives it."""

from typing import Final

from sqlalchemy.orm import Session

from archive.tables import DocumentRow
from records.dates import written
from records.disposal import book
from records.disposal.deed import Deed
from records.disposal.tables import AuthenticCopyRow, DisposalRow
from records.office import office

TITLE: Final = "SALINAN AUTENTIK"


def words(copied: tuple[AuthenticCopyRow, DisposalRow] | None) -> list[str]:
    """By which berita acara and list, on which day, under whose responsibility; nothing for what is no such copy."""
    if copied is None:
        return []
    row, listed = copied
    deed = Deed.from_json(listed.deed)
    return [
        f"Berita acara alih media nomor {deed.number}, daftar {listed.code}, tanggal {written(row.on_day)}",
        office().usual_unit.signatory.title,
    ]


def of_letter(session: Session, document: DocumentRow) -> tuple[str, ...]:
    """The whole mark of a letter's scan, as its PDF bears it; empty for what is no authentic copy."""
    told = words(book.authentic(session, document.id))
    return (TITLE, *told) if told else ()
