"""What people confirmed, for learning the kinds of letters; and what was learned, by unit."""

from dataclasses import dataclass

from sqlalchemy import func, insert, select
from sqlalchemy.orm import Session

from archive.tables import DocumentRow, KindModelRow, PageRow


@dataclass(frozen=True, slots=True)
class Confirmed:
    """One letter whose kind a person confirmed: its first page's text, that kind, and the kind the rules gave."""

    text: str
    kind: str
    by_rules: str


def units_with_news(session: Session, least: int) -> list[str]:
    """Units where a person checked at least `least` letters since anything was last learned there."""
    learned = (
        select(KindModelRow.unit, func.max(KindModelRow.at).label("at")).group_by(KindModelRow.unit).subquery("learned")
    )
    rows = session.scalars(
        select(DocumentRow.unit)
        .outerjoin(learned, learned.c.unit == DocumentRow.unit)
        .where(DocumentRow.checked_at > func.coalesce(learned.c.at, func.to_timestamp(0)))
        .group_by(DocumentRow.unit)
        .having(func.count() >= least)
        .order_by(DocumentRow.unit)
    )
    return list(rows)


def confirmed(session: Session, unit: str, most: int) -> list[Confirmed]:
    """The unit's last `most` letters that a person checked, oldest first."""
    rows = session.execute(
        select(PageRow.text, DocumentRow.kind, DocumentRow.verdict["by_rules"].astext)
        .join(DocumentRow, DocumentRow.id == PageRow.document_id)
        .where(DocumentRow.unit == unit, DocumentRow.checked_at.is_not(None), PageRow.number == 1)
        .where(PageRow.read_at.is_not(None), DocumentRow.verdict["by_rules"].astext.is_not(None))
        .order_by(DocumentRow.checked_at.desc(), DocumentRow.seq.desc())
        .limit(most)
    )
    return [Confirmed(text or "", kind or "", by_rules or "") for text, kind, by_rules in reversed(rows.all())]


def keep(session: Session, unit: str, *, letters: int, used: bool, digest: str | None, data: bytes | None) -> None:
    """Enter what was learned of so many letters of the unit, used or not."""
    session.execute(insert(KindModelRow).values(unit=unit, letters=letters, used=used, digest=digest, data=data))


def newest_digest(session: Session, unit: str) -> str | None:
    """Which model the unit's letters are judged with; None when the rules are better or nothing was learned."""
    row = session.execute(
        select(KindModelRow.digest, KindModelRow.used)
        .where(KindModelRow.unit == unit)
        .order_by(KindModelRow.at.desc())
        .limit(1)
    ).one_or_none()
    return row.digest if row is not None and row.used else None


def data_of(session: Session, digest: str) -> bytes | None:
    """The bytes of a model."""
    return session.scalar(select(KindModelRow.data).where(KindModelRow.digest == digest).limit(1))
