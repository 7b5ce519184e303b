"""What stops snapshots or checkpoints is a finding that people see, not a line in a log alone (docs/adr/0027, 0028)."""

from alembic import op

revision = "0021"
down_revision = "0016"
branch_labels = None
depends_on = None

_WHAT = (
    "what IN ('object_without_row', 'row_without_object', 'wrong_size', 'wrong_lock', 'wrong_hold',"
    " 'snapshots_of_another_database', 'checkpoint_refused')"
)


def upgrade() -> None:
    op.drop_constraint(op.f("store_finding_what_check"), "store_finding", type_="check")
    op.create_check_constraint(op.f("store_finding_what_check"), "store_finding", _WHAT)
