"""Proof: signed checkpoints over the ledger's tree, and every object with when it was last found whole."""

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0017"
down_revision = "0019"
branch_labels = None
depends_on = None

# Hashes say nothing of an entry, and whoever proves a letter needs those of its neighbours, which they may not see
HASHES = """
CREATE FUNCTION ledger_hashes(first bigint, last bigint) RETURNS TABLE (seq bigint, hash bytea)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public
AS $$ SELECT l.seq, l.hash FROM ledger l WHERE l.seq BETWEEN first AND last
        AND (app_role() IN ('petugas', 'pejabat', 'arsiparis', 'auditor', 'admin') OR session_user = 'arsip_worker')
      ORDER BY l.seq $$;
"""

RIGHTS = """
GRANT SELECT ON checkpoint, ledger_block, stored_object, fixity_day TO arsip_api;
GRANT SELECT, INSERT ON checkpoint, ledger_block TO arsip_worker;
GRANT SELECT, INSERT, UPDATE ON stored_object, fixity_day TO arsip_worker;
CREATE POLICY seen ON checkpoint FOR SELECT
  USING (app_role() IN ('petugas', 'pejabat', 'arsiparis', 'auditor', 'admin'));
CREATE POLICY seen ON ledger_block FOR SELECT
  USING (app_role() IN ('petugas', 'pejabat', 'arsiparis', 'auditor', 'admin'));
CREATE POLICY seen ON stored_object FOR SELECT USING (app_role() IN ('auditor', 'arsiparis', 'admin')
  OR EXISTS (SELECT 1 FROM document d WHERE d.id = document_id));
CREATE POLICY seen ON fixity_day FOR SELECT USING (app_role() IN ('auditor', 'arsiparis', 'admin'));
CREATE POLICY works ON checkpoint TO arsip_worker USING (true);
CREATE POLICY works ON ledger_block TO arsip_worker USING (true);
CREATE POLICY works ON stored_object TO arsip_worker USING (true);
CREATE POLICY works ON fixity_day TO arsip_worker USING (true);
GRANT CREATE ON SCHEMA public TO arsip_functions;
ALTER FUNCTION ledger_hashes(bigint, bigint) OWNER TO arsip_functions;
REVOKE CREATE ON SCHEMA public FROM arsip_functions;
REVOKE ALL ON FUNCTION ledger_hashes(bigint, bigint) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION ledger_hashes(bigint, bigint) TO arsip_api, arsip_worker;
"""


def _text(name: str, *, nullable: bool = False) -> sa.Column[Any]:
    return sa.Column(name, sa.Text(), nullable=nullable)


def _moment(name: str) -> sa.Column[Any]:
    return sa.Column(name, sa.DateTime(timezone=True), nullable=True)


def _count(name: str) -> sa.Column[Any]:
    return sa.Column(name, sa.BigInteger(), server_default=sa.text("0"), nullable=False)


def _checkpoints() -> None:
    op.create_table(
        "checkpoint",
        sa.Column("size", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("root", sa.LargeBinary(), nullable=False),
        sa.Column("head", sa.LargeBinary(), nullable=False),
        *(_text(name) for name in ("note", "public_key", "key", "version", "sha256")),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("size", name="checkpoint_pkey"),
    )
    op.create_table(
        "ledger_block",
        sa.Column("number", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("root", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("number", name="ledger_block_pkey"),
    )


def _objects() -> None:
    op.create_table(
        "stored_object",
        *(_text(name) for name in ("key", "version", "kind")),
        sa.Column("seq", sa.BigInteger(), nullable=False),
        sa.Column("document_id", sa.Uuid(), nullable=True),
        _text("sha256"),
        sa.Column("size", sa.BigInteger(), nullable=True),
        _moment("checked_at"),
        _text("bad", nullable=True),
        *(_moment(name) for name in ("bad_since", "repaired_at", "copied_at")),
        sa.CheckConstraint(
            "kind IN ('original', 'pdf', 'manifest', 'checkpoint')", name=op.f("stored_object_kind_check")
        ),
        sa.CheckConstraint("bad IN ('object_changed', 'object_unreadable')", name=op.f("stored_object_bad_check")),
        sa.CheckConstraint("(bad IS NULL) = (bad_since IS NULL)", name=op.f("stored_object_bad_since_check")),
        sa.ForeignKeyConstraint(["document_id"], ["document.id"], name="stored_object_document_id_fkey"),
        sa.PrimaryKeyConstraint("key", "version", name="stored_object_pkey"),
    )
    op.create_index("stored_object_due", "stored_object", [sa.text("checked_at NULLS FIRST"), "seq"])
    op.create_index("stored_object_uncopied", "stored_object", ["seq"], postgresql_where=sa.text("copied_at IS NULL"))
    op.create_index("stored_object_bad", "stored_object", ["seq"], postgresql_where=sa.text("bad IS NOT NULL"))
    op.create_index("stored_object_kind_seq", "stored_object", ["kind", "seq"])
    op.create_index("stored_object_document_id", "stored_object", ["document_id"])


def _days() -> None:
    op.create_table(
        "fixity_day",
        sa.Column("day", sa.Date(), nullable=False),
        *(_count(name) for name in ("objects", "bytes", "bad", "repaired", "copied")),
        sa.Column("told", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.PrimaryKeyConstraint("day", name="fixity_day_pkey"),
    )


def upgrade() -> None:
    _checkpoints()
    _objects()
    _days()
    for table in ("checkpoint", "ledger_block", "stored_object", "fixity_day"):
        op.execute(f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY")
        op.execute(f"ALTER TABLE {table} FORCE ROW LEVEL SECURITY")
    for block in (HASHES, RIGHTS):
        op.get_bind().exec_driver_sql(block)
