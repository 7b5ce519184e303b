"""Old snapshots and journals are removed once nothing needs them and no lock keeps them (docs/adr/0028)."""

import sqlalchemy as sa
from alembic import op

revision = "0030"
down_revision = "0029"
branch_labels = None
depends_on = None

# The disposer has to know that what is needed is under lock, and no key; and fixity's rows of what it removes end
# with it. Of nothing else does a worker forget that it lies in the store
RIGHTS = """
CREATE POLICY kept ON snapshot_progress FOR SELECT TO arsip_worker USING (true);
GRANT SELECT (generation, kept_at) ON snapshot_progress TO arsip_worker;
CREATE FUNCTION copies_forget(names text[]) RETURNS void LANGUAGE sql SECURITY DEFINER
SET search_path = pg_catalog, public AS $$
  DELETE FROM stored_object WHERE kind = 'snapshot' AND key = ANY (names);
$$;
CREATE POLICY forgets ON stored_object TO arsip_functions USING (kind = 'snapshot');
GRANT SELECT, DELETE ON stored_object TO arsip_functions;
GRANT CREATE ON SCHEMA public TO arsip_functions;
ALTER FUNCTION copies_forget(text[]) OWNER TO arsip_functions;
REVOKE CREATE ON SCHEMA public FROM arsip_functions;
REVOKE ALL ON FUNCTION copies_forget(text[]) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION copies_forget(text[]) TO arsip_worker;
"""


def upgrade() -> None:
    op.add_column("snapshot_progress", sa.Column("kept_at", sa.DateTime(timezone=True), nullable=True))
    op.get_bind().exec_driver_sql(RIGHTS)
