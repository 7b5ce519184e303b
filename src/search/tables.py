"""Tables of searching: searches on their way into the ledger, and those that somebody saved."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import DateTime, ForeignKey, Integer, LargeBinary, Text, func, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from core.db import Base


class SearchMadeRow(Base):
    """One search until a worker has entered it in the ledger: a keyed digest of its words, never the words."""

    __tablename__ = "search_made"

    id: Mapped[UUID] = mapped_column(primary_key=True, server_default=text("gen_random_uuid()"))
    account_id: Mapped[UUID] = mapped_column(ForeignKey("account.id"))
    at: Mapped[datetime] = mapped_column(DateTime(timezone=True), server_default=func.now(), index=True)
    digest: Mapped[str] = mapped_column(Text)
    asked: Mapped[dict[str, Any]] = mapped_column(JSONB)
    found: Mapped[int] = mapped_column(Integer)


class SavedSearchRow(Base):
    """A search that its owner comes back to. `asked` is sealed (search/sealed.py): it names people."""

    __tablename__ = "saved_search"

    id: Mapped[UUID] = mapped_column(primary_key=True, server_default=text("gen_random_uuid()"))
    account_id: Mapped[UUID] = mapped_column(ForeignKey("account.id"), index=True)
    asked: Mapped[bytes] = mapped_column(LargeBinary)
    made_at: Mapped[datetime] = mapped_column(DateTime(timezone=True), server_default=func.now())
    seen_at: Mapped[datetime] = mapped_column(DateTime(timezone=True), server_default=func.now())
    counted_at: Mapped[datetime] = mapped_column(DateTime(timezone=True), server_default=func.now())
    fresh: Mapped[int] = mapped_column(Integer, server_default=text("0"))
