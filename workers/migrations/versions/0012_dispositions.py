"""Chains of dispositions, corrections of agenda lines with what stood there before, a NIK learned later."""

from typing import Any

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import ARRAY, JSONB

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None

# The same rule as in the first migration, for `{0}`
SEES = """({0}.clearance <= (SELECT app_clearance()) AND ((SELECT app_role()) = 'arsiparis'
  OR ((SELECT app_role()) IN ('petugas', 'pejabat', 'admin') AND {0}.unit = (SELECT app_unit()))))"""
SEES_LETTER = "EXISTS (SELECT 1 FROM document d WHERE d.id = document_id)"
SEES_CLIENT = SEES.format("client")
# Whether account `a` may see letter `d`
MAY_SEE = """(a.clearance >= d.clearance AND (a.role = 'arsiparis'
  OR (a.role IN ('petugas', 'pejabat', 'admin') AND a.unit = d.unit)))"""

# Nobody is handed a letter that they may not see, whatever a client does; only who holds a link hands it on. The names
# are kept with the link: who sees a chain may read no accounts. What was read or done stays so.
CHECKED = f"""
CREATE FUNCTION disposition_checked() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, public AS $$
BEGIN
  IF TG_OP = 'UPDATE' THEN
    IF OLD.ended_at IS NOT NULL OR (OLD.read_at IS NOT NULL AND NEW.read_at IS DISTINCT FROM OLD.read_at) THEN
      RAISE EXCEPTION 'what was done with a disposition stays';
    END IF;
    RETURN NEW;
  END IF;
  SELECT a.name INTO NEW.recipient FROM account a, document d
    WHERE a.id = NEW.recipient_id AND d.id = NEW.document_id AND {MAY_SEE};
  IF NOT FOUND THEN
    RAISE EXCEPTION 'the recipient of a disposition may see its letter';
  END IF;
  IF NEW.parent_id IS NOT NULL AND NOT EXISTS (SELECT FROM disposition p WHERE p.id = NEW.parent_id
      AND p.document_id = NEW.document_id AND p.recipient_id = NEW.given_by AND p.ended_at IS NULL) THEN
    RAISE EXCEPTION 'only who holds a disposition hands it on';
  END IF;
  SELECT a.name INTO NEW.giver FROM account a WHERE a.id = NEW.given_by;
  NEW.handed_by := coalesce(NEW.handed_by, NEW.given_by);
  RETURN NEW;
END $$;
CREATE TRIGGER checked BEFORE INSERT OR UPDATE ON disposition FOR EACH ROW EXECUTE FUNCTION disposition_checked();
"""

# To whom a letter may be handed: those of its unit who may see it; and of people asked for by name, whether they may
PEOPLE = f"""
CREATE FUNCTION disposition_people(of_document uuid, named text[])
RETURNS TABLE (id uuid, name text, role text, sees boolean)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public
AS $$ SELECT a.id, a.name, a.role, {MAY_SEE} FROM document d, account a
      WHERE d.id = of_document AND {SEES.format("d")}
        AND (a.name = ANY (named)
          OR (a.role IN ('petugas', 'pejabat', 'arsiparis') AND a.unit = d.unit AND {MAY_SEE}))
      ORDER BY a.name $$;
CREATE FUNCTION dispositions_waiting(person uuid) RETURNS bigint
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public
AS $$ SELECT count(*) FROM disposition w WHERE w.recipient_id = person AND w.ended_at IS NULL
        AND NOT EXISTS (SELECT FROM disposition c WHERE c.parent_id = w.id) $$;
"""

# The only way to change what a line says: what stood there before is kept in the same statement. Its number, its book
# and its letter never change, a cancelled line not at all, nor the number of an outgoing letter and the kode in it.
CORRECT = f"""
CREATE FUNCTION agenda_correct(corrected uuid, why text, said jsonb) RETURNS boolean LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, public AS $$
DECLARE
  was agenda_entry;
  now_is agenda_entry;
  earlier jsonb;
BEGIN
  SELECT * INTO was FROM agenda_entry e WHERE e.id = corrected AND {SEES.format("e")}
    AND (SELECT app_role()) IN ('petugas', 'arsiparis', 'admin') FOR UPDATE;
  IF NOT FOUND OR was.cancelled_at IS NOT NULL OR why = '' OR NOT (SELECT array_agg(k) FROM jsonb_object_keys(said) k)
      <@ ARRAY['party', 'letter_number', 'letter_date', 'subject', 'attachments', 'urgency', 'secrecy', 'received_on',
               'forwarded_to', 'verbal', 'code', 'note']
     OR (was.book = 'keluar' AND (said ? 'letter_number' OR (was.numbered AND said ? 'code')))
  THEN RAISE EXCEPTION 'this agenda entry cannot be corrected so';
  END IF;
  now_is := jsonb_populate_record(was, said);
  SELECT jsonb_object_agg(k, to_jsonb(was) -> k) INTO earlier FROM jsonb_object_keys(said) k
    WHERE to_jsonb(was) -> k IS DISTINCT FROM to_jsonb(now_is) -> k;
  IF earlier IS NULL THEN
    RETURN false;
  END IF;
  UPDATE agenda_entry SET (party, letter_number, letter_date, subject, attachments, urgency, secrecy, received_on,
      forwarded_to, verbal, code, note) = (now_is.party, now_is.letter_number, now_is.letter_date, now_is.subject,
      now_is.attachments, now_is.urgency, now_is.secrecy, now_is.received_on, now_is.forwarded_to, now_is.verbal,
      now_is.code, now_is.note)
    WHERE id = corrected;
  INSERT INTO agenda_correction (entry_id, account_id, reason, before)
    VALUES (corrected, app_account(), why, earlier);
  RETURN true;
END $$;
"""

# For checking the books, by somebody who may see no line: the first thing wrong with one, by its own count of the rows
CHECK = """
CREATE FUNCTION agenda_broken() RETURNS text LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public
AS $$
WITH line AS (SELECT unit, book, year, number, cancelled_at, cancelled_by, cancel_reason,
                row_number() OVER (PARTITION BY unit, book, year ORDER BY number, registered_at) AS place
              FROM agenda_entry WHERE numbered),
  ending AS (SELECT unit, book, year, max(number) AS last FROM line GROUP BY unit, book, year)
SELECT concat('book ', book, ' of ', unit, ' in ', year, ', ', wrong) FROM (
  SELECT unit, book, year, number AS at, CASE WHEN number IS NULL THEN 'an entry without a number'
      WHEN number < place THEN concat('number ', number, ': given twice')
      ELSE concat('number ', place, ': missing') END AS wrong
    FROM line WHERE number IS DISTINCT FROM place
  UNION ALL
  SELECT unit, book, year, number, concat('number ', number, ': cancelled without a reason')
    FROM line WHERE cancelled_at IS NOT NULL AND (cancelled_by IS NULL OR coalesce(btrim(cancel_reason), '') = '')
  UNION ALL
  SELECT unit, book, year, coalesce(e.last, 0),
      concat('counter: says ', coalesce(c.last, 0), ', the last number is ', coalesce(e.last, 0))
    FROM agenda_counter c FULL JOIN ending e USING (unit, book, year) WHERE c.last IS DISTINCT FROM e.last
) AS found ORDER BY unit, book, year, at LIMIT 1 $$;
"""

# As in 0006, but where a sheet of disposition came in a stack, its scan and the stack rise to its letter's level; the
# other letters of the stack stay as they are
COVERED = """
CREATE OR REPLACE FUNCTION stack_not_covered() RETURNS uuid
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public
AS $$ WITH part AS (
        SELECT d.part_of AS stack, d.id, d.unit, d.clearance, d.sha256, d.original_version, d.first_page AS first,
          d.last_page AS last, (SELECT count(*) FROM page p WHERE p.document_id = d.id) AS pages,
          (SELECT max(number) FROM page p WHERE p.document_id = d.id) AS highest
        FROM document d WHERE d.part_of IS NOT NULL)
      SELECT s.id FROM document s JOIN LATERAL (
        SELECT count(*) FILTER (WHERE first IS NOT NULL) AS letters, COALESCE(sum(pages), 0) AS pages,
          bool_and((part.unit, part.sha256, part.original_version) = (s.unit, s.sha256, s.original_version)
                   AND (part.clearance = s.clearance OR part.clearance < s.clearance AND EXISTS (
                     SELECT FROM agenda_sheet a JOIN document d ON d.id = a.document_id WHERE d.part_of = s.id))
                   AND part.pages = COALESCE(last - first + 1, 0) AND COALESCE(part.highest, 0) = part.pages
                   AND COALESCE(last <= s.pages, true)) AS whole
        FROM part WHERE part.stack = s.id) AS told ON true
      WHERE s.part_of IS NULL AND (s.letters > 1 OR told.whole IS NOT NULL)
        AND (told.whole IS NOT TRUE OR told.letters <> CASE WHEN s.letters > 1 THEN s.letters ELSE 0 END
             OR told.pages + (SELECT count(*) FROM page p WHERE p.document_id = s.id) <> s.pages
             OR EXISTS (SELECT FROM part a JOIN part b ON b.stack = a.stack AND b.id > a.id
                        WHERE a.stack = s.id AND a.first <= b.last AND b.first <= a.last)
             OR EXISTS (SELECT FROM part a JOIN page p ON p.document_id = s.id
                        WHERE a.stack = s.id AND p.number BETWEEN a.first AND a.last))
      UNION ALL
      SELECT part.id FROM part WHERE NOT EXISTS (SELECT FROM document s WHERE s.id = part.stack AND s.part_of IS NULL)
      LIMIT 1 $$;
GRANT SELECT ON agenda_sheet TO arsip_functions;
CREATE POLICY covers ON agenda_sheet FOR SELECT TO arsip_functions USING (true);
"""

RIGHTS = f"""
GRANT SELECT, INSERT ON disposition TO arsip_api;
GRANT UPDATE (read_at, done_at, done_by, done_note, ended_at) ON disposition TO arsip_api;
GRANT SELECT ON agenda_correction TO arsip_api;
GRANT UPDATE (settled_at, settled_by) ON agenda_sheet TO arsip_api;
GRANT UPDATE (nik_index, nik_masked) ON client TO arsip_api;
GRANT UPDATE (clearance) ON agenda_entry TO arsip_worker;
GRANT SELECT (role, unit, clearance) ON account TO arsip_functions;
GRANT SELECT ON disposition, agenda_counter TO arsip_functions;
GRANT UPDATE ON agenda_entry TO arsip_functions;
GRANT INSERT ON agenda_correction TO arsip_functions;
ALTER TABLE disposition ENABLE ROW LEVEL SECURITY;
ALTER TABLE disposition FORCE ROW LEVEL SECURITY;
ALTER TABLE agenda_correction ENABLE ROW LEVEL SECURITY;
ALTER TABLE agenda_correction FORCE ROW LEVEL SECURITY;
CREATE POLICY seen ON disposition FOR SELECT USING ({SEES_LETTER});
CREATE POLICY given ON disposition FOR INSERT WITH CHECK (given_by = app_account() AND done_by IS NULL
  AND read_at IS NULL AND ended_at IS NULL AND (handed_by = given_by OR sheet_id IS NOT NULL) AND {SEES_LETTER}
  AND (sheet_id IS NULL OR EXISTS (SELECT 1 FROM agenda_sheet s WHERE s.document_id = sheet_id)));
CREATE POLICY changed ON disposition FOR UPDATE USING ({SEES_LETTER})
  WITH CHECK (done_by IS NULL OR done_by = app_account());
CREATE POLICY checks ON disposition FOR SELECT TO arsip_functions USING (true);
CREATE POLICY seen ON agenda_correction FOR SELECT USING (EXISTS (SELECT 1 FROM agenda_entry e WHERE e.id = entry_id));
CREATE POLICY corrects ON agenda_correction FOR INSERT TO arsip_functions WITH CHECK (account_id = app_account());
CREATE POLICY corrects ON agenda_entry FOR UPDATE TO arsip_functions USING (true);
CREATE POLICY follows ON agenda_entry FOR UPDATE TO arsip_worker USING (cancelled_at IS NULL) WITH CHECK (true);
CREATE POLICY settled ON agenda_sheet FOR UPDATE USING (settled_at IS NULL AND {SEES_LETTER})
  WITH CHECK (settled_by = app_account());
DROP POLICY seen ON client;
CREATE POLICY seen ON client FOR SELECT USING {SEES_CLIENT};
CREATE POLICY added ON client FOR INSERT WITH CHECK (added_by = app_account() AND {SEES_CLIENT});
-- a NIK that is known is never overwritten
CREATE POLICY learned ON client FOR UPDATE USING (nik_index IS NULL AND {SEES_CLIENT}) WITH CHECK {SEES_CLIENT};
GRANT CREATE ON SCHEMA public TO arsip_functions;
ALTER FUNCTION disposition_checked() OWNER TO arsip_functions;
ALTER FUNCTION disposition_people(uuid, text[]) OWNER TO arsip_functions;
ALTER FUNCTION dispositions_waiting(uuid) OWNER TO arsip_functions;
ALTER FUNCTION agenda_correct(uuid, text, jsonb) OWNER TO arsip_functions;
ALTER FUNCTION agenda_broken() OWNER TO arsip_functions;
REVOKE CREATE ON SCHEMA public FROM arsip_functions;
REVOKE ALL ON FUNCTION disposition_checked(), disposition_people(uuid, text[]), dispositions_waiting(uuid),
  agenda_correct(uuid, text, jsonb), agenda_broken() FROM PUBLIC;
GRANT EXECUTE ON FUNCTION disposition_people(uuid, text[]), dispositions_waiting(uuid),
  agenda_correct(uuid, text, jsonb), agenda_broken() TO arsip_api;
"""


def _text(name: str) -> sa.Column[Any]:
    return sa.Column(name, sa.Text(), server_default=sa.text("''"), nullable=False)


def _id(name: str = "id") -> sa.Column[Any]:
    return sa.Column(name, sa.Uuid(), server_default=sa.text("gen_random_uuid()"), nullable=False)


def _moment(name: str) -> sa.Column[Any]:
    return sa.Column(name, sa.DateTime(timezone=True), nullable=True)


def _now(name: str) -> sa.Column[Any]:
    return sa.Column(name, sa.DateTime(timezone=True), server_default=sa.text("clock_timestamp()"), nullable=False)


def _foreign(table: str, column: str, other: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint([column], [f"{other}.id"], name=f"{table}_{column}_fkey")


def _dispositions() -> None:
    op.create_table(
        "disposition",
        _id(),
        sa.Column("document_id", sa.Uuid(), nullable=False),
        sa.Column("parent_id", sa.Uuid(), nullable=True),
        sa.Column("sheet_id", sa.Uuid(), nullable=True),
        sa.Column("recipient_id", sa.Uuid(), nullable=False),
        sa.Column("recipient", sa.Text(), nullable=False),
        _text("post"),
        sa.Column("given_by", sa.Uuid(), nullable=False),
        sa.Column("giver", sa.Text(), nullable=False),
        sa.Column("handed_by", sa.Uuid(), nullable=False),
        _text("on_behalf"),
        sa.Column("instructions", ARRAY(sa.Text()), server_default=sa.text("'{}'"), nullable=False),
        _text("note"),
        sa.Column("due_on", sa.Date(), nullable=True),
        _now("given_at"),
        _moment("read_at"),
        _moment("done_at"),
        sa.Column("done_by", sa.Uuid(), nullable=True),
        _text("done_note"),
        _moment("ended_at"),
        sa.CheckConstraint("(sheet_id IS NULL) = (on_behalf = '')", name=op.f("disposition_on_behalf_check")),
        sa.CheckConstraint("(done_at IS NULL) = (done_by IS NULL)", name=op.f("disposition_done_check")),
        sa.CheckConstraint("done_at IS NULL OR ended_at IS NOT NULL", name=op.f("disposition_ended_check")),
        _foreign("disposition", "document_id", "document"),
        _foreign("disposition", "parent_id", "disposition"),
        _foreign("disposition", "sheet_id", "document"),
        _foreign("disposition", "recipient_id", "account"),
        _foreign("disposition", "given_by", "account"),
        _foreign("disposition", "handed_by", "account"),
        _foreign("disposition", "done_by", "account"),
        sa.PrimaryKeyConstraint("id", name="disposition_pkey"),
    )
    for column in ("document_id", "parent_id", "sheet_id"):
        op.create_index(f"disposition_{column}", "disposition", [column])
    for name, column in (("waiting", "recipient_id"), ("given", "handed_by")):
        op.create_index(f"disposition_{name}", "disposition", [column], postgresql_where=sa.text("ended_at IS NULL"))
    op.create_index(
        "disposition_ended",
        "disposition",
        ["recipient_id", sa.text("ended_at DESC")],
        postgresql_where=sa.text("ended_at IS NOT NULL"),
    )


def upgrade() -> None:
    _dispositions()
    op.create_table(
        "agenda_correction",
        _id(),
        sa.Column("entry_id", sa.Uuid(), nullable=False),
        sa.Column("account_id", sa.Uuid(), nullable=False),
        _now("at"),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("before", JSONB(), nullable=False),
        _foreign("agenda_correction", "entry_id", "agenda_entry"),
        _foreign("agenda_correction", "account_id", "account"),
        sa.PrimaryKeyConstraint("id", name="agenda_correction_pkey"),
    )
    op.create_index("agenda_correction_entry_id", "agenda_correction", ["entry_id"])
    op.add_column("agenda_sheet", _moment("settled_at"))
    op.add_column("agenda_sheet", sa.Column("settled_by", sa.Uuid(), nullable=True))
    op.create_foreign_key("agenda_sheet_settled_by_fkey", "agenda_sheet", "account", ["settled_by"], ["id"])
    op.create_check_constraint(
        op.f("agenda_sheet_settled_check"), "agenda_sheet", "(settled_at IS NULL) = (settled_by IS NULL)"
    )
    op.create_index("agenda_sheet_waiting", "agenda_sheet", ["at"], postgresql_where=sa.text("settled_at IS NULL"))
    for block in (CHECKED, PEOPLE, CORRECT, CHECK, COVERED, RIGHTS):
        op.get_bind().exec_driver_sql(block)
