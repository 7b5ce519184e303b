"""Tables of berkas and of the classification tree. Numbers and clocks are set by triggers, which with policies and
grants stand in the migration."""

from datetime import date, datetime
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
    false,
    func,
    text,
)
from sqlalchemy.orm import Mapped, mapped_column

from core.db import Base

_EMPTY = text("''")


class BerkasCounterRow(Base):
    """The last number of a unit's berkas of one year. Nobody writes it but the trigger that numbers them."""

    __tablename__ = "berkas_counter"

    unit: Mapped[str] = mapped_column(Text, primary_key=True)
    year: Mapped[int] = mapped_column(SmallInteger, primary_key=True, autoincrement=False)
    last: Mapped[int] = mapped_column(Integer)


class BerkasRow(Base):
    """Letters that are kept, and one day disposed of, together: those of a case, or what a person filed as one.

    `number`, `year`, and from `series_id` to `phase_on` all but `appraised_fate` and `permanent` are set by a trigger,
    from the code, the days that people told and the schedule in force (docs/adr/0024). `closed_on`: nothing more is
    filed in it (of a case: it was closed). `trigger_on`: what its series counts from has happened; none while it is
    open. `moved_on`, `disposed_at` and `disposal_id` are set by the workflows of disposal.
    """

    __tablename__ = "berkas"
    __table_args__ = (
        UniqueConstraint("unit", "year", "number"),
        UniqueConstraint("case_id"),
        CheckConstraint("clearance BETWEEN 0 AND 3", name="clearance"),
        CheckConstraint(
            "development IN ('asli', 'salinan', 'tembusan', 'pertinggal', 'fotokopi', 'digital')", name="development"
        ),
        CheckConstraint("fate IN ('belum_ditetapkan', 'musnah', 'permanen', 'dinilai_kembali')", name="fate"),
        CheckConstraint("appraised_fate IN ('musnah', 'permanen')", name="appraised"),
        CheckConstraint("phase IN ('aktif', 'inaktif', 'habis')", name="phase"),
        CheckConstraint("(disposed_at IS NULL) = (disposal_id IS NULL)", name="disposed"),
        Index("berkas_due", "phase", "expires_on", postgresql_where=text("disposed_at IS NULL")),
        Index("berkas_news", "phase_on", postgresql_where=text("disposed_at IS NULL AND phase <> 'aktif'")),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, server_default=text("gen_random_uuid()"))
    unit: Mapped[str] = mapped_column(Text)
    clearance: Mapped[int] = mapped_column(SmallInteger)  # its SKKAAD level; its letters' are no higher
    year: Mapped[int] = mapped_column(SmallInteger)
    number: Mapped[int] = mapped_column(Integer)
    title: Mapped[str] = mapped_column(Text)  # uraian informasi berkas
    code: Mapped[str | None] = mapped_column(Text, index=True)  # kode klasifikasi, as a person confirmed it
    coded_by: Mapped[UUID | None] = mapped_column(ForeignKey("account.id"))
    coded_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    case_id: Mapped[UUID | None] = mapped_column(ForeignKey("case_file.id"))
    development: Mapped[str] = mapped_column(Text, server_default=text("'asli'"))  # tingkat perkembangan
    amount: Mapped[str] = mapped_column(Text, server_default=_EMPTY)  # of paper: "1 map", "0,2 meter"
    note: Mapped[str] = mapped_column(Text, server_default=_EMPTY)
    letters: Mapped[int] = mapped_column(Integer, server_default=text("0"))  # how many lie in it; set by a trigger
    opened_on: Mapped[date] = mapped_column(Date)
    opened_by: Mapped[UUID] = mapped_column(ForeignKey("account.id"))
    opened_at: Mapped[datetime] = mapped_column(DateTime(timezone=True), server_default=func.now())
    closed_on: Mapped[date | None] = mapped_column(Date)
    closed_by: Mapped[UUID | None] = mapped_column(ForeignKey("account.id"))
    trigger_said: Mapped[date | None] = mapped_column(Date)  # the day a person told on which the trigger happened
    trigger_note: Mapped[str] = mapped_column(Text, server_default=_EMPTY)
    series_id: Mapped[UUID | None] = mapped_column(ForeignKey("schedule_row.id"))
    active_years: Mapped[int | None] = mapped_column(SmallInteger)
    inactive_years: Mapped[int | None] = mapped_column(SmallInteger)
    fate: Mapped[str] = mapped_column(Text, server_default=text("'belum_ditetapkan'"))  # nasib akhir
    appraised_fate: Mapped[str | None] = mapped_column(Text)  # what the panel decided of a `dinilai_kembali`
    permanent: Mapped[bool] = mapped_column(server_default=false())  # kept for ever, whatever a schedule says
    trigger_on: Mapped[date | None] = mapped_column(Date)
    inactive_on: Mapped[date | None] = mapped_column(Date)  # first day of being inaktif
    expires_on: Mapped[date | None] = mapped_column(Date)  # first day on which its retention is over
    phase: Mapped[str] = mapped_column(Text, server_default=text("'aktif'"))
    phase_on: Mapped[date | None] = mapped_column(Date)  # since when it is known to be in that phase
    swept_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    vital: Mapped[bool] = mapped_column(server_default=false())
    media: Mapped[str] = mapped_column(Text, server_default=_EMPTY)
    protection: Mapped[str] = mapped_column(Text, server_default=_EMPTY)  # metode pelindungan of a vital one
    moved_on: Mapped[date | None] = mapped_column(Date)  # to the unit kearsipan, by a list of pemindahan
    disposed_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    disposal_id: Mapped[UUID | None]


class BerkasLetterRow(Base):
    """In which berkas a letter lies, or (null) that it was taken out; what was before stands in the ledger. Of a case's
    letters it follows the links, by a trigger."""

    __tablename__ = "berkas_letter"

    document_id: Mapped[UUID] = mapped_column(ForeignKey("document.id"), primary_key=True)
    berkas_id: Mapped[UUID | None] = mapped_column(ForeignKey("berkas.id"), index=True)
    filed_by: Mapped[UUID | None] = mapped_column(ForeignKey("account.id"))
    filed_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True), server_default=func.now())


class ClassificationImportRow(Base):
    """One time that somebody brought a classification table."""

    __tablename__ = "classification_import"

    id: Mapped[UUID] = mapped_column(primary_key=True, server_default=text("gen_random_uuid()"))
    name: Mapped[str] = mapped_column(Text)
    digest: Mapped[str] = mapped_column(Text)  # SHA-256 of the file
    lines: Mapped[int] = mapped_column(Integer)
    account_id: Mapped[UUID] = mapped_column(ForeignKey("account.id"))
    at: Mapped[datetime] = mapped_column(DateTime(timezone=True), server_default=func.now())


class ClassificationCodeRow(Base):
    """One code of the office's tree while it is valid; `replaced_by`: the code that is used instead since then."""

    __tablename__ = "classification_code"
    __table_args__ = (CheckConstraint("valid_to >= valid_from", name="valid"),)

    code: Mapped[str] = mapped_column(Text, primary_key=True)
    valid_from: Mapped[date] = mapped_column(Date, primary_key=True)
    title: Mapped[str] = mapped_column(Text)
    valid_to: Mapped[date | None] = mapped_column(Date)
    replaced_by: Mapped[str | None] = mapped_column(Text)
    import_id: Mapped[UUID] = mapped_column(ForeignKey("classification_import.id"))
