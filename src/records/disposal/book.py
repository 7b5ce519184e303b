"""Lists as people look at them: which there are, what stands on one, what may be proposed, how far execution is."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID

from sqlalchemy import ColumnElement, exists, func, or_, select
from sqlalchemy.orm import Session

from core.clock import today
from core.faults import InvalidRequest
from core.settings import settings
from records.disposal.tables import (
    AuthenticCopyRow,
    DisposalActionRow,
    DisposalErasureRow,
    DisposalItemRow,
    DisposalRow,
)
from records.disposal.workflow import Kind
from records.filing.tables import BerkasRow
from records.retention.tables import ScheduleRowRow

MOST: Final = 200  # lines of a list shown at once


@dataclass(frozen=True, slots=True)
class Item:
    """One line: its berkas, the series of the schedule it is of, what it says on forms once the list is closed."""

    row: DisposalItemRow
    berkas: BerkasRow
    series: str


@dataclass(frozen=True, slots=True)
class Progress:
    """How far the destruction is: letters in all, those whose text and key are gone, those with no object left."""

    letters: int
    erased: int
    gone: int
    locked_until: Any


def berkas_number(row: BerkasRow) -> str:
    """`UMUM/2026/12`: as forms name a berkas."""
    return f"{row.unit.upper()}/{row.year}/{row.number}"


def lists_of(session: Session, kind: Kind | None, before: UUID | None, limit: int) -> list[DisposalRow]:
    """At most `limit` lists, newest first; after the one whose id is `before`."""
    query = select(DisposalRow).order_by(DisposalRow.proposed_at.desc(), DisposalRow.id).limit(limit)
    if kind is not None:
        query = query.where(DisposalRow.kind == kind)
    if before is not None:
        at = select(DisposalRow.proposed_at).where(DisposalRow.id == before).scalar_subquery()
        query = query.where(
            or_(DisposalRow.proposed_at < at, (DisposalRow.proposed_at == at) & (DisposalRow.id > before))
        )
    return list(session.scalars(query))


def items(session: Session, listed: UUID, *, after: int = 0, limit: int = MOST) -> list[Item]:
    """The lines of a list in the order of their berkas' numbers, those behind the first `after`."""
    rows = session.execute(
        select(DisposalItemRow, BerkasRow, ScheduleRowRow.series)
        .join(BerkasRow, BerkasRow.id == DisposalItemRow.berkas_id)
        .outerjoin(ScheduleRowRow, ScheduleRowRow.id == BerkasRow.series_id)
        .where(DisposalItemRow.disposal_id == listed)
        .order_by(BerkasRow.year, BerkasRow.number, BerkasRow.id)
        .offset(after)
        .limit(limit)
    )
    return [Item(item, berkas, series or berkas.title) for item, berkas, series in rows]


def all_but(session: Session, listed: UUID, numbers: str) -> list[UUID]:
    """The berkas of a list but for those whose numbers are said (`UMUM/2026/12 UMUM/2026/15`): of a long list the few
    that were refused. Raises InvalidRequest, which names those that are not on it."""
    query = (
        select(BerkasRow)
        .join(DisposalItemRow, DisposalItemRow.berkas_id == BerkasRow.id)
        .where(DisposalItemRow.disposal_id == listed)
    )
    known = {berkas_number(row): row.id for row in session.scalars(query)}
    refused = set(numbers.upper().replace(",", " ").split())
    if unknown := sorted(refused - set(known)):
        raise InvalidRequest(what=f"nomor berkas (tidak ada di daftar ini: {', '.join(unknown[:5])[:200]})")
    return [berkas for number, berkas in known.items() if number not in refused]


def _fits(kind: Kind) -> ColumnElement[bool]:
    over = BerkasRow.expires_on <= today()
    if kind == "pemusnahan":
        return over & BerkasRow.fate.in_(("musnah", "dinilai_kembali"))
    if kind == "penyerahan":
        return over & BerkasRow.fate.in_(("permanen", "dinilai_kembali"))
    if kind == "pemindahan":
        return BerkasRow.inactive_on <= today()
    return BerkasRow.letters > 0


def candidates(session: Session, kind: Kind, unit: str | None, limit: int) -> list[BerkasRow]:
    """Berkas that may be proposed for a list of that kind, the longest due first; none that is on one already."""
    on_one = exists().where(
        DisposalItemRow.berkas_id == BerkasRow.id,
        DisposalItemRow.disposal_id == DisposalRow.id,
        DisposalItemRow.chosen,
        DisposalRow.status.not_in(("batal", "ditolak")),
        DisposalRow.kind.in_(("pemusnahan", "penyerahan") if kind in ("pemusnahan", "penyerahan") else (kind,)),
    )
    query = (
        select(BerkasRow)
        .where(BerkasRow.disposed_at.is_(None), _fits(kind), ~on_one)
        .order_by(BerkasRow.expires_on, BerkasRow.year, BerkasRow.number)
        .limit(limit)
    )
    return list(session.scalars(query if unit is None else query.where(BerkasRow.unit == unit)))


def history(session: Session, listed: UUID) -> Sequence[DisposalActionRow]:
    """All that was done with a list, oldest first."""
    query = select(DisposalActionRow).where(DisposalActionRow.disposal_id == listed).order_by(DisposalActionRow.at)
    return session.scalars(query).all()


def progress(session: Session, listed: UUID) -> Progress:
    """How far a destruction is."""
    told = session.execute(
        select(
            func.count(),
            func.count(DisposalErasureRow.erased_at),
            func.count(DisposalErasureRow.gone_at),
            func.max(DisposalErasureRow.locked_until).filter(DisposalErasureRow.gone_at.is_(None)),
        ).where(DisposalErasureRow.disposal_id == listed)
    ).one()
    return Progress(*told)


def years(session: Session, listed: UUID) -> list[int | None]:
    """How long each berkas of the list is kept, in the years that decide who approves; None: not in the schedule."""
    counted = BerkasRow.inactive_years
    if settings().retention_years == "total":
        counted = BerkasRow.inactive_years + BerkasRow.active_years  # type: ignore[assignment]  # a sum of two columns
    query = (
        select(counted)
        .join(DisposalItemRow, DisposalItemRow.berkas_id == BerkasRow.id)
        .where(DisposalItemRow.disposal_id == listed)
    )
    return list(session.scalars(query))


def destroyed_by(session: Session, document: UUID) -> DisposalRow | None:
    """The list by which a letter was destroyed; None when it is there, or the list may not be seen."""
    return session.scalar(
        select(DisposalRow)
        .join(DisposalErasureRow, DisposalErasureRow.disposal_id == DisposalRow.id)
        .where(DisposalErasureRow.document_id == document, DisposalErasureRow.erased_at.is_not(None))
    )


def authentic(session: Session, document: UUID) -> tuple[AuthenticCopyRow, DisposalRow] | None:
    """By which list of alih media a scan is an authenticated copy; None when it is none."""
    found = session.execute(
        select(AuthenticCopyRow, DisposalRow)
        .join(DisposalRow, DisposalRow.id == AuthenticCopyRow.disposal_id)
        .where(AuthenticCopyRow.document_id == document)
    ).one_or_none()
    return (found[0], found[1]) if found else None
