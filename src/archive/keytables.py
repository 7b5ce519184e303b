"""Tables of keys, locks and what was found in the store. Policies, functions and grants stand in the migration."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    DateTime,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    Text,
    UniqueConstraint,
    false,
    func,
    text,
)
from sqlalchemy.orm import Mapped, mapped_column

from core.db import Base


class DocumentKeyRow(Base):
    """A document's key, wrapped by the office's; empty once it was destroyed, and then by which act. A document without
    a row was stored before there were keys: its objects are plain (docs/adr/0025)."""

    __tablename__ = "document_key"
    __table_args__ = (
        CheckConstraint("num_nulls(wrapped, destroyed_at) = 1", name="wrapped"),
        CheckConstraint("num_nulls(destroyed_at, disposal) IN (0, 2)", name="destroyed"),
    )

    document_id: Mapped[UUID] = mapped_column(ForeignKey("document.id"), primary_key=True)
    wrapped: Mapped[bytes | None] = mapped_column(LargeBinary)
    destroyed_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    disposal: Mapped[UUID | None]


class KeyGenerationRow(Base):
    """A key of backups and snapshots, wrapped by the office's; the newest is used, older ones are dropped after a
    destruction so that what they encrypt is unreadable."""

    __tablename__ = "key_generation"
    __table_args__ = (CheckConstraint("num_nulls(wrapped, dropped_at) = 1", name="wrapped"),)

    number: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    wrapped: Mapped[bytes | None] = mapped_column(LargeBinary)
    made_at: Mapped[datetime] = mapped_column(DateTime(timezone=True), server_default=func.now())
    dropped_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))


class OfficeKeyCopyRow(Base):
    """One time somebody made a sealed copy of the office key of that fingerprint."""

    __tablename__ = "office_key_copy"
    __table_args__ = (Index("office_key_copy_fingerprint", "fingerprint"),)

    id: Mapped[UUID] = mapped_column(primary_key=True, server_default=text("gen_random_uuid()"))
    fingerprint: Mapped[str] = mapped_column(Text)
    account_id: Mapped[UUID] = mapped_column(ForeignKey("account.id"))
    at: Mapped[datetime] = mapped_column(DateTime(timezone=True), server_default=func.now())


class DocumentLockRow(Base):
    """How long the store keeps a document's objects locked, and whether it holds them beyond that, as was last asked
    of it. No row: as its first lock says."""

    __tablename__ = "document_lock"
    __table_args__ = (Index("document_lock_until", "locked_until"),)

    document_id: Mapped[UUID] = mapped_column(ForeignKey("document.id"), primary_key=True)
    locked_until: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    held: Mapped[bool] = mapped_column(Boolean, server_default=false())
    at: Mapped[datetime] = mapped_column(DateTime(timezone=True), server_default=func.now())


class StoreRunRow(Base):
    """One comparison of the bucket with the database, in both directions: how far it has come (a name in the bucket),
    and until when one worker has it."""

    __tablename__ = "store_run"
    __table_args__ = (Index("store_run_started_at", "started_at"),)

    id: Mapped[UUID] = mapped_column(primary_key=True, server_default=text("gen_random_uuid()"))
    started_at: Mapped[datetime] = mapped_column(DateTime(timezone=True), server_default=func.now())
    finished_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    position: Mapped[str] = mapped_column(Text, server_default=text("''"))
    lease_until: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    objects: Mapped[int] = mapped_column(BigInteger, server_default=text("0"))
    repaired: Mapped[int] = mapped_column(BigInteger, server_default=text("0"))
    found: Mapped[int] = mapped_column(BigInteger, server_default=text("0"))


class StoreFindingRow(Base):
    """Something that bucket and database do not agree on, or that stops what proves or saves them, from when it was
    first seen until it was gone."""

    __tablename__ = "store_finding"
    __table_args__ = (
        UniqueConstraint("object", "version", "what"),
        CheckConstraint(
            "what IN ('object_without_row', 'row_without_object', 'wrong_size', 'wrong_lock', 'wrong_hold',"
            " 'snapshots_of_another_database', 'checkpoint_refused')",
            name="what",
        ),
        Index("store_finding_open", "found_at", postgresql_where=text("settled_at IS NULL")),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, server_default=text("gen_random_uuid()"))
    object: Mapped[str] = mapped_column(Text)
    version: Mapped[str] = mapped_column(Text)
    what: Mapped[str] = mapped_column(Text)
    document_id: Mapped[UUID | None]
    found_at: Mapped[datetime] = mapped_column(DateTime(timezone=True), server_default=func.now())
    seen_at: Mapped[datetime] = mapped_column(DateTime(timezone=True), server_default=func.now())
    settled_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
