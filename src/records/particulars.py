"""What a line of an agenda book says of a letter, and what of it can be proposed from the letter's own fields. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, Final, Literal, get_args

from archive.reading import clean
from core.faults import InvalidRequest

Book = Literal["masuk", "keluar"]
Urgency = Literal["biasa", "penting", "segera", "sangat_segera"]
BOOKS: Final[tuple[Book, ...]] = get_args(Book)
URGENCIES: Final[tuple[Urgency, ...]] = get_args(Urgency)

_LONGEST: Final = 500
_TEXTS: Final = ("party", "letter_number", "subject", "attachments", "forwarded_to", "verbal", "code", "note")
# What each is called where it is missing
_NEEDED: Final[Mapping[Book, Mapping[str, str]]] = {
    "masuk": {"party": "asal surat", "subject": "perihal"},
    "keluar": {"party": "tujuan", "subject": "perihal", "code": "kode klasifikasi"},
}
# `Sifat` as printed mixes how secret a letter is with how soon it wants an answer (domain.md §2.2)
_SECRECY: Final = {"terbatas": 1, "rahasia": 2, "sangat rahasia": 3}
_URGENCY: Final[Mapping[str, Urgency]] = {
    "penting": "penting",
    "sangat penting": "penting",
    "segera": "segera",
    "sangat segera": "sangat_segera",
    "amat segera": "sangat_segera",
    "kilat": "sangat_segera",
}


@dataclass(frozen=True, slots=True)
class Particulars:
    """A line's columns. `party` is who an incoming letter came from, or whom an outgoing one goes to; `secrecy` (0…3)
    is what the letter says of itself, whatever its ceiling in the archive."""

    party: str = ""
    letter_number: str = ""
    letter_date: date | None = None
    subject: str = ""
    attachments: str = ""
    urgency: Urgency = "biasa"
    secrecy: int = 0
    received_on: date | None = None
    forwarded_to: str = ""
    verbal: str = ""
    code: str = ""
    note: str = ""

    def values(self) -> dict[str, Any]:
        """By column."""
        return {name: getattr(self, name) for name in self.__slots__}


def checked(book: Book, said: Particulars) -> Particulars:
    """`said` as it is entered: one line each, without what nobody can read. Raises InvalidRequest for what is missing
    in that book or too long."""
    tidy = {name: " ".join(clean(getattr(said, name)).split()) for name in _TEXTS}
    for name, called in _NEEDED[book].items():
        if not tidy[name]:
            raise InvalidRequest(what=f"{called} (belum diisi)")
    if any(len(text) > _LONGEST for text in tidy.values()):
        raise InvalidRequest(what=f"isian (paling panjang {_LONGEST} huruf)")
    return Particulars(**{**said.values(), **tidy})


def missing(book: Book, said: Particulars) -> tuple[str, ...]:
    """Names of the columns that the book needs and that are empty."""
    return tuple(name for name in _NEEDED[book] if not getattr(said, name).strip())


def proposed(book: Book, fields: Mapping[str, Mapping[str, Any]], *, received_on: date, code: str) -> Particulars:
    """What a letter's stored fields propose for its line; what was not read is empty."""

    def text(*names: str) -> str:
        found = (str(fields[name]["text"]) for name in names if name in fields)
        return next((one[:_LONGEST] for one in found if one), "")

    secrecy, urgency = sifat(fields)
    return Particulars(
        party=text("pengirim") if book == "masuk" else text("tujuan"),
        letter_number=text("nomor_surat") if book == "masuk" else "",
        letter_date=_date(fields.get("tanggal", {}).get("value")),
        subject=text("perihal"),
        attachments=text("lampiran"),
        urgency=urgency,
        secrecy=secrecy,
        received_on=received_on if book == "masuk" else None,
        code=code if book == "keluar" else "",
    )


def sifat(fields: Mapping[str, Mapping[str, Any]]) -> tuple[int, Urgency]:
    """How secret (0…3) and how urgent a letter says it is."""
    said = " ".join(str(fields.get("sifat", {}).get("value", "")).casefold().split())
    return _SECRECY.get(said, 0), _URGENCY.get(said, "biasa")


def _date(value: object) -> date | None:
    try:
        return date.fromisoformat(str(value)) if value else None
    except ValueError:
        return None
