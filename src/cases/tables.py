"""Tables of cases: clients, cases, their steps and what was done, links to letters. Policies stand in the migration."""

from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Date,
    DateTime,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    SmallInteger,
    Text,
    UniqueConstraint,
    func,
    text,
)
from sqlalchemy.dialects.postgresql import ARRAY, JSONB
from sqlalchemy.orm import Mapped, mapped_column

from core.db import Base


class SopVersionRow(Base):
    """An SOP as cases were opened under it: an office may change its file, a case goes on by what it began with."""

    __tablename__ = "sop_version"
    __table_args__ = (CheckConstraint("digest ~ '^[0-9a-f]{64}$'", name="digest"),)

    digest: Mapped[str] = mapped_column(Text, primary_key=True)
    sop: Mapped[str] = mapped_column(Text)
    data: Mapped[dict[str, Any]] = mapped_column(JSONB)
    kept_at: Mapped[datetime] = mapped_column(DateTime(timezone=True), server_default=func.now())


class ClientRow(Base):
    """Somebody the office helps. Of a NIK only a keyed index and its masked form are kept; letters have it whole.
    `forgotten_at`: all that was kept of them was destroyed."""

    __tablename__ = "client"
    __table_args__ = (
        CheckConstraint("clearance BETWEEN 0 AND 3", name="clearance"),
        CheckConstraint("(nik_index IS NULL) = (nik_masked IS NULL)", name="nik"),
        CheckConstraint(
            "forgotten_at IS NULL OR (name = 'dimusnahkan' AND birth_date IS NULL AND nik_index IS NULL)",
            name="forgotten",
        ),
        Index("client_unit_nik_index", "unit", "nik_index"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, server_default=text("gen_random_uuid()"))
    unit: Mapped[str] = mapped_column(Text)
    clearance: Mapped[int] = mapped_column(SmallInteger)
    name: Mapped[str] = mapped_column(Text)
    birth_date: Mapped[date | None] = mapped_column(Date)
    nik_index: Mapped[bytes | None] = mapped_column(LargeBinary)
    nik_masked: Mapped[str | None] = mapped_column(Text)
    added_by: Mapped[UUID] = mapped_column(ForeignKey("account.id"))
    added_at: Mapped[datetime] = mapped_column(DateTime(timezone=True), server_default=func.now())
    forgotten_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))


class ClientCorrectionRow(Base):
    """One correction of a client: what stood there before, who put it right, when and why. Written by client_correct()
    only, and gone with the client."""

    __tablename__ = "client_correction"

    id: Mapped[UUID] = mapped_column(primary_key=True, server_default=text("gen_random_uuid()"))
    client_id: Mapped[UUID] = mapped_column(ForeignKey("client.id"), index=True)
    account_id: Mapped[UUID] = mapped_column(ForeignKey("account.id"))
    at: Mapped[datetime] = mapped_column(DateTime(timezone=True), server_default=func.clock_timestamp())
    reason: Mapped[str] = mapped_column(Text)
    name: Mapped[str] = mapped_column(Text)
    birth_date: Mapped[date | None] = mapped_column(Date)
    nik_index: Mapped[bytes | None] = mapped_column(LargeBinary)
    nik_masked: Mapped[str | None] = mapped_column(Text)


class CaseCounterRow(Base):
    """The last number a unit gave in a year. Counted by case_number() only, in the transaction that opens the case."""

    __tablename__ = "case_counter"

    unit: Mapped[str] = mapped_column(Text, primary_key=True)
    year: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    last: Mapped[int] = mapped_column(Integer)


class CaseFileRow(Base):
    """One case: a client under one version of one SOP, numbered per unit and year."""

    __tablename__ = "case_file"
    __table_args__ = (
        UniqueConstraint("unit", "year", "number"),
        UniqueConstraint("opened_by", "request_key"),
        CheckConstraint("clearance BETWEEN 0 AND 3", name="clearance"),
        CheckConstraint("(closed_at IS NULL) = (closed_by IS NULL)", name="closed"),
        CheckConstraint("(request_key IS NULL) = (request_index IS NULL)", name="request"),
        CheckConstraint("num_nulls(classification, classified_by, classified_at) IN (0, 3)", name="classified"),
        Index("case_file_open", "unit", "opened_at", postgresql_where=text("closed_at IS NULL")),
        CheckConstraint("(from_case IS NULL) = (from_step IS NULL)", name="from"),
        Index("case_file_seek", "seek_since", postgresql_where=text("seek_since IS NOT NULL")),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, server_default=text("gen_random_uuid()"))
    unit: Mapped[str] = mapped_column(Text)
    clearance: Mapped[int] = mapped_column(SmallInteger)
    year: Mapped[int] = mapped_column(Integer)
    number: Mapped[int] = mapped_column(Integer)
    sop: Mapped[str] = mapped_column(Text)
    sop_digest: Mapped[str] = mapped_column(ForeignKey("sop_version.digest"))
    client_id: Mapped[UUID] = mapped_column(ForeignKey("client.id"), index=True)
    opened_by: Mapped[UUID] = mapped_column(ForeignKey("account.id"))
    opened_at: Mapped[datetime] = mapped_column(DateTime(timezone=True), server_default=func.now())
    closed_by: Mapped[UUID | None] = mapped_column(ForeignKey("account.id"))
    closed_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    ended_by: Mapped[str | None] = mapped_column(Text)  # id of the branch that ended it; null: gone through
    classification: Mapped[str | None] = mapped_column(Text)  # kode klasifikasi, as a person confirmed it
    classified_by: Mapped[UUID | None] = mapped_column(ForeignKey("account.id"))
    classified_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    request_key: Mapped[str | None] = mapped_column(Text)
    request_index: Mapped[bytes | None] = mapped_column(LargeBinary)  # keyed digest of what the request said
    # the case whose branch led here, and which of its steps took that branch
    from_case: Mapped[UUID | None] = mapped_column(ForeignKey("case_file.id"), index=True)
    from_step: Mapped[int | None] = mapped_column(SmallInteger)
    # since when letters are to be sought for it, as something of it changed (set by triggers); null: they were
    seek_since: Mapped[datetime | None] = mapped_column(DateTime(timezone=True), server_default=func.now())


class CaseStepRow(Base):
    """How far one step of a case is."""

    __tablename__ = "case_step"
    __table_args__ = (
        CheckConstraint("state IN ('waiting', 'running', 'done', 'skipped', 'branched')", name="state"),
        CheckConstraint("(state IN ('done', 'skipped')) = (ended_at IS NOT NULL)", name="ended"),
    )

    case_id: Mapped[UUID] = mapped_column(ForeignKey("case_file.id"), primary_key=True)
    number: Mapped[int] = mapped_column(SmallInteger, primary_key=True, autoincrement=False)
    state: Mapped[str] = mapped_column(Text, server_default=text("'waiting'"))
    taken: Mapped[list[str]] = mapped_column(ARRAY(Text), server_default=text("'{}'"))
    started_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    ended_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))


class CaseActionRow(Base):
    """One thing somebody did with a case, and why; never changed. `place`: what is waived (machine.py, closing.py), the
    reason of `classify` is the code."""

    __tablename__ = "case_action"
    __table_args__ = (
        CheckConstraint(
            "action IN ('start', 'finish', 'skip', 'branch', 'reopen', 'waive', 'classify', 'close')", name="action"
        ),
        CheckConstraint("(action = 'waive') = (place IS NOT NULL)", name="place"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, server_default=text("gen_random_uuid()"))
    case_id: Mapped[UUID] = mapped_column(ForeignKey("case_file.id"), index=True)
    account_id: Mapped[UUID] = mapped_column(ForeignKey("account.id"))
    at: Mapped[datetime] = mapped_column(DateTime(timezone=True), server_default=func.clock_timestamp())
    action: Mapped[str] = mapped_column(Text)
    step: Mapped[int | None] = mapped_column(SmallInteger)
    branch: Mapped[str | None] = mapped_column(Text)
    place: Mapped[str | None] = mapped_column(Text)
    reason: Mapped[str] = mapped_column(Text, server_default=text("''"))


class CaseLetterRow(Base):
    """A letter linked to a step of a case: by whom (null: it was certain, and the system did it), when, why; taken off
    again, the row stays."""

    __tablename__ = "case_letter"
    __table_args__ = (
        CheckConstraint("(removed_at IS NULL) = (removed_by IS NULL)", name="removed"),
        Index(
            "case_letter_once",
            "case_id",
            "step",
            "document_id",
            unique=True,
            postgresql_where=text("removed_at IS NULL"),
        ),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, server_default=text("gen_random_uuid()"))
    case_id: Mapped[UUID] = mapped_column(ForeignKey("case_file.id"), index=True)
    step: Mapped[int] = mapped_column(SmallInteger)
    document_id: Mapped[UUID] = mapped_column(ForeignKey("document.id"), index=True)
    linked_by: Mapped[UUID | None] = mapped_column(ForeignKey("account.id"))
    linked_at: Mapped[datetime] = mapped_column(DateTime(timezone=True), server_default=func.now())
    why: Mapped[str] = mapped_column(Text, server_default=text("''"))
    removed_by: Mapped[UUID | None] = mapped_column(ForeignKey("account.id"))
    removed_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))


class LetterKeyRow(Base):
    """One of the keys by which cases find a letter: a keyed hash of the unit and of its NIK, its number, a number it
    quotes, or a part of its client's name. The newest letters of a key lie together. Only workers see them."""

    __tablename__ = "letter_key"

    value: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    document_seq: Mapped[int] = mapped_column(
        ForeignKey("document.seq"), primary_key=True, autoincrement=False, index=True
    )


class ClientKeyRow(Base):
    """One of the keys by which letters find a client: a keyed hash of the unit and a part of the name. Only workers see
    them."""

    __tablename__ = "client_key"

    value: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    client_id: Mapped[UUID] = mapped_column(ForeignKey("client.id"), primary_key=True, index=True)


class CaseProposalRow(Base):
    """A step of a case that a letter may be for, or an SOP whose case it may open; the likeliest has the least `rank`.
    `waits`: the letter is linked to nothing, so a person is asked. Made anew by workers at any change."""

    __tablename__ = "case_proposal"
    __table_args__ = (
        CheckConstraint("num_nonnulls(case_id, sop) = 1", name="what"),
        Index("case_proposal_waits", "unit", "document_seq", postgresql_where=text("waits")),
    )

    document_id: Mapped[UUID] = mapped_column(ForeignKey("document.id"), primary_key=True)
    rank: Mapped[int] = mapped_column(SmallInteger, primary_key=True, autoincrement=False)
    document_seq: Mapped[int] = mapped_column(BigInteger)
    unit: Mapped[str] = mapped_column(Text)  # the letter's, which never changes
    case_id: Mapped[UUID | None] = mapped_column(ForeignKey("case_file.id"), index=True)
    sop: Mapped[str | None] = mapped_column(Text)
    step: Mapped[int] = mapped_column(SmallInteger)
    score: Mapped[float]
    reasons: Mapped[list[str]] = mapped_column(JSONB)
    waits: Mapped[bool]


class CaseDeclinedRow(Base):
    """A person's word that a letter is not for a case, or opens none under an SOP: it is not proposed again."""

    __tablename__ = "case_declined"
    __table_args__ = (CheckConstraint("num_nonnulls(case_id, sop) = 1", name="what"),)

    id: Mapped[UUID] = mapped_column(primary_key=True, server_default=text("gen_random_uuid()"))
    document_id: Mapped[UUID] = mapped_column(ForeignKey("document.id"), index=True)
    case_id: Mapped[UUID | None] = mapped_column(ForeignKey("case_file.id"), index=True)
    sop: Mapped[str | None] = mapped_column(Text)
    account_id: Mapped[UUID] = mapped_column(ForeignKey("account.id"))
    at: Mapped[datetime] = mapped_column(DateTime(timezone=True), server_default=func.now())
