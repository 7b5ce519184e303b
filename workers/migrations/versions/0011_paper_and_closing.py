"""Where paper lies, what a case is classified as, and how long steps take (docs/adr/0022)."""

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None

# The same rule as in the first migration
SEES = """(clearance <= (SELECT app_clearance()) AND ((SELECT app_role()) = 'arsiparis'
  OR ((SELECT app_role()) IN ('petugas', 'pejabat', 'admin') AND unit = (SELECT app_unit()))))"""
SEES_LETTER = "EXISTS (SELECT 1 FROM document d WHERE d.id = document_id)"
# A box stands where anybody sees it, and one of the records unit holds letters of several units; what lies in it is
# told only to who sees the letters
SEES_BOX = "app_role() IN ('petugas', 'pejabat', 'arsiparis', 'admin')"
KEEPS_BOX = "(app_role() = 'arsiparis' OR (app_role() IN ('petugas', 'admin') AND unit = app_unit()))"

RIGHTS = f"""
GRANT SELECT, INSERT ON paper_box, paper_box_move, paper_place TO arsip_api;
GRANT UPDATE (building, room, shelf) ON paper_box TO arsip_api;
GRANT UPDATE (last) ON paper_place TO arsip_api;
GRANT UPDATE (classification, classified_by, classified_at) ON case_file TO arsip_api;
ALTER TABLE paper_box ENABLE ROW LEVEL SECURITY;
ALTER TABLE paper_box FORCE ROW LEVEL SECURITY;
ALTER TABLE paper_box_move ENABLE ROW LEVEL SECURITY;
ALTER TABLE paper_box_move FORCE ROW LEVEL SECURITY;
ALTER TABLE paper_place ENABLE ROW LEVEL SECURITY;
ALTER TABLE paper_place FORCE ROW LEVEL SECURITY;
CREATE POLICY seen ON paper_box FOR SELECT USING ({SEES_BOX});
CREATE POLICY added ON paper_box FOR INSERT WITH CHECK (account_id = app_account() AND {KEEPS_BOX});
CREATE POLICY moved ON paper_box FOR UPDATE USING ({KEEPS_BOX}) WITH CHECK ({KEEPS_BOX});
CREATE POLICY seen ON paper_box_move FOR SELECT USING ({SEES_BOX});
CREATE POLICY added ON paper_box_move FOR INSERT WITH CHECK (account_id = app_account()
  AND EXISTS (SELECT 1 FROM paper_box WHERE paper_box.id = box_id AND {KEEPS_BOX}));
CREATE POLICY seen ON paper_place FOR SELECT USING ({SEES_LETTER});
CREATE POLICY added ON paper_place FOR INSERT WITH CHECK (account_id = app_account() AND {SEES_LETTER});
CREATE POLICY superseded ON paper_place FOR UPDATE USING ({SEES_LETTER}) WITH CHECK ({SEES_LETTER} AND NOT last);
-- Policies are ORed: a closed case is out of reach of both, or the one would open again what the other closed
DROP POLICY closed ON case_file;
CREATE POLICY closed ON case_file FOR UPDATE USING (closed_at IS NULL AND {SEES})
  WITH CHECK (closed_by = app_account() AND {SEES});
CREATE POLICY classified ON case_file FOR UPDATE USING (closed_at IS NULL AND {SEES})
  WITH CHECK (classified_by = app_account() AND closed_at IS NULL AND {SEES});
"""

# Whether a letter's paper has a place stands at the letter itself, as for the books (0009): to look for the few that
# have none among a hundred thousand took a second
PLACED = """
CREATE FUNCTION paper_placed() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, public AS $$
BEGIN
  UPDATE document SET placed = NEW.box_id IS NOT NULL WHERE id = NEW.document_id;
  RETURN NULL;
END $$;
CREATE TRIGGER placed AFTER INSERT ON paper_place FOR EACH ROW EXECUTE FUNCTION paper_placed();
GRANT CREATE ON SCHEMA public TO arsip_functions;
ALTER FUNCTION paper_placed() OWNER TO arsip_functions;
REVOKE CREATE ON SCHEMA public FROM arsip_functions;
REVOKE ALL ON FUNCTION paper_placed() FROM PUBLIC;
"""

# Reports count over cases: the auditor, who sees no case, sees how long steps took, and nothing of whose they were
TIMES = f"""
CREATE FUNCTION step_times(since timestamptz)
RETURNS TABLE (case_id uuid, sop_digest text, opened_at timestamptz, number int, state text, taken text[],
  started_at timestamptz, ended_at timestamptz, closed boolean)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public
AS $$ SELECT c.id, c.sop_digest, c.opened_at, s.number::int, s.state, s.taken, s.started_at, s.ended_at,
        c.closed_at IS NOT NULL
      FROM case_file c JOIN case_step s ON s.case_id = c.id
      WHERE ((SELECT app_role()) = 'auditor' OR {SEES})
        AND EXISTS (SELECT 1 FROM case_step e WHERE e.case_id = c.id AND e.ended_at >= since)
      ORDER BY c.opened_at, c.id, s.number $$;
GRANT SELECT ON case_file, case_step TO arsip_functions;
CREATE POLICY reports ON case_file FOR SELECT TO arsip_functions USING (true);
CREATE POLICY reports ON case_step FOR SELECT TO arsip_functions USING (true);
CREATE POLICY reports ON sop_version FOR SELECT USING (app_role() = 'auditor');
GRANT CREATE ON SCHEMA public TO arsip_functions;
ALTER FUNCTION step_times(timestamptz) OWNER TO arsip_functions;
REVOKE CREATE ON SCHEMA public FROM arsip_functions;
REVOKE ALL ON FUNCTION step_times(timestamptz) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION step_times(timestamptz) TO arsip_api;
"""


def _text(name: str, *, default: bool = True) -> sa.Column[Any]:
    return sa.Column(name, sa.Text(), server_default=sa.text("''") if default else None, nullable=False)


def _id() -> sa.Column[Any]:
    return sa.Column("id", sa.Uuid(), server_default=sa.text("gen_random_uuid()"), nullable=False)


def _at(clock: str) -> sa.Column[Any]:
    return sa.Column("at", sa.DateTime(timezone=True), server_default=sa.text(clock), nullable=False)


def _foreign(table: str, column: str, other: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint([column], [f"{other}.id"], name=f"{table}_{column}_fkey")


def upgrade() -> None:
    op.create_table(
        "paper_box",
        _id(),
        _text("unit", default=False),
        sa.Column("number", sa.Integer(), nullable=False),
        _text("name", default=False),
        _text("building"),
        _text("room"),
        _text("shelf"),
        sa.Column("account_id", sa.Uuid(), nullable=False),
        _at("now()"),
        sa.CheckConstraint("number > 0", name=op.f("paper_box_number_check")),
        _foreign("paper_box", "account_id", "account"),
        sa.PrimaryKeyConstraint("id", name="paper_box_pkey"),
        sa.UniqueConstraint("unit", "number", name="paper_box_unit_number_key"),
        sa.UniqueConstraint("unit", "name", name="paper_box_unit_name_key"),
    )
    op.create_table(
        "paper_box_move",
        _id(),
        sa.Column("box_id", sa.Uuid(), nullable=False),
        _text("building", default=False),
        _text("room", default=False),
        _text("shelf", default=False),
        sa.Column("account_id", sa.Uuid(), nullable=False),
        _at("clock_timestamp()"),
        _foreign("paper_box_move", "box_id", "paper_box"),
        _foreign("paper_box_move", "account_id", "account"),
        sa.PrimaryKeyConstraint("id", name="paper_box_move_pkey"),
    )
    op.create_index("paper_box_move_box_id", "paper_box_move", ["box_id"])
    _places()
    _cases()
    for block in (RIGHTS, PLACED, TIMES):
        op.get_bind().exec_driver_sql(block)


def _places() -> None:
    op.create_table(
        "paper_place",
        _id(),
        sa.Column("seq", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("document_id", sa.Uuid(), nullable=False),
        sa.Column("box_id", sa.Uuid(), nullable=True),
        _text("folder"),
        sa.Column("account_id", sa.Uuid(), nullable=False),
        _at("clock_timestamp()"),
        sa.Column("last", sa.Boolean(), server_default=sa.text("true"), nullable=False),
        _foreign("paper_place", "document_id", "document"),
        _foreign("paper_place", "box_id", "paper_box"),
        _foreign("paper_place", "account_id", "account"),
        sa.PrimaryKeyConstraint("id", name="paper_place_pkey"),
        sa.UniqueConstraint("seq", name="paper_place_seq_key"),
    )
    last = sa.text("last")
    op.create_index("paper_place_document_id", "paper_place", ["document_id"])
    op.create_index("paper_place_last", "paper_place", ["document_id"], unique=True, postgresql_where=last)
    op.create_index("paper_place_box", "paper_place", ["box_id"], postgresql_where=last)
    op.add_column("document", sa.Column("placed", sa.Boolean(), server_default=sa.text("false"), nullable=False))
    without = sa.text("NOT placed AND stage = 'sealed'")
    op.create_index("document_without_paper", "document", ["seq"], postgresql_where=without)
    # of a small unit the newest ones would else be looked for among those of all
    op.create_index("document_without_paper_unit", "document", ["unit", "seq"], postgresql_where=without)


def _cases() -> None:
    op.add_column("case_file", sa.Column("classification", sa.Text(), nullable=True))
    op.add_column("case_file", sa.Column("classified_by", sa.Uuid(), nullable=True))
    op.add_column("case_file", sa.Column("classified_at", sa.DateTime(timezone=True), nullable=True))
    op.create_foreign_key("case_file_classified_by_fkey", "case_file", "account", ["classified_by"], ["id"])
    op.create_check_constraint(
        op.f("case_file_classified_check"),
        "case_file",
        "num_nulls(classification, classified_by, classified_at) IN (0, 3)",
    )
    op.drop_constraint(op.f("case_action_action_check"), "case_action", type_="check")
    op.create_check_constraint(
        op.f("case_action_action_check"),
        "case_action",
        "action IN ('start', 'finish', 'skip', 'branch', 'reopen', 'waive', 'classify', 'close')",
    )
