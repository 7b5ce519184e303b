"""What is known of a client is put right, and what stood there before is kept (UU 27/2022 pasal 6)."""

import sqlalchemy as sa
from alembic import op

revision = "0024"
down_revision = "0023"
branch_labels = None
depends_on = None

# The same rule as in the first migration
SEES = """(k.clearance <= (SELECT app_clearance()) AND ((SELECT app_role()) = 'arsiparis'
  OR ((SELECT app_role()) IN ('petugas', 'pejabat', 'admin') AND k.unit = (SELECT app_unit()))))"""

CORRECT = f"""
CREATE FUNCTION client_correct(corrected uuid, why text, new_name text, born date) RETURNS boolean LANGUAGE plpgsql
SECURITY DEFINER SET search_path = pg_catalog, public AS $$
DECLARE
  was client;
BEGIN
  SELECT * INTO was FROM client k WHERE k.id = corrected AND {SEES}
    AND (SELECT app_role()) IN ('arsiparis', 'admin') FOR UPDATE;
  IF NOT FOUND OR btrim(why) = '' OR btrim(new_name) = '' THEN
    RAISE EXCEPTION 'this client cannot be corrected so';
  END IF;
  IF (was.name, was.birth_date) IS NOT DISTINCT FROM (new_name, born) THEN RETURN false; END IF;
  INSERT INTO client_correction (client_id, account_id, reason, name, birth_date)
    VALUES (corrected, app_account(), why, was.name, was.birth_date);
  UPDATE client SET name = new_name, birth_date = born WHERE id = corrected;
  RETURN true;
END $$;
"""

# Of a client who is forgotten (disposal_finish() empties them) nothing is left here either
FORGOTTEN = """
CREATE FUNCTION client_forgotten() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, public AS $$
BEGIN
  DELETE FROM client_correction WHERE client_id = NEW.id;
  RETURN NULL;
END $$;
CREATE TRIGGER forgotten AFTER UPDATE ON client FOR EACH ROW
  WHEN (NEW.name = 'dimusnahkan' AND NEW.birth_date IS NULL AND NEW.nik_index IS NULL)
  EXECUTE FUNCTION client_forgotten();
"""

RIGHTS = """
ALTER TABLE client_correction ENABLE ROW LEVEL SECURITY;
ALTER TABLE client_correction FORCE ROW LEVEL SECURITY;
GRANT SELECT ON client_correction TO arsip_api;
CREATE POLICY seen ON client_correction FOR SELECT
  USING (EXISTS (SELECT 1 FROM client k WHERE k.id = client_id));
GRANT SELECT, UPDATE (name, birth_date) ON client TO arsip_functions;
CREATE POLICY corrects ON client TO arsip_functions USING (true) WITH CHECK (true);
GRANT INSERT ON client_correction TO arsip_functions;
CREATE POLICY corrects ON client_correction FOR INSERT TO arsip_functions WITH CHECK (true);
GRANT SELECT, DELETE ON client_correction TO arsip_eraser;
CREATE POLICY erases ON client_correction TO arsip_eraser USING (true);
GRANT CREATE ON SCHEMA public TO arsip_functions, arsip_eraser;
ALTER FUNCTION client_correct(uuid, text, text, date) OWNER TO arsip_functions;
ALTER FUNCTION client_forgotten() OWNER TO arsip_eraser;
REVOKE CREATE ON SCHEMA public FROM arsip_functions, arsip_eraser;
REVOKE ALL ON FUNCTION client_correct(uuid, text, text, date), client_forgotten() FROM PUBLIC;
GRANT EXECUTE ON FUNCTION client_correct(uuid, text, text, date) TO arsip_api;
"""


def upgrade() -> None:
    op.create_table(
        "client_correction",
        sa.Column("id", sa.Uuid(), server_default=sa.text("gen_random_uuid()"), nullable=False),
        sa.Column("client_id", sa.Uuid(), nullable=False),
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), server_default=sa.text("clock_timestamp()"), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("birth_date", sa.Date(), nullable=True),
        sa.ForeignKeyConstraint(["client_id"], ["client.id"], name="client_correction_client_id_fkey"),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name="client_correction_account_id_fkey"),
        sa.PrimaryKeyConstraint("id", name="client_correction_pkey"),
    )
    op.create_index("client_correction_client_id", "client_correction", ["client_id"])
    for block in (CORRECT, FORGOTTEN, RIGHTS):
        op.get_bind().exec_driver_sql(block)
