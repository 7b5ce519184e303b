"""What the electronic signatures of a letter proved when it came."""

from alembic import op

revision = "0019"
down_revision = "0015"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.get_bind().exec_driver_sql("ALTER TABLE document ADD COLUMN signatures jsonb")
