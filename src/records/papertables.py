"""Tables of where paper lies: boxes, where they stood, and which letter lies in which. Policies: the migration."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    DateTime,
    ForeignKey,
    Identity,
    Index,
    Integer,
    Text,
    UniqueConstraint,
    func,
    text,
    true,
)
from sqlalchemy.orm import Mapped, mapped_column

from core.db import Base

_EMPTY = text("''")


class PaperBoxRow(Base):
    """One box on a shelf. `number` counts a unit's boxes and makes the code on its label; place is where it stands."""

    __tablename__ = "paper_box"
    __table_args__ = (
        UniqueConstraint("unit", "number"),
        UniqueConstraint("unit", "name"),
        CheckConstraint("number > 0", name="number"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, server_default=text("gen_random_uuid()"))
    unit: Mapped[str] = mapped_column(Text)
    number: Mapped[int] = mapped_column(Integer)
    name: Mapped[str] = mapped_column(Text)  # what the office calls it: "Boks 12"
    building: Mapped[str] = mapped_column(Text, server_default=_EMPTY)
    room: Mapped[str] = mapped_column(Text, server_default=_EMPTY)
    shelf: Mapped[str] = mapped_column(Text, server_default=_EMPTY)
    account_id: Mapped[UUID] = mapped_column(ForeignKey("account.id"))
    at: Mapped[datetime] = mapped_column(DateTime(timezone=True), server_default=func.now())


class PaperBoxMoveRow(Base):
    """One time that somebody said where a box stands; never changed."""

    __tablename__ = "paper_box_move"

    id: Mapped[UUID] = mapped_column(primary_key=True, server_default=text("gen_random_uuid()"))
    box_id: Mapped[UUID] = mapped_column(ForeignKey("paper_box.id"), index=True)
    building: Mapped[str] = mapped_column(Text)
    room: Mapped[str] = mapped_column(Text)
    shelf: Mapped[str] = mapped_column(Text)
    account_id: Mapped[UUID] = mapped_column(ForeignKey("account.id"))
    at: Mapped[datetime] = mapped_column(DateTime(timezone=True), server_default=func.clock_timestamp())


class PaperPlaceRow(Base):
    """One time that somebody said where the paper of a letter lies: in a box, or (no box) that it is not there. Only
    `last` ever changes: the newest of a letter's rows has it."""

    __tablename__ = "paper_place"
    __table_args__ = (
        Index("paper_place_last", "document_id", unique=True, postgresql_where=text("last")),
        Index("paper_place_box", "box_id", postgresql_where=text("last")),
        Index("paper_place_document_id", "document_id"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, server_default=text("gen_random_uuid()"))
    seq: Mapped[int] = mapped_column(BigInteger, Identity(always=True), unique=True)
    document_id: Mapped[UUID] = mapped_column(ForeignKey("document.id"))
    box_id: Mapped[UUID | None] = mapped_column(ForeignKey("paper_box.id"), index=True)
    folder: Mapped[str] = mapped_column(Text, server_default=_EMPTY)
    account_id: Mapped[UUID] = mapped_column(ForeignKey("account.id"))
    at: Mapped[datetime] = mapped_column(DateTime(timezone=True), server_default=func.clock_timestamp())
    last: Mapped[bool] = mapped_column(server_default=true())
