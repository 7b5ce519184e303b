"""What twenty senders at once wait for most is turns: a new letter, and whose token that is, each in one statement."""

from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

# The usual arrival, of bytes the unit has not seen. False, and nothing entered, when it has: archive/documents.py then
# enters one more arrival of the document that is there. It runs as its caller, so the policies hold.
ENTER = """
CREATE FUNCTION document_enter(
  new_id uuid, sender uuid, sender_unit text, at_clearance int, digest text, bytes bigint, type text, name text,
  version text, key text, entry text
) RETURNS boolean LANGUAGE plpgsql SET search_path = pg_catalog, public AS $$
BEGIN
  IF EXISTS (SELECT FROM document d WHERE d.unit = sender_unit AND d.sha256 = digest) THEN RETURN false; END IF;
  INSERT INTO document (id, unit, clearance, sha256, size, media_type, filename, original_version)
    VALUES (new_id, sender_unit, at_clearance, digest, bytes, type, name, version) ON CONFLICT DO NOTHING;
  IF NOT FOUND THEN RETURN false; END IF;
  INSERT INTO arrival (document_id, account_id, filename, idempotency_key, first)
    VALUES (new_id, sender, name, key, true);
  PERFORM ledger_append(entry);
  RETURN true;
END $$;
REVOKE ALL ON FUNCTION document_enter FROM PUBLIC;
GRANT EXECUTE ON FUNCTION document_enter TO arsip_api;
"""

# Asked before anybody is known, so it steps to the gate by itself, for its own transaction
GATE = """
CREATE FUNCTION account_of_token(secret_digest bytea)
RETURNS TABLE (id uuid, name text, role text, unit text, clearance smallint)
LANGUAGE plpgsql SET search_path = pg_catalog, public AS $$
BEGIN
  PERFORM set_config('app.role', 'gate', true);
  RETURN QUERY SELECT a.id, a.name, a.role, a.unit, a.clearance FROM account a JOIN token t ON t.account_id = a.id
    WHERE t.digest = secret_digest AND t.revoked_at IS NULL;
END $$;
REVOKE ALL ON FUNCTION account_of_token FROM PUBLIC;
GRANT EXECUTE ON FUNCTION account_of_token TO arsip_api;
"""


def upgrade() -> None:
    for block in (ENTER, GATE):
        op.get_bind().exec_driver_sql(block)
