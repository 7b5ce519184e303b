"""A scan that becomes an authentic copy is sealed again, so that its PDF bears the mark (docs/adr/0040)."""

from alembic import op

revision = "0039"
down_revision = "0038"
branch_labels = None
depends_on = None

# As a reading anew leaves a letter (archive/rereading.py): its earlier PDF and manifest stay where they lie
AGAIN = """stage = 'filed', sealed_at = NULL, manifest_key = NULL, manifest_version = NULL, attempts = 0, lease = NULL,
      lease_owner = NULL, lease_until = NULL"""
MARKED = "d.id = c.document_id AND d.stage = 'sealed' AND d.destroyed_at IS NULL"

# As in 0016 but for alih media
BEGINS = f"""
CREATE OR REPLACE FUNCTION disposal_begins(l disposal) RETURNS boolean LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, public AS $$
BEGIN
  IF l.kind = 'pemusnahan' THEN
    INSERT INTO disposal_erasure (document_id, disposal_id)
      SELECT x.document_id, l.id FROM disposal_lines(l.id) b JOIN berkas_letter x ON x.berkas_id = b.id
      UNION SELECT s.id, l.id FROM disposal_lines(l.id) b JOIN berkas_letter x ON x.berkas_id = b.id
        JOIN document d ON d.id = x.document_id
        JOIN document s ON s.id = d.part_of OR s.part_of = coalesce(d.part_of, d.id)
        WHERE s.destroyed_at IS NULL;
    RETURN false;
  ELSIF l.kind = 'penyerahan' THEN
    UPDATE berkas b SET disposed_at = now(), disposal_id = l.id FROM disposal_lines(l.id) AS line WHERE line.id = b.id;
  ELSIF l.kind = 'alih_media' THEN
    INSERT INTO authentic_copy (document_id, disposal_id, on_day)
      SELECT x.document_id, l.id, office_today() FROM disposal_lines(l.id) b JOIN berkas_letter x ON x.berkas_id = b.id
      ON CONFLICT DO NOTHING;
    UPDATE document d SET {AGAIN}
      FROM authentic_copy c WHERE c.disposal_id = l.id AND {MARKED};
  END IF;
  RETURN true;
END $$;
GRANT SELECT ON authentic_copy TO arsip_worker;
CREATE POLICY works ON authentic_copy FOR SELECT TO arsip_worker USING (true);
"""
# Those that there are get it too
EARLIER = f"""
ALTER TABLE document NO FORCE ROW LEVEL SECURITY;
ALTER TABLE authentic_copy NO FORCE ROW LEVEL SECURITY;
UPDATE document d SET {AGAIN} FROM authentic_copy c WHERE {MARKED};
ALTER TABLE authentic_copy FORCE ROW LEVEL SECURITY;
ALTER TABLE document FORCE ROW LEVEL SECURITY;
"""


def upgrade() -> None:
    for block in (BEGINS, EARLIER):
        op.get_bind().exec_driver_sql(block)
