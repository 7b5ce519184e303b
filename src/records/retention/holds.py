"""Holds (sengketa, audit, penyidikan): what is not to be destroyed while something goes on, whatever its clock says.

Guards ask the database (`is_held()`), which answers for whoever may not see the hold too.
"""

from collections.abc import Collection
from dataclasses import dataclass
from typing import Final, Literal
from uuid import UUID

from sqlalchemy import func, insert, select, text, update
from sqlalchemy.orm import Session

from access.accounts import Account
from access.roles import Right
from archive import documents as letters
from archive import ledger
from core.faults import HoldRefused, InvalidRequest, NotFound
from records.filing import berkas as shelf
from records.filing.tables import BerkasRow
from records.retention.tables import HoldDocumentRow, HoldRow

Kind = Literal["sengketa", "audit", "penyidikan"]
Scope = Literal["document", "berkas", "case", "search"]
KINDS: Final[dict[Kind, str]] = {"sengketa": "Sengketa", "audit": "Audit", "penyidikan": "Penyidikan"}
SCOPES: Final[dict[Scope, str]] = {
    "document": "Satu surat",
    "berkas": "Satu berkas",
    "case": "Berkas satu kasus",
    "search": "Hasil pencarian",
}
MOST_LETTERS: Final = 2000  # of one search
_LONGEST: Final = 1000
_HELD: Final = text("SELECT id FROM unnest(CAST(:documents AS uuid[])) AS asked(id) WHERE is_held(id)")
_BERKAS_HELD: Final = text("SELECT id FROM unnest(CAST(:berkas AS uuid[])) AS asked(id) WHERE berkas_is_held(id)")


@dataclass(frozen=True, slots=True)
class Hold:
    """A hold with the berkas that it is on, if the asker may see it, and how many letters it names by itself."""

    row: HoldRow
    berkas: BerkasRow | None
    letters: int

    @property
    def stands(self) -> bool:
        """Whether it was not released."""
        return self.row.released_at is None


def held(session: Session, documents: Collection[UUID]) -> set[UUID]:
    """Which of the letters are held, by themselves, with their berkas, their case, or the file they came in."""
    return set(session.scalars(_HELD, {"documents": list(documents)}))


def held_berkas(session: Session, berkas: Collection[UUID]) -> set[UUID]:
    """Which of the berkas are held, as such or by a letter in them."""
    return set(session.scalars(_BERKAS_HELD, {"berkas": list(berkas)}))


def on_letters(
    session: Session, account: Account, documents: Collection[UUID], *, kind: Kind, reason: str, query: str = ""
) -> HoldRow:
    """Hold letters that stand by themselves: one, or (with the `query` that found them) the hits of a search.

    Raises Forbidden, NotFound, InvalidRequest, HoldRefused.
    """
    found = letters.several(session, list(set(documents)))
    if set(found) != set(documents) or not found:
        raise NotFound
    if len(found) > MOST_LETTERS:
        raise HoldRefused(why=f"lebih dari {MOST_LETTERS} surat; persempit pencariannya")
    rows = list(found.values())
    units = {row.unit for row in rows}
    made = _place(
        session, account, scope="search" if query else "document", kind=kind, reason=reason, query=_plain(query),
        unit=units.pop() if len(units) == 1 else account.unit, clearance=max(row.clearance for row in rows),
    )  # fmt: skip
    session.execute(insert(HoldDocumentRow), [{"hold_id": made.id, "document_id": row.id} for row in rows])
    alone = rows[0].id if len(rows) == 1 else None
    ledger.append(
        session, "hold_placed", actor=account.id, document=alone, hold=str(made.id), kind=kind, scope=made.scope,
        letters=len(rows),
    )  # fmt: skip
    return made


def on_berkas(session: Session, account: Account, berkas: UUID, *, kind: Kind, reason: str) -> HoldRow:
    """Hold a berkas with all that lies in it now or later. Raises Forbidden, NotFound, InvalidRequest, HoldRefused."""
    row = shelf.find(session, berkas)
    if row.disposed_at is not None:
        raise HoldRefused(why=f"berkas {shelf.number_of(row)} sudah disusutkan")
    made = _place(
        session, account, scope="case" if row.case_id else "berkas", kind=kind, reason=reason, berkas_id=row.id,
        unit=row.unit, clearance=row.clearance,
    )  # fmt: skip
    ledger.append(
        session, "hold_placed", actor=account.id, hold=str(made.id), kind=kind, scope=made.scope, berkas=str(row.id)
    )
    return made


def release(session: Session, account: Account, hold: UUID, reason: str) -> HoldRow:
    """End a hold, by somebody else than who placed it. Raises Forbidden, NotFound, InvalidRequest, HoldRefused."""
    account.require(Right.RETAIN)
    row = session.get(HoldRow, hold)
    if row is None:
        raise NotFound
    if row.released_at is not None:
        raise HoldRefused(why="penahanan ini sudah dilepas")
    if row.placed_by == account.id:
        raise HoldRefused(why="yang menahan tidak boleh melepas sendiri; mintalah orang kedua")
    done = session.scalar(
        update(HoldRow)
        .where(HoldRow.id == hold)
        .values(released_by=account.id, released_at=func.now(), release_reason=_reason(reason))
        .returning(HoldRow.id)
    )
    if done is None:
        raise HoldRefused(why="penahanan ini sudah dilepas")
    session.refresh(row)
    ledger.append(session, "hold_released", actor=account.id, hold=str(hold), scope=row.scope)
    return row


def newest(
    session: Session, *, standing: bool, limit: int, before: int | None = None, berkas: UUID | None = None
) -> list[Hold]:
    """At most `limit` visible holds, the newest first: those that stand, or those that were released."""
    query = select(HoldRow).order_by(HoldRow.seq.desc()).limit(limit)
    query = query.where(HoldRow.released_at.is_(None) if standing else HoldRow.released_at.is_not(None))
    if before is not None:
        query = query.where(HoldRow.seq < before)
    if berkas is not None:
        query = query.where(HoldRow.berkas_id == berkas)
    return _told(session, list(session.scalars(query)))


def of_letter(session: Session, document: UUID) -> list[Hold]:
    """The visible holds that stand on a letter by itself."""
    named = select(HoldDocumentRow.hold_id).where(HoldDocumentRow.document_id == document)
    query = select(HoldRow).where(HoldRow.id.in_(named), HoldRow.released_at.is_(None)).order_by(HoldRow.seq.desc())
    return _told(session, list(session.scalars(query)))


def find(session: Session, hold: UUID) -> Hold:
    """That hold. Raises NotFound."""
    row = session.get(HoldRow, hold)
    if row is None:
        raise NotFound
    return _told(session, [row])[0]


def _told(session: Session, rows: list[HoldRow]) -> list[Hold]:
    of = {row.berkas_id for row in rows if row.berkas_id is not None}
    berkas = {row.id: row for row in session.scalars(select(BerkasRow).where(BerkasRow.id.in_(of)))}
    count = select(HoldDocumentRow.hold_id, func.count()).where(HoldDocumentRow.hold_id.in_([row.id for row in rows]))
    counts = {row[0]: row[1] for row in session.execute(count.group_by(HoldDocumentRow.hold_id))}
    return [Hold(row, berkas.get(row.berkas_id) if row.berkas_id else None, counts.get(row.id, 0)) for row in rows]


def _place(session: Session, account: Account, *, kind: Kind, reason: str, **columns: object) -> HoldRow:
    account.require(Right.HOLD)
    if kind not in KINDS:
        raise InvalidRequest(what="sebab penahanan")
    row = HoldRow(kind=kind, reason=_reason(reason), placed_by=account.id, **columns)
    session.add(row)
    session.flush()
    session.refresh(row)
    return row


def _reason(told: str) -> str:
    plain = _plain(told)
    if not plain:
        raise InvalidRequest(what="alasan")
    return plain


def _plain(told: str) -> str:
    plain = " ".join(told.split())
    if len(plain) > _LONGEST or not plain.isprintable():
        raise InvalidRequest(what=f"alasan (paling panjang {_LONGEST} huruf)")
    return plain
