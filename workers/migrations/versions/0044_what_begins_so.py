"""Pages that have a word that begins so, for suggestions: the newest ones, by one or two looks."""

from alembic import op

revision = "0044"
down_revision = "0043"
branch_labels = None
depends_on = None

# As in 0001
SEES = """(p.clearance <= (SELECT app_clearance()) AND ((SELECT app_role()) = 'arsiparis'
  OR ((SELECT app_role()) IN ('petugas', 'pejabat', 'admin') AND p.unit = (SELECT app_unit()))))"""

# The index gathers all pages of all words that begin so before it asks for the block, however many: what is common is
# found by the words of the newest 400 pages instead. How many have it there tells how far to look by the index: two
# blocks of 1,024 letters, seven of 8,192, or, where these have few, all.
BEGUN = f"""
CREATE FUNCTION search_begun(query tsquery, most int) RETURNS TABLE (document_id uuid, text text)
LANGUAGE plpgsql STABLE SECURITY DEFINER
SET search_path = pg_catalog, public SET plan_cache_mode = force_generic_plan SET enable_seqscan = off
AS $$
#variable_conflict use_column
DECLARE
  newest bigint := coalesce((SELECT max(p.document_seq) FROM page p), 0);
  whose text := search_keys(NULL);
  blocks text;
  found uuid[];
  got int;
  enough int := greatest(most / 3, 1);
BEGIN
  found := ARRAY(SELECT p.id FROM (SELECT * FROM page ORDER BY document_seq DESC, number LIMIT 400) p
    WHERE p.words @@ query AND {SEES} LIMIT most);
  got := cardinality(found);
  IF got >= enough THEN
    RETURN QUERY SELECT p.document_id, p.text FROM page p WHERE p.id = ANY (found)
    ORDER BY p.document_seq DESC, p.number;
    RETURN;
  END IF;
  FOREACH blocks IN ARRAY array_remove(ARRAY[
      CASE WHEN got >= most / 20 THEN search_blocks('a', (newest >> 10) - 1, newest >> 10) END,
      search_blocks('b', (newest >> 13) - 6, newest >> 13), search_blocks('c', 0, newest >> 17)], NULL) LOOP
    found := ARRAY(SELECT p.id FROM page p WHERE p.words @@ query AND {SEES}
      AND page_keys(p.document_seq, p.unit, p.kind, p.day) @@ (blocks || whose)::tsquery
      ORDER BY p.document_seq + 0 DESC, p.number LIMIT most);
    EXIT WHEN cardinality(found) >= enough;
  END LOOP;
  RETURN QUERY SELECT p.document_id, p.text FROM page p WHERE p.id = ANY (found)
    ORDER BY p.document_seq DESC, p.number;
END $$;
GRANT CREATE ON SCHEMA public TO arsip_functions;
ALTER FUNCTION search_begun(tsquery, int) OWNER TO arsip_functions;
REVOKE CREATE ON SCHEMA public FROM arsip_functions;
REVOKE ALL ON FUNCTION search_begun(tsquery, int) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION search_begun(tsquery, int) TO arsip_api;
"""


def upgrade() -> None:
    op.get_bind().exec_driver_sql(BEGUN)
