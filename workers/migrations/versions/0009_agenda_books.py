"""Agenda books: entries whose numbers the database itself gives, without gap or duplicate (docs/adr/0019)."""

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

# The same rule as in the first migration
SEES = """(clearance <= (SELECT app_clearance()) AND ((SELECT app_role()) = 'arsiparis'
  OR ((SELECT app_role()) IN ('petugas', 'pejabat', 'admin') AND unit = (SELECT app_unit()))))"""
# Whose books somebody may leaf through, lines above their ceiling closed
LEAFS = """((SELECT app_role()) IN ('arsiparis', 'auditor')
  OR ((SELECT app_role()) IN ('petugas', 'pejabat', 'admin') AND unit = (SELECT app_unit())))"""

# Without rights on the counter nobody but this trigger moves it: a number and its entry are one, whatever a client
# does. The counter's row stays locked until the commit, so numbers become visible in their order and a transaction
# that ends otherwise gives its number back.
NUMBERS = """
CREATE FUNCTION agenda_number() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, public AS $$
DECLARE
  given boolean := TG_OP = 'UPDATE';
BEGIN
  IF given THEN
    IF OLD.cancelled_at IS NOT NULL THEN
      RAISE EXCEPTION 'a cancelled agenda entry does not change';
    END IF;
    IF (NEW.unit, NEW.book) <> (OLD.unit, OLD.book) OR OLD.numbered > NEW.numbered
       OR NEW.document_id IS DISTINCT FROM OLD.document_id THEN
      RAISE EXCEPTION 'an agenda entry keeps its book, number and letter';
    END IF;
    NEW.number := OLD.number;
    NEW.year := OLD.year;
    given := OLD.numbered;
  ELSE
    NEW.number := NULL;
    NEW.year := NULL;
  END IF;
  IF given THEN
    NEW.day := OLD.day;
  ELSIF NEW.numbered THEN
    NEW.year := extract(year FROM NEW.day);
    INSERT INTO agenda_counter AS c (unit, book, year, last) VALUES (NEW.unit, NEW.book, NEW.year, 1)
      ON CONFLICT (unit, book, year) DO UPDATE SET last = c.last + 1 RETURNING last INTO NEW.number;
  ELSE
    NEW.day := NULL;
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER number BEFORE INSERT OR UPDATE ON agenda_entry FOR EACH ROW EXECUTE FUNCTION agenda_number();
"""

# Whether a letter is done with for the registration queue stands at the letter itself: to look for the few letters that
# are in no book among a hundred thousand that are took a third of a second on every page of the books.
BOOKED = """
CREATE FUNCTION agenda_booked() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, public AS $$
DECLARE
  touched uuid[] := ARRAY[NEW.document_id];
BEGIN
  IF TG_TABLE_NAME = 'agenda_entry' THEN
    touched := touched || ARRAY(SELECT s.document_id FROM agenda_step s WHERE s.entry_id = NEW.id);
  END IF;
  UPDATE document d SET booked = EXISTS (SELECT FROM agenda_left_out o WHERE o.document_id = d.id)
      OR EXISTS (SELECT FROM agenda_entry e WHERE e.document_id = d.id AND e.cancelled_at IS NULL)
      OR EXISTS (SELECT FROM agenda_step s JOIN agenda_entry e ON e.id = s.entry_id
                 WHERE s.document_id = d.id AND e.cancelled_at IS NULL)
    WHERE d.id = ANY (touched);
  RETURN NULL;
END $$;
CREATE TRIGGER booked AFTER INSERT OR UPDATE OF cancelled_at ON agenda_entry
  FOR EACH ROW EXECUTE FUNCTION agenda_booked();
CREATE TRIGGER booked AFTER INSERT ON agenda_step FOR EACH ROW EXECUTE FUNCTION agenda_booked();
CREATE TRIGGER booked AFTER INSERT ON agenda_left_out FOR EACH ROW EXECUTE FUNCTION agenda_booked();
"""

# Who prints a book must see that no number is missing; what they may not see of a line stays closed
LINES = f"""
CREATE FUNCTION agenda_lines(of_unit text, of_book text, of_year int, first date, last date, after int, most int)
RETURNS TABLE (number int, day date, cancelled boolean)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public
AS $$ SELECT e.number, e.day, e.cancelled_at IS NOT NULL FROM agenda_entry e
      WHERE e.unit = of_unit AND e.book = of_book AND e.year = of_year AND e.number > after
        AND e.day BETWEEN first AND last AND {LEAFS}
      ORDER BY e.number LIMIT most $$;
"""

RIGHTS = f"""
GRANT SELECT, INSERT ON agenda_entry, agenda_step, agenda_left_out TO arsip_api;
GRANT UPDATE (numbered, day, letter_number, cancelled_at, cancelled_by, cancel_reason)
  ON agenda_entry TO arsip_api;
GRANT SELECT ON agenda_counter TO arsip_api;
GRANT SELECT ON agenda_sheet TO arsip_api;
GRANT SELECT ON agenda_entry TO arsip_worker;
GRANT SELECT, INSERT ON agenda_sheet TO arsip_worker;
GRANT SELECT, INSERT, UPDATE ON agenda_counter TO arsip_functions;
GRANT SELECT ON agenda_entry, agenda_step, agenda_left_out TO arsip_functions;
ALTER TABLE agenda_counter ENABLE ROW LEVEL SECURITY;
ALTER TABLE agenda_counter FORCE ROW LEVEL SECURITY;
ALTER TABLE agenda_entry ENABLE ROW LEVEL SECURITY;
ALTER TABLE agenda_entry FORCE ROW LEVEL SECURITY;
ALTER TABLE agenda_step ENABLE ROW LEVEL SECURITY;
ALTER TABLE agenda_step FORCE ROW LEVEL SECURITY;
ALTER TABLE agenda_left_out ENABLE ROW LEVEL SECURITY;
ALTER TABLE agenda_left_out FORCE ROW LEVEL SECURITY;
ALTER TABLE agenda_sheet ENABLE ROW LEVEL SECURITY;
ALTER TABLE agenda_sheet FORCE ROW LEVEL SECURITY;
CREATE POLICY works ON agenda_entry FOR SELECT TO arsip_worker USING (true);
CREATE POLICY works ON agenda_sheet TO arsip_worker USING (true) WITH CHECK (true);
CREATE POLICY seen ON agenda_sheet FOR SELECT USING (EXISTS (SELECT 1 FROM document d WHERE d.id = document_id)
  AND EXISTS (SELECT 1 FROM agenda_entry e WHERE e.id = entry_id));
CREATE POLICY seen ON agenda_counter FOR SELECT USING {LEAFS};
CREATE POLICY numbers ON agenda_counter TO arsip_functions USING (true) WITH CHECK (true);
CREATE POLICY seen ON agenda_entry FOR SELECT USING {SEES};
CREATE POLICY added ON agenda_entry FOR INSERT WITH CHECK (account_id = app_account() AND {SEES}
  AND (document_id IS NULL OR EXISTS (SELECT 1 FROM document d WHERE d.id = document_id)));
CREATE POLICY changed ON agenda_entry FOR UPDATE USING {SEES}
  WITH CHECK ({SEES} AND (cancelled_by IS NULL OR cancelled_by = app_account()));
CREATE POLICY lines ON agenda_entry FOR SELECT TO arsip_functions USING (true);
CREATE POLICY booked ON agenda_step FOR SELECT TO arsip_functions USING (true);
CREATE POLICY booked ON agenda_left_out FOR SELECT TO arsip_functions USING (true);
CREATE POLICY seen ON agenda_step FOR SELECT USING (EXISTS (SELECT 1 FROM agenda_entry e WHERE e.id = entry_id));
CREATE POLICY added ON agenda_step FOR INSERT WITH CHECK (account_id = app_account()
  AND EXISTS (SELECT 1 FROM agenda_entry e WHERE e.id = entry_id)
  AND (document_id IS NULL OR EXISTS (SELECT 1 FROM document d WHERE d.id = document_id)));
CREATE POLICY seen ON agenda_left_out FOR SELECT USING (EXISTS (SELECT 1 FROM document d WHERE d.id = document_id));
CREATE POLICY added ON agenda_left_out FOR INSERT WITH CHECK (account_id = app_account()
  AND EXISTS (SELECT 1 FROM document d WHERE d.id = document_id));
GRANT CREATE ON SCHEMA public TO arsip_functions;
ALTER FUNCTION agenda_number() OWNER TO arsip_functions;
ALTER FUNCTION agenda_booked() OWNER TO arsip_functions;
ALTER FUNCTION agenda_lines(text, text, int, date, date, int, int) OWNER TO arsip_functions;
REVOKE CREATE ON SCHEMA public FROM arsip_functions;
REVOKE ALL ON FUNCTION agenda_number(), agenda_booked(),
  agenda_lines(text, text, int, date, date, int, int) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION agenda_lines(text, text, int, date, date, int, int) TO arsip_api;
"""


def _text(name: str) -> sa.Column[Any]:
    return sa.Column(name, sa.Text(), server_default=sa.text("''"), nullable=False)


def _id() -> sa.Column[Any]:
    return sa.Column("id", sa.Uuid(), server_default=sa.text("gen_random_uuid()"), nullable=False)


def _now(name: str) -> sa.Column[Any]:
    return sa.Column(name, sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False)


def _foreign(table: str, column: str, other: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint([column], [f"{other}.id"], name=f"{table}_{column}_fkey")


def _check(table: str, name: str, rule: str) -> sa.CheckConstraint:
    return sa.CheckConstraint(rule, name=op.f(f"{table}_{name}_check"))


def _create_entries() -> None:
    op.create_table(
        "agenda_entry",
        _id(),
        sa.Column("unit", sa.Text(), nullable=False),
        sa.Column("clearance", sa.SmallInteger(), nullable=False),
        sa.Column("book", sa.Text(), nullable=False),
        sa.Column("numbered", sa.Boolean(), nullable=False),
        sa.Column("year", sa.SmallInteger(), nullable=True),
        sa.Column("number", sa.Integer(), nullable=True),
        sa.Column("day", sa.Date(), nullable=True),
        sa.Column("document_id", sa.Uuid(), nullable=True),
        _text("party"),
        _text("letter_number"),
        sa.Column("letter_date", sa.Date(), nullable=True),
        _text("subject"),
        _text("attachments"),
        sa.Column("urgency", sa.Text(), server_default=sa.text("'biasa'"), nullable=False),
        sa.Column("secrecy", sa.SmallInteger(), server_default=sa.text("0"), nullable=False),
        sa.Column("received_on", sa.Date(), nullable=True),
        _text("forwarded_to"),
        _text("verbal"),
        _text("code"),
        _text("note"),
        sa.Column("account_id", sa.Uuid(), nullable=False),
        _now("registered_at"),
        sa.Column("request_key", sa.Text(), nullable=True),
        sa.Column("cancelled_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("cancelled_by", sa.Uuid(), nullable=True),
        sa.Column("cancel_reason", sa.Text(), nullable=True),
        _check("agenda_entry", "clearance", "clearance BETWEEN 0 AND 3"),
        _check("agenda_entry", "secrecy", "secrecy BETWEEN 0 AND 3"),
        _check("agenda_entry", "book", "book IN ('masuk', 'keluar')"),
        _check("agenda_entry", "urgency", "urgency IN ('biasa', 'penting', 'segera', 'sangat_segera')"),
        _check("agenda_entry", "incoming", "book = 'keluar' OR (numbered AND document_id IS NOT NULL)"),
        _check(
            "agenda_entry",
            "numbered",
            "numbered = (number IS NOT NULL) AND numbered = (year IS NOT NULL) AND numbered = (day IS NOT NULL)",
        ),
        _check("agenda_entry", "cancelled", "(cancelled_at IS NULL) = (cancelled_by IS NULL)"),
        _check("agenda_entry", "cancel_reason", "(cancelled_at IS NULL) = (cancel_reason IS NULL)"),
        _foreign("agenda_entry", "document_id", "document"),
        _foreign("agenda_entry", "account_id", "account"),
        _foreign("agenda_entry", "cancelled_by", "account"),
        sa.PrimaryKeyConstraint("id", name="agenda_entry_pkey"),
        sa.UniqueConstraint("unit", "book", "year", "number", name="agenda_entry_unit_book_year_number_key"),
        sa.UniqueConstraint("account_id", "request_key", name="agenda_entry_account_id_request_key_key"),
    )
    op.create_index(
        "agenda_entry_letter",
        "agenda_entry",
        ["document_id"],
        unique=True,
        postgresql_where=sa.text("cancelled_at IS NULL"),
    )


def upgrade() -> None:
    op.create_table(
        "agenda_counter",
        sa.Column("unit", sa.Text(), nullable=False),
        sa.Column("book", sa.Text(), nullable=False),
        sa.Column("year", sa.SmallInteger(), autoincrement=False, nullable=False),
        sa.Column("last", sa.Integer(), nullable=False),
        _check("agenda_counter", "book", "book IN ('masuk', 'keluar')"),
        sa.PrimaryKeyConstraint("unit", "book", "year", name="agenda_counter_pkey"),
    )
    _create_entries()
    op.create_table(
        "agenda_step",
        _id(),
        sa.Column("entry_id", sa.Uuid(), nullable=False),
        sa.Column("step", sa.Text(), nullable=False),
        sa.Column("on_day", sa.Date(), nullable=False),
        sa.Column("document_id", sa.Uuid(), nullable=True),
        sa.Column("account_id", sa.Uuid(), nullable=False),
        _now("at"),
        _check("agenda_step", "step", "step IN ('draf', 'paraf', 'nomor', 'ttd', 'terkirim')"),
        _foreign("agenda_step", "entry_id", "agenda_entry"),
        _foreign("agenda_step", "document_id", "document"),
        _foreign("agenda_step", "account_id", "account"),
        sa.PrimaryKeyConstraint("id", name="agenda_step_pkey"),
        sa.UniqueConstraint("entry_id", "step", name="agenda_step_entry_id_step_key"),
    )
    op.create_index("agenda_step_document_id", "agenda_step", ["document_id"])
    op.create_table(
        "agenda_left_out",
        sa.Column("document_id", sa.Uuid(), nullable=False),
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        _now("at"),
        _foreign("agenda_left_out", "document_id", "document"),
        _foreign("agenda_left_out", "account_id", "account"),
        sa.PrimaryKeyConstraint("document_id", name="agenda_left_out_pkey"),
    )
    op.create_table(
        "agenda_sheet",
        sa.Column("document_id", sa.Uuid(), nullable=False),
        sa.Column("entry_id", sa.Uuid(), nullable=False),
        sa.Column("page", sa.Integer(), nullable=False),
        _now("at"),
        _foreign("agenda_sheet", "document_id", "document"),
        _foreign("agenda_sheet", "entry_id", "agenda_entry"),
        sa.PrimaryKeyConstraint("document_id", name="agenda_sheet_pkey"),
    )
    op.create_index("agenda_sheet_entry_id", "agenda_sheet", ["entry_id"])
    op.add_column("document", sa.Column("booked", sa.Boolean(), server_default=sa.text("false"), nullable=False))
    op.create_index(
        "document_for_books",
        "document",
        ["seq"],
        postgresql_where=sa.text("NOT booked AND stage IN ('filed', 'sealed')"),
    )
    for block in (NUMBERS, BOOKED, LINES, RIGHTS):
        op.get_bind().exec_driver_sql(block)
