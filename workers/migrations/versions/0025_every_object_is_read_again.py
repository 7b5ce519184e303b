"""Page pictures, copies of the database and lists of what was destroyed are read again too (docs/adr/0027)."""

from alembic import op

revision = "0025"
down_revision = "0024"
branch_labels = None
depends_on = None

_KINDS = "kind IN ('original', 'pdf', 'manifest', 'checkpoint', 'picture', 'snapshot', 'destruction')"


def upgrade() -> None:
    op.drop_constraint(op.f("stored_object_kind_check"), "stored_object", type_="check")
    op.create_check_constraint(op.f("stored_object_kind_check"), "stored_object", _KINDS)
    # what it holds is entered again from the ledger, now with the pictures of sealed letters
    op.execute("TRUNCATE stored_object")
