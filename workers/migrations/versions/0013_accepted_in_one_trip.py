"""A new letter is entered in one round trip: its context, what its sender's key says, the row, and the commit."""

from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None

# The usual arrival: bytes the unit has not seen, under a key its sender has not used. False, and nothing entered,
# otherwise: archive/documents.py then finds out which. The context is of this transaction only, and the function runs
# as its caller, so the policies hold. One at a time with a key: who comes second finds what the first one entered; only
# when that was raised above its sender's ceiling since is the key taken unseen, and the arrival is entered without it.
ENTER = """
DROP FUNCTION document_enter(uuid, uuid, text, int, text, bigint, text, text, text, text, text);
CREATE FUNCTION document_enter(
  as_role text, sender uuid, sender_unit text, ceiling int, new_id uuid, at_clearance int, digest text, bytes bigint,
  type text, name text, version text, key text, entry text
) RETURNS boolean LANGUAGE plpgsql SET search_path = pg_catalog, public AS $$
BEGIN
  PERFORM set_config('app.role', as_role, true), set_config('app.account', sender::text, true),
    set_config('app.unit', sender_unit, true), set_config('app.clearance', ceiling::text, true);
  IF key IS NOT NULL THEN
    PERFORM pg_advisory_xact_lock(hashtextextended(sender || '/' || key, 0));
    IF EXISTS (SELECT FROM arrival a WHERE a.account_id = sender AND a.idempotency_key = key)
    THEN RETURN false; END IF;
  END IF;
  IF EXISTS (SELECT FROM document d WHERE d.unit = sender_unit AND d.sha256 = digest AND d.part_of IS NULL)
  THEN RETURN false; END IF;
  INSERT INTO document (id, unit, clearance, sha256, size, media_type, filename, original_version)
    VALUES (new_id, sender_unit, at_clearance, digest, bytes, type, name, version) ON CONFLICT DO NOTHING;
  IF NOT FOUND THEN RETURN false; END IF;
  INSERT INTO arrival (document_id, account_id, filename, idempotency_key, first)
    VALUES (new_id, sender, name, key, true) ON CONFLICT DO NOTHING;
  IF NOT FOUND THEN
    INSERT INTO arrival (document_id, account_id, filename, first) VALUES (new_id, sender, name, true);
  END IF;
  PERFORM ledger_append(entry);
  RETURN true;
END $$;
REVOKE ALL ON FUNCTION document_enter FROM PUBLIC;
GRANT EXECUTE ON FUNCTION document_enter TO arsip_api;
"""


def upgrade() -> None:
    op.get_bind().exec_driver_sql(ENTER)
