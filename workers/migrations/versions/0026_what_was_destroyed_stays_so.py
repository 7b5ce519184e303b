"""An older backup does not bring back what was destroyed after it (docs/adr/0034)."""

from alembic import op

revision = "0026"
down_revision = "0025"
branch_labels = None
depends_on = None

# What a letter's destruction leaves of its rows: for the list that destroys it, and when an older database is restored
WIPE = """
CREATE FUNCTION letter_wipe(letter uuid) RETURNS void LANGUAGE sql SET search_path = pg_catalog, public AS $$
  DELETE FROM page_history WHERE document_id = letter;
  DELETE FROM page WHERE document_id = letter;
  DELETE FROM confirmation WHERE document_id = letter;
  DELETE FROM letter_mark WHERE document_id = letter;
  DELETE FROM letter_key WHERE document_seq = (SELECT seq FROM document WHERE id = letter);
  DELETE FROM twin WHERE letter IN (first_id, second_id);
  DELETE FROM case_proposal WHERE document_id = letter;
  DELETE FROM case_declined WHERE document_id = letter;
  DELETE FROM disposition WHERE document_id = letter;
  UPDATE arrival SET filename = 'dimusnahkan' WHERE document_id = letter;
  UPDATE case_letter SET why = '' WHERE document_id = letter;
  UPDATE document SET destroyed_at = now(), filename = 'dimusnahkan', fields = '{}', verdict = '{}', sampled = false,
    signatures = NULL WHERE id = letter;
$$;
CREATE FUNCTION client_wipe(people uuid[]) RETURNS void LANGUAGE sql SET search_path = pg_catalog, public AS $$
  UPDATE client SET name = 'dimusnahkan', birth_date = NULL, nik_index = NULL, nik_masked = NULL
    WHERE id = ANY (people);
  DELETE FROM client_key WHERE client_id = ANY (people);
  DELETE FROM client_correction WHERE client_id = ANY (people);
  UPDATE case_action a SET reason = '' FROM case_file c
    WHERE c.id = a.case_id AND c.client_id = ANY (people) AND a.action <> 'classify';
  UPDATE case_file SET request_key = NULL, request_index = NULL, seek_since = NULL WHERE client_id = ANY (people);
$$;
CREATE OR REPLACE FUNCTION disposal_erase(letter uuid) RETURNS void LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, public AS $$
DECLARE
  e disposal_erasure;
  l disposal;
  d document;
BEGIN
  SELECT * INTO e FROM disposal_erasure WHERE document_id = letter FOR UPDATE;
  IF NOT FOUND THEN PERFORM disposal_refuse('this letter is on no list that is being carried out'); END IF;
  IF e.erased_at IS NOT NULL THEN RETURN; END IF;
  SELECT * INTO l FROM disposal WHERE id = e.disposal_id;
  SELECT * INTO d FROM document WHERE id = letter FOR UPDATE;
  IF l.kind <> 'pemusnahan' OR l.status <> 'ditetapkan' OR l.began_at IS NULL OR l.done_at IS NOT NULL
    OR l.executed_by IN (l.proposed_by, l.assessed_by) OR l.proposed_by = l.assessed_by OR l.digest IS NULL
    OR NOT l.declared
  THEN PERFORM disposal_refuse('the list is not decided'); END IF;
  IF is_held(letter) THEN PERFORM disposal_refuse('the letter is held'); END IF;
  IF EXISTS (SELECT FROM berkas_letter x JOIN berkas b ON b.id = x.berkas_id WHERE x.document_id = letter AND (
      b.fate <> 'musnah' OR b.closed_on IS NULL OR b.expires_on IS NULL OR b.expires_on > office_today()
      OR b.disposed_at IS NOT NULL OR NOT EXISTS (SELECT FROM disposal_item i
        WHERE i.disposal_id = l.id AND i.berkas_id = b.id AND i.chosen)
      OR NOT EXISTS (SELECT FROM schedule_row r JOIN schedule_version v ON v.id = r.version_id
                     WHERE r.id = b.series_id AND NOT v.sample)))
  THEN PERFORM disposal_refuse('the retention of its berkas is not over'); END IF;
  PERFORM document_key_destroy(letter, l.id);
  PERFORM letter_wipe(letter);
  UPDATE disposal_erasure SET erased_at = now() WHERE document_id = letter;
  PERFORM ledger_append(concat('{"action":"destroyed","actor":"worker","digest":"', d.sha256, '","disposal":"', l.id,
    '","document":"', letter, '"}'));
END $$;
CREATE OR REPLACE FUNCTION disposal_finish(list uuid) RETURNS void LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, public AS $$
DECLARE
  people uuid[];
BEGIN
  IF NOT EXISTS (SELECT FROM disposal WHERE id = list AND kind = 'pemusnahan' AND began_at IS NOT NULL
      AND done_at IS NULL) OR EXISTS (SELECT FROM disposal_erasure WHERE disposal_id = list AND gone_at IS NULL)
  THEN PERFORM disposal_refuse('it is not all done'); END IF;
  UPDATE berkas b SET disposed_at = now(), disposal_id = list, note = '', trigger_note = '',
      title = coalesce((SELECT r.series FROM schedule_row r WHERE r.id = b.series_id), '')
    FROM disposal_lines(list) AS line WHERE line.id = b.id AND b.disposed_at IS NULL;
  SELECT array_agg(DISTINCT k.id) INTO people
    FROM disposal_lines(list) b JOIN case_file c ON c.id = b.case_id JOIN client k ON k.id = c.client_id
    WHERE NOT EXISTS (SELECT FROM case_file o LEFT JOIN berkas ob ON ob.case_id = o.id
      LEFT JOIN disposal od ON od.id = ob.disposal_id
      WHERE o.client_id = k.id AND od.kind IS DISTINCT FROM 'pemusnahan');
  PERFORM client_wipe(people);
  UPDATE disposal SET status = 'dimusnahkan' WHERE id = list;
  PERFORM ledger_append(concat('{"action":"disposal_done","actor":"worker","code":"',
    (SELECT code FROM disposal WHERE id = list), '","disposal":"', list, '"}'));
END $$;
REVOKE ALL ON FUNCTION letter_wipe(uuid), client_wipe(uuid[]) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION letter_wipe(uuid), client_wipe(uuid[]) TO arsip_eraser;
"""
# Gone without a list that says so in this ledger: only where a restored archive said of it that it was gone before
UNDECIDED = """
CREATE OR REPLACE FUNCTION destroyed_undecided() RETURNS uuid LANGUAGE sql STABLE SECURITY DEFINER
SET search_path = pg_catalog, public AS $$
SELECT d.id FROM document d LEFT JOIN document_key k ON k.document_id = d.id
  WHERE (d.destroyed_at IS NOT NULL) <> (k.destroyed_at IS NOT NULL) OR (d.destroyed_at IS NOT NULL) <> (EXISTS (
    SELECT FROM ledger l JOIN disposal_erasure e ON e.document_id = d.id AND e.erased_at IS NOT NULL
    JOIN disposal o ON o.id = e.disposal_id AND o.kind = 'pemusnahan' AND o.began_at IS NOT NULL
    WHERE l.document = d.id AND l.action = 'destroyed' AND l.body::jsonb ->> 'disposal' = o.id::text
      AND l.body::jsonb ->> 'digest' = d.sha256)
    OR EXISTS (SELECT FROM ledger l WHERE l.document = d.id AND l.action = 'destroyed_again'
      AND l.body::jsonb ->> 'disposal' = k.disposal::text AND l.body::jsonb ->> 'digest' = d.sha256))
UNION ALL SELECT l.document FROM ledger l JOIN document d ON d.id = l.document
  WHERE l.action IN ('destroyed', 'destroyed_again') AND d.destroyed_at IS NULL
LIMIT 1 $$;
"""


def upgrade() -> None:
    for block in (WIPE, UNDECIDED):
        op.get_bind().exec_driver_sql(block)
