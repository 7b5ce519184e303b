"""What falls due by year, and what a schedule would make of every berkas before it is applied (docs/adr/0024)."""

import sqlalchemy as sa
from alembic import op

revision = "0020"
down_revision = "0018"
branch_labels = None
depends_on = None

# The same rule as in the first migration
SEES = """(b.clearance <= (SELECT app_clearance()) AND ((SELECT app_role()) = 'arsiparis'
  OR ((SELECT app_role()) IN ('petugas', 'pejabat', 'admin') AND b.unit = (SELECT app_unit()))))"""

# As berkas_clock() would set it, for berkas that a test compares with it. Who applies a schedule must know what becomes
# of every berkas, also of those above their ceiling, of which they learn a number and a code.
EFFECT = """
CREATE FUNCTION schedule_effect(of_version uuid)
RETURNS TABLE (code text, series text, berkas bigint, later bigint, sooner bigint, was_fate text, was_active int,
  was_inactive int, new_fate text, new_active int, new_inactive int)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public
AS $$
WITH coded AS MATERIALIZED (
  SELECT c.code, r.* FROM (SELECT DISTINCT b.code FROM berkas b WHERE b.disposed_at IS NULL AND b.code IS NOT NULL) AS c
  CROSS JOIN LATERAL (SELECT s.series, s.active_years, s.inactive_years, s.fate, s.trigger
                      FROM schedule_row s WHERE s.id = schedule_series(of_version, c.code)) AS r),
would AS (
  SELECT b.code, n.series, b.fate AS was_fate, b.active_years AS was_active, b.inactive_years AS was_inactive,
    b.expires_on AS was_day, n.active_years AS new_active, n.inactive_years AS new_inactive,
    CASE WHEN b.permanent THEN 'permanen' WHEN n.fate = 'dinilai_kembali' THEN coalesce(b.appraised_fate, n.fate)
      ELSE coalesce(n.fate, 'belum_ditetapkan') END AS new_fate,
    retention_day(CASE WHEN b.closed_on IS NULL THEN NULL
      WHEN n.trigger = 'tanggal_dokumen' THEN coalesce(
        (SELECT max(letter_day(d.fields, d.received_at)) FROM berkas_letter l JOIN document d ON d.id = l.document_id
         WHERE l.berkas_id = b.id), b.closed_on)
      WHEN n.trigger IS NULL OR n.trigger = 'kasus_selesai' THEN coalesce(b.trigger_said, b.closed_on)
      ELSE b.trigger_said END, n.active_years + n.inactive_years) AS new_day
  FROM berkas b LEFT JOIN coded n ON n.code = b.code WHERE b.disposed_at IS NULL)
SELECT w.code, w.series, count(*),
  count(*) FILTER (WHERE coalesce(new_day, 'infinity') > coalesce(was_day, 'infinity')),
  count(*) FILTER (WHERE coalesce(new_day, 'infinity') < coalesce(was_day, 'infinity')),
  was_fate, was_active, was_inactive, new_fate, new_active, new_inactive
FROM would w WHERE (SELECT app_role()) IN ('arsiparis', 'admin')
GROUP BY w.code, w.series, was_fate, was_active, was_inactive, new_fate, new_active, new_inactive ORDER BY w.code $$;
"""

BY_YEAR = f"""
CREATE FUNCTION retention_by_year(first int, last int) RETURNS TABLE (year int, fate text, berkas bigint, held bigint)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public
AS $$
WITH held AS MATERIALIZED (
  SELECT h.berkas_id FROM hold h WHERE h.released_at IS NULL AND h.berkas_id IS NOT NULL
  UNION SELECT l.berkas_id FROM hold h JOIN hold_document x ON x.hold_id = h.id
    JOIN berkas_letter l ON l.document_id = x.document_id WHERE h.released_at IS NULL)
SELECT extract(year FROM b.expires_on)::int, b.fate, count(*), count(held.berkas_id)
FROM berkas b LEFT JOIN held ON held.berkas_id = b.id
WHERE b.disposed_at IS NULL AND b.expires_on >= make_date(first, 1, 1) AND b.expires_on < make_date(last + 1, 1, 1)
  AND ((SELECT app_role()) = 'auditor' OR {SEES})
GROUP BY 1, 2 ORDER BY 1, 2 $$;
"""

RIGHTS = """
GRANT CREATE ON SCHEMA public TO arsip_functions;
ALTER FUNCTION schedule_effect(uuid) OWNER TO arsip_functions;
ALTER FUNCTION retention_by_year(int, int) OWNER TO arsip_functions;
REVOKE CREATE ON SCHEMA public FROM arsip_functions;
REVOKE ALL ON FUNCTION schedule_effect(uuid), retention_by_year(int, int) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION schedule_effect(uuid), retention_by_year(int, int) TO arsip_api;
"""


def upgrade() -> None:
    op.create_index(
        "berkas_news", "berkas", ["phase_on"], postgresql_where=sa.text("disposed_at IS NULL AND phase <> 'aktif'")
    )
    for block in (EFFECT, BY_YEAR, RIGHTS):
        op.get_bind().exec_driver_sql(block)
