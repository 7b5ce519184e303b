"""A case's berkas is called by its SOP's name: 0014 asked for a field that no SOP has, so that its uraian was empty."""

from alembic import op

revision = "0034"
down_revision = "0033"
branch_labels = None
depends_on = None

# As in 0014 but for the name
NAMED = """
CREATE OR REPLACE FUNCTION berkas_of_case(of_case uuid) RETURNS void LANGUAGE sql SECURITY DEFINER
SET search_path = pg_catalog, public AS $$
INSERT INTO berkas (unit, clearance, title, case_id, opened_on, opened_by, closed_on)
  SELECT c.unit, c.clearance,
    concat(s.data #>> '{name,text}', ', kasus ', lpad(c.number::text, 3, '0'), '/', c.year), c.id,
    (c.opened_at AT TIME ZONE office_setting('timezone'))::date + office_setting('clock_offset_days')::int, c.opened_by,
    (c.closed_at AT TIME ZONE office_setting('timezone'))::date + office_setting('clock_offset_days')::int
  FROM case_file c JOIN sop_version s ON s.digest = c.sop_digest WHERE c.id = of_case $$;
"""
# Those that there are; what a person wrote since, and what is left of those disposed of, stays
MENDED = """
UPDATE berkas b SET title = concat(s.data #>> '{name,text}', b.title)
FROM case_file c JOIN sop_version s ON s.digest = c.sop_digest
WHERE c.id = b.case_id AND b.disposed_at IS NULL AND b.title LIKE ', kasus %%';
"""


def upgrade() -> None:
    connection = op.get_bind()
    connection.exec_driver_sql(NAMED)
    connection.exec_driver_sql(
        "SELECT set_config('app.role', 'arsiparis', true), set_config('app.clearance', '3', true)"
    )
    connection.exec_driver_sql(MENDED)
    connection.exec_driver_sql("SELECT set_config('app.role', '', true), set_config('app.clearance', '', true)")
