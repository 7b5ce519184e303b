"""Letters find their case and step: keys on both sides, proposals, links that the system makes (docs/adr/0021)."""

from typing import Any

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None

SEES_CASE = "EXISTS (SELECT 1 FROM case_file c WHERE c.id = case_id)"
SEES_LETTER = "EXISTS (SELECT 1 FROM document d WHERE d.id = document_id)"
SEES_BOTH = f"({SEES_LETTER} AND (case_id IS NULL OR {SEES_CASE}))"
WALLED = ("letter_key", "client_key", "case_proposal", "case_declined")

# A worker links in nobody's name, and only where a person could: one unit, and no letter above its case
RIGHTS = f"""
GRANT SELECT ON sop_version, client, case_file, case_step, case_action, case_letter, case_declined TO arsip_worker;
GRANT UPDATE (seek_since) ON case_file TO arsip_worker;
GRANT INSERT ON case_letter TO arsip_worker;
GRANT SELECT, INSERT ON letter_key, client_key TO arsip_worker;
GRANT SELECT, INSERT, DELETE ON case_proposal TO arsip_worker;
GRANT SELECT ON case_proposal TO arsip_api;
GRANT SELECT, INSERT ON case_declined TO arsip_api;
CREATE POLICY works ON sop_version FOR SELECT TO arsip_worker USING (true);
CREATE POLICY works ON client FOR SELECT TO arsip_worker USING (true);
CREATE POLICY works ON case_file TO arsip_worker USING (true) WITH CHECK (true);
CREATE POLICY works ON case_step FOR SELECT TO arsip_worker USING (true);
CREATE POLICY works ON case_action FOR SELECT TO arsip_worker USING (true);
CREATE POLICY works ON case_letter FOR SELECT TO arsip_worker USING (true);
CREATE POLICY links ON case_letter FOR INSERT TO arsip_worker WITH CHECK (linked_by IS NULL AND removed_at IS NULL
  AND EXISTS (SELECT 1 FROM case_file c JOIN document d ON d.unit = c.unit AND d.clearance <= c.clearance
              WHERE c.id = case_id AND d.id = document_id));
CREATE POLICY works ON letter_key TO arsip_worker USING (true) WITH CHECK (true);
CREATE POLICY works ON client_key TO arsip_worker USING (true) WITH CHECK (true);
CREATE POLICY works ON case_proposal TO arsip_worker USING (true) WITH CHECK (true);
CREATE POLICY works ON case_declined FOR SELECT TO arsip_worker USING (true);
CREATE POLICY seen ON case_proposal FOR SELECT TO arsip_api USING {SEES_BOTH};
CREATE POLICY seen ON case_declined FOR SELECT TO arsip_api USING {SEES_BOTH};
CREATE POLICY added ON case_declined FOR INSERT TO arsip_api WITH CHECK (account_id = app_account() AND {SEES_BOTH});
"""

# Whatever changes of a case changes what letters are for it: a worker looks again. Triggers, so that no way of changing
# a case can forget it. They run as a role that sees every case and letter: who changes one may not see the other. Of
# several cases the lowest id is held first, so that nobody waits for somebody who waits for them.
TRIGGERS = """
CREATE FUNCTION case_seeks() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, public AS $$
BEGIN
  IF TG_TABLE_NAME = 'client' THEN
    UPDATE case_file SET seek_since = clock_timestamp() WHERE id IN (
      SELECT c.id FROM case_file c WHERE c.client_id = NEW.id AND c.closed_at IS NULL ORDER BY c.id FOR NO KEY UPDATE);
  ELSIF TG_TABLE_NAME = 'agenda_entry' THEN
    UPDATE case_file SET seek_since = clock_timestamp() WHERE id IN (
      SELECT c.id FROM case_file c WHERE c.closed_at IS NULL AND EXISTS (SELECT FROM case_letter l
        WHERE l.case_id = c.id AND l.document_id = NEW.document_id AND l.removed_at IS NULL)
      ORDER BY c.id FOR NO KEY UPDATE);
  ELSE
    UPDATE case_file SET seek_since = clock_timestamp() WHERE id = NEW.case_id AND closed_at IS NULL;
  END IF;
  RETURN NULL;
END $$;
CREATE FUNCTION case_proposal_settled() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, public AS $$
BEGIN
  IF TG_TABLE_NAME = 'case_declined' THEN
    DELETE FROM case_proposal WHERE document_id = NEW.document_id
      AND (case_id, sop) IS NOT DISTINCT FROM (NEW.case_id, NEW.sop);
  ELSE
    DELETE FROM case_proposal WHERE document_id = NEW.document_id AND case_id = NEW.case_id AND step = NEW.step;
    UPDATE case_proposal SET waits = NOT EXISTS (SELECT FROM case_letter l
        WHERE l.document_id = NEW.document_id AND l.removed_at IS NULL)
      WHERE document_id = NEW.document_id;
  END IF;
  RETURN NULL;
END $$;
CREATE FUNCTION case_due() RETURNS trigger LANGUAGE plpgsql
AS $$ BEGIN PERFORM pg_notify('due', ''); RETURN NULL; END $$;
CREATE TRIGGER seeks AFTER UPDATE ON case_step FOR EACH ROW EXECUTE FUNCTION case_seeks();
CREATE TRIGGER seeks AFTER INSERT OR UPDATE ON case_letter FOR EACH ROW EXECUTE FUNCTION case_seeks();
CREATE TRIGGER seeks AFTER UPDATE ON client FOR EACH ROW EXECUTE FUNCTION case_seeks();
CREATE TRIGGER seeks AFTER INSERT OR UPDATE OF document_id, letter_number, cancelled_at ON agenda_entry
  FOR EACH ROW WHEN (NEW.document_id IS NOT NULL) EXECUTE FUNCTION case_seeks();
CREATE TRIGGER settled AFTER INSERT OR UPDATE ON case_letter FOR EACH ROW EXECUTE FUNCTION case_proposal_settled();
CREATE TRIGGER settled AFTER INSERT ON case_declined FOR EACH ROW EXECUTE FUNCTION case_proposal_settled();
CREATE TRIGGER due AFTER INSERT OR UPDATE OF seek_since ON case_file
  FOR EACH ROW WHEN (NEW.seek_since IS NOT NULL) EXECUTE FUNCTION case_due();
GRANT SELECT, UPDATE (seek_since) ON case_file TO arsip_functions;
GRANT SELECT ON case_letter TO arsip_functions;
GRANT SELECT, DELETE, UPDATE (waits) ON case_proposal TO arsip_functions;
CREATE POLICY seeks ON case_file TO arsip_functions USING (true) WITH CHECK (true);
CREATE POLICY settles ON case_letter FOR SELECT TO arsip_functions USING (true);
CREATE POLICY settles ON case_proposal TO arsip_functions USING (true) WITH CHECK (true);
GRANT CREATE ON SCHEMA public TO arsip_functions;
ALTER FUNCTION case_seeks() OWNER TO arsip_functions;
ALTER FUNCTION case_proposal_settled() OWNER TO arsip_functions;
REVOKE CREATE ON SCHEMA public FROM arsip_functions;
REVOKE ALL ON FUNCTION case_seeks(), case_proposal_settled() FROM PUBLIC;
"""


def _letter(table: str) -> list[Any]:
    key = sa.ForeignKeyConstraint(["document_id"], ["document.id"], name=f"{table}_document_id_fkey")
    return [sa.Column("document_id", sa.Uuid(), nullable=False), key]


def _case_or_sop(table: str) -> list[Any]:
    return [
        sa.Column("case_id", sa.Uuid(), nullable=True),
        sa.Column("sop", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(["case_id"], ["case_file.id"], name=f"{table}_case_id_fkey"),
        sa.CheckConstraint("num_nonnulls(case_id, sop) = 1", name=op.f(f"{table}_what_check")),
    ]


def _value() -> sa.Column[Any]:
    return sa.Column("value", sa.BigInteger(), autoincrement=False, nullable=False)


def upgrade() -> None:
    _cases()
    op.create_table(
        "letter_key",
        _value(),
        sa.Column("document_seq", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.ForeignKeyConstraint(["document_seq"], ["document.seq"], name="letter_key_document_seq_fkey"),
        sa.PrimaryKeyConstraint("value", "document_seq", name="letter_key_pkey"),
    )
    op.create_table(
        "client_key",
        _value(),
        sa.Column("client_id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(["client_id"], ["client.id"], name="client_key_client_id_fkey"),
        sa.PrimaryKeyConstraint("value", "client_id", name="client_key_pkey"),
    )
    op.create_table(
        "case_proposal",
        *_letter("case_proposal"),
        sa.Column("rank", sa.SmallInteger(), autoincrement=False, nullable=False),
        sa.Column("document_seq", sa.BigInteger(), nullable=False),
        sa.Column("unit", sa.Text(), nullable=False),
        *_case_or_sop("case_proposal"),
        sa.Column("step", sa.SmallInteger(), nullable=False),
        sa.Column("score", sa.Double(), nullable=False),
        sa.Column("reasons", JSONB(), nullable=False),
        sa.Column("waits", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("document_id", "rank", name="case_proposal_pkey"),
    )
    op.create_index("case_proposal_case_id", "case_proposal", ["case_id"])
    waits = sa.text("waits")
    op.create_index("case_proposal_waits", "case_proposal", ["unit", "document_seq"], postgresql_where=waits)
    op.create_table(
        "case_declined",
        sa.Column("id", sa.Uuid(), server_default=sa.text("gen_random_uuid()"), nullable=False),
        *_letter("case_declined"),
        *_case_or_sop("case_declined"),
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name="case_declined_account_id_fkey"),
        sa.PrimaryKeyConstraint("id", name="case_declined_pkey"),
    )
    op.create_index("case_declined_document_id", "case_declined", ["document_id"])
    walls = "".join(
        f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY; ALTER TABLE {table} FORCE ROW LEVEL SECURITY;"
        for table in WALLED
    )
    for block in (walls, RIGHTS, TRIGGERS):
        op.get_bind().exec_driver_sql(block)


def _cases() -> None:
    op.alter_column("case_letter", "linked_by", nullable=True)
    op.add_column("case_file", sa.Column("from_case", sa.Uuid(), nullable=True))
    op.add_column("case_file", sa.Column("from_step", sa.SmallInteger(), nullable=True))
    moment = sa.DateTime(timezone=True)
    op.add_column("case_file", sa.Column("seek_since", moment, server_default=sa.text("now()"), nullable=True))
    op.create_foreign_key("case_file_from_case_fkey", "case_file", "case_file", ["from_case"], ["id"])
    op.create_check_constraint(op.f("case_file_from_check"), "case_file", "(from_case IS NULL) = (from_step IS NULL)")
    op.create_index("case_file_from_case", "case_file", ["from_case"])
    op.create_index("case_file_seek", "case_file", ["seek_since"], postgresql_where=sa.text("seek_since IS NOT NULL"))
