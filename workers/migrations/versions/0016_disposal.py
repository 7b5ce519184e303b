"""Lists of records to be moved, handed over or destroyed: their steps and guards, and the one door that erases."""

from typing import Any

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0016"
down_revision = "0020"
branch_labels = None
depends_on = None

# The same rule as in the first migration
SEES = """(clearance <= (SELECT app_clearance()) AND ((SELECT app_role()) = 'arsiparis'
  OR ((SELECT app_role()) IN ('petugas', 'pejabat', 'admin') AND unit = (SELECT app_unit()))))"""
SEES_LIST = "EXISTS (SELECT 1 FROM disposal l WHERE l.id = disposal_id)"
SEES_LETTER = "EXISTS (SELECT 1 FROM document d WHERE d.id = document_id)"
KEEPS = "(SELECT app_role()) IN ('arsiparis', 'admin')"
ASSESSES = "(SELECT app_role()) IN ('pejabat', 'arsiparis', 'admin')"

# The steps of records/disposal/workflows.toml once more, as no server process can change them (a test compares both)
STEPS = """
CREATE FUNCTION disposal_steps() RETURNS TABLE (kind text, step text, sources text[], target text, done_by text,
  papers text[], freezes boolean, declares boolean, chooses boolean, executes boolean)
LANGUAGE sql IMMUTABLE AS $$
SELECT r.kind, r.step, r.sources::text[], r.target, r.done_by, r.papers::text[], r.marks ~ 'freezes',
  r.marks ~ 'declares', r.marks ~ 'chooses', r.marks ~ 'executes' FROM (VALUES
  ('pemusnahan', 'nilai', '{usul}', 'dinilai', 'penilai', '{sk_panitia,notulen}', 'freezes declares'),
  ('pemusnahan', 'timbang', '{dinilai}', 'pertimbangan', 'penilai', '{surat_pertimbangan}', ''),
  ('pemusnahan', 'mohon', '{pertimbangan}', 'menunggu_persetujuan', 'arsiparis', '{surat_permohonan}', ''),
  ('pemusnahan', 'setujui', '{menunggu_persetujuan}', 'disetujui', 'arsiparis', '{surat_persetujuan}', ''),
  ('pemusnahan', 'setujui_sebagian', '{menunggu_persetujuan}', 'sebagian',
   'arsiparis', '{surat_persetujuan}', 'chooses'),
  ('pemusnahan', 'tolak', '{menunggu_persetujuan}', 'ditolak', 'arsiparis', '{surat_penolakan}', ''),
  ('pemusnahan', 'tetapkan', '{disetujui,sebagian}', 'ditetapkan', 'arsiparis', '{sk_penetapan}', ''),
  ('pemusnahan', 'musnahkan', '{ditetapkan}', 'dimusnahkan', 'pelaksana', '{}', 'executes'),
  ('pemusnahan', 'laporkan', '{dimusnahkan}', 'dilaporkan', 'arsiparis', '{berita_acara}', ''),
  ('penyerahan', 'nilai', '{usul}', 'dinilai', 'penilai', '{sk_panitia,notulen}', 'freezes'),
  ('penyerahan', 'timbang', '{dinilai}', 'pertimbangan', 'penilai', '{surat_pertimbangan}', ''),
  ('penyerahan', 'mohon', '{pertimbangan}', 'menunggu_persetujuan',
   'arsiparis', '{surat_permohonan,surat_pernyataan}', ''),
  ('penyerahan', 'setujui', '{menunggu_persetujuan}', 'disetujui', 'arsiparis', '{surat_persetujuan}', ''),
  ('penyerahan', 'setujui_sebagian', '{menunggu_persetujuan}', 'sebagian',
   'arsiparis', '{surat_persetujuan}', 'chooses'),
  ('penyerahan', 'tolak', '{menunggu_persetujuan}', 'ditolak', 'arsiparis', '{surat_penolakan}', ''),
  ('penyerahan', 'tetapkan', '{disetujui,sebagian}', 'ditetapkan', 'arsiparis', '{sk_penetapan}', ''),
  ('penyerahan', 'serahkan', '{ditetapkan}', 'diserahkan', 'pelaksana', '{}', 'executes'),
  ('penyerahan', 'laporkan', '{diserahkan}', 'dilaporkan', 'arsiparis', '{berita_acara}', ''),
  ('pemindahan', 'periksa', '{usul}', 'dinilai', 'penerima', '{}', 'freezes'),
  ('pemindahan', 'pindahkan', '{dinilai}', 'dipindahkan', 'penerima', '{}', 'executes'),
  ('pemindahan', 'laporkan', '{dipindahkan}', 'dilaporkan', 'arsiparis', '{berita_acara}', ''),
  ('alih_media', 'periksa', '{usul}', 'dinilai', 'penerima', '{}', 'freezes'),
  ('alih_media', 'autentikasi', '{dinilai}', 'diautentikasi', 'penerima', '{berita_acara}', 'executes')
) AS r (kind, step, sources, target, done_by, papers, marks) $$;
CREATE FUNCTION disposal_fate(of_kind text) RETURNS text LANGUAGE sql IMMUTABLE
AS $$ SELECT CASE of_kind WHEN 'pemusnahan' THEN 'musnah' WHEN 'penyerahan' THEN 'permanen' END $$;
-- which lines of a list it is about: all, but those a panel decided otherwise on and those that were not approved
CREATE FUNCTION disposal_lines(list uuid) RETURNS SETOF berkas LANGUAGE sql STABLE SECURITY DEFINER
SET search_path = pg_catalog, public AS $$
SELECT b.* FROM disposal l JOIN disposal_item i ON i.disposal_id = l.id JOIN berkas b ON b.id = i.berkas_id
WHERE l.id = list AND i.chosen
  AND (i.verdict IS NULL OR disposal_fate(l.kind) IS NULL OR i.verdict = disposal_fate(l.kind)) $$;
"""

# What the list is: its berkas with their verdicts, and the letters in them. Whatever changes it voids what was decided.
DIGEST = """
CREATE FUNCTION disposal_digest(list uuid) RETURNS text LANGUAGE sql STABLE SECURITY DEFINER
SET search_path = pg_catalog, public AS $$
SELECT encode(sha256(convert_to(coalesce(string_agg(told, E'\\n' ORDER BY told), ''), 'UTF8')), 'hex') FROM (
  SELECT concat_ws('|', b.unit, b.year, lpad(b.number::text, 9, '0'), b.id, b.code, i.verdict, i.verdict_reason,
    (SELECT string_agg(concat_ws(':', d.id, d.sha256, d.first_page, d.last_page), ',' ORDER BY d.id)
     FROM berkas_letter x JOIN document d ON d.id = x.document_id WHERE x.berkas_id = b.id)) AS told
  FROM disposal_item i JOIN berkas b ON b.id = i.berkas_id WHERE i.disposal_id = list) AS line $$;
"""

# Why a berkas of the list may not go its way now, in the words of records/disposal/words.py; UU 43/2009 ps 51 b and d
BLOCKED = """
CREATE FUNCTION disposal_blocked(list uuid) RETURNS TABLE (berkas_id uuid, why text)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public AS $$
WITH l AS (SELECT kind, disposal_fate(kind) AS fate FROM disposal WHERE id = list),
  line AS MATERIALIZED (SELECT * FROM disposal_lines(list)),
  letter AS MATERIALIZED (SELECT x.berkas_id, d.id, d.part_of, d.stage, d.letters, d.first_page
    FROM line JOIN berkas_letter x ON x.berkas_id = line.id JOIN document d ON d.id = x.document_id)
SELECT line.id, 'sudah' FROM line WHERE disposed_at IS NOT NULL
UNION ALL SELECT line.id, 'ditahan' FROM line
  WHERE EXISTS (SELECT FROM hold h WHERE h.released_at IS NULL) AND berkas_is_held(line.id)
UNION ALL SELECT line.id, 'terbuka' FROM line, l WHERE l.kind <> 'alih_media' AND closed_on IS NULL
UNION ALL SELECT line.id, 'belum_dipicu' FROM line, l
  WHERE l.kind <> 'alih_media' AND closed_on IS NOT NULL AND trigger_on IS NULL
UNION ALL SELECT line.id, 'tanpa_jadwal' FROM line, l WHERE l.kind <> 'alih_media' AND NOT EXISTS (
  SELECT FROM schedule_row r JOIN schedule_version v ON v.id = r.version_id
  WHERE r.id = line.series_id AND NOT v.sample AND v.id = schedule_in_force())
UNION ALL SELECT line.id, 'belum_habis' FROM line, l
  WHERE l.fate IS NOT NULL AND trigger_on IS NOT NULL AND (expires_on IS NULL OR expires_on > office_today())
UNION ALL SELECT line.id, 'belum_inaktif' FROM line, l
  WHERE l.kind = 'pemindahan' AND trigger_on IS NOT NULL AND (inactive_on IS NULL OR inactive_on > office_today())
UNION ALL SELECT line.id, 'nasib' FROM line, l WHERE l.fate IS NOT NULL AND line.fate NOT IN (l.fate, 'dinilai_kembali')
UNION ALL SELECT line.id, 'belum_dinilai' FROM l, line JOIN disposal_item i ON i.disposal_id = list
    AND i.berkas_id = line.id WHERE l.fate IS NOT NULL AND line.fate = 'dinilai_kembali' AND i.verdict IS NULL
UNION ALL SELECT DISTINCT letter.berkas_id, 'belum_terkunci' FROM letter WHERE stage <> 'sealed'
UNION ALL SELECT DISTINCT letter.berkas_id, 'tumpukan' FROM letter, l WHERE l.kind = 'pemusnahan' AND EXISTS (
  SELECT FROM document s WHERE s.part_of = coalesce(letter.part_of, letter.id) AND s.first_page IS NOT NULL
    AND s.destroyed_at IS NULL AND NOT EXISTS (SELECT FROM letter o WHERE o.id = s.id))
UNION ALL SELECT DISTINCT letter.berkas_id, 'dipakai' FROM letter, l WHERE l.kind = 'pemusnahan' AND EXISTS (
  SELECT FROM case_letter c JOIN berkas o ON o.case_id = c.case_id
  WHERE c.document_id = letter.id AND c.removed_at IS NULL AND o.disposed_at IS NULL
    AND NOT EXISTS (SELECT FROM line WHERE line.id = o.id))
UNION ALL SELECT line.id, 'daftar_lain' FROM line, l WHERE EXISTS (
  SELECT FROM disposal_item i JOIN disposal o ON o.id = i.disposal_id
  WHERE i.berkas_id = line.id AND i.disposal_id <> list AND i.chosen AND o.done_at IS NULL
    AND o.status NOT IN ('ditolak', 'batal')
    AND (o.kind = l.kind OR (disposal_fate(o.kind) IS NOT NULL AND l.fate IS NOT NULL))) $$;
"""

# Who approves a destruction: ten years or more, or a kind that the schedule lacks, Kepala ANRI (domain.md 1.4)
APPROVER = """
CREATE FUNCTION disposal_approver(list uuid) RETURNS text LANGUAGE sql STABLE SECURITY DEFINER
SET search_path = pg_catalog, public AS $$
SELECT CASE WHEN l.kind = 'penyerahan' THEN 'kepala_lkd' WHEN l.kind <> 'pemusnahan' THEN 'kepala_unit_kearsipan'
  WHEN EXISTS (SELECT FROM disposal_lines(list) b WHERE coalesce(b.inactive_years
    + CASE office_setting('retention_years') WHEN 'total' THEN b.active_years ELSE 0 END, 10) >= 10) THEN 'kepala_anri'
  ELSE 'kepala_daerah' END FROM disposal l WHERE l.id = list $$;
"""

# Whether a letter's text or a code on it names the list. What readers take for one another is taken for the same.
NAMED = """
CREATE FUNCTION disposal_named(list uuid, letter uuid) RETURNS boolean LANGUAGE sql STABLE SECURITY DEFINER
SET search_path = pg_catalog, public AS $$
SELECT EXISTS (SELECT FROM disposal l, page p WHERE l.id = list AND p.document_id = letter AND (
  translate(upper(p.text), 'OILSBZ', '011582') ~ (
    replace(translate(l.code, 'OILSBZ', '011582'), '-', '[^0-9A-Z]{0,3}') || '([^0-9]|$)')
  OR EXISTS (SELECT FROM jsonb_array_elements(p.reading -> 'codes') AS c WHERE c ->> 'text' = 'ARSIP-DAFTAR-1/' || l.id)
)) $$;
"""

CHECKED = """
CREATE FUNCTION disposal_refuse(why text) RETURNS void LANGUAGE plpgsql AS $$
BEGIN RAISE EXCEPTION USING MESSAGE = concat('disposal: ', why), ERRCODE = 'check_violation'; END $$;

-- What a step needs, whoever asks for it and by whatever door
CREATE FUNCTION disposal_require(l disposal, step text) RETURNS void LANGUAGE plpgsql STABLE SECURITY DEFINER
SET search_path = pg_catalog, public AS $$
DECLARE
  r record;
  me uuid := app_account();
BEGIN
  SELECT * INTO r FROM disposal_steps() s WHERE s.kind = l.kind AND s.step = disposal_require.step;
  IF NOT FOUND OR me IS NULL OR NOT l.status = ANY (r.sources) OR l.began_at IS NOT NULL AND r.executes THEN
    PERFORM disposal_refuse('this step cannot be taken now');
  END IF;
  IF r.done_by <> 'arsiparis' AND me = l.proposed_by OR r.done_by = 'pelaksana' AND me = l.assessed_by THEN
    PERFORM disposal_refuse('proposer, assessor and executor are different people');
  END IF;
  IF EXISTS (SELECT FROM disposal_steps() s, unnest(s.papers) AS p(name)
      WHERE s.kind = l.kind AND (s.step = r.step OR r.executes AND s.target <> 'ditolak'
          AND NOT r.target = ANY (s.sources) AND NOT s.executes
          AND (s.step <> 'setujui_sebagian' OR l.status = 'sebagian'))
        AND NOT EXISTS (SELECT FROM disposal_paper x WHERE x.disposal_id = l.id AND x.paper = p.name AND NOT x.void))
  THEN
    PERFORM disposal_refuse('a paper is missing');
  END IF;
  IF l.digest IS NOT NULL AND l.began_at IS NULL AND disposal_digest(l.id) <> l.digest THEN
    PERFORM disposal_refuse('the list has changed since it was assessed');
  END IF;
  IF (r.freezes OR r.executes) AND (NOT EXISTS (SELECT FROM disposal_lines(l.id))
      OR EXISTS (SELECT FROM disposal_blocked(l.id))) THEN
    PERFORM disposal_refuse('a berkas of the list is blocked, or none is left');
  END IF;
  IF r.chooses AND NOT (EXISTS (SELECT FROM disposal_item i WHERE i.disposal_id = l.id AND NOT i.chosen)
      AND EXISTS (SELECT FROM disposal_lines(l.id)))
    OR r.step = 'setujui' AND EXISTS (SELECT FROM disposal_item i WHERE i.disposal_id = l.id AND NOT i.chosen) THEN
    PERFORM disposal_refuse('some lines are approved, or all of them');
  END IF;
END $$;

-- What its forms say of a line, kept when the list is closed: no name of a person is in it
CREATE FUNCTION disposal_told(list uuid) RETURNS TABLE (berkas_id uuid, line jsonb)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public AS $$
SELECT b.id, jsonb_build_object('unit', b.unit, 'year', b.year, 'number', b.number, 'code', b.code,
  'series', coalesce(r.series, b.title), 'fate', b.fate, 'development', b.development, 'letters', t.letters,
  'first', t.first, 'last', t.last, 'boxes', coalesce(t.boxes, '[]'))
FROM disposal_item i JOIN berkas b ON b.id = i.berkas_id LEFT JOIN schedule_row r ON r.id = b.series_id,
LATERAL (SELECT count(*) AS letters, min(extract(year FROM letter_day(d.fields, d.received_at)))::int AS first,
    max(extract(year FROM letter_day(d.fields, d.received_at)))::int AS last,
    jsonb_agg(DISTINCT concat(upper(x.unit), '-', lpad(x.number::text, 4, '0'))) FILTER (WHERE x.id IS NOT NULL)
      AS boxes
  FROM berkas_letter bl JOIN document d ON d.id = bl.document_id
  LEFT JOIN paper_place p ON p.document_id = d.id AND p.last LEFT JOIN paper_box x ON x.id = p.box_id
  WHERE bl.berkas_id = b.id) AS t WHERE i.disposal_id = list $$;

CREATE FUNCTION disposal_numbered() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, public AS $$
BEGIN
  PERFORM pg_advisory_xact_lock(hashtextextended('disposal ' || NEW.kind, 0));
  NEW.year := extract(year FROM office_today());
  SELECT coalesce(max(o.number), 0) + 1 INTO NEW.number FROM disposal o WHERE o.kind = NEW.kind AND o.year = NEW.year;
  NEW.code := concat(CASE NEW.kind WHEN 'pemusnahan' THEN 'MSN' WHEN 'penyerahan' THEN 'SRH'
    WHEN 'pemindahan' THEN 'PDH' ELSE 'AMD' END, '-', NEW.year, '-', lpad(NEW.number::text, 4, '0'));
  NEW.status := 'usul';
  IF NEW.proposed_by IS DISTINCT FROM app_account() OR NEW.digest IS NOT NULL OR NEW.began_at IS NOT NULL THEN
    PERFORM disposal_refuse('a list begins with its proposer');
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER numbered BEFORE INSERT ON disposal FOR EACH ROW EXECUTE FUNCTION disposal_numbered();

CREATE FUNCTION disposal_closes(l disposal) RETURNS void LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, public AS $$
BEGIN
  UPDATE disposal_item i SET line = t.line FROM disposal_told(l.id) t
    WHERE i.disposal_id = l.id AND i.berkas_id = t.berkas_id;
  IF disposal_fate(l.kind) IS NOT NULL THEN
    UPDATE berkas b SET appraised_fate = i.verdict FROM disposal_item i
      WHERE i.disposal_id = l.id AND b.id = i.berkas_id AND i.verdict IS NOT NULL;
  END IF;
END $$;
CREATE FUNCTION disposal_opens(l disposal) RETURNS void LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, public AS $$
BEGIN
  UPDATE disposal_item SET chosen = true, line = NULL WHERE disposal_id = l.id;
  UPDATE disposal_paper SET void = true WHERE disposal_id = l.id;
  IF disposal_fate(l.kind) IS NOT NULL THEN
    UPDATE berkas b SET appraised_fate = NULL FROM disposal_item i
      WHERE i.disposal_id = l.id AND b.id = i.berkas_id AND i.verdict IS NOT NULL AND b.disposed_at IS NULL;
  END IF;
END $$;
-- What happens to the records of a list. Of a destruction it only begins: workers go on, letter by letter.
CREATE FUNCTION disposal_begins(l disposal) RETURNS boolean LANGUAGE plpgsql SECURITY DEFINER
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
  END IF;
  RETURN true;
END $$;

CREATE FUNCTION disposal_checked() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, public AS $$
DECLARE
  taken text;
BEGIN
  IF (NEW.id, NEW.kind, NEW.unit, NEW.year, NEW.number, NEW.code, NEW.proposed_by, NEW.proposed_at)
      IS DISTINCT FROM (OLD.id, OLD.kind, OLD.unit, OLD.year, OLD.number, OLD.code, OLD.proposed_by, OLD.proposed_at)
    OR NEW.clearance < OLD.clearance OR OLD.status IN ('batal', 'ditolak')
  THEN
    PERFORM disposal_refuse('what a list is stays');
  END IF;
  NEW.digest := OLD.digest;
  NEW.assessed_by := OLD.assessed_by;
  NEW.approver := OLD.approver;
  NEW.executed_by := OLD.executed_by;
  NEW.done_at := OLD.done_at;
  IF NEW.began_at IS NOT NULL AND OLD.began_at IS NULL AND NEW.status = OLD.status THEN
    SELECT s.step INTO taken FROM disposal_steps() s WHERE s.kind = OLD.kind AND s.executes;
    PERFORM disposal_require(OLD, taken);
    IF NEW.deed = '{}' THEN PERFORM disposal_refuse('what its berita acara says is not told'); END IF;
    NEW.began_at := now();
    NEW.executed_by := app_account();
    NEW.declared := OLD.declared;
    IF disposal_begins(OLD) THEN
      NEW.status := (SELECT s.target FROM disposal_steps() s WHERE s.kind = OLD.kind AND s.executes);
      NEW.done_at := now();
    END IF;
    RETURN NEW;
  END IF;
  NEW.began_at := OLD.began_at;
  IF OLD.began_at IS NOT NULL THEN
    NEW.deed := OLD.deed;
    NEW.declared := OLD.declared;
  END IF;
  IF NEW.status = OLD.status THEN
    IF OLD.status <> 'usul' THEN NEW.declared := OLD.declared; END IF;
    RETURN NEW;
  END IF;
  IF NEW.status IN ('usul', 'batal') THEN
    IF OLD.began_at IS NOT NULL THEN PERFORM disposal_refuse('its execution has begun'); END IF;
    IF NEW.status = 'usul' THEN
      PERFORM disposal_opens(OLD);
      NEW.digest := NULL;
      NEW.assessed_by := NULL;
      NEW.approver := NULL;
      NEW.declared := false;
    END IF;
    RETURN NEW;
  END IF;
  IF OLD.began_at IS NOT NULL AND OLD.done_at IS NULL THEN
    IF NEW.status <> (SELECT s.target FROM disposal_steps() s WHERE s.kind = OLD.kind AND s.executes)
      OR EXISTS (SELECT FROM disposal_erasure e WHERE e.disposal_id = OLD.id AND e.gone_at IS NULL)
      OR EXISTS (SELECT FROM disposal_lines(OLD.id) b WHERE b.disposed_at IS NULL)
    THEN PERFORM disposal_refuse('it is not all done'); END IF;
    NEW.done_at := now();
    RETURN NEW;
  END IF;
  SELECT s.step INTO taken FROM disposal_steps() s
    WHERE s.kind = OLD.kind AND OLD.status = ANY (s.sources) AND s.target = NEW.status AND NOT s.executes;
  PERFORM disposal_require(OLD, coalesce(taken, ''));
  IF EXISTS (SELECT FROM disposal_steps() s WHERE s.kind = OLD.kind AND s.step = taken AND s.declares)
    AND NOT NEW.declared THEN PERFORM disposal_refuse('the assessor answers for ps 51 a and c'); END IF;
  IF EXISTS (SELECT FROM disposal_steps() s WHERE s.kind = OLD.kind AND s.step = taken AND s.freezes) THEN
    PERFORM disposal_closes(OLD);
    NEW.digest := disposal_digest(OLD.id);
    NEW.assessed_by := app_account();
    NEW.approver := disposal_approver(OLD.id);
  ELSE
    NEW.declared := OLD.declared;
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER checked BEFORE UPDATE ON disposal FOR EACH ROW EXECUTE FUNCTION disposal_checked();

CREATE FUNCTION disposal_item_checked() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, public AS $$
DECLARE
  l disposal;
  b berkas;
BEGIN
  IF pg_trigger_depth() > 1 THEN RETURN coalesce(NEW, OLD); END IF;
  SELECT * INTO l FROM disposal WHERE id = coalesce(NEW.disposal_id, OLD.disposal_id) FOR UPDATE;
  IF TG_OP = 'UPDATE' AND l.status = 'menunggu_persetujuan' AND (NEW.disposal_id, NEW.berkas_id, NEW.verdict,
      NEW.verdict_reason, NEW.line) IS NOT DISTINCT FROM (OLD.disposal_id, OLD.berkas_id, OLD.verdict,
      OLD.verdict_reason, OLD.line) THEN
    RETURN NEW;
  END IF;
  IF l.status <> 'usul' THEN PERFORM disposal_refuse('a closed list does not change'); END IF;
  IF TG_OP = 'DELETE' THEN RETURN OLD; END IF;
  IF TG_OP = 'UPDATE' AND (NEW.disposal_id, NEW.berkas_id) IS DISTINCT FROM (OLD.disposal_id, OLD.berkas_id)
    OR NOT NEW.chosen OR NEW.line IS NOT NULL
    OR TG_OP = 'INSERT' AND NEW.verdict IS NOT NULL OR NEW.verdict IS NOT NULL AND app_account() = l.proposed_by
  THEN PERFORM disposal_refuse('the panel decides on a line, not its proposer'); END IF;
  SELECT * INTO b FROM berkas WHERE id = NEW.berkas_id;
  IF b.unit <> l.unit THEN PERFORM disposal_refuse('a list is of one unit'); END IF;
  UPDATE disposal SET clearance = b.clearance WHERE id = l.id AND clearance < b.clearance;
  RETURN NEW;
END $$;
CREATE TRIGGER checked BEFORE INSERT OR UPDATE OR DELETE ON disposal_item
  FOR EACH ROW EXECUTE FUNCTION disposal_item_checked();

CREATE FUNCTION disposal_paper_checked() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, public AS $$
DECLARE
  l disposal;
BEGIN
  IF pg_trigger_depth() > 1 THEN RETURN NEW; END IF;
  SELECT * INTO l FROM disposal WHERE id = NEW.disposal_id FOR UPDATE;
  IF TG_OP = 'UPDATE' AND l.began_at IS NOT NULL AND NEW.void AND l.done_at IS NULL THEN
    PERFORM disposal_refuse('its execution has begun');
  END IF;
  IF TG_OP = 'UPDATE' THEN RETURN NEW; END IF;
  IF l.status IN ('batal', 'ditolak', 'dilaporkan') OR NOT EXISTS (SELECT FROM document d
      WHERE d.id = NEW.document_id AND d.stage = 'sealed' AND d.destroyed_at IS NULL)
    OR EXISTS (SELECT FROM disposal_item i JOIN berkas_letter x ON x.berkas_id = i.berkas_id
      WHERE i.disposal_id = NEW.disposal_id AND x.document_id = NEW.document_id)
    OR NOT EXISTS (SELECT FROM disposal_steps() s WHERE s.kind = l.kind AND NEW.paper = ANY (s.papers))
  THEN PERFORM disposal_refuse('this letter cannot be a paper of this list'); END IF;
  NEW.named := disposal_named(NEW.disposal_id, NEW.document_id);
  IF NOT NEW.named AND (NEW.why = '' OR app_role() NOT IN ('arsiparis', 'admin')) THEN
    PERFORM disposal_refuse('the letter does not name the list');
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER checked BEFORE INSERT OR UPDATE ON disposal_paper
  FOR EACH ROW EXECUTE FUNCTION disposal_paper_checked();
"""

# The one door that destroys. Its owner cannot log in; a worker may ask it for one letter at a time, and it asks every
# guard again. Copies and backups of the letter are unreadable from here on, as its key is gone (docs/adr/0025).
ERASE = """
CREATE FUNCTION disposal_erase(letter uuid) RETURNS void LANGUAGE plpgsql SECURITY DEFINER
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
  DELETE FROM page_history WHERE document_id = letter;
  DELETE FROM page WHERE document_id = letter;
  DELETE FROM confirmation WHERE document_id = letter;
  DELETE FROM letter_mark WHERE document_id = letter;
  DELETE FROM letter_key WHERE document_seq = d.seq;
  DELETE FROM twin WHERE letter IN (first_id, second_id);
  DELETE FROM case_proposal WHERE document_id = letter;
  DELETE FROM case_declined WHERE document_id = letter;
  DELETE FROM disposition WHERE document_id = letter;
  UPDATE arrival SET filename = 'dimusnahkan' WHERE document_id = letter;
  UPDATE case_letter SET why = '' WHERE document_id = letter;
  UPDATE document SET destroyed_at = now(), filename = 'dimusnahkan', fields = '{}', verdict = '{}', sampled = false,
    signatures = NULL WHERE id = letter;
  UPDATE disposal_erasure SET erased_at = now() WHERE document_id = letter;
  PERFORM ledger_append(concat('{"action":"destroyed","actor":"worker","digest":"', d.sha256, '","disposal":"', l.id,
    '","document":"', letter, '"}'));
END $$;

-- The last step of a destruction: what is left of its berkas are their numbers, codes and dates; of a client none of
-- whose berkas is left, nothing
CREATE FUNCTION disposal_finish(list uuid) RETURNS void LANGUAGE plpgsql SECURITY DEFINER
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
  UPDATE client SET name = 'dimusnahkan', birth_date = NULL, nik_index = NULL, nik_masked = NULL
    WHERE id = ANY (people);
  DELETE FROM client_key WHERE client_id = ANY (people);
  UPDATE case_action a SET reason = '' FROM case_file c
    WHERE c.id = a.case_id AND c.client_id = ANY (people) AND a.action <> 'classify';
  UPDATE case_file SET request_key = NULL, request_index = NULL, seek_since = NULL WHERE client_id = ANY (people);
  UPDATE disposal SET status = 'dimusnahkan' WHERE id = list;
  PERFORM ledger_append(concat('{"action":"disposal_done","actor":"worker","code":"',
    (SELECT code FROM disposal WHERE id = list), '","disposal":"', list, '"}'));
END $$;

-- While a list is carried out nothing is put into its berkas, nor taken out; nor ever after
CREATE FUNCTION disposal_settled() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, public AS $$
BEGIN
  IF EXISTS (SELECT FROM berkas b WHERE b.id IN (NEW.berkas_id, CASE WHEN TG_OP = 'UPDATE' THEN OLD.berkas_id END)
      AND (b.disposed_at IS NOT NULL OR EXISTS (SELECT FROM disposal_item i JOIN disposal l ON l.id = i.disposal_id
        WHERE i.berkas_id = b.id AND l.kind = 'pemusnahan' AND l.began_at IS NOT NULL AND l.done_at IS NULL)))
  THEN PERFORM disposal_refuse('its berkas is being destroyed, or was disposed of'); END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER settled BEFORE INSERT OR UPDATE OF berkas_id ON berkas_letter
  FOR EACH ROW EXECUTE FUNCTION disposal_settled();
"""

# A berkas is taken off a list while that is open (the item's trigger sees to it), by whoever may see and keep it
UNLIST = f"""
CREATE FUNCTION disposal_unlist(list uuid, gone uuid[]) RETURNS void LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, public AS $$
BEGIN
  IF NOT EXISTS (SELECT FROM disposal WHERE id = list AND {KEEPS} AND {SEES}) THEN
    PERFORM disposal_refuse('this list is not yours to change');
  END IF;
  DELETE FROM disposal_item WHERE disposal_id = list AND berkas_id = ANY (gone);
END $$;
"""

# What a list leaves behind, written by a worker in the name of who carried it out: berita acara and list become letters
# of the archive, in a berkas of their own (kode 000.5.6, 000.5.7)
DEPOSIT = """
CREATE FUNCTION disposal_deposit(
  list uuid, new_id uuid, digest text, bytes bigint, name text, version text, wrapped_key bytea, entry text
) RETURNS void LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public AS $$
DECLARE
  l disposal;
  at_unit text;
BEGIN
  SELECT * INTO l FROM disposal WHERE id = list FOR UPDATE;
  IF l.done_at IS NULL OR l.reported_at IS NOT NULL THEN PERFORM disposal_refuse('it is not all done'); END IF;
  SELECT a.unit INTO at_unit FROM account a WHERE a.id = l.executed_by;
  IF l.filed_in IS NULL THEN
    INSERT INTO berkas (unit, clearance, title, code, opened_on, opened_by, development, permanent)
      VALUES (at_unit, l.clearance, concat('Berita acara dan daftar ', l.code), CASE l.kind WHEN 'pemusnahan'
        THEN '000.5.6.2' WHEN 'penyerahan' THEN '000.5.6.3' WHEN 'pemindahan' THEN '000.5.6.1' ELSE '000.5.7' END,
        office_today(), l.executed_by, 'digital', l.kind <> 'pemindahan')
      RETURNING id INTO l.filed_in;
    UPDATE disposal SET filed_in = l.filed_in WHERE id = list;
  END IF;
  INSERT INTO document (id, unit, clearance, sha256, size, media_type, filename, original_version)
    VALUES (new_id, at_unit, l.clearance, digest, bytes, 'application/pdf', name, version) ON CONFLICT DO NOTHING;
  IF NOT FOUND THEN RETURN; END IF;
  INSERT INTO document_key (document_id, wrapped) VALUES (new_id, wrapped_key);
  INSERT INTO arrival (document_id, account_id, filename, first) VALUES (new_id, l.executed_by, name, true);
  INSERT INTO berkas_letter (document_id, berkas_id, filed_by) VALUES (new_id, l.filed_in, l.executed_by);
  PERFORM ledger_append(entry);
END $$;
CREATE FUNCTION disposal_reported(list uuid) RETURNS void LANGUAGE sql SECURITY DEFINER
SET search_path = pg_catalog, public AS $$
UPDATE disposal SET reported_at = now() WHERE id = list AND filed_in IS NOT NULL AND reported_at IS NULL $$;
"""

# As in 0015, but what was destroyed is not known any more: the same bytes are a new letter, with a key of its own
AGAIN = """
CREATE OR REPLACE FUNCTION document_known(
  as_role text, sender uuid, sender_unit text, ceiling int, digest text, key text
) RETURNS boolean LANGUAGE plpgsql SET search_path = pg_catalog, public AS $$
BEGIN
  PERFORM set_config('app.role', as_role, true), set_config('app.account', sender::text, true),
    set_config('app.unit', sender_unit, true), set_config('app.clearance', ceiling::text, true);
  RETURN EXISTS (SELECT FROM document d WHERE d.unit = sender_unit AND d.sha256 = digest AND d.part_of IS NULL
      AND d.destroyed_at IS NULL)
    OR EXISTS (SELECT FROM arrival a WHERE a.account_id = sender AND a.idempotency_key = key);
END $$;
CREATE OR REPLACE FUNCTION document_enter(
  as_role text, sender uuid, sender_unit text, ceiling int, new_id uuid, at_clearance int, digest text, bytes bigint,
  type text, name text, version text, wrapped_key bytea, key text, entry text
) RETURNS boolean LANGUAGE plpgsql SET search_path = pg_catalog, public AS $$
BEGIN
  PERFORM set_config('app.role', as_role, true), set_config('app.account', sender::text, true),
    set_config('app.unit', sender_unit, true), set_config('app.clearance', ceiling::text, true);
  IF key IS NOT NULL THEN
    PERFORM pg_advisory_xact_lock(hashtextextended(sender || '/' || key, 0));
    IF EXISTS (SELECT FROM arrival a WHERE a.account_id = sender AND a.idempotency_key = key)
    THEN RETURN false; END IF;
  END IF;
  IF EXISTS (SELECT FROM document d WHERE d.unit = sender_unit AND d.sha256 = digest AND d.part_of IS NULL
      AND d.destroyed_at IS NULL)
  THEN RETURN false; END IF;
  INSERT INTO document (id, unit, clearance, sha256, size, media_type, filename, original_version)
    VALUES (new_id, sender_unit, at_clearance, digest, bytes, type, name, version) ON CONFLICT DO NOTHING;
  IF NOT FOUND THEN RETURN false; END IF;
  INSERT INTO document_key (document_id, wrapped) VALUES (new_id, wrapped_key);
  INSERT INTO arrival (document_id, account_id, filename, idempotency_key, first)
    VALUES (new_id, sender, name, key, true) ON CONFLICT DO NOTHING;
  IF NOT FOUND THEN
    INSERT INTO arrival (document_id, account_id, filename, first) VALUES (new_id, sender, name, true);
  END IF;
  PERFORM ledger_append(entry);
  RETURN true;
END $$;
"""

# As in 0012, but the pages of what was destroyed are not missed
COVERED = """
CREATE OR REPLACE FUNCTION stack_not_covered() RETURNS uuid
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public
AS $$ WITH part AS (
        SELECT d.part_of AS stack, d.id, d.unit, d.clearance, d.sha256, d.original_version, d.first_page AS first,
          d.last_page AS last, d.destroyed_at,
          (SELECT count(*) FROM page p WHERE p.document_id = d.id) AS pages,
          (SELECT max(number) FROM page p WHERE p.document_id = d.id) AS highest
        FROM document d WHERE d.part_of IS NOT NULL)
      SELECT s.id FROM document s JOIN LATERAL (
        SELECT count(*) FILTER (WHERE first IS NOT NULL) AS letters, COALESCE(sum(pages), 0) AS pages,
          bool_or(part.destroyed_at IS NOT NULL) AS destroyed,
          bool_and((part.unit, part.sha256, part.original_version) = (s.unit, s.sha256, s.original_version)
                   AND (part.clearance = s.clearance OR part.clearance < s.clearance AND EXISTS (
                     SELECT FROM agenda_sheet a JOIN document d ON d.id = a.document_id WHERE d.part_of = s.id))
                   AND (part.destroyed_at IS NOT NULL OR part.pages = COALESCE(last - first + 1, 0)
                        AND COALESCE(part.highest, 0) = part.pages)
                   AND COALESCE(last <= s.pages, true)) AS whole
        FROM part WHERE part.stack = s.id) AS told ON true
      WHERE s.part_of IS NULL AND (s.letters > 1 OR told.whole IS NOT NULL)
        AND (told.whole IS NOT TRUE OR told.letters <> CASE WHEN s.letters > 1 THEN s.letters ELSE 0 END
             OR s.destroyed_at IS NULL AND NOT told.destroyed
                AND told.pages + (SELECT count(*) FROM page p WHERE p.document_id = s.id) <> s.pages
             OR EXISTS (SELECT FROM part a JOIN part b ON b.stack = a.stack AND b.id > a.id
                        WHERE a.stack = s.id AND a.first <= b.last AND b.first <= a.last)
             OR EXISTS (SELECT FROM part a JOIN page p ON p.document_id = s.id
                        WHERE a.stack = s.id AND p.number BETWEEN a.first AND a.last))
      UNION ALL
      SELECT part.id FROM part WHERE NOT EXISTS (SELECT FROM document s WHERE s.id = part.stack AND s.part_of IS NULL)
      LIMIT 1 $$;
"""

# For checking the archive: a letter that is gone is gone by a list that was decided, and the ledger says so
UNDECIDED = """
CREATE FUNCTION destroyed_undecided() RETURNS uuid LANGUAGE sql STABLE SECURITY DEFINER
SET search_path = pg_catalog, public AS $$
SELECT d.id FROM document d LEFT JOIN document_key k ON k.document_id = d.id
  WHERE (d.destroyed_at IS NOT NULL) <> (k.destroyed_at IS NOT NULL) OR (d.destroyed_at IS NOT NULL) <> EXISTS (
    SELECT FROM ledger l JOIN disposal_erasure e ON e.document_id = d.id AND e.erased_at IS NOT NULL
    JOIN disposal o ON o.id = e.disposal_id AND o.kind = 'pemusnahan' AND o.began_at IS NOT NULL
    WHERE l.document = d.id AND l.action = 'destroyed' AND l.body::jsonb ->> 'disposal' = o.id::text
      AND l.body::jsonb ->> 'digest' = d.sha256)
UNION ALL SELECT l.document FROM ledger l JOIN document d ON d.id = l.document
  WHERE l.action = 'destroyed' AND d.destroyed_at IS NULL
LIMIT 1 $$;
"""

TABLES = ("disposal", "disposal_item", "disposal_paper", "disposal_action", "disposal_erasure", "authentic_copy")
WALLS = "".join(
    f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY; ALTER TABLE {table} FORCE ROW LEVEL SECURITY;" for table in TABLES
)
RIGHTS = f"""
GRANT SELECT, INSERT ON disposal, disposal_item, disposal_paper, disposal_action TO arsip_api;
GRANT UPDATE (status, note, declared, began_at, deed) ON disposal TO arsip_api;
GRANT UPDATE (verdict, verdict_reason, chosen) ON disposal_item TO arsip_api;
GRANT UPDATE (void) ON disposal_paper TO arsip_api;
GRANT SELECT ON disposal_erasure, authentic_copy TO arsip_api;
GRANT SELECT ON disposal, disposal_item, disposal_erasure TO arsip_worker;
GRANT UPDATE (gone_at, locked_until) ON disposal_erasure TO arsip_worker;
GRANT SELECT, UPDATE ON disposal, disposal_item, disposal_paper TO arsip_functions;
GRANT SELECT, INSERT ON disposal_erasure, authentic_copy TO arsip_functions;
GRANT SELECT ON paper_place, paper_box TO arsip_functions;
GRANT INSERT ON document, arrival TO arsip_functions;
GRANT SELECT ON disposal_paper TO arsip_worker;
CREATE POLICY seen ON disposal FOR SELECT USING {SEES};
CREATE POLICY proposed ON disposal FOR INSERT WITH CHECK (proposed_by = app_account() AND {KEEPS} AND {SEES});
CREATE POLICY stepped ON disposal FOR UPDATE USING ({ASSESSES} AND {SEES}) WITH CHECK ({ASSESSES});
CREATE POLICY seen ON disposal_item FOR SELECT USING ({SEES_LIST});
CREATE POLICY listed ON disposal_item FOR INSERT WITH CHECK ({KEEPS} AND {SEES_LIST}
  AND EXISTS (SELECT 1 FROM berkas b WHERE b.id = berkas_id));
CREATE POLICY judged ON disposal_item FOR UPDATE USING ({ASSESSES} AND {SEES_LIST});
CREATE POLICY seen ON disposal_paper FOR SELECT USING ({SEES_LIST});
CREATE POLICY attached ON disposal_paper FOR INSERT WITH CHECK (account_id = app_account() AND NOT void
  AND {ASSESSES} AND {SEES_LIST} AND {SEES_LETTER});
CREATE POLICY voided ON disposal_paper FOR UPDATE USING ({KEEPS} AND {SEES_LIST} AND NOT void) WITH CHECK (void);
CREATE POLICY seen ON disposal_action FOR SELECT USING ({SEES_LIST});
CREATE POLICY told ON disposal_action FOR INSERT WITH CHECK (account_id = app_account() AND {SEES_LIST});
CREATE POLICY seen ON disposal_erasure FOR SELECT USING ({SEES_LIST});
CREATE POLICY seen ON authentic_copy FOR SELECT USING ({SEES_LETTER});
CREATE POLICY works ON disposal FOR SELECT TO arsip_worker USING (true);
CREATE POLICY works ON disposal_paper FOR SELECT TO arsip_worker USING (true);
CREATE POLICY deposits ON document FOR INSERT TO arsip_functions WITH CHECK (true);
CREATE POLICY deposits ON arrival FOR INSERT TO arsip_functions WITH CHECK (true);
CREATE POLICY works ON disposal_item FOR SELECT TO arsip_worker USING (true);
CREATE POLICY works ON disposal_erasure TO arsip_worker USING (true) WITH CHECK (true);
CREATE POLICY files ON disposal TO arsip_functions USING (true) WITH CHECK (true);
CREATE POLICY files ON disposal_item TO arsip_functions USING (true) WITH CHECK (true);
CREATE POLICY files ON disposal_paper TO arsip_functions USING (true) WITH CHECK (true);
CREATE POLICY files ON disposal_erasure TO arsip_functions USING (true) WITH CHECK (true);
CREATE POLICY files ON authentic_copy TO arsip_functions USING (true) WITH CHECK (true);
CREATE POLICY files ON paper_place FOR SELECT TO arsip_functions USING (true);
CREATE POLICY files ON paper_box FOR SELECT TO arsip_functions USING (true);
"""

# What the owner of the erasing functions may do, and nobody else: no other role deletes a page
DELETED = (
    "page", "page_history", "confirmation", "letter_mark", "letter_key", "twin", "case_proposal", "case_declined",
    "disposition", "client_key", "disposal_item",
)  # fmt: skip
CHANGED = {
    "arrival": "filename",
    "case_letter": "why",
    "document": "destroyed_at, filename, fields, verdict, sampled, signatures",
    "disposal_erasure": "erased_at",
    "disposal": "status",
    "berkas": "disposed_at, disposal_id, note, trigger_note, title",
    "client": "name, birth_date, nik_index, nik_masked",
    "case_action": "reason",
    "case_file": "request_key, request_index, seek_since",
}
ERASER = "".join(
    [
        "GRANT USAGE ON SCHEMA public TO arsip_eraser;",
        *(
            f"GRANT SELECT, DELETE ON {table} TO arsip_eraser;"
            f"CREATE POLICY erases ON {table} TO arsip_eraser USING (true);"
            for table in DELETED
        ),
        *(
            f"GRANT SELECT, UPDATE ({columns}) ON {table} TO arsip_eraser;"
            f"CREATE POLICY erases ON {table} TO arsip_eraser USING (true) WITH CHECK (true);"
            for table, columns in CHANGED.items()
        ),
        *(
            f"GRANT SELECT ON {table} TO arsip_eraser;"
            f"CREATE POLICY erases ON {table} FOR SELECT TO arsip_eraser USING (true);"
            for table in ("berkas_letter", "schedule_row", "schedule_version")
        ),
        "GRANT EXECUTE ON FUNCTION ledger_append(text), is_held(uuid), disposal_lines(uuid),"
        " document_key_destroy(uuid, uuid) TO arsip_eraser;",
    ]
)
OURS = (
    "disposal_lines(uuid)", "disposal_digest(uuid)", "disposal_blocked(uuid)", "disposal_approver(uuid)",
    "disposal_named(uuid, uuid)", "disposal_require(disposal, text)", "disposal_told(uuid)", "disposal_numbered()",
    "disposal_closes(disposal)", "disposal_opens(disposal)", "disposal_begins(disposal)", "disposal_checked()",
    "disposal_item_checked()", "disposal_paper_checked()", "disposal_settled()", "destroyed_undecided()",
)  # fmt: skip
ERASERS = ("disposal_erase(uuid)", "disposal_finish(uuid)")
DEPOSITS = ("disposal_deposit(uuid, uuid, text, bigint, text, text, bytea, text)", "disposal_reported(uuid)")
UNLISTS = "disposal_unlist(uuid, uuid[])"
OWNERS = "".join(
    [
        "GRANT CREATE ON SCHEMA public TO arsip_functions, arsip_eraser;",
        *(f"ALTER FUNCTION {name} OWNER TO arsip_functions;" for name in (*OURS, *DEPOSITS)),
        *(f"ALTER FUNCTION {name} OWNER TO arsip_eraser;" for name in (*ERASERS, UNLISTS)),
        "REVOKE CREATE ON SCHEMA public FROM arsip_functions, arsip_eraser;",
        f"REVOKE ALL ON FUNCTION {', '.join((*OURS, *DEPOSITS, *ERASERS, UNLISTS))} FROM PUBLIC;",
        "GRANT EXECUTE ON FUNCTION disposal_digest(uuid), disposal_blocked(uuid), disposal_approver(uuid),"
        " disposal_named(uuid, uuid), disposal_told(uuid), destroyed_undecided() TO arsip_api;",
        f"GRANT EXECUTE ON FUNCTION {UNLISTS} TO arsip_api;",
        f"GRANT EXECUTE ON FUNCTION {', '.join((*ERASERS, *DEPOSITS))} TO arsip_worker;",
    ]
)


def _text(name: str) -> sa.Column[Any]:
    return sa.Column(name, sa.Text(), server_default=sa.text("''"), nullable=False)


def _id() -> sa.Column[Any]:
    return sa.Column("id", sa.Uuid(), server_default=sa.text("gen_random_uuid()"), nullable=False)


def _ref(name: str, *, nullable: bool = False) -> sa.Column[Any]:
    return sa.Column(name, sa.Uuid(), nullable=nullable)


def _moment(name: str, default: str | None = None) -> sa.Column[Any]:
    given = sa.text(default) if default else None
    return sa.Column(name, sa.DateTime(timezone=True), server_default=given, nullable=default is None)


def _flag(name: str, default: str = "false") -> sa.Column[Any]:
    return sa.Column(name, sa.Boolean(), server_default=sa.text(default), nullable=False)


def _check(table: str, name: str, rule: str) -> sa.CheckConstraint:
    return sa.CheckConstraint(rule, name=op.f(f"{table}_{name}_check"))


def _foreign(table: str, column: str, other: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint([column], [f"{other}.id"], name=f"{table}_{column}_fkey")


def _lists() -> None:
    op.create_table(
        "disposal",
        _id(),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("unit", sa.Text(), nullable=False),
        sa.Column("clearance", sa.SmallInteger(), nullable=False),
        sa.Column("year", sa.SmallInteger(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("status", sa.Text(), server_default=sa.text("'usul'"), nullable=False),
        _text("note"),
        _ref("proposed_by"),
        _moment("proposed_at", "now()"),
        _ref("assessed_by", nullable=True),
        sa.Column("digest", sa.Text(), nullable=True),
        _flag("declared"),
        sa.Column("approver", sa.Text(), nullable=True),
        _ref("executed_by", nullable=True),
        _moment("began_at"),
        sa.Column("deed", JSONB(), server_default=sa.text("'{}'"), nullable=False),
        _moment("done_at"),
        _ref("filed_in", nullable=True),
        _moment("reported_at"),
        _check("disposal", "kind", "kind IN ('pemusnahan', 'penyerahan', 'pemindahan', 'alih_media')"),
        _check(
            "disposal",
            "status",
            "status IN ('usul', 'dinilai', 'pertimbangan', 'menunggu_persetujuan', 'disetujui', 'sebagian', 'ditolak',"
            " 'ditetapkan', 'dimusnahkan', 'diserahkan', 'dipindahkan', 'diautentikasi', 'dilaporkan', 'batal')",
        ),
        _check("disposal", "clearance", "clearance BETWEEN 0 AND 3"),
        _check("disposal", "assessed", "(digest IS NULL) = (assessed_by IS NULL)"),
        _check("disposal", "began", "(began_at IS NULL) = (executed_by IS NULL)"),
        _check("disposal", "people", "executed_by IS DISTINCT FROM proposed_by"),
        _foreign("disposal", "proposed_by", "account"),
        _foreign("disposal", "assessed_by", "account"),
        _foreign("disposal", "executed_by", "account"),
        _foreign("disposal", "filed_in", "berkas"),
        sa.PrimaryKeyConstraint("id", name="disposal_pkey"),
        sa.UniqueConstraint("kind", "year", "number", name="disposal_kind_year_number_key"),
        sa.UniqueConstraint("code", name="disposal_code_key"),
    )
    running = sa.text("began_at IS NOT NULL AND done_at IS NULL")
    unreported = sa.text("done_at IS NOT NULL AND reported_at IS NULL")
    op.create_index("disposal_unreported", "disposal", ["done_at"], postgresql_where=unreported)
    op.create_index("disposal_running", "disposal", ["began_at"], postgresql_where=running)
    op.create_table(
        "disposal_item",
        _ref("disposal_id"),
        _ref("berkas_id"),
        sa.Column("verdict", sa.Text(), nullable=True),
        _text("verdict_reason"),
        _flag("chosen", "true"),
        sa.Column("line", JSONB(), nullable=True),
        _check("disposal_item", "verdict", "verdict IN ('musnah', 'permanen')"),
        _check("disposal_item", "reason", "verdict IS NULL OR verdict_reason <> ''"),
        _foreign("disposal_item", "disposal_id", "disposal"),
        _foreign("disposal_item", "berkas_id", "berkas"),
        sa.PrimaryKeyConstraint("disposal_id", "berkas_id", name="disposal_item_pkey"),
    )
    op.create_index("disposal_item_berkas", "disposal_item", ["berkas_id"])


def _papers() -> None:
    op.create_table(
        "disposal_paper",
        _id(),
        _ref("disposal_id"),
        sa.Column("paper", sa.Text(), nullable=False),
        _ref("document_id"),
        _ref("account_id"),
        _moment("at", "clock_timestamp()"),
        _flag("named"),
        _text("why"),
        _flag("void"),
        _check("disposal_paper", "named", "named OR why <> ''"),
        _foreign("disposal_paper", "disposal_id", "disposal"),
        _foreign("disposal_paper", "document_id", "document"),
        _foreign("disposal_paper", "account_id", "account"),
        sa.PrimaryKeyConstraint("id", name="disposal_paper_pkey"),
    )
    for column in ("disposal_id", "document_id"):
        op.create_index(f"disposal_paper_{column}", "disposal_paper", [column])
    once = ["disposal_id", "paper", "document_id"]
    op.create_index("disposal_paper_once", "disposal_paper", once, unique=True, postgresql_where=sa.text("NOT void"))
    op.create_table(
        "disposal_action",
        _id(),
        _ref("disposal_id"),
        _ref("account_id"),
        _moment("at", "clock_timestamp()"),
        sa.Column("action", sa.Text(), nullable=False),
        _text("reason"),
        _foreign("disposal_action", "disposal_id", "disposal"),
        _foreign("disposal_action", "account_id", "account"),
        sa.PrimaryKeyConstraint("id", name="disposal_action_pkey"),
    )
    op.create_index("disposal_action_disposal_id", "disposal_action", ["disposal_id"])


def _executed() -> None:
    op.create_table(
        "disposal_erasure",
        _ref("document_id"),
        _ref("disposal_id"),
        _moment("erased_at"),
        _moment("gone_at"),
        _moment("locked_until"),
        _check("disposal_erasure", "order", "gone_at IS NULL OR erased_at IS NOT NULL"),
        _foreign("disposal_erasure", "document_id", "document"),
        _foreign("disposal_erasure", "disposal_id", "disposal"),
        sa.PrimaryKeyConstraint("document_id", name="disposal_erasure_pkey"),
    )
    due = sa.text("gone_at IS NULL")
    op.create_index("disposal_erasure_due", "disposal_erasure", ["disposal_id"], postgresql_where=due)
    op.create_table(
        "authentic_copy",
        _ref("document_id"),
        _ref("disposal_id"),
        sa.Column("on_day", sa.Date(), nullable=False),
        _foreign("authentic_copy", "document_id", "document"),
        _foreign("authentic_copy", "disposal_id", "disposal"),
        sa.PrimaryKeyConstraint("document_id", name="authentic_copy_pkey"),
    )
    op.create_index("authentic_copy_disposal_id", "authentic_copy", ["disposal_id"])


def upgrade() -> None:
    op.add_column("document", _moment("destroyed_at"))
    _lists()
    _papers()
    _executed()
    # what was destroyed may come again, as a letter of its own
    op.drop_index("document_unit_sha256_clearance", "document")
    op.create_index(
        "document_unit_sha256_clearance",
        "document",
        ["unit", "sha256", "clearance"],
        unique=True,
        postgresql_where=sa.text("part_of IS NULL AND destroyed_at IS NULL"),
    )
    rules = (STEPS, DIGEST, BLOCKED, APPROVER, NAMED, CHECKED, ERASE, UNLIST, DEPOSIT, AGAIN, COVERED, UNDECIDED)
    for block in (*rules, WALLS, RIGHTS, ERASER, OWNERS):
        op.get_bind().exec_driver_sql(block)
