"""An old archive may be read by a newer reader: what it was read to say before is kept."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

RIGHTS = """
GRANT UPDATE (rereading) ON document TO arsip_api;
GRANT UPDATE (reread) ON page TO arsip_api;
GRANT SELECT ON page_history TO arsip_api;
GRANT SELECT, INSERT ON page_history TO arsip_worker;
ALTER TABLE page_history ENABLE ROW LEVEL SECURITY;
ALTER TABLE page_history FORCE ROW LEVEL SECURITY;
CREATE POLICY seen ON page_history FOR SELECT USING (EXISTS (SELECT 1 FROM document d WHERE d.id = document_id));
CREATE POLICY works ON page_history TO arsip_worker USING (true) WITH CHECK (true);
"""

# A letter may be sealed more than once now: its row must fit the newest time
CHECK = """
CREATE OR REPLACE FUNCTION document_unknown_to_ledger() RETURNS uuid
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public
AS $$ SELECT d.id FROM document d
      WHERE NOT EXISTS (SELECT 1 FROM ledger l WHERE l.document = d.id AND l.action = 'received'
                        AND l.body::jsonb ->> 'digest' = d.sha256)
         OR (d.stage = 'sealed') <> COALESCE((SELECT l.body::jsonb ->> 'pdf' = d.pdf_sha256
                                                     AND l.body::jsonb ->> 'manifest' = d.manifest_key
                                              FROM ledger l WHERE l.document = d.id AND l.action = 'sealed'
                                              ORDER BY l.seq DESC LIMIT 1), false)
      UNION ALL
      SELECT l.document FROM ledger l
      WHERE l.action = 'received' AND NOT EXISTS (SELECT 1 FROM document d WHERE d.id = l.document)
      LIMIT 1 $$;
"""


def upgrade() -> None:
    op.add_column("document", sa.Column("rereading", sa.Integer(), nullable=True))
    op.create_check_constraint(op.f("document_rereading_check"), "document", "rereading > 0")
    op.add_column("page", sa.Column("reader", sa.Text(), nullable=True))
    op.add_column("page", sa.Column("reread", sa.Boolean(), server_default=sa.text("false"), nullable=False))
    op.create_index("page_reread", "page", ["document_seq", "number"], postgresql_where=sa.text("reread"))
    op.create_table(
        "page_history",
        sa.Column("id", sa.Uuid(), server_default=sa.text("gen_random_uuid()"), nullable=False),
        sa.Column("page_id", sa.Uuid(), nullable=False),
        sa.Column("document_id", sa.Uuid(), nullable=False),
        sa.Column("text", sa.Text(), nullable=True),
        sa.Column("reading", JSONB(), nullable=True),
        sa.Column("reader", sa.Text(), nullable=True),
        sa.Column("read_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("replaced_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.ForeignKeyConstraint(["document_id"], ["document.id"], name="page_history_document_id_fkey"),
        sa.ForeignKeyConstraint(["page_id"], ["page.id"], name="page_history_page_id_fkey"),
        sa.PrimaryKeyConstraint("id", name="page_history_pkey"),
    )
    op.create_index("page_history_page_id", "page_history", ["page_id"])
    for block in (RIGHTS, CHECK):
        op.get_bind().exec_driver_sql(block)
