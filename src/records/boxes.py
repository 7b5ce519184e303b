"""Boxes of paper: added once, found by the code on their label, moved from shelf to shelf."""

from collections.abc import Collection
from dataclasses import astuple, dataclass
from typing import Final
from uuid import UUID

from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from access.accounts import Account
from access.roles import Role
from archive import ledger
from core.faults import Forbidden, InvalidRequest, NotFound
from records import boxcode
from records.boxcode import Typed
from records.papertables import PaperBoxMoveRow, PaperBoxRow

_LONGEST: Final = 60


@dataclass(frozen=True, slots=True)
class Stand:
    """Where a box stands; each part may be unknown ("")."""

    building: str = ""
    room: str = ""
    shelf: str = ""


@dataclass(frozen=True, slots=True)
class Added:
    """The box, and whether it is new or was there before."""

    box: PaperBoxRow
    new: bool


def plain(text: str, what: str, *, needed: bool = False) -> str:
    """What somebody typed, in one form. Raises InvalidRequest."""
    told = " ".join(text.split())
    if len(told) > _LONGEST or not told.isprintable() or (needed and not told):
        raise InvalidRequest(what=f"{what} ({'1–' if needed else 'paling panjang '}{_LONGEST} huruf)")
    return told


def stand(building: str, room: str, shelf: str) -> Stand:
    """Where a box stands, as somebody typed it. Raises InvalidRequest."""
    return Stand(plain(building, "gedung"), plain(room, "ruang"), plain(shelf, "rak"))


def add(session: Session, account: Account, unit: str, name: str, where: Stand) -> Added:
    """A new box of a unit, with the next number; the same name at the same place again gives the same box.

    Raises InvalidRequest when the name is taken by a box that stands elsewhere; Forbidden for another unit.
    """
    _require_keeper(account, unit)
    called = plain(name, "nama boks", needed=True)
    # boxes of one unit are numbered one after the other; a gap would mean nothing
    session.execute(select(func.pg_advisory_xact_lock(func.hashtextextended(f"boxes of {unit}", 0))))
    known = session.scalar(select(PaperBoxRow).where(PaperBoxRow.unit == unit, PaperBoxRow.name == called))
    if known is not None:
        if stand_of(known) != where:
            raise InvalidRequest(what=f"nama boks (sudah dipakai boks {code_of(known)}; pindahkan boks itu)")
        return Added(known, new=False)
    last = session.scalar(select(func.max(PaperBoxRow.number)).where(PaperBoxRow.unit == unit)) or 0
    box = PaperBoxRow(unit=unit, number=last + 1, name=called, account_id=account.id, **_columns(where))
    session.add(box)
    session.flush()
    _note(session, account, box.id, where)
    ledger.append(session, "box_added", actor=account.id, box=str(box.id), unit=unit, number=box.number)
    return Added(box, new=True)


def move(session: Session, account: Account, box: PaperBoxRow, where: Stand) -> PaperBoxRow:
    """The box stands elsewhere now; where it stood before stays known. Raises Forbidden for one of another unit."""
    _require_keeper(account, box.unit)
    if stand_of(box) == where:
        return box
    session.execute(
        update(PaperBoxRow).where(PaperBoxRow.id == box.id).values(**_columns(where)),
        execution_options={"synchronize_session": False},
    )
    _note(session, account, box.id, where)
    ledger.append(session, "box_moved", actor=account.id, box=str(box.id), unit=box.unit, number=box.number)
    session.refresh(box)
    return box


def find(session: Session, text: str) -> PaperBoxRow:
    """The box of a code as it was scanned or typed, or of an id. Raises NotFound."""
    wanted = boxcode.wanted(text)
    if isinstance(wanted, Typed):
        query = select(PaperBoxRow).where(PaperBoxRow.unit == wanted.unit, PaperBoxRow.number == wanted.number)
        found = session.scalar(query)
    else:
        found = session.get(PaperBoxRow, wanted) if wanted is not None else None
    if found is None:
        raise NotFound
    return found


def named(session: Session, text: str) -> PaperBoxRow:
    """As find(), where the code is part of what was typed in a form. Raises InvalidRequest."""
    try:
        return find(session, text)
    except NotFound as error:
        raise InvalidRequest(what="kode boks (tidak ada boks dengan kode itu; lihat labelnya)") from error


def of_unit(session: Session, unit: str | None) -> list[PaperBoxRow]:
    """The boxes of a unit, or of every unit, by their codes."""
    query = select(PaperBoxRow).order_by(PaperBoxRow.unit, PaperBoxRow.number)
    return list(session.scalars(query if unit is None else query.where(PaperBoxRow.unit == unit)))


def several(session: Session, boxes: Collection[UUID]) -> list[PaperBoxRow]:
    """These boxes by their codes. Raises NotFound when one does not exist."""
    query = select(PaperBoxRow).where(PaperBoxRow.id.in_(boxes)).order_by(PaperBoxRow.unit, PaperBoxRow.number)
    found = list(session.scalars(query))
    if len(found) != len(set(boxes)):
        raise NotFound
    return found


def moves(session: Session, box: UUID) -> list[PaperBoxMoveRow]:
    """Where a box stood, oldest first."""
    query = select(PaperBoxMoveRow).where(PaperBoxMoveRow.box_id == box).order_by(PaperBoxMoveRow.at)
    return list(session.scalars(query))


def code_of(box: PaperBoxRow) -> str:
    """The code on its label."""
    return boxcode.code(box.unit, box.number)


def stand_of(box: PaperBoxRow | PaperBoxMoveRow) -> Stand:
    """Where it stands, or stood then."""
    return Stand(box.building, box.room, box.shelf)


def words(where: Stand) -> str:
    """`Gedung A, ruang arsip, rak 3`; empty when nothing is known."""
    parts = zip(("gedung", "ruang", "rak"), astuple(where), strict=True)
    # nobody wants to read "rak Rak 3"
    told = [part if part.casefold().startswith(name) else f"{name} {part}" for name, part in parts if part]
    shown = ", ".join(told)
    return shown[:1].upper() + shown[1:]


def _require_keeper(account: Account, unit: str) -> None:
    """Boxes of every unit are the records unit's to keep, those of one's own anybody's who keeps paper."""
    if unit != account.unit and account.role != Role.ARSIPARIS:
        raise Forbidden


def _columns(where: Stand) -> dict[str, str]:
    return {"building": where.building, "room": where.room, "shelf": where.shelf}


def _note(session: Session, account: Account, box: UUID, where: Stand) -> None:
    session.add(PaperBoxMoveRow(box_id=box, account_id=account.id, **_columns(where)))
    session.flush()
