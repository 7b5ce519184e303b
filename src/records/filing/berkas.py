"""Berkas: opened for letters outside cases, described, closed, found; and the day their retention counts from."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Final, Literal
from uuid import UUID

from sqlalchemy import Select, func, select, text, update
from sqlalchemy.orm import Session

from access.accounts import Account
from access.roles import Right
from archive import ledger
from core import clock
from core.faults import BerkasClosed, InvalidRequest, NotFound
from records.dates import written
from records.filing import tree
from records.filing.tables import BerkasLetterRow, BerkasRow

Development = Literal["asli", "salinan", "tembusan", "pertinggal", "fotokopi", "digital"]
DEVELOPMENTS: Final[dict[Development, str]] = {
    "asli": "Asli",
    "salinan": "Salinan",
    "tembusan": "Tembusan",
    "pertinggal": "Pertinggal",
    "fotokopi": "Fotokopi",
    "digital": "Digital (alih media)",
}
_LONGEST: Final = {"title": 300, "amount": 60, "note": 500, "trigger_note": 300, "media": 60, "protection": 120}
_IN_WORDS: Final = {
    "title": "uraian berkas",
    "amount": "jumlah fisik",
    "note": "keterangan",
    "trigger_note": "alasan",
    "media": "media",
    "protection": "metode pelindungan",
}
_SPAN: Final = text(
    "SELECT l.berkas_id, min(letter_day(d.fields, d.received_at)), max(letter_day(d.fields, d.received_at))"
    " FROM berkas_letter l JOIN document d ON d.id = l.document_id WHERE l.berkas_id = ANY (:berkas) GROUP BY 1"
)
# The newest day that one of its letters bears; a day of arrival says nothing of when its matter ended
_NEWEST: Final = text(
    "SELECT max(letter_day(d.fields, d.received_at)) FROM berkas_letter l JOIN document d ON d.id = l.document_id"
    " WHERE l.berkas_id = :berkas AND d.fields -> 'tanggal' ->> 'value' ~ '^[0-9]{4}-[0-9]{2}-[0-9]{2}$'"
)


@dataclass(frozen=True, slots=True)
class Described:
    """What a person says of a berkas. Its uraian names no person: it is printed on lists."""

    title: str
    development: Development = "asli"
    amount: str = ""
    note: str = ""
    vital: bool = False
    media: str = ""
    protection: str = ""


@dataclass(frozen=True, slots=True)
class Span:
    """Kurun waktu: the oldest and the newest date of its letters."""

    first: date
    last: date

    def __str__(self) -> str:
        """`2024` or `2024–2026`."""
        years = (self.first.year, self.last.year)
        return str(years[0]) if years[0] == years[1] else f"{years[0]}–{years[1]}"


def number_of(row: BerkasRow) -> str:
    """`012/2026`: the number in its unit and year."""
    return f"{row.number:03d}/{row.year}"


def open_(
    session: Session, account: Account, described: Described, *, unit: str, clearance: int, code: str | None = None
) -> BerkasRow:
    """A new berkas for letters outside cases, with the unit's next number. Raises Forbidden, InvalidRequest."""
    account.require(Right.FILE)
    row = BerkasRow(
        unit=unit, clearance=clearance, opened_on=clock.today(), opened_by=account.id, **_columns(described)
    )
    if code:
        row.code, row.coded_by, row.coded_at = tree.checked(session, code), account.id, clock.now()
    session.add(row)
    session.flush()
    session.refresh(row)
    ledger.append(session, "berkas_opened", code=row.code, **_event(account, row))
    return row


def find(session: Session, berkas: UUID, *, to_change: bool = False) -> BerkasRow:
    """The berkas, if this transaction's account may see it; `to_change` holds it until the end. Raises NotFound,
    BerkasClosed when it is to be changed and was disposed of."""
    query = select(BerkasRow).where(BerkasRow.id == berkas)
    row = session.scalar(query.with_for_update(key_share=True) if to_change else query)
    if row is None and to_change:
        row = session.scalar(query)  # one that was disposed of can be seen, and not be held
        if row is not None:
            raise BerkasClosed(number=number_of(row))
    if row is None:
        raise NotFound
    return row


def of_case(session: Session, case: UUID) -> BerkasRow:
    """The berkas of a case. Raises NotFound."""
    row = session.scalar(select(BerkasRow).where(BerkasRow.case_id == case))
    if row is None:
        raise NotFound
    return row


def of_letter(session: Session, document: UUID) -> BerkasRow | None:
    """The berkas that a letter lies in, if the asker may see it."""
    query = (
        select(BerkasRow)
        .join(BerkasLetterRow, BerkasLetterRow.berkas_id == BerkasRow.id)
        .where(BerkasLetterRow.document_id == document)
    )
    return session.scalar(query)


def numbered(session: Session, told: str, unit: str) -> BerkasRow:
    """The unit's berkas of a number as people write it, `12/2026`. Raises InvalidRequest when there is none."""
    number, _, year = told.strip().partition("/")
    row = None
    if number.isdecimal() and year.isdecimal() and len(number) < 8 and len(year) == 4:
        query = select(BerkasRow).where(
            BerkasRow.unit == unit, BerkasRow.number == int(number), BerkasRow.year == int(year)
        )
        row = session.scalar(query)
    if row is None:
        raise InvalidRequest(what="nomor berkas (seperti 012/2026; lihat halaman Berkas)")
    return row


def newest(
    session: Session, *, limit: int, query: str = "", before: tuple[int, int, str] | None = None,
    unit: str | None = None, of: Collection[UUID] | None = None,
) -> list[BerkasRow]:  # fmt: skip
    """At most `limit` visible berkas, those with the highest numbers first; `query`: words of the uraian, the beginning
    of a code, or a number like 012/2026; `before`: year, number and unit of the last one shown."""
    if not query.isprintable():
        return []  # as nothing that was typed holds such characters; PostgreSQL would refuse some
    asked: Select[tuple[BerkasRow]] = select(BerkasRow)
    order = (BerkasRow.year, BerkasRow.number, BerkasRow.unit)
    if before is not None:
        asked = asked.where(func.row(*order) < func.row(*before))
    if unit is not None:
        asked = asked.where(BerkasRow.unit == unit)
    if of is not None:
        asked = asked.where(BerkasRow.id.in_(of))
    for word in query.replace("\x00", " ").split()[:8]:
        number, _, year = word.partition("/")
        if number.isdecimal() and year.isdecimal() and len(year) == 4 and len(number) < 8:
            asked = asked.where(BerkasRow.number == int(number), BerkasRow.year == int(year))
        elif word[0].isdecimal():
            asked = asked.where(BerkasRow.code.startswith(word, autoescape=True))
        else:
            asked = asked.where(BerkasRow.title.icontains(word, autoescape=True))
    return list(session.scalars(asked.order_by(*(column.desc() for column in order)).limit(limit)))


def describe(session: Session, account: Account, berkas: UUID, described: Described) -> BerkasRow:
    """Say anew what a berkas is called and how it is. Raises Forbidden, NotFound, BerkasClosed, InvalidRequest."""
    row = _change(session, account, berkas, **_columns(described))
    ledger.append(session, "berkas_described", **_event(account, row))
    return row


def classify(session: Session, account: Account, berkas: UUID, code: str) -> BerkasRow:
    """Say under which code a berkas outside cases is filed; a case's follows its case.

    Raises Forbidden, NotFound, BerkasClosed, InvalidRequest.
    """
    account.require(Right.FILE)
    said = tree.checked(session, code)
    if find(session, berkas).case_id is not None:
        raise InvalidRequest(what="kode klasifikasi (berkas kasus mengikuti kode di halaman kasusnya)")
    row = _change(session, account, berkas, code=said, coded_by=account.id, coded_at=func.now())
    ledger.append(session, "berkas_classified", code=said, **_event(account, row))
    return row


def close(session: Session, account: Account, berkas: UUID, on: date) -> BerkasRow:
    """Say that nothing more is filed in it since that day; a case's is closed by closing the case.

    Raises Forbidden, NotFound, BerkasClosed, InvalidRequest.
    """
    account.require(Right.FILE)
    row = find(session, berkas, to_change=True)
    _outside_cases(row)
    if row.closed_on is not None:
        raise BerkasClosed(number=number_of(row))
    if row.code is None:
        raise InvalidRequest(what="kode klasifikasi (isi dulu sebelum berkas ditutup)")
    if not date(1945, 1, 1) <= on <= clock.today():
        raise InvalidRequest(what="tanggal ditutup (tidak boleh di masa depan)")
    newest_day = session.scalar(_NEWEST, {"berkas": row.id})
    if newest_day is not None and on < newest_day:  # its retention would end too early
        raise InvalidRequest(what=f"tanggal ditutup (surat terbaru di berkas ini bertanggal {written(newest_day)})")
    row = _change(session, account, berkas, closed_on=on, closed_by=account.id)
    ledger.append(session, "berkas_closed", **_event(account, row))
    return row


def reopen(session: Session, account: Account, berkas: UUID) -> BerkasRow:
    """Let letters be filed in it again; its clock stops. Raises Forbidden, NotFound, BerkasClosed, InvalidRequest."""
    account.require(Right.RETAIN)
    _outside_cases(find(session, berkas, to_change=True))
    row = _change(session, account, berkas, closed_on=None, closed_by=None)
    ledger.append(session, "berkas_reopened", **_event(account, row))
    return row


def say_trigger(session: Session, account: Account, berkas: UUID, on: date | None, why: str) -> BerkasRow:
    """Say on which day what its series counts from has happened (None: that is not known after all), and why.

    Raises Forbidden, NotFound, BerkasClosed, InvalidRequest.
    """
    account.require(Right.RETAIN)
    find(session, berkas)
    reason = _plain("trigger_note", why)
    if not reason:
        raise InvalidRequest(what="alasan (surat atau kejadian yang menunjukkan tanggal itu)")
    if on is not None and not date(1945, 1, 1) <= on <= clock.today():
        raise InvalidRequest(what="tanggal pemicu (tidak boleh di masa depan)")
    row = _change(session, account, berkas, trigger_said=on, trigger_note=reason)
    ledger.append(session, "berkas_trigger_told", **_event(account, row))
    return row


def spans(session: Session, berkas: Sequence[UUID]) -> dict[UUID, Span]:
    """Kurun waktu of each that has letters the asker may see."""
    return {row[0]: Span(row[1], row[2]) for row in session.execute(_SPAN, {"berkas": list(berkas)})}


def _change(session: Session, account: Account, berkas: UUID, **values: Any) -> BerkasRow:
    account.require(Right.FILE)
    row = find(session, berkas, to_change=True)
    session.execute(update(BerkasRow).where(BerkasRow.id == row.id).values(**values))
    session.refresh(row)
    return row


def _event(account: Account, row: BerkasRow) -> dict[str, Any]:
    """What the ledger says of a berkas: no word that a person wrote."""
    told = {"unit": row.unit, "year": row.year, "number": row.number}
    return {"actor": account.id, "berkas": str(row.id), **told}


def _outside_cases(row: BerkasRow) -> None:
    if row.case_id is not None:
        raise InvalidRequest(what="berkas (ini berkas kasus; ia mengikuti kasusnya)")


def _columns(described: Described) -> dict[str, Any]:
    if described.development not in DEVELOPMENTS:
        raise InvalidRequest(what="tingkat perkembangan")
    columns: dict[str, Any] = {
        name: _plain(name, getattr(described, name)) for name in _LONGEST if name != "trigger_note"
    }
    if not columns["title"]:
        raise InvalidRequest(what="uraian berkas")
    return {**columns, "development": described.development, "vital": described.vital}


def _plain(name: str, told: str) -> str:
    plain = " ".join(told.split())
    if len(plain) > _LONGEST[name] or not plain.isprintable():
        raise InvalidRequest(what=f"{_IN_WORDS[name]} (paling panjang {_LONGEST[name]} huruf)")
    return plain
