"""A pejabat sees by name who of the records unit, or of their own pejabat, held, proposed or appraised something."""

from alembic import op

revision = "0045"
down_revision = "0044"
branch_labels = None
depends_on = None

# As in 0001, but for a pejabat: they decide on what these people put before them
NAMES = """
CREATE OR REPLACE FUNCTION account_names(ids uuid[]) RETURNS TABLE (id uuid, name text)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public
AS $$ SELECT a.id, a.name FROM account a
      WHERE a.id = ANY (ids) AND (app_role() IN ('admin', 'arsiparis', 'auditor') OR a.id = app_account()
        OR app_role() = 'pejabat' AND (a.role = 'arsiparis' OR a.role = 'pejabat' AND a.unit = app_unit())) $$;
"""


def upgrade() -> None:
    op.get_bind().exec_driver_sql(NAMES)
