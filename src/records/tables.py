"""Tables of the agenda books. Numbers are given by a trigger; it, policies and grants stand in the migration."""

from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import (
    CheckConstraint,
    Date,
    DateTime,
    ForeignKey,
    Index,
    Integer,
    SmallInteger,
    Text,
    UniqueConstraint,
    func,
    text,
)
from sqlalchemy.dialects.postgresql import ARRAY, JSONB
from sqlalchemy.orm import Mapped, mapped_column

from core.db import Base

_EMPTY = text("''")


class AgendaCounterRow(Base):
    """The last number of one book: a unit's incoming or outgoing letters of one year. Nobody writes it but the trigger
    that numbers entries."""

    __tablename__ = "agenda_counter"
    __table_args__ = (CheckConstraint("book IN ('masuk', 'keluar')", name="book"),)

    unit: Mapped[str] = mapped_column(Text, primary_key=True)
    book: Mapped[str] = mapped_column(Text, primary_key=True)
    year: Mapped[int] = mapped_column(SmallInteger, primary_key=True, autoincrement=False)
    last: Mapped[int] = mapped_column(Integer)


class AgendaEntryRow(Base):
    """One line of an agenda book. `number`, `year` and `day` are given when it is numbered and never change."""

    __tablename__ = "agenda_entry"
    __table_args__ = (
        UniqueConstraint("unit", "book", "year", "number"),
        UniqueConstraint("account_id", "request_key"),
        CheckConstraint("clearance BETWEEN 0 AND 3", name="clearance"),
        CheckConstraint("secrecy BETWEEN 0 AND 3", name="secrecy"),
        CheckConstraint("book IN ('masuk', 'keluar')", name="book"),
        CheckConstraint("urgency IN ('biasa', 'penting', 'segera', 'sangat_segera')", name="urgency"),
        # An incoming letter is a letter, and has its number at once; an outgoing one may be a draft of no number yet
        CheckConstraint("book = 'keluar' OR (numbered AND document_id IS NOT NULL)", name="incoming"),
        CheckConstraint(
            "numbered = (number IS NOT NULL) AND numbered = (year IS NOT NULL) AND numbered = (day IS NOT NULL)",
            name="numbered",
        ),
        CheckConstraint("(cancelled_at IS NULL) = (cancelled_by IS NULL)", name="cancelled"),
        CheckConstraint("(cancelled_at IS NULL) = (cancel_reason IS NULL)", name="cancel_reason"),
        # A letter stands in the books once; where that was a mistake it is cancelled, and may be entered anew
        Index("agenda_entry_letter", "document_id", unique=True, postgresql_where=text("cancelled_at IS NULL")),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, server_default=text("gen_random_uuid()"))
    unit: Mapped[str] = mapped_column(Text)
    clearance: Mapped[int] = mapped_column(SmallInteger)  # the letter's: who sees the one sees the other
    book: Mapped[str] = mapped_column(Text)
    numbered: Mapped[bool]
    year: Mapped[int | None] = mapped_column(SmallInteger)
    number: Mapped[int | None] = mapped_column(Integer)
    day: Mapped[date | None] = mapped_column(Date)
    document_id: Mapped[UUID | None] = mapped_column(ForeignKey("document.id"), index=True)
    # who it came from, or whom it goes to
    party: Mapped[str] = mapped_column(Text, server_default=_EMPTY)
    letter_number: Mapped[str] = mapped_column(Text, server_default=_EMPTY)
    letter_date: Mapped[date | None] = mapped_column(Date)
    subject: Mapped[str] = mapped_column(Text, server_default=_EMPTY)
    attachments: Mapped[str] = mapped_column(Text, server_default=_EMPTY)
    urgency: Mapped[str] = mapped_column(Text, server_default=text("'biasa'"))
    secrecy: Mapped[int] = mapped_column(SmallInteger, server_default=text("0"))  # as the letter says, not who sees it
    received_on: Mapped[date | None] = mapped_column(Date)
    forwarded_to: Mapped[str] = mapped_column(Text, server_default=_EMPTY)
    verbal: Mapped[str] = mapped_column(Text, server_default=_EMPTY)
    code: Mapped[str] = mapped_column(Text, server_default=_EMPTY)
    note: Mapped[str] = mapped_column(Text, server_default=_EMPTY)
    account_id: Mapped[UUID] = mapped_column(ForeignKey("account.id"))
    registered_at: Mapped[datetime] = mapped_column(DateTime(timezone=True), server_default=func.now())
    request_key: Mapped[str | None] = mapped_column(Text)
    cancelled_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    cancelled_by: Mapped[UUID | None] = mapped_column(ForeignKey("account.id"))
    cancel_reason: Mapped[str | None] = mapped_column(Text)


class AgendaStepRow(Base):
    """One step of an outgoing letter that somebody saw done: on which day, told by whom, with which scan to show it."""

    __tablename__ = "agenda_step"
    __table_args__ = (
        UniqueConstraint("entry_id", "step"),
        CheckConstraint("step IN ('draf', 'paraf', 'nomor', 'ttd', 'terkirim')", name="step"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, server_default=text("gen_random_uuid()"))
    entry_id: Mapped[UUID] = mapped_column(ForeignKey("agenda_entry.id"))
    step: Mapped[str] = mapped_column(Text)
    on_day: Mapped[date] = mapped_column(Date)
    document_id: Mapped[UUID | None] = mapped_column(ForeignKey("document.id"), index=True)
    account_id: Mapped[UUID] = mapped_column(ForeignKey("account.id"))
    at: Mapped[datetime] = mapped_column(DateTime(timezone=True), server_default=func.now())


class AgendaLeftOutRow(Base):
    """A file that a person said is no letter for the books, and why."""

    __tablename__ = "agenda_left_out"

    document_id: Mapped[UUID] = mapped_column(ForeignKey("document.id"), primary_key=True)
    account_id: Mapped[UUID] = mapped_column(ForeignKey("account.id"))
    reason: Mapped[str] = mapped_column(Text)
    at: Mapped[datetime] = mapped_column(DateTime(timezone=True), server_default=func.now())


class AgendaSheetRow(Base):
    """A scanned sheet of disposition, linked by its code to the entry it was printed from; `settled_at` is when a
    person said what of it becomes of the letter's chain."""

    __tablename__ = "agenda_sheet"
    __table_args__ = (
        CheckConstraint("(settled_at IS NULL) = (settled_by IS NULL)", name="settled"),
        Index("agenda_sheet_waiting", "at", postgresql_where=text("settled_at IS NULL")),
    )

    document_id: Mapped[UUID] = mapped_column(ForeignKey("document.id"), primary_key=True)
    entry_id: Mapped[UUID] = mapped_column(ForeignKey("agenda_entry.id"), index=True)
    page: Mapped[int] = mapped_column(Integer)
    at: Mapped[datetime] = mapped_column(DateTime(timezone=True), server_default=func.now())
    settled_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    settled_by: Mapped[UUID | None] = mapped_column(ForeignKey("account.id"))


class AgendaCorrectionRow(Base):
    """One correction of an agenda line: what stood there before, by column, who corrected it, when and why. Written by
    agenda_correct() only."""

    __tablename__ = "agenda_correction"

    id: Mapped[UUID] = mapped_column(primary_key=True, server_default=text("gen_random_uuid()"))
    entry_id: Mapped[UUID] = mapped_column(ForeignKey("agenda_entry.id"), index=True)
    account_id: Mapped[UUID] = mapped_column(ForeignKey("account.id"))
    at: Mapped[datetime] = mapped_column(DateTime(timezone=True), server_default=func.clock_timestamp())
    reason: Mapped[str] = mapped_column(Text)
    before: Mapped[dict[str, Any]] = mapped_column(JSONB)


class DispositionRow(Base):
    """One link of a letter's chain of dispositions: who handed it to whom, with which instructions (records/chain.py).

    A first link has no parent. One from a sheet of paper names the sheet and on whose behalf it was entered.
    `handed_by` follows it up: its giver, or who holds the jabatan that signed the sheet. `ended_at`: it was done, or
    all that came of it was. The names are those of the accounts, kept by a trigger: who sees a chain may read no
    accounts.
    """

    __tablename__ = "disposition"
    __table_args__ = (
        CheckConstraint("(sheet_id IS NULL) = (on_behalf = '')", name="on_behalf"),
        CheckConstraint("(done_at IS NULL) = (done_by IS NULL)", name="done"),
        CheckConstraint("done_at IS NULL OR ended_at IS NOT NULL", name="ended"),
        Index("disposition_waiting", "recipient_id", postgresql_where=text("ended_at IS NULL")),
        Index("disposition_given", "handed_by", postgresql_where=text("ended_at IS NULL")),
        Index(
            "disposition_ended", "recipient_id", text("ended_at DESC"), postgresql_where=text("ended_at IS NOT NULL")
        ),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, server_default=text("gen_random_uuid()"))
    document_id: Mapped[UUID] = mapped_column(ForeignKey("document.id"), index=True)
    parent_id: Mapped[UUID | None] = mapped_column(ForeignKey("disposition.id"), index=True)
    sheet_id: Mapped[UUID | None] = mapped_column(ForeignKey("document.id"), index=True)
    recipient_id: Mapped[UUID] = mapped_column(ForeignKey("account.id"))
    recipient: Mapped[str] = mapped_column(Text)
    post: Mapped[str] = mapped_column(Text, server_default=_EMPTY)  # the recipient's jabatan, as the office calls it
    given_by: Mapped[UUID] = mapped_column(ForeignKey("account.id"))
    giver: Mapped[str] = mapped_column(Text)
    handed_by: Mapped[UUID] = mapped_column(ForeignKey("account.id"))
    on_behalf: Mapped[str] = mapped_column(Text, server_default=_EMPTY)
    instructions: Mapped[list[str]] = mapped_column(ARRAY(Text), server_default=text("'{}'"))
    note: Mapped[str] = mapped_column(Text, server_default=_EMPTY)
    due_on: Mapped[date | None] = mapped_column(Date)
    given_at: Mapped[datetime] = mapped_column(DateTime(timezone=True), server_default=func.clock_timestamp())
    read_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    done_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    done_by: Mapped[UUID | None] = mapped_column(ForeignKey("account.id"))
    done_note: Mapped[str] = mapped_column(Text, server_default=_EMPTY)
    ended_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
