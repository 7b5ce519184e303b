"""Letters that may be scans of one paper are found by their marks and shown to a person, whose word is kept."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

# A pair is there for who may see both letters only. Workers withdraw what nobody decided, when a letter is read anew or
# corrected and no longer alike; nobody removes a pair.
RIGHTS = """
GRANT SELECT, INSERT ON letter_mark TO arsip_worker;
GRANT SELECT ON twin TO arsip_api;
GRANT UPDATE (decision, decided_by, decided_at) ON twin TO arsip_api;
GRANT SELECT, INSERT ON twin TO arsip_worker;
GRANT UPDATE (score, reasons, withdrawn) ON twin TO arsip_worker;
ALTER TABLE letter_mark ENABLE ROW LEVEL SECURITY;
ALTER TABLE letter_mark FORCE ROW LEVEL SECURITY;
CREATE POLICY works ON letter_mark TO arsip_worker USING (true) WITH CHECK (true);
ALTER TABLE twin ENABLE ROW LEVEL SECURITY;
ALTER TABLE twin FORCE ROW LEVEL SECURITY;
CREATE POLICY seen ON twin TO arsip_api
  USING (EXISTS (SELECT 1 FROM document d WHERE d.id = first_id)
    AND EXISTS (SELECT 1 FROM document d WHERE d.id = second_id))
  WITH CHECK (decided_by IS NULL OR decided_by = app_account());
CREATE POLICY works ON twin TO arsip_worker USING (true) WITH CHECK (true);
-- for document_join()
GRANT SELECT (decision, first_id, second_id), UPDATE (withdrawn) ON twin TO arsip_functions;
CREATE POLICY joins ON twin TO arsip_functions USING (true) WITH CHECK (true);
"""


def upgrade() -> None:
    op.create_table(
        "letter_mark",
        sa.Column("value", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("document_id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(["document_id"], ["document.id"], name="letter_mark_document_id_fkey"),
        sa.PrimaryKeyConstraint("value", "document_id", name="letter_mark_pkey"),
    )
    op.create_table(
        "twin",
        sa.Column("id", sa.Uuid(), server_default=sa.text("gen_random_uuid()"), nullable=False),
        sa.Column("seq", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("first_id", sa.Uuid(), nullable=False),
        sa.Column("second_id", sa.Uuid(), nullable=False),
        sa.Column("score", sa.Double(), nullable=False),
        sa.Column("reasons", JSONB(), nullable=False),
        sa.Column("proposed_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("withdrawn", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("decision", sa.Text(), nullable=True),
        sa.Column("decided_by", sa.Uuid(), nullable=True),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("first_id <> second_id", name=op.f("twin_two_check")),
        sa.CheckConstraint("decision IN ('same', 'different')", name=op.f("twin_decision_check")),
        sa.CheckConstraint("num_nulls(decision, decided_by, decided_at) IN (0, 3)", name=op.f("twin_decided_check")),
        sa.ForeignKeyConstraint(["first_id"], ["document.id"], name="twin_first_id_fkey"),
        sa.ForeignKeyConstraint(["second_id"], ["document.id"], name="twin_second_id_fkey"),
        sa.ForeignKeyConstraint(["decided_by"], ["account.id"], name="twin_decided_by_fkey"),
        sa.PrimaryKeyConstraint("id", name="twin_pkey"),
        sa.UniqueConstraint("first_id", "second_id", name="twin_first_id_second_id_key"),
        sa.UniqueConstraint("seq", name="twin_seq_key"),
    )
    op.create_index("twin_second_id", "twin", ["second_id"])
    op.create_index("twin_undecided", "twin", ["seq"], postgresql_where=sa.text("decision IS NULL AND NOT withdrawn"))
    op.create_index("twin_decided_at", "twin", ["decided_at"], postgresql_where=sa.text("decision IS NOT NULL"))
    op.get_bind().exec_driver_sql(RIGHTS)
