"""Cases: clients, cases under versions of SOPs, their steps, what was done, and links to letters."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import ARRAY, JSONB

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

# The same rule as for letters (0001): one's own unit, the records unit every unit, up to the ceiling
SEES = """(clearance <= (SELECT app_clearance()) AND ((SELECT app_role()) = 'arsiparis'
  OR ((SELECT app_role()) IN ('petugas', 'pejabat', 'admin') AND unit = (SELECT app_unit()))))"""
SEES_CASE = "EXISTS (SELECT 1 FROM case_file c WHERE c.id = case_id)"
SEES_LINK = f"({SEES_CASE} AND EXISTS (SELECT 1 FROM document d WHERE d.id = document_id))"
WALLED = ("sop_version", "client", "case_counter", "case_file", "case_step", "case_action", "case_letter")

POLICIES = f"""
CREATE POLICY seen ON sop_version USING (app_role() IN ('petugas', 'pejabat', 'arsiparis', 'admin'));
CREATE POLICY seen ON client USING {SEES} WITH CHECK (added_by = app_account() AND {SEES});
CREATE POLICY seen ON case_file FOR SELECT USING {SEES};
CREATE POLICY opened ON case_file FOR INSERT WITH CHECK (opened_by = app_account() AND {SEES});
CREATE POLICY closed ON case_file FOR UPDATE USING {SEES} WITH CHECK (closed_by = app_account() AND {SEES});
CREATE POLICY seen ON case_step USING ({SEES_CASE});
CREATE POLICY seen ON case_action USING ({SEES_CASE}) WITH CHECK (account_id = app_account() AND {SEES_CASE});
CREATE POLICY seen ON case_letter FOR SELECT USING {SEES_LINK};
CREATE POLICY linked ON case_letter FOR INSERT WITH CHECK (linked_by = app_account() AND {SEES_LINK});
CREATE POLICY removed ON case_letter FOR UPDATE USING {SEES_LINK}
  WITH CHECK (removed_by = app_account() AND {SEES_LINK});
CREATE POLICY counts ON case_counter TO arsip_functions USING (true) WITH CHECK (true);
"""

# Nobody deletes; what was done and why is never changed
GRANTS = """
GRANT SELECT, INSERT ON sop_version, client, case_file, case_step, case_action, case_letter TO arsip_api;
GRANT UPDATE (closed_by, closed_at, ended_by) ON case_file TO arsip_api;
GRANT UPDATE (state, taken, started_at, ended_at) ON case_step TO arsip_api;
GRANT UPDATE (removed_by, removed_at) ON case_letter TO arsip_api;
GRANT SELECT, INSERT, UPDATE ON case_counter TO arsip_functions;
"""

# Numbers without a gap: the row is locked until the transaction ends, and one that fails takes its number back. It
# counts as a role that sees every counter, since a case above somebody's ceiling has a number too.
NUMBERS = """
CREATE FUNCTION case_number(wanted_unit text, wanted_year int) RETURNS int LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, public AS $$
DECLARE given int;
BEGIN
  IF app_role() IS DISTINCT FROM 'arsiparis' AND app_unit() IS DISTINCT FROM wanted_unit THEN
    RAISE EXCEPTION 'a case is numbered in its own unit' USING ERRCODE = 'insufficient_privilege';
  END IF;
  INSERT INTO case_counter AS c (unit, year, last) VALUES (wanted_unit, wanted_year, 1)
    ON CONFLICT (unit, year) DO UPDATE SET last = c.last + 1 RETURNING c.last INTO given;
  RETURN given;
END $$;
-- a function's new owner must be able to create in the schema at that moment, and only then
GRANT CREATE ON SCHEMA public TO arsip_functions;
ALTER FUNCTION case_number(text, int) OWNER TO arsip_functions;
REVOKE CREATE ON SCHEMA public FROM arsip_functions;
REVOKE ALL ON FUNCTION case_number(text, int) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION case_number(text, int) TO arsip_api;
"""


def _id() -> "sa.Column[object]":
    return sa.Column("id", sa.Uuid(), server_default=sa.text("gen_random_uuid()"), nullable=False)


def _moment(name: str, *, default: str | None = None) -> "sa.Column[object]":
    return sa.Column(
        name,
        sa.DateTime(timezone=True),
        server_default=sa.text(default) if default else None,
        nullable=default is None,
    )


def _key(table: str, column: str, to: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint([column], [to], name=f"{table}_{column}_fkey")


def upgrade() -> None:
    op.create_table(
        "sop_version",
        sa.Column("digest", sa.Text(), nullable=False),
        sa.Column("sop", sa.Text(), nullable=False),
        sa.Column("data", JSONB(), nullable=False),
        _moment("kept_at", default="now()"),
        sa.CheckConstraint("digest ~ '^[0-9a-f]{64}$'", name=op.f("sop_version_digest_check")),
        sa.PrimaryKeyConstraint("digest", name="sop_version_pkey"),
    )
    _clients()
    _case_files()
    _steps_and_actions()
    op.create_table(
        "case_letter",
        _id(),
        sa.Column("case_id", sa.Uuid(), nullable=False),
        sa.Column("step", sa.SmallInteger(), nullable=False),
        sa.Column("document_id", sa.Uuid(), nullable=False),
        sa.Column("linked_by", sa.Uuid(), nullable=False),
        _moment("linked_at", default="now()"),
        sa.Column("why", sa.Text(), server_default=sa.text("''"), nullable=False),
        sa.Column("removed_by", sa.Uuid(), nullable=True),
        _moment("removed_at"),
        sa.CheckConstraint("(removed_at IS NULL) = (removed_by IS NULL)", name=op.f("case_letter_removed_check")),
        _key("case_letter", "case_id", "case_file.id"),
        _key("case_letter", "document_id", "document.id"),
        _key("case_letter", "linked_by", "account.id"),
        _key("case_letter", "removed_by", "account.id"),
        sa.PrimaryKeyConstraint("id", name="case_letter_pkey"),
    )
    op.create_index("case_letter_case_id", "case_letter", ["case_id"])
    op.create_index("case_letter_document_id", "case_letter", ["document_id"])
    op.create_index(
        "case_letter_once",
        "case_letter",
        ["case_id", "step", "document_id"],
        unique=True,
        postgresql_where=sa.text("removed_at IS NULL"),
    )
    walls = "".join(
        f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY; ALTER TABLE {table} FORCE ROW LEVEL SECURITY;"
        for table in WALLED
    )
    for block in (walls, POLICIES, GRANTS, NUMBERS):
        op.get_bind().exec_driver_sql(block)


def _clients() -> None:
    op.create_table(
        "client",
        _id(),
        sa.Column("unit", sa.Text(), nullable=False),
        sa.Column("clearance", sa.SmallInteger(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("birth_date", sa.Date(), nullable=True),
        sa.Column("nik_index", sa.LargeBinary(), nullable=True),
        sa.Column("nik_masked", sa.Text(), nullable=True),
        sa.Column("added_by", sa.Uuid(), nullable=False),
        _moment("added_at", default="now()"),
        sa.CheckConstraint("clearance BETWEEN 0 AND 3", name=op.f("client_clearance_check")),
        sa.CheckConstraint("(nik_index IS NULL) = (nik_masked IS NULL)", name=op.f("client_nik_check")),
        _key("client", "added_by", "account.id"),
        sa.PrimaryKeyConstraint("id", name="client_pkey"),
    )
    op.create_index("client_unit_nik_index", "client", ["unit", "nik_index"])
    op.create_table(
        "case_counter",
        sa.Column("unit", sa.Text(), nullable=False),
        sa.Column("year", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("last", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("unit", "year", name="case_counter_pkey"),
    )


def _case_files() -> None:
    op.create_table(
        "case_file",
        _id(),
        sa.Column("unit", sa.Text(), nullable=False),
        sa.Column("clearance", sa.SmallInteger(), nullable=False),
        sa.Column("year", sa.Integer(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("sop", sa.Text(), nullable=False),
        sa.Column("sop_digest", sa.Text(), nullable=False),
        sa.Column("client_id", sa.Uuid(), nullable=False),
        sa.Column("opened_by", sa.Uuid(), nullable=False),
        _moment("opened_at", default="now()"),
        sa.Column("closed_by", sa.Uuid(), nullable=True),
        _moment("closed_at"),
        sa.Column("ended_by", sa.Text(), nullable=True),
        sa.Column("request_key", sa.Text(), nullable=True),
        sa.Column("request_index", sa.LargeBinary(), nullable=True),
        sa.CheckConstraint("clearance BETWEEN 0 AND 3", name=op.f("case_file_clearance_check")),
        sa.CheckConstraint("(closed_at IS NULL) = (closed_by IS NULL)", name=op.f("case_file_closed_check")),
        sa.CheckConstraint("(request_key IS NULL) = (request_index IS NULL)", name=op.f("case_file_request_check")),
        _key("case_file", "sop_digest", "sop_version.digest"),
        _key("case_file", "client_id", "client.id"),
        _key("case_file", "opened_by", "account.id"),
        _key("case_file", "closed_by", "account.id"),
        sa.PrimaryKeyConstraint("id", name="case_file_pkey"),
        sa.UniqueConstraint("unit", "year", "number", name="case_file_unit_year_number_key"),
        sa.UniqueConstraint("opened_by", "request_key", name="case_file_opened_by_request_key_key"),
    )
    op.create_index("case_file_client_id", "case_file", ["client_id"])
    op.create_index("case_file_open", "case_file", ["unit", "opened_at"], postgresql_where=sa.text("closed_at IS NULL"))


def _steps_and_actions() -> None:
    op.create_table(
        "case_step",
        sa.Column("case_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.SmallInteger(), autoincrement=False, nullable=False),
        sa.Column("state", sa.Text(), server_default=sa.text("'waiting'"), nullable=False),
        sa.Column("taken", ARRAY(sa.Text()), server_default=sa.text("'{}'"), nullable=False),
        _moment("started_at"),
        _moment("ended_at"),
        sa.CheckConstraint(
            "state IN ('waiting', 'running', 'done', 'skipped', 'branched')", name=op.f("case_step_state_check")
        ),
        sa.CheckConstraint(
            "(state IN ('done', 'skipped')) = (ended_at IS NOT NULL)", name=op.f("case_step_ended_check")
        ),
        _key("case_step", "case_id", "case_file.id"),
        sa.PrimaryKeyConstraint("case_id", "number", name="case_step_pkey"),
    )
    op.create_table(
        "case_action",
        _id(),
        sa.Column("case_id", sa.Uuid(), nullable=False),
        sa.Column("account_id", sa.Uuid(), nullable=False),
        _moment("at", default="clock_timestamp()"),
        sa.Column("action", sa.Text(), nullable=False),
        sa.Column("step", sa.SmallInteger(), nullable=True),
        sa.Column("branch", sa.Text(), nullable=True),
        sa.Column("place", sa.Text(), nullable=True),
        sa.Column("reason", sa.Text(), server_default=sa.text("''"), nullable=False),
        sa.CheckConstraint(
            "action IN ('start', 'finish', 'skip', 'branch', 'reopen', 'waive', 'close')",
            name=op.f("case_action_action_check"),
        ),
        sa.CheckConstraint("(action = 'waive') = (place IS NOT NULL)", name=op.f("case_action_place_check")),
        _key("case_action", "case_id", "case_file.id"),
        _key("case_action", "account_id", "account.id"),
        sa.PrimaryKeyConstraint("id", name="case_action_pkey"),
    )
    op.create_index("case_action_case_id", "case_action", ["case_id"])
