"""Tables of lists of records to be moved, handed over or destroyed. Steps, guards and erasing stand in the migration:
the application's role can take no step that disposal_checked() refuses, and erase nothing (docs/adr/0026)."""

from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import (
    Boolean,
    CheckConstraint,
    Date,
    DateTime,
    ForeignKey,
    Index,
    Integer,
    SmallInteger,
    Text,
    UniqueConstraint,
    false,
    func,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from core.db import Base

_EMPTY = text("''")


class DisposalRow(Base):
    """One list: what is to become of its berkas, how far that is, and by whom. `code` is what papers name it by;
    `digest` is that of the closed list, and void when it is opened again. `began_at`: execution runs or is done."""

    __tablename__ = "disposal"
    __table_args__ = (
        UniqueConstraint("kind", "year", "number"),
        UniqueConstraint("code"),
        CheckConstraint("kind IN ('pemusnahan', 'penyerahan', 'pemindahan', 'alih_media')", name="kind"),
        CheckConstraint(
            "status IN ('usul', 'dinilai', 'pertimbangan', 'menunggu_persetujuan', 'disetujui', 'sebagian', 'ditolak',"
            " 'ditetapkan', 'dimusnahkan', 'diserahkan', 'dipindahkan', 'diautentikasi', 'dilaporkan', 'batal')",
            name="status",
        ),
        CheckConstraint("clearance BETWEEN 0 AND 3", name="clearance"),
        CheckConstraint("(digest IS NULL) = (assessed_by IS NULL)", name="assessed"),
        CheckConstraint("(began_at IS NULL) = (executed_by IS NULL)", name="began"),
        CheckConstraint("executed_by IS DISTINCT FROM proposed_by", name="people"),
        Index("disposal_unreported", "done_at", postgresql_where=text("done_at IS NOT NULL AND reported_at IS NULL")),
        Index("disposal_running", "began_at", postgresql_where=text("began_at IS NOT NULL AND done_at IS NULL")),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, server_default=text("gen_random_uuid()"))
    kind: Mapped[str] = mapped_column(Text)
    unit: Mapped[str] = mapped_column(Text)  # whose berkas they are
    clearance: Mapped[int] = mapped_column(SmallInteger)  # the highest of its berkas
    year: Mapped[int] = mapped_column(SmallInteger)
    number: Mapped[int] = mapped_column(Integer)
    code: Mapped[str] = mapped_column(Text)
    status: Mapped[str] = mapped_column(Text, server_default=text("'usul'"))
    note: Mapped[str] = mapped_column(Text, server_default=_EMPTY)
    proposed_by: Mapped[UUID] = mapped_column(ForeignKey("account.id"))
    proposed_at: Mapped[datetime] = mapped_column(DateTime(timezone=True), server_default=func.now())
    assessed_by: Mapped[UUID | None] = mapped_column(ForeignKey("account.id"))
    # when it was closed: letters that came before do not decide on it
    assessed_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    digest: Mapped[str | None] = mapped_column(Text)
    # what the assessor answers for (UU 43/2009 ps 51 a, c): no use value left, and no law that forbids it
    declared: Mapped[bool] = mapped_column(Boolean, server_default=false())
    approver: Mapped[str | None] = mapped_column(Text)
    # who appraises it, and by which decree; named while the list is open
    panel: Mapped[dict[str, Any]] = mapped_column(JSONB, server_default=text("'{}'"))
    executed_by: Mapped[UUID | None] = mapped_column(ForeignKey("account.id"))
    began_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    # how, where, on which day, before which witnesses, under which number: what the berita acara says
    deed: Mapped[dict[str, Any]] = mapped_column(JSONB, server_default=text("'{}'"))
    done_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    # where berita acara and list were filed as letters of the archive, and since when they all are
    filed_in: Mapped[UUID | None] = mapped_column(ForeignKey("berkas.id"), index=True)
    reported_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))


class DisposalItemRow(Base):
    """One berkas on a list. `verdict` is what the panel made of "dinilai kembali"; `chosen`: it was approved where only
    some were; `line` is what its forms say of it, kept when the list is closed."""

    __tablename__ = "disposal_item"
    __table_args__ = (
        CheckConstraint("verdict IN ('musnah', 'permanen')", name="verdict"),
        CheckConstraint("verdict IS NULL OR verdict_reason <> ''", name="reason"),
        Index("disposal_item_berkas", "berkas_id"),
    )

    disposal_id: Mapped[UUID] = mapped_column(ForeignKey("disposal.id"), primary_key=True)
    berkas_id: Mapped[UUID] = mapped_column(ForeignKey("berkas.id"), primary_key=True)
    verdict: Mapped[str | None] = mapped_column(Text)
    verdict_reason: Mapped[str] = mapped_column(Text, server_default=_EMPTY)
    chosen: Mapped[bool] = mapped_column(Boolean, server_default=text("true"))
    line: Mapped[dict[str, Any] | None] = mapped_column(JSONB(none_as_null=True))


class DisposalPaperRow(Base):
    """A letter of the archive attached to a list as one of its papers. `named`: its text or code names the list, as the
    database found; else `why` an arsiparis takes it all the same. Void once the list is opened again."""

    __tablename__ = "disposal_paper"
    __table_args__ = (
        CheckConstraint("named OR why <> ''", name="named"),
        Index(
            "disposal_paper_once", "disposal_id", "paper", "document_id", unique=True, postgresql_where=text("NOT void")
        ),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, server_default=text("gen_random_uuid()"))
    disposal_id: Mapped[UUID] = mapped_column(ForeignKey("disposal.id"), index=True)
    paper: Mapped[str] = mapped_column(Text)
    document_id: Mapped[UUID] = mapped_column(ForeignKey("document.id"), index=True)
    account_id: Mapped[UUID] = mapped_column(ForeignKey("account.id"))
    at: Mapped[datetime] = mapped_column(DateTime(timezone=True), server_default=func.clock_timestamp())
    named: Mapped[bool] = mapped_column(Boolean, server_default=false())
    why: Mapped[str] = mapped_column(Text, server_default=_EMPTY)
    void: Mapped[bool] = mapped_column(Boolean, server_default=false())


class DisposalActionRow(Base):
    """One thing done with a list, by whom, and why; never changed."""

    __tablename__ = "disposal_action"

    id: Mapped[UUID] = mapped_column(primary_key=True, server_default=text("gen_random_uuid()"))
    disposal_id: Mapped[UUID] = mapped_column(ForeignKey("disposal.id"), index=True)
    account_id: Mapped[UUID] = mapped_column(ForeignKey("account.id"))
    at: Mapped[datetime] = mapped_column(DateTime(timezone=True), server_default=func.clock_timestamp())
    action: Mapped[str] = mapped_column(Text)
    reason: Mapped[str] = mapped_column(Text, server_default=_EMPTY)


class DisposalErasureRow(Base):
    """A document that a list destroys. `erased_at`: its key, text and all that was read in it are gone; `gone_at`: so
    are its objects. `locked_until`: not tried again before, as the store or a guard still keeps it."""

    __tablename__ = "disposal_erasure"
    __table_args__ = (
        Index("disposal_erasure_due", "disposal_id", postgresql_where=text("gone_at IS NULL")),
        CheckConstraint("gone_at IS NULL OR erased_at IS NOT NULL", name="order"),
    )

    document_id: Mapped[UUID] = mapped_column(ForeignKey("document.id"), primary_key=True)
    disposal_id: Mapped[UUID] = mapped_column(ForeignKey("disposal.id"), index=True)
    erased_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    gone_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    locked_until: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))


class AuthenticCopyRow(Base):
    """A scan that is an authenticated copy of its paper: by which list of alih media, on which day."""

    __tablename__ = "authentic_copy"

    document_id: Mapped[UUID] = mapped_column(ForeignKey("document.id"), primary_key=True)
    disposal_id: Mapped[UUID] = mapped_column(ForeignKey("disposal.id"), index=True)
    on_day: Mapped[date] = mapped_column(Date)
