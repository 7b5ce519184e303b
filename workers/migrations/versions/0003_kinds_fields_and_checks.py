"""What a letter was read to say, what of it waits for a person, and what the person said."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

# Whoever checks a letter changes what it is said to be; it is then sealed anew, with a further manifest
RIGHTS = """
GRANT UPDATE (kind, kind_confidence, fields, checked_at, sealed_at, manifest_key, manifest_version)
  ON document TO arsip_api;
GRANT SELECT, INSERT ON confirmation TO arsip_api;
GRANT SELECT, INSERT ON kind_model TO arsip_worker;
ALTER TABLE kind_model ENABLE ROW LEVEL SECURITY;
ALTER TABLE kind_model FORCE ROW LEVEL SECURITY;
CREATE POLICY works ON kind_model TO arsip_worker USING (true) WITH CHECK (true);
ALTER TABLE confirmation ENABLE ROW LEVEL SECURITY;
ALTER TABLE confirmation FORCE ROW LEVEL SECURITY;
CREATE POLICY seen ON confirmation USING (EXISTS (SELECT 1 FROM document d WHERE d.id = document_id))
  WITH CHECK (account_id = app_account() AND EXISTS (SELECT 1 FROM document d WHERE d.id = document_id));
"""


def upgrade() -> None:
    op.add_column("document", sa.Column("verdict", JSONB(), server_default=sa.text("'{}'"), nullable=False))
    op.add_column("document", sa.Column("doubt", sa.SmallInteger(), nullable=True))
    op.add_column("document", sa.Column("checked_at", sa.DateTime(timezone=True), nullable=True))
    op.create_check_constraint(op.f("document_doubt_check"), "document", "doubt BETWEEN 0 AND 3")
    op.create_index(
        "document_to_check",
        "document",
        ["seq"],
        postgresql_where=sa.text("doubt > 0 AND checked_at IS NULL"),
    )
    op.create_table(
        "confirmation",
        sa.Column("id", sa.Uuid(), server_default=sa.text("gen_random_uuid()"), nullable=False),
        sa.Column("document_id", sa.Uuid(), nullable=False),
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("read", sa.Text(), nullable=True),
        sa.Column("said", sa.Text(), nullable=True),
        sa.Column("sure", sa.Boolean(), nullable=False),
        sa.Column("confidence", sa.Double(), nullable=False),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name="confirmation_account_id_fkey"),
        sa.ForeignKeyConstraint(["document_id"], ["document.id"], name="confirmation_document_id_fkey"),
        sa.PrimaryKeyConstraint("id", name="confirmation_pkey"),
    )
    op.create_index("confirmation_document_id", "confirmation", ["document_id"])
    op.create_index("confirmation_name_at", "confirmation", ["name", "at"])
    op.create_table(
        "kind_model",
        sa.Column("id", sa.Uuid(), server_default=sa.text("gen_random_uuid()"), nullable=False),
        sa.Column("unit", sa.Text(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("letters", sa.Integer(), nullable=False),
        sa.Column("used", sa.Boolean(), nullable=False),
        sa.Column("digest", sa.Text(), nullable=True),
        sa.Column("data", sa.LargeBinary(), nullable=True),
        sa.PrimaryKeyConstraint("id", name="kind_model_pkey"),
    )
    op.create_index("kind_model_unit_at", "kind_model", ["unit", "at"])
    op.get_bind().exec_driver_sql(RIGHTS)
