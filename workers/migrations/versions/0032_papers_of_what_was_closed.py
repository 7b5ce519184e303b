"""A letter decides on a list as it was closed: none that came before counts, one letter is one paper, and what decided
a list is not destroyed by another (docs/adr/0037)."""

import sqlalchemy as sa
from alembic import op

revision = "0032"
down_revision = "0031"
branch_labels = None
depends_on = None

# When the list was closed; empty while it is open
TIMED = """
CREATE FUNCTION disposal_timed() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, public AS $$
BEGIN
  NEW.assessed_at := CASE WHEN NEW.digest IS NULL THEN NULL WHEN OLD.digest IS NULL THEN now()
    ELSE OLD.assessed_at END;
  RETURN NEW;
END $$;
CREATE TRIGGER timed BEFORE UPDATE ON disposal FOR EACH ROW EXECUTE FUNCTION disposal_timed();
"""

# What a letter decides on is the list as it stands closed: one that came while the list was open, or before it was
# opened again, decided on something else. What closing itself needs (SK of the panel, minutes) comes before.
FRESH = """
CREATE FUNCTION disposal_is_after_closing(of_kind text, paper text) RETURNS boolean LANGUAGE sql STABLE
AS $$ SELECT NOT EXISTS (SELECT FROM disposal_steps() s
  WHERE s.kind = of_kind AND s.freezes AND disposal_is_after_closing.paper = ANY (s.papers)) $$;
CREATE FUNCTION disposal_paper_fresh() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, public AS $$
DECLARE
  l disposal;
BEGIN
  SELECT * INTO l FROM disposal WHERE id = NEW.disposal_id FOR UPDATE;
  IF disposal_is_after_closing(l.kind, NEW.paper) AND (l.digest IS NULL OR EXISTS (SELECT FROM document d
      WHERE d.id = NEW.document_id AND d.received_at < l.assessed_at)) THEN
    PERFORM disposal_refuse('the letter came before the list was closed');
  END IF;
  IF EXISTS (SELECT FROM disposal_paper p WHERE p.disposal_id = l.id AND p.document_id = NEW.document_id
      AND p.paper <> NEW.paper AND NOT p.void) THEN
    PERFORM disposal_refuse('the letter is another paper of this list');
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER fresh BEFORE INSERT ON disposal_paper FOR EACH ROW EXECUTE FUNCTION disposal_paper_fresh();
"""

# Papers of a process are kept for good (domain.md 1.4, 9), and of one that runs whatever it is. Those of a list that
# was given up or refused, and of a finished pemindahan (000.5.6.1), go by the schedule.
PAPERS = """
CREATE FUNCTION disposal_needs(letter uuid) RETURNS boolean LANGUAGE sql STABLE SECURITY DEFINER
SET search_path = pg_catalog, public AS $$
SELECT EXISTS (SELECT FROM disposal_paper p JOIN disposal l ON l.id = p.disposal_id
  WHERE p.document_id = letter AND NOT p.void AND l.status NOT IN ('batal', 'ditolak')
    AND (l.kind <> 'pemindahan' OR l.status <> 'dilaporkan')) $$;
"""

# As in 0016 and 0022, and no letter that is a paper of a list
BLOCKED = """
CREATE OR REPLACE FUNCTION disposal_blocked(list uuid) RETURNS TABLE (berkas_id uuid, why text)
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
UNION ALL SELECT DISTINCT letter.berkas_id, 'lampiran' FROM letter, l
  WHERE l.kind = 'pemusnahan' AND disposal_needs(letter.id)
UNION ALL SELECT line.id, 'daftar_lain' FROM line, l WHERE EXISTS (
  SELECT FROM disposal_item i JOIN disposal o ON o.id = i.disposal_id
  WHERE i.berkas_id = line.id AND i.disposal_id <> list AND i.chosen AND o.done_at IS NULL
    AND o.status NOT IN ('ditolak', 'batal')
    AND (o.kind = l.kind OR (disposal_fate(o.kind) IS NOT NULL AND l.fate IS NOT NULL))) $$;
CREATE OR REPLACE FUNCTION disposal_used() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, public AS $$
BEGIN
  IF EXISTS (SELECT FROM case_letter c JOIN berkas o ON o.case_id = c.case_id
      WHERE c.document_id = NEW.document_id AND c.removed_at IS NULL AND o.disposed_at IS NULL
        AND NOT EXISTS (SELECT FROM disposal_lines(NEW.disposal_id) line WHERE line.id = o.id))
  THEN PERFORM disposal_refuse('another kept case uses the letter'); END IF;
  IF disposal_needs(NEW.document_id) THEN PERFORM disposal_refuse('the letter is a paper of a list'); END IF;
  RETURN NEW;
END $$;
"""

OURS = "disposal_timed(), disposal_paper_fresh(), disposal_needs(uuid)"
RIGHTS = f"""
GRANT CREATE ON SCHEMA public TO arsip_functions;
{"".join(f"ALTER FUNCTION {name} OWNER TO arsip_functions;" for name in OURS.split(", "))}
REVOKE CREATE ON SCHEMA public FROM arsip_functions;
REVOKE ALL ON FUNCTION {OURS} FROM PUBLIC;
"""


def upgrade() -> None:
    op.add_column("disposal", sa.Column("assessed_at", sa.DateTime(timezone=True), nullable=True))
    for block in (TIMED, FRESH, PAPERS, BLOCKED, RIGHTS):
        op.get_bind().exec_driver_sql(block)
