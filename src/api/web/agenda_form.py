"""The form of an agenda line: its fields in the order a clerk reads a letter, and what was posted with it."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, Final, Literal

from access.roles import CLEARANCES
from core.faults import InvalidRequest
from records.dates import written
from records.particulars import BOOKS, URGENCIES, Book, Particulars, Urgency

URGENCY_WORDS: Final[Mapping[Urgency, str]] = {
    "biasa": "Biasa",
    "penting": "Penting",
    "segera": "Segera",
    "sangat_segera": "Sangat segera",
}
BOOK_WORDS: Final[Mapping[Book, str]] = {"masuk": "Surat masuk", "keluar": "Surat keluar"}


@dataclass(frozen=True, slots=True)
class Field:
    """One field: its column, what clerks call it, its sort, whether it must be filled or wants a line of its own, and
    which of the letter's own fields it is read from."""

    name: str
    label: str
    sort: Literal["text", "date", "urgency", "secrecy"] = "text"
    must: bool = False
    wide: bool = False
    read: str = ""


_COMMON: Final = (
    Field("attachments", "Lampiran", read="lampiran"),
    Field("urgency", "Derajat (urgensi)", "urgency", read="sifat"),
    Field("secrecy", "Sifat (kerahasiaan)", "secrecy", read="sifat"),
)
FIELDS: Final[Mapping[Book, tuple[Field, ...]]] = {
    "masuk": (
        Field("party", "Asal surat", must=True, wide=True, read="pengirim"),
        Field("letter_number", "Nomor surat", read="nomor_surat"),
        Field("letter_date", "Tanggal surat", "date", read="tanggal"),
        Field("subject", "Perihal", must=True, wide=True, read="perihal"),
        *_COMMON,
        Field("received_on", "Tanggal terima", "date"),
        Field("forwarded_to", "Diteruskan kepada"),
        Field("note", "Keterangan"),
    ),
    "keluar": (
        Field("party", "Tujuan", must=True, wide=True, read="tujuan"),
        Field("letter_date", "Tanggal surat", "date", read="tanggal"),
        Field("subject", "Perihal", must=True, wide=True, read="perihal"),
        Field("code", "Kode klasifikasi", must=True),
        *_COMMON,
        Field("verbal", "Nomor verbal"),
        Field("note", "Keterangan"),
    ),
}


def shown(book: Book, said: Particulars) -> dict[str, str]:
    """The fields' texts as the form shows them, dates in words: a browser would show them in an order of its own."""
    return {field.name: _shown(field, getattr(said, field.name)) for field in FIELDS[book]}


def _shown(field: Field, value: Any) -> str:
    if field.sort == "date":
        return written(value)
    return CLEARANCES[value] if field.sort == "secrecy" else str(value)


def focus(book: Book, texts: Mapping[str, str]) -> str:
    """The field to begin at: the first that must be filled and is not, else the first."""
    fields = FIELDS[book]
    return next((f.name for f in fields if f.must and not texts.get(f.name)), fields[0].name)


def book_of(value: str) -> Book:
    """The book of that name. Raises InvalidRequest."""
    for book in BOOKS:
        if book == value:
            return book
    raise InvalidRequest(what="buku (masuk atau keluar)")


def posted(book: Book, form: Mapping[str, str]) -> Particulars:
    """What the form said. Raises InvalidRequest for a date or choice that does not exist."""
    values: dict[str, Any] = {}
    for field in FIELDS[book]:
        text = form.get(field.name, "").strip()
        if field.sort == "date":
            values[field.name] = day(text, field.label)
        elif field.sort == "urgency":
            values[field.name] = _choice(text, URGENCIES, field.label)
        elif field.sort == "secrecy":
            values[field.name] = CLEARANCES.index(_choice(text, CLEARANCES, field.label))
        else:
            values[field.name] = text
    return Particulars(**values)


def day(text: str, label: str) -> date | None:
    """A date as people write it, or None for an empty field. Raises InvalidRequest."""
    if not text:
        return None
    from classify.typed import typed  # with all that reads fields: only who writes in the books needs it

    value, failed = typed("tanggal", text)
    try:
        if not failed:
            return date.fromisoformat(value)
    except ValueError:
        pass
    raise InvalidRequest(what=f"{label.lower()} (tulis seperti 20 November 2026)")


def _choice(text: str, choices: tuple[str, ...], label: str) -> str:
    if text not in choices:
        raise InvalidRequest(what=label.lower())
    return text
