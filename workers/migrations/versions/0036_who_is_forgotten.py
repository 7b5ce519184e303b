"""A client whose records were all destroyed is marked so, since a name alone may be somebody's."""

import sqlalchemy as sa
from alembic import op

revision = "0036"
down_revision = "0035"
branch_labels = None
depends_on = None

# As in 0026 and 0024, with the mark
WIPE = """
CREATE OR REPLACE FUNCTION client_wipe(people uuid[]) RETURNS void LANGUAGE sql
SET search_path = pg_catalog, public AS $$
  UPDATE client SET name = 'dimusnahkan', birth_date = NULL, nik_index = NULL, nik_masked = NULL,
    forgotten_at = coalesce(forgotten_at, now()) WHERE id = ANY (people);
  DELETE FROM client_key WHERE client_id = ANY (people);
  DELETE FROM client_correction WHERE client_id = ANY (people);
  UPDATE case_action a SET reason = '' FROM case_file c
    WHERE c.id = a.case_id AND c.client_id = ANY (people) AND a.action <> 'classify';
  UPDATE case_file SET request_key = NULL, request_index = NULL, seek_since = NULL WHERE client_id = ANY (people);
$$;
GRANT UPDATE (forgotten_at) ON client TO arsip_eraser;
DROP TRIGGER forgotten ON client;
CREATE TRIGGER forgotten AFTER UPDATE ON client FOR EACH ROW WHEN (NEW.forgotten_at IS NOT NULL)
  EXECUTE FUNCTION client_forgotten();
"""
# Those that there are: of one who is only called so, letters are looked for by the name
MARKED = """
ALTER TABLE client NO FORCE ROW LEVEL SECURITY;
ALTER TABLE client_key NO FORCE ROW LEVEL SECURITY;
UPDATE client k SET forgotten_at = now() WHERE name = 'dimusnahkan' AND birth_date IS NULL AND nik_index IS NULL
  AND NOT EXISTS (SELECT FROM client_key y WHERE y.client_id = k.id);
ALTER TABLE client_key FORCE ROW LEVEL SECURITY;
ALTER TABLE client FORCE ROW LEVEL SECURITY;
"""


def upgrade() -> None:
    op.add_column("client", sa.Column("forgotten_at", sa.DateTime(timezone=True), nullable=True))
    op.create_check_constraint(
        op.f("client_forgotten_check"),
        "client",
        "forgotten_at IS NULL OR (name = 'dimusnahkan' AND birth_date IS NULL AND nik_index IS NULL)",
    )
    for block in (WIPE, MARKED):
        op.get_bind().exec_driver_sql(block)
