"""Tables of retention schedules and of holds. Policies, guards and functions stand in the migration."""

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Date,
    DateTime,
    ForeignKey,
    Identity,
    Index,
    Integer,
    SmallInteger,
    Text,
    UniqueConstraint,
    false,
    func,
    text,
)
from sqlalchemy.orm import Mapped, mapped_column

from core.db import Base

_EMPTY = text("''")


class ScheduleVersionRow(Base):
    """One schedule (JRA) as it was imported. It counts once it is applied, from `valid_from` to `valid_to`; a `sample`
    only where no other does, and nothing is ever destroyed by it."""

    __tablename__ = "schedule_version"
    __table_args__ = (
        CheckConstraint("(applied_at IS NULL) = (applied_by IS NULL)", name="applied"),
        CheckConstraint("valid_to >= valid_from", name="valid"),
        CheckConstraint("digest ~ '^[0-9a-f]{64}$'", name="digest"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, server_default=text("gen_random_uuid()"))
    name: Mapped[str] = mapped_column(Text)
    basis: Mapped[str] = mapped_column(Text, server_default=_EMPTY)  # the rule that sets it: Perwali …
    valid_from: Mapped[date] = mapped_column(Date)
    valid_to: Mapped[date | None] = mapped_column(Date)
    sample: Mapped[bool] = mapped_column(server_default=false())
    digest: Mapped[str] = mapped_column(Text)  # SHA-256 of the file
    imported_by: Mapped[UUID] = mapped_column(ForeignKey("account.id"))
    imported_at: Mapped[datetime] = mapped_column(DateTime(timezone=True), server_default=func.now())
    applied_by: Mapped[UUID | None] = mapped_column(ForeignKey("account.id"))
    applied_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))


class ScheduleRowRow(Base):
    """One series of a schedule: how many years aktif and inaktif from which trigger, and its nasib akhir. A code that
    has no row of its own goes by the nearest one above it."""

    __tablename__ = "schedule_row"
    __table_args__ = (
        UniqueConstraint("version_id", "code"),
        CheckConstraint("active_years BETWEEN 0 AND 100 AND inactive_years BETWEEN 0 AND 100", name="years"),
        CheckConstraint("fate IN ('musnah', 'permanen', 'dinilai_kembali')", name="fate"),
        CheckConstraint(
            "trigger IN ('kasus_selesai', 'kebijakan_diganti', 'hak_kewajiban_selesai', 'data_diperbarui', "
            "'dipertanggungjawabkan', 'setelah_pemeriksaan', 'masalah_selesai', 'tanggal_dokumen')",
            name="trigger",
        ),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, server_default=text("gen_random_uuid()"))
    version_id: Mapped[UUID] = mapped_column(ForeignKey("schedule_version.id"))
    line: Mapped[int] = mapped_column(Integer)  # in the imported file
    code: Mapped[str] = mapped_column(Text)
    series: Mapped[str] = mapped_column(Text)
    active_years: Mapped[int] = mapped_column(SmallInteger)
    inactive_years: Mapped[int] = mapped_column(SmallInteger)
    fate: Mapped[str] = mapped_column(Text)
    condition: Mapped[str] = mapped_column(Text, server_default=_EMPTY)  # of `dinilai_kembali`: "Musnah, kecuali …"
    trigger: Mapped[str] = mapped_column(Text)
    basis: Mapped[str] = mapped_column(Text, server_default=_EMPTY)


class HoldRow(Base):
    """A word that something is not to be destroyed while a dispute, an audit or an investigation goes on. Unit and
    level say who sees it. Released by a second person only."""

    __tablename__ = "hold"
    __table_args__ = (
        CheckConstraint("clearance BETWEEN 0 AND 3", name="clearance"),
        CheckConstraint("scope IN ('document', 'berkas', 'case', 'search')", name="scope"),
        CheckConstraint("(scope IN ('berkas', 'case')) = (berkas_id IS NOT NULL)", name="berkas"),
        CheckConstraint("kind IN ('sengketa', 'audit', 'penyidikan')", name="kind"),
        CheckConstraint("reason <> '' AND release_reason <> ''", name="reason"),
        CheckConstraint("num_nulls(released_by, released_at, release_reason) IN (0, 3)", name="released"),
        CheckConstraint("released_by <> placed_by", name="two_people"),
        Index("hold_standing", "berkas_id", postgresql_where=text("released_at IS NULL")),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, server_default=text("gen_random_uuid()"))
    seq: Mapped[int] = mapped_column(BigInteger, Identity(always=True), unique=True)
    unit: Mapped[str] = mapped_column(Text)
    clearance: Mapped[int] = mapped_column(SmallInteger)
    scope: Mapped[str] = mapped_column(Text)
    berkas_id: Mapped[UUID | None] = mapped_column(ForeignKey("berkas.id"), index=True)
    query: Mapped[str] = mapped_column(Text, server_default=_EMPTY)  # the search whose hits it holds
    kind: Mapped[str] = mapped_column(Text)
    reason: Mapped[str] = mapped_column(Text)
    placed_by: Mapped[UUID] = mapped_column(ForeignKey("account.id"))
    placed_at: Mapped[datetime] = mapped_column(DateTime(timezone=True), server_default=func.now())
    released_by: Mapped[UUID | None] = mapped_column(ForeignKey("account.id"))
    released_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    release_reason: Mapped[str | None] = mapped_column(Text)


class HoldDocumentRow(Base):
    """A letter that a hold names by itself: the one letter, or a hit of the search."""

    __tablename__ = "hold_document"

    hold_id: Mapped[UUID] = mapped_column(ForeignKey("hold.id"), primary_key=True)
    document_id: Mapped[UUID] = mapped_column(ForeignKey("document.id"), primary_key=True, index=True)


class LockDueRow(Base):
    """A letter whose lock or hold in the store may be due to change, since when; triggers write it, workers who told
    the store take it away."""

    __tablename__ = "lock_due"

    document_id: Mapped[UUID] = mapped_column(ForeignKey("document.id"), primary_key=True)
    since: Mapped[datetime] = mapped_column(DateTime(timezone=True), server_default=func.clock_timestamp())
