"""Tables of the record: documents, arrivals, pages, ledger. Policies, triggers and grants stand in the migration."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    ColumnElement,
    Computed,
    DateTime,
    ForeignKey,
    Identity,
    Index,
    Integer,
    LargeBinary,
    SmallInteger,
    Text,
    UniqueConstraint,
    false,
    func,
    text,
)
from sqlalchemy.dialects.postgresql import ARRAY, JSONB, TSVECTOR
from sqlalchemy.ext.hybrid import hybrid_property
from sqlalchemy.orm import Mapped, mapped_column

from core.db import Base

# Marks that PostgreSQL's parser would make one token around become "|", one for one: 444/PKM-KR/XII is then found by
# each of its words, and places in the text stay the same (search/query.py does the same to what is asked for).
PUNCTUATION = "/-._:,@&+=#~<>"


class Leased:
    """A row that is a piece of work: one worker at a time holds it, by the database's clock (docs/adr/0003)."""

    attempts: Mapped[int] = mapped_column(SmallInteger, server_default=text("0"))
    lease: Mapped[UUID | None]
    lease_owner: Mapped[str | None] = mapped_column(Text)
    lease_until: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))


class DocumentRow(Leased, Base):
    """One letter as it arrived: bytes first, then what was found in them."""

    __tablename__ = "document"
    __table_args__ = (
        # The same bytes in the same unit at the same level are the same document. The level is part of the key so
        # that a sender learns nothing about a copy above their own ceiling. A stack's letters share its bytes.
        Index(
            "document_unit_sha256_clearance",
            "unit",
            "sha256",
            "clearance",
            unique=True,
            postgresql_where=text("part_of IS NULL AND destroyed_at IS NULL"),
        ),
        CheckConstraint("clearance BETWEEN 0 AND 3", name="clearance"),
        CheckConstraint("sha256 ~ '^[0-9a-f]{64}$'", name="sha256"),
        CheckConstraint("stage IN ('received', 'paged', 'read', 'filed', 'sealed', 'held')", name="stage"),
        CheckConstraint("(stage = 'held') = (fault_slug IS NOT NULL)", name="fault"),
        CheckConstraint("(stage = 'sealed') = (sealed_at IS NOT NULL)", name="sealed"),
        CheckConstraint("pages_read BETWEEN 0 AND pages", name="pages"),
        Index("document_due", "seq", postgresql_where=text("stage IN ('received', 'read', 'filed')")),
        Index("document_unit_seq", "unit", "seq"),
        CheckConstraint("doubt BETWEEN 0 AND 3", name="doubt"),
        CheckConstraint("rereading > 0", name="rereading"),
        Index("document_to_check", "seq", postgresql_where=text("(doubt > 0 OR sampled) AND checked_at IS NULL")),
        Index("document_sampled", "seq", postgresql_where=text("sampled")),
        Index("document_for_books", "seq", postgresql_where=text("NOT booked AND stage IN ('filed', 'sealed')")),
        Index("document_without_paper", "seq", postgresql_where=text("NOT placed AND stage = 'sealed'")),
        Index("document_without_paper_unit", "unit", "seq", postgresql_where=text("NOT placed AND stage = 'sealed'")),
        # as for paper: of letters that lie in no berkas yet
        Index("document_without_berkas", "seq", postgresql_where=text("NOT in_berkas AND stage = 'sealed'")),
        Index(
            "document_without_berkas_unit", "unit", "seq", postgresql_where=text("NOT in_berkas AND stage = 'sealed'")
        ),
        CheckConstraint("letters > 0", name="letters"),
        CheckConstraint("part_of IS NULL OR letters = 1", name="part_of"),
        CheckConstraint("(first_page IS NULL) = (last_page IS NULL)", name="span"),
        CheckConstraint("first_page IS NULL OR part_of IS NOT NULL AND 1 <= first_page", name="first_page"),
        CheckConstraint("last_page - first_page + 1 = pages", name="last_page"),
        Index("document_part_of", "part_of", "first_page", postgresql_where=text("part_of IS NOT NULL")),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, server_default=text("gen_random_uuid()"))
    seq: Mapped[int] = mapped_column(BigInteger, Identity(always=True), unique=True)
    unit: Mapped[str] = mapped_column(Text)
    clearance: Mapped[int] = mapped_column(SmallInteger)
    sha256: Mapped[str] = mapped_column(Text)
    size: Mapped[int] = mapped_column(BigInteger)
    media_type: Mapped[str] = mapped_column(Text)
    filename: Mapped[str] = mapped_column(Text)
    original_version: Mapped[str] = mapped_column(Text)
    stage: Mapped[str] = mapped_column(Text, server_default=text("'received'"))
    pages: Mapped[int | None] = mapped_column(Integer)
    pages_read: Mapped[int] = mapped_column(Integer, server_default=text("0"))
    kind: Mapped[str | None] = mapped_column(Text)
    kind_confidence: Mapped[float | None]
    # why that kind, and what else it might be: {sure, reasons, others, rules}
    verdict: Mapped[dict[str, Any]] = mapped_column(JSONB, server_default=text("'{}'"))
    # by name: {value, text, page, box, confidence, sure, passed, failed, repaired, other}
    fields: Mapped[dict[str, Any]] = mapped_column(JSONB, server_default=text("'{}'"))
    # 0 nothing, 1 a field, 2 a field that identifies, 3 the kind of letter waits for a person; null before it is filed
    doubt: Mapped[int | None] = mapped_column(SmallInteger)
    checked_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    # how many letters the file was decided to hold: 1 it is one, more: a stack, whose pages are its letters' but for
    # separator sheets; null: nobody had to decide (archive/stacks.py)
    letters: Mapped[int | None] = mapped_column(Integer)
    # of a letter out of a stack: the stack, and which of its pages; no pages: the letter was joined back into it
    part_of: Mapped[UUID | None] = mapped_column(ForeignKey("document.id"))
    first_page: Mapped[int | None] = mapped_column(Integer)
    last_page: Mapped[int | None] = mapped_column(Integer)
    # filed unasked and drawn by lot to be checked all the same: how right such letters are
    sampled: Mapped[bool] = mapped_column(server_default=false())
    # how many of its pages still wait to be read anew; null when none was asked for
    rereading: Mapped[int | None] = mapped_column(Integer)
    # whether an agenda book has it, or a step there, or it was left out of them: set by triggers of the books' tables
    booked: Mapped[bool] = mapped_column(server_default=false())
    # whether its paper lies in a box: set by a trigger of the places' table
    placed: Mapped[bool] = mapped_column(server_default=false())
    # the electronic signatures of a PDF as they were found when it came (archive/signatures.py); null: of a picture, or
    # of a letter that came before anybody looked
    signatures: Mapped[list[dict[str, Any]] | None] = mapped_column(JSONB(none_as_null=True))
    # whether it lies in a berkas: set by a trigger of that table
    in_berkas: Mapped[bool] = mapped_column(server_default=false())
    pdf_sha256: Mapped[str | None] = mapped_column(Text)
    pdf_version: Mapped[str | None] = mapped_column(Text)
    manifest_key: Mapped[str | None] = mapped_column(Text)
    manifest_version: Mapped[str | None] = mapped_column(Text)
    fault_slug: Mapped[str | None] = mapped_column(Text)
    fault_facts: Mapped[dict[str, Any] | None] = mapped_column(JSONB(none_as_null=True))
    received_at: Mapped[datetime] = mapped_column(DateTime(timezone=True), server_default=func.now())
    sealed_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    # what was in it is gone by a list that was decided (docs/adr/0026); this row is the stub that stays
    destroyed_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))

    @property
    def file_id(self) -> UUID:
        """The document whose bytes these are: its own id, or the stack's."""
        return self.part_of or self.id

    def place_in_file(self, number: int) -> int:
        """Which page of the file its page `number` is."""
        return number + (self.first_page or 1) - 1

    @property
    def is_stack(self) -> bool:
        """Whether its pages are those of other letters now."""
        return self.letters is not None and self.letters > 1

    @hybrid_property
    def is_joined_back(self) -> bool:
        """Whether it was a letter out of a stack, and its pages are the stack's again."""
        return self.part_of is not None and self.first_page is None

    @is_joined_back.inplace.expression
    @classmethod
    def _is_joined_back(cls) -> ColumnElement[bool]:
        return cls.part_of.is_not(None) & cls.first_page.is_(None)


class ArrivalRow(Base):
    """One time that somebody sent the bytes of a document."""

    __tablename__ = "arrival"
    __table_args__ = (UniqueConstraint("account_id", "idempotency_key"),)

    id: Mapped[UUID] = mapped_column(primary_key=True, server_default=text("gen_random_uuid()"))
    document_id: Mapped[UUID] = mapped_column(ForeignKey("document.id"), index=True)
    account_id: Mapped[UUID] = mapped_column(ForeignKey("account.id"))
    filename: Mapped[str] = mapped_column(Text)
    idempotency_key: Mapped[str | None] = mapped_column(Text)
    first: Mapped[bool]
    at: Mapped[datetime] = mapped_column(DateTime(timezone=True), server_default=func.now())


class PageRow(Leased, Base):
    """One page: the unit of reading, and of search. Unit, clearance and order are the document's, kept here so that
    search needs no join before it knows what may be seen."""

    __tablename__ = "page"
    __table_args__ = (
        UniqueConstraint("document_id", "number"),
        Index(
            "page_words",
            "words",
            text("page_keys(document_seq, unit, kind, day)"),
            postgresql_using="gin",
            postgresql_with={"fastupdate": "off"},
        ),
        # A common word is found soonest by walking back from the newest letter
        Index("page_newest", text("document_seq DESC"), "number"),
        # A letter's first page comes before a thick file's hundredth: nobody waits for somebody else's 300 pages
        Index("page_due", "number", "document_seq", postgresql_where=text("read_at IS NULL")),
        Index("page_reread", "document_seq", "number", postgresql_where=text("reread")),
        Index("page_unhashed", "document_seq", postgresql_where=text("identities IS NULL AND text IS NOT NULL")),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, server_default=text("gen_random_uuid()"))
    document_id: Mapped[UUID] = mapped_column(ForeignKey("document.id"))
    document_seq: Mapped[int] = mapped_column(BigInteger)
    unit: Mapped[str] = mapped_column(Text)
    clearance: Mapped[int] = mapped_column(SmallInteger)
    number: Mapped[int] = mapped_column(Integer)
    text: Mapped[str | None] = mapped_column(Text)
    # made of the two columns around it by a trigger (workers/migrations, 0027): no identity number can be read in it
    words: Mapped[Any] = mapped_column(TSVECTOR, nullable=True)
    # what stands for the text's identity numbers in the index (search/identities.py); null: not yet looked for
    identities: Mapped[list[str] | None] = mapped_column(ARRAY(Text))
    reading: Mapped[dict[str, Any] | None] = mapped_column(JSONB(none_as_null=True), deferred=True)
    read_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    reader: Mapped[str | None] = mapped_column(Text)  # digest of the software that read it (ocr/reader.py)
    reread: Mapped[bool] = mapped_column(server_default=false())
    # of the letter, kept by triggers (workers/migrations, 0038), so that conditions need no look at each letter
    kind: Mapped[str | None] = mapped_column(Text)
    day: Mapped[str | None] = mapped_column(Text)


class PageHistoryRow(Base):
    """What a page was read to say before a newer reader read it."""

    __tablename__ = "page_history"

    id: Mapped[UUID] = mapped_column(primary_key=True, server_default=text("gen_random_uuid()"))
    page_id: Mapped[UUID] = mapped_column(ForeignKey("page.id"), index=True)
    document_id: Mapped[UUID] = mapped_column(ForeignKey("document.id"), index=True)
    text: Mapped[str | None] = mapped_column(Text)
    reading: Mapped[dict[str, Any] | None] = mapped_column(JSONB(none_as_null=True), deferred=True)
    reader: Mapped[str | None] = mapped_column(Text)
    read_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    replaced_at: Mapped[datetime] = mapped_column(DateTime(timezone=True), server_default=func.now())


class ConfirmationRow(Base):
    """What a person said of one fact of a letter, beside what the machine had read: how good reading is, and what it
    can learn from. `name` is `kind` or a field's; `read` and `said` are its values."""

    __tablename__ = "confirmation"
    __table_args__ = (Index("confirmation_name_at", "name", "at"),)

    id: Mapped[UUID] = mapped_column(primary_key=True, server_default=text("gen_random_uuid()"))
    document_id: Mapped[UUID] = mapped_column(ForeignKey("document.id"), index=True)
    account_id: Mapped[UUID] = mapped_column(ForeignKey("account.id"))
    at: Mapped[datetime] = mapped_column(DateTime(timezone=True), server_default=func.now())
    kind: Mapped[str] = mapped_column(Text)
    name: Mapped[str] = mapped_column(Text)
    read: Mapped[str | None] = mapped_column(Text)
    said: Mapped[str | None] = mapped_column(Text)
    sure: Mapped[bool]
    confidence: Mapped[float]


class WordRow(Base):
    """A word that stands in pages of that unit and level, as the index has it. Kept by the trigger of `page`; only
    functions of the search see it."""

    __tablename__ = "word"
    # these say which words there are, and find those of a shape and those that sound alike (search/nearness.py)
    __table_args__ = (
        Index("word_shaped", text("word_shape(lexeme)"), "lexeme", "unit", "clearance", unique=True),
        Index(
            "word_sounding",
            text("word_sound(lexeme)"),
            "lexeme",
            "unit",
            "clearance",
            postgresql_where=text("word_sound(lexeme) IS NOT NULL"),
        ),
    )

    unit: Mapped[str] = mapped_column(Text)
    clearance: Mapped[int] = mapped_column(SmallInteger)
    lexeme: Mapped[str] = mapped_column(Text)

    __mapper_args__ = {"primary_key": [unit, clearance, lexeme]}  # noqa: RUF012 - typed by its base


class LetterMarkRow(Base):
    """One of the marks by which scans of one paper find each other: a hash of the unit and of what classify/marks.py
    found in a letter. Only workers see them."""

    __tablename__ = "letter_mark"

    value: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    document_id: Mapped[UUID] = mapped_column(ForeignKey("document.id"), primary_key=True, index=True)


class TwinRow(Base):
    """Two letters that may be scans of one paper, the one that came first first; and what a person said of it."""

    __tablename__ = "twin"
    __table_args__ = (
        UniqueConstraint("first_id", "second_id"),
        CheckConstraint("first_id <> second_id", name="two"),
        CheckConstraint("decision IN ('same', 'different')", name="decision"),
        CheckConstraint("num_nulls(decision, decided_by, decided_at) IN (0, 3)", name="decided"),
        Index("twin_undecided", "seq", postgresql_where=text("decision IS NULL AND NOT withdrawn")),
        Index("twin_decided_at", "decided_at", postgresql_where=text("decision IS NOT NULL")),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, server_default=text("gen_random_uuid()"))
    seq: Mapped[int] = mapped_column(BigInteger, Identity(always=True), unique=True)
    first_id: Mapped[UUID] = mapped_column(ForeignKey("document.id"))
    second_id: Mapped[UUID] = mapped_column(ForeignKey("document.id"), index=True)
    score: Mapped[float]
    reasons: Mapped[list[str]] = mapped_column(JSONB)
    proposed_at: Mapped[datetime] = mapped_column(DateTime(timezone=True), server_default=func.now())
    # read anew or corrected, the two are no longer alike: nobody is asked any more
    withdrawn: Mapped[bool] = mapped_column(server_default=false())
    decision: Mapped[str | None] = mapped_column(Text)
    decided_by: Mapped[UUID | None] = mapped_column(ForeignKey("account.id"))
    decided_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))


class KindModelRow(Base):
    """What a unit's confirmed letters taught about their kinds; the newest is used where `used`."""

    __tablename__ = "kind_model"
    __table_args__ = (Index("kind_model_unit_at", "unit", "at"),)

    id: Mapped[UUID] = mapped_column(primary_key=True, server_default=text("gen_random_uuid()"))
    unit: Mapped[str] = mapped_column(Text)
    at: Mapped[datetime] = mapped_column(DateTime(timezone=True), server_default=func.now())
    letters: Mapped[int] = mapped_column(Integer)
    used: Mapped[bool]  # no worse than the rules on the unit's own letters
    digest: Mapped[str | None] = mapped_column(Text)
    data: Mapped[bytes | None] = mapped_column(LargeBinary, deferred=True)


class LedgerRow(Base):
    """One event, chained to the one before. Written by ledger_append() only; nobody updates or deletes."""

    __tablename__ = "ledger"
    __table_args__ = (Index("ledger_document_seq", "document", "seq"),)

    seq: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    body: Mapped[str] = mapped_column(Text)
    prev: Mapped[bytes] = mapped_column(LargeBinary)
    hash: Mapped[bytes] = mapped_column(LargeBinary, unique=True)
    action: Mapped[str] = mapped_column(Text, Computed("body::jsonb ->> 'action'", persisted=True), nullable=True)
    document: Mapped[UUID | None] = mapped_column(Computed("(body::jsonb ->> 'document')::uuid", persisted=True))
