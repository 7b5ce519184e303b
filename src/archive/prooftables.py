"""Tables of proof: signed checkpoints, the tree's stored parts, and every object with when it was last found whole."""

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Date,
    DateTime,
    ForeignKey,
    Index,
    LargeBinary,
    Text,
    false,
    func,
    text,
)
from sqlalchemy.orm import Mapped, mapped_column

from core.db import Base


class CheckpointRow(Base):
    """One signed checkpoint, as it lies under lock: how many entries it covers, the tree's root, the chain's head."""

    __tablename__ = "checkpoint"

    size: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    root: Mapped[bytes] = mapped_column(LargeBinary)
    head: Mapped[bytes] = mapped_column(LargeBinary)
    note: Mapped[str] = mapped_column(Text)
    public_key: Mapped[str] = mapped_column(Text)
    key: Mapped[str] = mapped_column(Text)
    version: Mapped[str] = mapped_column(Text)
    sha256: Mapped[str] = mapped_column(Text)
    at: Mapped[datetime] = mapped_column(DateTime(timezone=True))


class LedgerBlockRow(Base):
    """The root over one whole block of entries (archive/checkpoints.py), so that no proof reads the whole ledger."""

    __tablename__ = "ledger_block"

    number: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    root: Mapped[bytes] = mapped_column(LargeBinary)


class StoredObjectRow(Base):
    """One object version of the record, or a page's picture, which has no versions: what it must hold, and when it was
    last read and found to hold that. `sha256` is empty where the ledger does not say it: until it was read once, and
    of pictures, which are known by their seal."""

    __tablename__ = "stored_object"
    __table_args__ = (
        CheckConstraint(
            "kind IN ('original', 'pdf', 'manifest', 'checkpoint', 'picture', 'snapshot', 'destruction')", name="kind"
        ),
        CheckConstraint("bad IN ('object_changed', 'object_unreadable')", name="bad"),
        CheckConstraint("(bad IS NULL) = (bad_since IS NULL)", name="bad_since"),
        Index("stored_object_due", text("checked_at NULLS FIRST"), "seq"),
        Index("stored_object_uncopied", "seq", postgresql_where=text("copied_at IS NULL")),
        Index("stored_object_bad", "seq", postgresql_where=text("bad IS NOT NULL")),
        Index("stored_object_kind_seq", "kind", "seq"),
    )

    key: Mapped[str] = mapped_column(Text, primary_key=True)
    version: Mapped[str] = mapped_column(Text, primary_key=True)
    kind: Mapped[str] = mapped_column(Text)
    # the ledger's entry that names it; of a checkpoint how many entries it covers
    seq: Mapped[int] = mapped_column(BigInteger)
    document_id: Mapped[UUID | None] = mapped_column(ForeignKey("document.id"), index=True)
    sha256: Mapped[str] = mapped_column(Text)
    size: Mapped[int | None] = mapped_column(BigInteger)  # known once it was read
    checked_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    bad: Mapped[str | None] = mapped_column(Text)
    bad_since: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    repaired_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    copied_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))


class FixityDayRow(Base):
    """What was read and compared on one day of the office; told in the ledger once the day is over."""

    __tablename__ = "fixity_day"

    day: Mapped[date] = mapped_column(Date, primary_key=True)
    objects: Mapped[int] = mapped_column(BigInteger, server_default=text("0"))
    bytes: Mapped[int] = mapped_column(BigInteger, server_default=text("0"))
    bad: Mapped[int] = mapped_column(BigInteger, server_default=text("0"))
    repaired: Mapped[int] = mapped_column(BigInteger, server_default=text("0"))
    copied: Mapped[int] = mapped_column(BigInteger, server_default=text("0"))
    told: Mapped[bool] = mapped_column(server_default=false())
    at: Mapped[datetime] = mapped_column(DateTime(timezone=True), server_default=func.now())
