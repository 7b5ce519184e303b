"""A client's NIK is put right too, and what stood there before is kept (UU 27/2022 pasal 6)."""

import sqlalchemy as sa
from alembic import op

revision = "0033"
down_revision = "0032"
branch_labels = None
depends_on = None

# The same rule as in the first migration
SEES = """(k.clearance <= (SELECT app_clearance()) AND ((SELECT app_role()) = 'arsiparis'
  OR ((SELECT app_role()) IN ('petugas', 'pejabat', 'admin') AND k.unit = (SELECT app_unit()))))"""

# As in 0024, with the NIK: its keyed index and its masked form, both or none of them. Letters of the client's cases are
# sought anew by what is right now: seeks (0010) sees to that.
CORRECT = f"""
DROP FUNCTION client_correct(uuid, text, text, date);
CREATE FUNCTION client_correct(corrected uuid, why text, new_name text, born date, nik bytea, masked text)
RETURNS boolean LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public AS $$
DECLARE
  was client;
BEGIN
  SELECT * INTO was FROM client k WHERE k.id = corrected AND {SEES}
    AND (SELECT app_role()) IN ('arsiparis', 'admin') FOR UPDATE;
  IF NOT FOUND OR btrim(why) = '' OR btrim(new_name) = '' OR (nik IS NULL) <> (masked IS NULL)
    OR octet_length(nik) <> 32 OR masked !~ '^\\d{{4}}\\*+\\d{{4}}$' THEN
    RAISE EXCEPTION 'this client cannot be corrected so';
  END IF;
  IF (was.name, was.birth_date, was.nik_index) IS NOT DISTINCT FROM (new_name, born, nik) THEN RETURN false; END IF;
  INSERT INTO client_correction (client_id, account_id, reason, name, birth_date, nik_index, nik_masked)
    VALUES (corrected, app_account(), why, was.name, was.birth_date, was.nik_index, was.nik_masked);
  UPDATE client SET name = new_name, birth_date = born, nik_index = nik, nik_masked = masked WHERE id = corrected;
  RETURN true;
END $$;
"""

RIGHTS = """
GRANT UPDATE (nik_index, nik_masked) ON client TO arsip_functions;
GRANT CREATE ON SCHEMA public TO arsip_functions;
ALTER FUNCTION client_correct(uuid, text, text, date, bytea, text) OWNER TO arsip_functions;
REVOKE CREATE ON SCHEMA public FROM arsip_functions;
REVOKE ALL ON FUNCTION client_correct(uuid, text, text, date, bytea, text) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION client_correct(uuid, text, text, date, bytea, text) TO arsip_api;
"""


def upgrade() -> None:
    op.add_column("client_correction", sa.Column("nik_index", sa.LargeBinary(), nullable=True))
    op.add_column("client_correction", sa.Column("nik_masked", sa.Text(), nullable=True))
    for block in (CORRECT, RIGHTS):
        op.get_bind().exec_driver_sql(block)
