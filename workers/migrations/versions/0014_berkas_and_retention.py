"""Berkas, the classification tree, retention schedules and their clocks, holds (docs/adr/0024)."""

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None

# The same rule as in the first migration, for `{0}`
SEES = """({0}.clearance <= (SELECT app_clearance()) AND ((SELECT app_role()) = 'arsiparis'
  OR ((SELECT app_role()) IN ('petugas', 'pejabat', 'admin') AND {0}.unit = (SELECT app_unit()))))"""
SEES_LETTER = "EXISTS (SELECT 1 FROM document d WHERE d.id = document_id)"
SEES_BERKAS = "EXISTS (SELECT 1 FROM berkas b WHERE b.id = berkas_id)"
# what lies in a case's berkas follows the case; a closed one is whole
OPEN_BERKAS = """EXISTS (SELECT 1 FROM berkas b WHERE b.id = berkas_id AND b.case_id IS NULL AND b.closed_on IS NULL
  AND b.disposed_at IS NULL)"""
READS = "(SELECT app_role()) IN ('petugas', 'pejabat', 'arsiparis', 'auditor', 'admin')"
KEEPS = "(SELECT app_role()) IN ('arsiparis', 'admin')"

# What the office decided, where no server process can change it: `arsip migrate` writes it anew (src/cli/migrate.py)
RULES = """
CREATE FUNCTION office_setting(wanted text) RETURNS text LANGUAGE sql STABLE PARALLEL SAFE
AS $$ SELECT CASE wanted WHEN 'timezone' THEN 'Asia/Makassar' WHEN 'clock_offset_days' THEN '0'
  WHEN 'retention_start' THEN '1_januari_berikutnya' WHEN 'retention_years' THEN 'total' END $$;
CREATE FUNCTION office_today() RETURNS date LANGUAGE sql STABLE PARALLEL SAFE
AS $$ SELECT (now() AT TIME ZONE office_setting('timezone'))::date + office_setting('clock_offset_days')::int $$;
"""

# The rules of records/retention/clocks.py once more, for a hundred thousand berkas in one statement and for guards that
# no process gets past. A period that begins on 29 February ends on 1 March, never a day early.
CLOCKS = """
CREATE FUNCTION retention_day(happened date, years int) RETURNS date LANGUAGE sql STABLE PARALLEL SAFE
AS $$ SELECT greatest((s + make_interval(years => years))::date, (s - 1 + make_interval(years => years))::date + 1)
  FROM (SELECT CASE office_setting('retention_start') WHEN '1_januari_berikutnya'
          THEN make_date(extract(year FROM happened)::int + 1, 1, 1) ELSE happened END AS s) AS start $$;
CREATE FUNCTION retention_phase(inactive_on date, expires_on date) RETURNS text LANGUAGE sql STABLE PARALLEL SAFE
AS $$ SELECT CASE WHEN expires_on <= office_today() THEN 'habis' WHEN inactive_on <= office_today() THEN 'inaktif'
  ELSE 'aktif' END $$;
CREATE FUNCTION schedule_in_force() RETURNS uuid LANGUAGE sql STABLE
AS $$ SELECT v.id FROM schedule_version v WHERE v.applied_at IS NOT NULL AND v.valid_from <= office_today()
        AND (v.valid_to IS NULL OR v.valid_to >= office_today())
      ORDER BY v.sample, v.valid_from DESC, v.applied_at DESC LIMIT 1 $$;
CREATE FUNCTION schedule_series(of_version uuid, wanted text) RETURNS uuid LANGUAGE sql STABLE
AS $$ SELECT r.id FROM schedule_row r WHERE r.version_id = of_version
        AND (r.code = wanted OR starts_with(wanted, r.code || '.')) ORDER BY length(r.code) DESC LIMIT 1 $$;
-- the date that a letter bears, else the day it came
CREATE FUNCTION letter_day(fields jsonb, received_at timestamptz) RETURNS date LANGUAGE sql STABLE PARALLEL SAFE
AS $$ SELECT CASE WHEN fields -> 'tanggal' ->> 'value' ~ '^[0-9]{4}-[0-9]{2}-[0-9]{2}$'
    AND pg_input_is_valid(fields -> 'tanggal' ->> 'value', 'date') THEN (fields -> 'tanggal' ->> 'value')::date
  ELSE (received_at AT TIME ZONE office_setting('timezone'))::date END $$;
CREATE FUNCTION berkas_clock() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, public AS $$
DECLARE
  series schedule_row;
  closed timestamptz;
  was text := CASE WHEN TG_OP = 'UPDATE' THEN OLD.phase END;
BEGIN
  IF TG_OP = 'INSERT' THEN
    NEW.year := extract(year FROM NEW.opened_on);
    INSERT INTO berkas_counter AS c (unit, year, last) VALUES (NEW.unit, NEW.year, 1)
      ON CONFLICT (unit, year) DO UPDATE SET last = c.last + 1 RETURNING last INTO NEW.number;
  ELSIF OLD.disposed_at IS NOT NULL THEN
    RAISE EXCEPTION 'what was known of a berkas when it was disposed of stays';
  END IF;
  IF NEW.case_id IS NOT NULL THEN
    SELECT c.closed_at, c.classification INTO closed, NEW.code FROM case_file c WHERE c.id = NEW.case_id;
    NEW.closed_on := CASE WHEN closed IS NULL THEN NULL WHEN TG_OP = 'INSERT' THEN NEW.closed_on
      ELSE coalesce(OLD.closed_on, office_today()) END;
  END IF;
  IF NEW.closed_on > office_today() OR NEW.trigger_said > office_today() THEN
    RAISE EXCEPTION 'nothing that retention counts from lies ahead';
  END IF;
  SELECT * INTO series FROM schedule_row r WHERE r.id = schedule_series(schedule_in_force(), NEW.code);
  NEW.series_id := series.id;
  NEW.active_years := series.active_years;
  NEW.inactive_years := series.inactive_years;
  NEW.fate := CASE WHEN NEW.permanent THEN 'permanen'
    WHEN series.fate = 'dinilai_kembali' THEN coalesce(NEW.appraised_fate, series.fate)
    ELSE coalesce(series.fate, 'belum_ditetapkan') END;
  NEW.trigger_on := CASE WHEN NEW.closed_on IS NULL THEN NULL
    WHEN series.trigger = 'tanggal_dokumen' THEN coalesce(
      (SELECT max(letter_day(d.fields, d.received_at)) FROM berkas_letter l JOIN document d ON d.id = l.document_id
       WHERE l.berkas_id = NEW.id), NEW.closed_on)
    WHEN series.trigger IS NULL OR series.trigger = 'kasus_selesai' THEN coalesce(NEW.trigger_said, NEW.closed_on)
    ELSE NEW.trigger_said END;
  NEW.inactive_on := retention_day(NEW.trigger_on, NEW.active_years);
  NEW.expires_on := retention_day(NEW.trigger_on, NEW.active_years + NEW.inactive_years);
  NEW.phase := retention_phase(NEW.inactive_on, NEW.expires_on);
  IF was IS DISTINCT FROM NEW.phase THEN
    NEW.phase_on := office_today();
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER clock BEFORE INSERT OR UPDATE ON berkas FOR EACH ROW EXECUTE FUNCTION berkas_clock();
"""

# Every case is a berkas from its first day, by whatever door it was opened, and what is linked to it lies in it
CASES = """
CREATE FUNCTION berkas_of_case(of_case uuid) RETURNS void LANGUAGE sql SECURITY DEFINER
SET search_path = pg_catalog, public AS $$
INSERT INTO berkas (unit, clearance, title, case_id, opened_on, opened_by, closed_on)
  SELECT c.unit, c.clearance, concat(s.data ->> 'title', ', kasus ', lpad(c.number::text, 3, '0'), '/', c.year), c.id,
    (c.opened_at AT TIME ZONE office_setting('timezone'))::date + office_setting('clock_offset_days')::int, c.opened_by,
    (c.closed_at AT TIME ZONE office_setting('timezone'))::date + office_setting('clock_offset_days')::int
  FROM case_file c JOIN sop_version s ON s.digest = c.sop_digest WHERE c.id = of_case $$;
CREATE FUNCTION berkas_case_opened() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, public AS $$
BEGIN
  PERFORM berkas_of_case(NEW.id);
  RETURN NULL;
END $$;
CREATE FUNCTION berkas_case_changed() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, public AS $$
BEGIN
  UPDATE berkas SET closed_by = NEW.closed_by WHERE case_id = NEW.id;
  RETURN NULL;
END $$;
CREATE TRIGGER berkas AFTER INSERT ON case_file FOR EACH ROW EXECUTE FUNCTION berkas_case_opened();
CREATE TRIGGER berkas_changed AFTER UPDATE OF closed_at, classification ON case_file
  FOR EACH ROW EXECUTE FUNCTION berkas_case_changed();
-- a letter lies in the berkas of the first case it was linked to; taken off, in that of the next one, or in none
CREATE FUNCTION berkas_of_linked(letter uuid) RETURNS void LANGUAGE sql SECURITY DEFINER
SET search_path = pg_catalog, public AS $$
INSERT INTO berkas_letter AS l (document_id, berkas_id, filed_by, filed_at)
  SELECT letter, f.id, f.linked_by, f.linked_at FROM (SELECT) AS one LEFT JOIN LATERAL (
    SELECT b.id, cl.linked_by, cl.linked_at FROM case_letter cl JOIN berkas b ON b.case_id = cl.case_id
    WHERE cl.document_id = letter AND cl.removed_at IS NULL ORDER BY cl.linked_at LIMIT 1) AS f ON true
  ON CONFLICT (document_id) DO UPDATE
    SET berkas_id = excluded.berkas_id, filed_by = excluded.filed_by, filed_at = coalesce(excluded.filed_at, now())
    WHERE l.berkas_id IS DISTINCT FROM excluded.berkas_id AND (l.berkas_id IS NULL OR EXISTS (
      SELECT FROM berkas b WHERE b.id = l.berkas_id AND b.disposed_at IS NULL
        AND CASE WHEN b.case_id IS NULL THEN excluded.berkas_id IS NOT NULL ELSE NOT EXISTS (
          SELECT FROM case_letter cl WHERE cl.case_id = b.case_id AND cl.document_id = letter AND cl.removed_at IS NULL)
        END)) $$;
CREATE FUNCTION berkas_letter_linked() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, public AS $$
BEGIN
  PERFORM berkas_of_linked(NEW.document_id);
  PERFORM lock_is_due(ARRAY[NEW.document_id]);
  RETURN NULL;
END $$;
CREATE TRIGGER berkas AFTER INSERT OR UPDATE OF removed_at ON case_letter
  FOR EACH ROW EXECUTE FUNCTION berkas_letter_linked();
"""

# Whether a letter lies in a berkas stands at the letter itself, as for the books (0009); and every change of what its
# lock should be is noted for the worker that tells the store
LOCKS = """
CREATE FUNCTION lock_is_due(letters uuid[]) RETURNS void LANGUAGE sql SECURITY DEFINER
SET search_path = pg_catalog, public AS $$
INSERT INTO lock_due (document_id, since) SELECT DISTINCT id, clock_timestamp() FROM unnest(letters) AS t(id)
  WHERE id IS NOT NULL ORDER BY id
  ON CONFLICT (document_id) DO UPDATE SET since = excluded.since $$;
CREATE FUNCTION berkas_lettered() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, public AS $$
BEGIN
  UPDATE document SET in_berkas = NEW.berkas_id IS NOT NULL
    WHERE id = NEW.document_id AND in_berkas <> (NEW.berkas_id IS NOT NULL);
  PERFORM lock_is_due(ARRAY[NEW.document_id]);
  UPDATE berkas SET letters = (SELECT count(*) FROM berkas_letter l WHERE l.berkas_id = berkas.id)
    WHERE id IN (NEW.berkas_id, CASE WHEN TG_OP = 'UPDATE' THEN OLD.berkas_id END);
  RETURN NULL;
END $$;
CREATE TRIGGER lettered AFTER INSERT OR UPDATE ON berkas_letter FOR EACH ROW EXECUTE FUNCTION berkas_lettered();
CREATE FUNCTION berkas_locks() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, public AS $$
BEGIN
  PERFORM lock_is_due(ARRAY(SELECT l.document_id FROM now_is n JOIN was w ON w.id = n.id
    JOIN berkas_letter l ON l.berkas_id = n.id
    WHERE (n.expires_on, n.fate, n.disposed_at) IS DISTINCT FROM (w.expires_on, w.fate, w.disposed_at)));
  RETURN NULL;
END $$;
CREATE TRIGGER locks AFTER UPDATE ON berkas REFERENCING OLD TABLE AS was NEW TABLE AS now_is
  FOR EACH STATEMENT EXECUTE FUNCTION berkas_locks();
CREATE FUNCTION hold_locks() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, public AS $$
BEGIN
  PERFORM lock_is_due(ARRAY(
    SELECT h.document_id FROM hold_document h WHERE h.hold_id = NEW.id
    UNION SELECT l.document_id FROM berkas_letter l WHERE l.berkas_id = NEW.berkas_id
    UNION SELECT l.document_id FROM case_letter l JOIN berkas b ON b.case_id = l.case_id WHERE b.id = NEW.berkas_id));
  RETURN NULL;
END $$;
CREATE TRIGGER locks AFTER INSERT OR UPDATE ON hold FOR EACH ROW EXECUTE FUNCTION hold_locks();
CREATE FUNCTION hold_document_locks() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, public AS $$
BEGIN
  PERFORM lock_is_due(ARRAY[NEW.document_id]);
  RETURN NULL;
END $$;
CREATE TRIGGER locks AFTER INSERT ON hold_document FOR EACH ROW EXECUTE FUNCTION hold_document_locks();
"""

# Guards ask this, whoever may see the hold: it tells that there is one and nothing of it. A file of several letters is
# held while one of them is; a letter while its file is.
HELD = """
CREATE FUNCTION is_held(letter uuid) RETURNS boolean LANGUAGE sql STABLE SECURITY DEFINER
SET search_path = pg_catalog, public AS $$
WITH one AS (SELECT letter AS id UNION SELECT d.part_of FROM document d WHERE d.id = letter AND d.part_of IS NOT NULL
             UNION SELECT d.id FROM document d WHERE d.part_of = letter)
SELECT EXISTS (SELECT FROM one JOIN hold_document x ON x.document_id = one.id JOIN hold h ON h.id = x.hold_id
               WHERE h.released_at IS NULL)
  OR EXISTS (SELECT FROM one JOIN berkas_letter l ON l.document_id = one.id JOIN hold h ON h.berkas_id = l.berkas_id
             WHERE h.released_at IS NULL)
  OR EXISTS (SELECT FROM one JOIN case_letter l ON l.document_id = one.id AND l.removed_at IS NULL
             JOIN berkas b ON b.case_id = l.case_id JOIN hold h ON h.berkas_id = b.id WHERE h.released_at IS NULL) $$;
CREATE FUNCTION berkas_is_held(asked uuid) RETURNS boolean LANGUAGE sql STABLE SECURITY DEFINER
SET search_path = pg_catalog, public AS $$
SELECT EXISTS (SELECT FROM hold h WHERE h.berkas_id = asked AND h.released_at IS NULL)
  OR EXISTS (SELECT FROM berkas_letter l WHERE l.berkas_id = asked AND is_held(l.document_id)) $$;
"""

# Once a day (and when a schedule is applied): only what stands differently than before is written, so many at a time
SWEEP = """
CREATE FUNCTION retention_sweep(most int) RETURNS bigint LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, public AS $$
DECLARE
  changed bigint;
BEGIN
  PERFORM pg_advisory_xact_lock(hashtextextended('retention sweep', 0));
  WITH coded AS MATERIALIZED (
    SELECT c.code, schedule_series(schedule_in_force(), c.code) AS series
    FROM (SELECT DISTINCT code FROM berkas WHERE disposed_at IS NULL AND code IS NOT NULL) AS c),
  due AS (
    SELECT b.id FROM berkas b LEFT JOIN coded ON coded.code = b.code LEFT JOIN schedule_row r ON r.id = b.series_id
    WHERE b.disposed_at IS NULL AND (
      b.series_id IS DISTINCT FROM coded.series
      OR b.phase <> retention_phase(b.inactive_on, b.expires_on)
      OR b.inactive_on IS DISTINCT FROM retention_day(b.trigger_on, b.active_years)
      OR (r.trigger = 'tanggal_dokumen' AND b.closed_on IS NOT NULL AND b.trigger_on IS DISTINCT FROM coalesce((
        SELECT max(letter_day(d.fields, d.received_at)) FROM berkas_letter l JOIN document d ON d.id = l.document_id
        WHERE l.berkas_id = b.id), b.closed_on))) LIMIT most)
  UPDATE berkas SET swept_at = now() FROM due WHERE berkas.id = due.id;
  GET DIAGNOSTICS changed = ROW_COUNT;
  RETURN changed;
END $$;
"""

RIGHTS = f"""
GRANT SELECT, INSERT ON berkas, berkas_letter, classification_code, classification_import, schedule_version,
  schedule_row, hold, hold_document TO arsip_api;
GRANT UPDATE (title, code, coded_by, coded_at, development, amount, note, closed_on, closed_by, trigger_said,
  trigger_note, vital, media, protection) ON berkas TO arsip_api;
GRANT UPDATE (berkas_id, filed_by, filed_at) ON berkas_letter TO arsip_api;
GRANT UPDATE (title, valid_to, replaced_by, import_id) ON classification_code TO arsip_api;
GRANT UPDATE (applied_by, applied_at, valid_to) ON schedule_version TO arsip_api;
GRANT UPDATE (released_by, released_at, release_reason) ON hold TO arsip_api;
GRANT SELECT, DELETE ON lock_due TO arsip_worker;
GRANT SELECT ON berkas, berkas_letter, schedule_version, schedule_row TO arsip_worker;
GRANT SELECT, INSERT, UPDATE ON berkas, berkas_counter, berkas_letter, lock_due TO arsip_functions;
GRANT SELECT ON hold, hold_document, schedule_version, schedule_row, case_letter, sop_version TO arsip_functions;
CREATE POLICY seen ON berkas FOR SELECT USING {SEES.format("berkas")};
CREATE POLICY opened ON berkas FOR INSERT WITH CHECK (opened_by = app_account() AND case_id IS NULL
  AND disposed_at IS NULL AND NOT permanent AND appraised_fate IS NULL AND {SEES.format("berkas")});
CREATE POLICY changed ON berkas FOR UPDATE USING (disposed_at IS NULL AND {SEES.format("berkas")})
  WITH CHECK ({SEES.format("berkas")});
CREATE POLICY seen ON berkas_letter FOR SELECT USING ({SEES_LETTER} AND (berkas_id IS NULL OR {SEES_BERKAS}));
CREATE POLICY filed ON berkas_letter FOR INSERT
  WITH CHECK (filed_by = app_account() AND {SEES_LETTER} AND {OPEN_BERKAS});
CREATE POLICY moved ON berkas_letter FOR UPDATE USING ({SEES_LETTER} AND (berkas_id IS NULL OR {OPEN_BERKAS}))
  WITH CHECK (filed_by = app_account() AND {SEES_LETTER} AND (berkas_id IS NULL OR {OPEN_BERKAS}));
CREATE POLICY seen ON classification_code FOR SELECT USING ({READS});
CREATE POLICY added ON classification_code FOR INSERT WITH CHECK ({KEEPS});
CREATE POLICY changed ON classification_code FOR UPDATE USING ({KEEPS});
CREATE POLICY seen ON classification_import FOR SELECT USING ({READS});
CREATE POLICY added ON classification_import FOR INSERT WITH CHECK (account_id = app_account() AND {KEEPS});
CREATE POLICY seen ON schedule_version FOR SELECT USING ({READS});
CREATE POLICY added ON schedule_version FOR INSERT
  WITH CHECK (imported_by = app_account() AND applied_at IS NULL AND {KEEPS});
CREATE POLICY applied ON schedule_version FOR UPDATE USING ({KEEPS}) WITH CHECK ({KEEPS});
CREATE POLICY seen ON schedule_row FOR SELECT USING ({READS});
-- a version takes its rows in the transaction that brings it, and none later
CREATE POLICY added ON schedule_row FOR INSERT WITH CHECK ({KEEPS} AND EXISTS (SELECT 1 FROM schedule_version v
  WHERE v.id = version_id AND v.imported_by = app_account() AND v.applied_at IS NULL AND v.imported_at = now()));
CREATE POLICY seen ON hold FOR SELECT USING {SEES.format("hold")};
CREATE POLICY placed ON hold FOR INSERT WITH CHECK (placed_by = app_account() AND released_at IS NULL
  AND {SEES.format("hold")} AND (berkas_id IS NULL OR {SEES_BERKAS}));
CREATE POLICY released ON hold FOR UPDATE USING (released_at IS NULL AND placed_by <> app_account() AND {KEEPS}
  AND {SEES.format("hold")}) WITH CHECK (released_by = app_account());
CREATE POLICY seen ON hold_document FOR SELECT USING ({SEES_LETTER}
  AND EXISTS (SELECT 1 FROM hold h WHERE h.id = hold_id));
CREATE POLICY placed ON hold_document FOR INSERT WITH CHECK ({SEES_LETTER}
  AND EXISTS (SELECT 1 FROM hold h WHERE h.id = hold_id AND h.placed_by = app_account() AND h.released_at IS NULL));
CREATE POLICY works ON lock_due TO arsip_worker USING (true) WITH CHECK (true);
CREATE POLICY works ON berkas FOR SELECT TO arsip_worker USING (true);
CREATE POLICY works ON berkas_letter FOR SELECT TO arsip_worker USING (true);
CREATE POLICY works ON schedule_version FOR SELECT TO arsip_worker USING (true);
CREATE POLICY works ON schedule_row FOR SELECT TO arsip_worker USING (true);
CREATE POLICY files ON berkas TO arsip_functions USING (true) WITH CHECK (true);
CREATE POLICY files ON berkas_counter TO arsip_functions USING (true) WITH CHECK (true);
CREATE POLICY files ON berkas_letter TO arsip_functions USING (true) WITH CHECK (true);
CREATE POLICY files ON lock_due TO arsip_functions USING (true) WITH CHECK (true);
CREATE POLICY files ON hold FOR SELECT TO arsip_functions USING (true);
CREATE POLICY files ON hold_document FOR SELECT TO arsip_functions USING (true);
CREATE POLICY files ON schedule_version FOR SELECT TO arsip_functions USING (true);
CREATE POLICY files ON schedule_row FOR SELECT TO arsip_functions USING (true);
CREATE POLICY files ON case_letter FOR SELECT TO arsip_functions USING (true);
CREATE POLICY files ON sop_version FOR SELECT TO arsip_functions USING (true);
"""
WALLED = (
    "berkas", "berkas_counter", "berkas_letter", "classification_code", "classification_import", "schedule_version",
    "schedule_row", "hold", "hold_document", "lock_due",
)  # fmt: skip
OWNED = (
    "berkas_clock()", "berkas_of_case(uuid)", "berkas_case_opened()", "berkas_case_changed()", "berkas_of_linked(uuid)",
    "berkas_letter_linked()", "lock_is_due(uuid[])", "berkas_lettered()", "berkas_locks()", "hold_locks()",
    "hold_document_locks()", "is_held(uuid)", "berkas_is_held(uuid)", "retention_sweep(int)",
)  # fmt: skip


def _text(name: str) -> sa.Column[Any]:
    return sa.Column(name, sa.Text(), server_default=sa.text("''"), nullable=False)


def _id(name: str = "id") -> sa.Column[Any]:
    return sa.Column(name, sa.Uuid(), server_default=sa.text("gen_random_uuid()"), nullable=False)


def _ref(name: str, *, nullable: bool = False) -> sa.Column[Any]:
    return sa.Column(name, sa.Uuid(), nullable=nullable)


def _moment(name: str) -> sa.Column[Any]:
    return sa.Column(name, sa.DateTime(timezone=True), nullable=True)


def _now(name: str) -> sa.Column[Any]:
    return sa.Column(name, sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False)


def _day(name: str, *, nullable: bool = True) -> sa.Column[Any]:
    return sa.Column(name, sa.Date(), nullable=nullable)


def _flag(name: str) -> sa.Column[Any]:
    return sa.Column(name, sa.Boolean(), server_default=sa.text("false"), nullable=False)


def _check(table: str, name: str, rule: str) -> sa.CheckConstraint:
    return sa.CheckConstraint(rule, name=op.f(f"{table}_{name}_check"))


def _foreign(table: str, column: str, other: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint([column], [f"{other}.id"], name=f"{table}_{column}_fkey")


def _schedules() -> None:
    op.create_table(
        "schedule_version",
        _id(),
        sa.Column("name", sa.Text(), nullable=False),
        _text("basis"),
        _day("valid_from", nullable=False),
        _day("valid_to"),
        _flag("sample"),
        sa.Column("digest", sa.Text(), nullable=False),
        _ref("imported_by"),
        _now("imported_at"),
        _ref("applied_by", nullable=True),
        _moment("applied_at"),
        _check("schedule_version", "applied", "(applied_at IS NULL) = (applied_by IS NULL)"),
        _check("schedule_version", "valid", "valid_to >= valid_from"),
        _check("schedule_version", "digest", "digest ~ '^[0-9a-f]{64}$'"),
        _foreign("schedule_version", "imported_by", "account"),
        _foreign("schedule_version", "applied_by", "account"),
        sa.PrimaryKeyConstraint("id", name="schedule_version_pkey"),
    )
    op.create_table(
        "schedule_row",
        _id(),
        _ref("version_id"),
        sa.Column("line", sa.Integer(), nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("series", sa.Text(), nullable=False),
        sa.Column("active_years", sa.SmallInteger(), nullable=False),
        sa.Column("inactive_years", sa.SmallInteger(), nullable=False),
        sa.Column("fate", sa.Text(), nullable=False),
        _text("condition"),
        sa.Column("trigger", sa.Text(), nullable=False),
        _text("basis"),
        _check("schedule_row", "years", "active_years BETWEEN 0 AND 100 AND inactive_years BETWEEN 0 AND 100"),
        _check("schedule_row", "fate", "fate IN ('musnah', 'permanen', 'dinilai_kembali')"),
        _check(
            "schedule_row",
            "trigger",
            "trigger IN ('kasus_selesai', 'kebijakan_diganti', 'hak_kewajiban_selesai', 'data_diperbarui', "
            "'dipertanggungjawabkan', 'setelah_pemeriksaan', 'masalah_selesai', 'tanggal_dokumen')",
        ),
        _foreign("schedule_row", "version_id", "schedule_version"),
        sa.PrimaryKeyConstraint("id", name="schedule_row_pkey"),
        sa.UniqueConstraint("version_id", "code", name="schedule_row_version_id_code_key"),
    )


def _berkas() -> None:
    op.create_table(
        "berkas_counter",
        sa.Column("unit", sa.Text(), nullable=False),
        sa.Column("year", sa.SmallInteger(), autoincrement=False, nullable=False),
        sa.Column("last", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("unit", "year", name="berkas_counter_pkey"),
    )
    op.create_table(
        "berkas",
        _id(),
        sa.Column("unit", sa.Text(), nullable=False),
        sa.Column("clearance", sa.SmallInteger(), nullable=False),
        sa.Column("year", sa.SmallInteger(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("code", sa.Text(), nullable=True),
        _ref("coded_by", nullable=True),
        _moment("coded_at"),
        _ref("case_id", nullable=True),
        sa.Column("development", sa.Text(), server_default=sa.text("'asli'"), nullable=False),
        _text("amount"),
        _text("note"),
        sa.Column("letters", sa.Integer(), server_default=sa.text("0"), nullable=False),
        _day("opened_on", nullable=False),
        _ref("opened_by"),
        _now("opened_at"),
        _day("closed_on"),
        _ref("closed_by", nullable=True),
        _day("trigger_said"),
        _text("trigger_note"),
        _ref("series_id", nullable=True),
        sa.Column("active_years", sa.SmallInteger(), nullable=True),
        sa.Column("inactive_years", sa.SmallInteger(), nullable=True),
        sa.Column("fate", sa.Text(), server_default=sa.text("'belum_ditetapkan'"), nullable=False),
        sa.Column("appraised_fate", sa.Text(), nullable=True),
        _flag("permanent"),
        _day("trigger_on"),
        _day("inactive_on"),
        _day("expires_on"),
        sa.Column("phase", sa.Text(), server_default=sa.text("'aktif'"), nullable=False),
        _day("phase_on"),
        _moment("swept_at"),
        _flag("vital"),
        _text("media"),
        _text("protection"),
        _moment("disposed_at"),
        _ref("disposal_id", nullable=True),
        _check("berkas", "clearance", "clearance BETWEEN 0 AND 3"),
        _check(
            "berkas",
            "development",
            "development IN ('asli', 'salinan', 'tembusan', 'pertinggal', 'fotokopi', 'digital')",
        ),
        _check("berkas", "fate", "fate IN ('belum_ditetapkan', 'musnah', 'permanen', 'dinilai_kembali')"),
        _check("berkas", "appraised", "appraised_fate IN ('musnah', 'permanen')"),
        _check("berkas", "phase", "phase IN ('aktif', 'inaktif', 'habis')"),
        _check("berkas", "disposed", "(disposed_at IS NULL) = (disposal_id IS NULL)"),
        _foreign("berkas", "case_id", "case_file"),
        _foreign("berkas", "coded_by", "account"),
        _foreign("berkas", "opened_by", "account"),
        _foreign("berkas", "closed_by", "account"),
        _foreign("berkas", "series_id", "schedule_row"),
        sa.PrimaryKeyConstraint("id", name="berkas_pkey"),
        sa.UniqueConstraint("unit", "year", "number", name="berkas_unit_year_number_key"),
        sa.UniqueConstraint("case_id", name="berkas_case_id_key"),
    )
    op.create_index("berkas_due", "berkas", ["phase", "expires_on"], postgresql_where=sa.text("disposed_at IS NULL"))
    op.create_index("berkas_code", "berkas", ["code"])
    op.create_table(
        "berkas_letter",
        _ref("document_id"),
        _ref("berkas_id", nullable=True),
        _ref("filed_by", nullable=True),
        sa.Column("filed_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=True),
        _foreign("berkas_letter", "document_id", "document"),
        _foreign("berkas_letter", "berkas_id", "berkas"),
        _foreign("berkas_letter", "filed_by", "account"),
        sa.PrimaryKeyConstraint("document_id", name="berkas_letter_pkey"),
    )
    op.create_index("berkas_letter_berkas_id", "berkas_letter", ["berkas_id"])
    op.add_column("document", _flag("in_berkas"))
    loose = sa.text("NOT in_berkas AND stage = 'sealed'")
    op.create_index("document_without_berkas", "document", ["seq"], postgresql_where=loose)
    op.create_index("document_without_berkas_unit", "document", ["unit", "seq"], postgresql_where=loose)


def _codes() -> None:
    op.create_table(
        "classification_import",
        _id(),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("digest", sa.Text(), nullable=False),
        sa.Column("lines", sa.Integer(), nullable=False),
        _ref("account_id"),
        _now("at"),
        _foreign("classification_import", "account_id", "account"),
        sa.PrimaryKeyConstraint("id", name="classification_import_pkey"),
    )
    op.create_table(
        "classification_code",
        sa.Column("code", sa.Text(), nullable=False),
        _day("valid_from", nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        _day("valid_to"),
        sa.Column("replaced_by", sa.Text(), nullable=True),
        _ref("import_id"),
        _check("classification_code", "valid", "valid_to >= valid_from"),
        _foreign("classification_code", "import_id", "classification_import"),
        sa.PrimaryKeyConstraint("code", "valid_from", name="classification_code_pkey"),
    )


def _holds() -> None:
    op.create_table(
        "hold",
        _id(),
        sa.Column("seq", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("unit", sa.Text(), nullable=False),
        sa.Column("clearance", sa.SmallInteger(), nullable=False),
        sa.Column("scope", sa.Text(), nullable=False),
        _ref("berkas_id", nullable=True),
        _text("query"),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        _ref("placed_by"),
        _now("placed_at"),
        _ref("released_by", nullable=True),
        _moment("released_at"),
        sa.Column("release_reason", sa.Text(), nullable=True),
        _check("hold", "clearance", "clearance BETWEEN 0 AND 3"),
        _check("hold", "scope", "scope IN ('document', 'berkas', 'case', 'search')"),
        _check("hold", "berkas", "(scope IN ('berkas', 'case')) = (berkas_id IS NOT NULL)"),
        _check("hold", "kind", "kind IN ('sengketa', 'audit', 'penyidikan')"),
        _check("hold", "reason", "reason <> '' AND release_reason <> ''"),
        _check("hold", "released", "num_nulls(released_by, released_at, release_reason) IN (0, 3)"),
        _check("hold", "two_people", "released_by <> placed_by"),
        _foreign("hold", "berkas_id", "berkas"),
        _foreign("hold", "placed_by", "account"),
        _foreign("hold", "released_by", "account"),
        sa.PrimaryKeyConstraint("id", name="hold_pkey"),
        sa.UniqueConstraint("seq", name="hold_seq_key"),
    )
    op.create_index("hold_standing", "hold", ["berkas_id"], postgresql_where=sa.text("released_at IS NULL"))
    op.create_table(
        "hold_document",
        _ref("hold_id"),
        _ref("document_id"),
        _foreign("hold_document", "hold_id", "hold"),
        _foreign("hold_document", "document_id", "document"),
        sa.PrimaryKeyConstraint("hold_id", "document_id", name="hold_document_pkey"),
    )
    op.create_index("hold_document_document_id", "hold_document", ["document_id"])
    op.create_table(
        "lock_due",
        _ref("document_id"),
        sa.Column("since", sa.DateTime(timezone=True), server_default=sa.text("clock_timestamp()"), nullable=False),
        _foreign("lock_due", "document_id", "document"),
        sa.PrimaryKeyConstraint("document_id", name="lock_due_pkey"),
    )


def _ownership() -> str:
    return "".join(
        [
            "GRANT CREATE ON SCHEMA public TO arsip_functions;",
            *(f"ALTER FUNCTION {name} OWNER TO arsip_functions;" for name in OWNED),
            "REVOKE CREATE ON SCHEMA public FROM arsip_functions;",
            f"REVOKE ALL ON FUNCTION {', '.join(OWNED)} FROM PUBLIC;",
            "GRANT EXECUTE ON FUNCTION is_held(uuid), berkas_is_held(uuid) TO arsip_api, arsip_worker;",
            "GRANT EXECUTE ON FUNCTION retention_sweep(int) TO arsip_api, arsip_worker;",
        ]
    )


def upgrade() -> None:
    _schedules()
    _berkas()
    _codes()
    _holds()
    walls = "".join(
        f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY; ALTER TABLE {table} FORCE ROW LEVEL SECURITY;"
        for table in WALLED
    )
    for block in (RULES, CLOCKS, LOCKS, CASES, HELD, SWEEP, walls, RIGHTS, _ownership()):
        op.get_bind().exec_driver_sql(block)
    _cases_there_are()


def _cases_there_are() -> None:
    """Each case that was opened before gets its berkas, in the order of its number, with the letters linked to it."""
    connection = op.get_bind()
    connection.exec_driver_sql(
        "SELECT set_config('app.role', 'arsiparis', true), set_config('app.clearance', '3', true)"
    )
    cases = sa.text("SELECT id FROM case_file ORDER BY unit, year, number")
    for case in connection.scalars(cases).all():
        connection.execute(sa.text("SELECT berkas_of_case(:case)"), {"case": case})
    letters = sa.text("SELECT DISTINCT document_id FROM case_letter WHERE removed_at IS NULL")
    for letter in connection.scalars(letters).all():
        connection.execute(sa.text("SELECT berkas_of_linked(:letter)"), {"letter": letter})
    connection.exec_driver_sql("SELECT set_config('app.role', '', true), set_config('app.clearance', '', true)")
