"""The database can be lost: keys of snapshots, and versions that a restored store gave its objects."""

import sqlalchemy as sa
from alembic import op

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None

# arsip_snapshot alone reads everything (its policies are made after each upgrade, for every table: cli/migrate.py) and
# keeps its own keys; verifying and reading need to know under which version a restored object lies
RIGHTS = """
CREATE POLICY own ON snapshot_progress TO arsip_snapshot USING (true) WITH CHECK (true);
CREATE POLICY made ON key_generation FOR INSERT TO arsip_snapshot WITH CHECK (wrapped IS NOT NULL);
GRANT SELECT, INSERT, UPDATE ON snapshot_progress TO arsip_snapshot;
GRANT INSERT ON key_generation TO arsip_snapshot;
GRANT EXECUTE ON FUNCTION key_generations_drop(int) TO arsip_snapshot;
DROP POLICY works ON key_generation;
REVOKE ALL ON key_generation FROM arsip_worker;
REVOKE ALL ON FUNCTION key_generations_drop(int) FROM arsip_worker;
CREATE POLICY read ON restored_version FOR SELECT TO arsip_api USING (app_role() <> '');
CREATE POLICY read_worker ON restored_version FOR SELECT TO arsip_worker USING (true);
GRANT SELECT ON restored_version TO arsip_api, arsip_worker;
"""


def upgrade() -> None:
    op.create_table(
        "snapshot_progress",
        sa.Column("generation", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("newest", sa.Integer(), nullable=True),
        sa.Column("newest_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("journaled", sa.BigInteger(), server_default=sa.text("0"), nullable=False),
        sa.PrimaryKeyConstraint("generation", name="snapshot_progress_pkey"),
    )
    op.create_table(
        "restored_version",
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("was", sa.Text(), nullable=False),
        sa.Column("version", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("key", "was", name="restored_version_pkey"),
    )
    for table in ("snapshot_progress", "restored_version"):
        op.execute(f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY")
        op.execute(f"ALTER TABLE {table} FORCE ROW LEVEL SECURITY")
    op.get_bind().exec_driver_sql(RIGHTS)
