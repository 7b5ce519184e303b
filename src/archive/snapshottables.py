"""Tables of what is kept so that the database itself can be lost (docs/adr/0028)."""

from datetime import datetime

from sqlalchemy import BigInteger, DateTime, Integer, Text, text
from sqlalchemy.orm import Mapped, mapped_column

from core.db import Base


class SnapshotProgressRow(Base):
    """How far this database's snapshots and journal have come under the key of one generation."""

    __tablename__ = "snapshot_progress"

    generation: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    # the newest snapshot that this database made under it, and when
    newest: Mapped[int | None] = mapped_column(Integer)
    newest_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    # the last ledger entry that lies in a snapshot or in the journal
    journaled: Mapped[int] = mapped_column(BigInteger, server_default=text("0"))
    # when all that a rebuilding needs was last locked anew
    kept_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))


class RestoredVersionRow(Base):
    """An object that was put back into another store, which gave it another version than the ledger names."""

    __tablename__ = "restored_version"

    key: Mapped[str] = mapped_column(Text, primary_key=True)
    was: Mapped[str] = mapped_column(Text, primary_key=True)
    version: Mapped[str] = mapped_column(Text)
