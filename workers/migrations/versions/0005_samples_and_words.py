"""Letters filed unasked are sampled for the desk; workers read what people confirmed, for the office's own words."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

RIGHTS = """
GRANT SELECT ON confirmation TO arsip_worker;
CREATE POLICY works ON confirmation FOR SELECT TO arsip_worker USING (true);
"""


def upgrade() -> None:
    op.add_column("document", sa.Column("sampled", sa.Boolean(), server_default=sa.text("false"), nullable=False))
    op.create_index("document_sampled", "document", ["seq"], postgresql_where=sa.text("sampled"))
    op.drop_index("document_to_check", "document")
    op.create_index(
        "document_to_check",
        "document",
        ["seq"],
        postgresql_where=sa.text("(doubt > 0 OR sampled) AND checked_at IS NULL"),
    )
    op.get_bind().exec_driver_sql(RIGHTS)
