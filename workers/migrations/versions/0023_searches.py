"""Searches made, on their way into the ledger; and searches that somebody saved (docs/adr/0032)."""

from datetime import datetime

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0023"
down_revision = "0022"
branch_labels = None
depends_on = None

# Nobody reads another's searches, and the HTTP process none that were made: it only adds them
RIGHTS = """
GRANT INSERT ON search_made TO arsip_api;
GRANT SELECT, DELETE ON search_made TO arsip_worker;
GRANT SELECT, INSERT, DELETE ON saved_search TO arsip_api;
GRANT UPDATE (seen_at, counted_at, fresh) ON saved_search TO arsip_api;
ALTER TABLE search_made ENABLE ROW LEVEL SECURITY;
ALTER TABLE search_made FORCE ROW LEVEL SECURITY;
ALTER TABLE saved_search ENABLE ROW LEVEL SECURITY;
ALTER TABLE saved_search FORCE ROW LEVEL SECURITY;
CREATE POLICY made ON search_made FOR INSERT TO arsip_api WITH CHECK (account_id = app_account());
CREATE POLICY works ON search_made TO arsip_worker USING (true);
CREATE POLICY own ON saved_search TO arsip_api USING (account_id = (SELECT app_account()))
  WITH CHECK (account_id = (SELECT app_account()));
"""


def _moment(name: str) -> sa.Column[datetime]:
    return sa.Column(name, sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False)


def upgrade() -> None:
    op.create_table(
        "search_made",
        sa.Column("id", sa.Uuid(), server_default=sa.text("gen_random_uuid()"), nullable=False),
        sa.Column("account_id", sa.Uuid(), nullable=False),
        _moment("at"),
        sa.Column("digest", sa.Text(), nullable=False),
        sa.Column("asked", postgresql.JSONB(), nullable=False),
        sa.Column("found", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name="search_made_account_id_fkey"),
        sa.PrimaryKeyConstraint("id", name="search_made_pkey"),
    )
    op.create_index("search_made_at", "search_made", ["at"])
    op.create_table(
        "saved_search",
        sa.Column("id", sa.Uuid(), server_default=sa.text("gen_random_uuid()"), nullable=False),
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("asked", sa.LargeBinary(), nullable=False),
        _moment("made_at"),
        _moment("seen_at"),
        _moment("counted_at"),
        sa.Column("fresh", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name="saved_search_account_id_fkey"),
        sa.PrimaryKeyConstraint("id", name="saved_search_pkey"),
    )
    op.create_index("saved_search_account_id", "saved_search", ["account_id"])
    op.get_bind().exec_driver_sql(RIGHTS)
