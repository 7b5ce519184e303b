"""Of each word asked for, whether few pages have it, and those pages: by one look, or by a sample of the archive."""

from alembic import op

revision = "0043"
down_revision = "0042"
branch_labels = None
depends_on = None

# As in 0001
SEES = """({0}.clearance <= (SELECT app_clearance()) AND ((SELECT app_role()) = 'arsiparis'
  OR ((SELECT app_role()) IN ('petugas', 'pejabat', 'admin') AND {0}.unit = (SELECT app_unit()))))"""

# As in 0040
SUITS = f"""(asked IS NULL OR ((NOT asked ? 'kind' OR position(asked ->> 'kind' IN p.kind) > 0)
    AND (NOT asked ? 'dari' OR p.day >= asked ->> 'dari')
    AND (NOT asked ? 'sampai' OR (p.day <= asked ->> 'sampai' AND asked ->> 'sampai' <> 'nothing'))
    AND (NOT asked ? 'ids' OR asked -> 'ids' ? p.document_id::text)
    AND (NOT asked ? 'kinds' OR asked -> 'kinds' ? p.kind)
    AND (NOT asked ? 'years' OR asked -> 'years' ? left(p.day, 4))
    AND (NOT asked ? 'units' OR asked -> 'units' ? p.unit)
    AND (NOT asked ?| ARRAY['cases', 'steps'] OR EXISTS (SELECT FROM case_letter x JOIN case_file c ON c.id = x.case_id
      WHERE x.document_id = p.document_id AND x.removed_at IS NULL AND {SEES.format("c")}
        AND (NOT asked ? 'cases' OR asked -> 'cases' ? c.id::text)
        AND (NOT asked ? 'steps' OR asked -> 'steps' ? (c.sop || '/' || x.step))))
    AND (NOT asked ? 'retention' OR EXISTS (SELECT FROM berkas_letter x JOIN berkas b ON b.id = x.berkas_id
      WHERE x.document_id = p.document_id AND {SEES.format("b")} AND asked -> 'retention' ? b.phase))
    AND (NOT asked ? 'fields' OR EXISTS (SELECT FROM document d WHERE d.id = p.document_id
      AND NOT EXISTS (SELECT FROM jsonb_array_elements(asked -> 'fields') f WHERE (f -> 'without')::boolean
      = coalesce(search_words((SELECT string_agg(d.fields #>> ARRAY[name, 'value'], ' ')
                               FROM jsonb_array_elements_text(f -> 'of') name), '{{}}')
                 @@ to_tsquery('indonesian', f ->> 'words'), false))))))"""

# Sixteen of the smallest blocks, as far from each other as the archive allows, and how many times they go into it.
# A sample of less than a quarter is worth its look.
SAMPLE = """
CREATE FUNCTION search_sample(before bigint, OUT keys text, OUT times numeric) LANGUAGE plpgsql STABLE
SET search_path = pg_catalog, public
AS $$
DECLARE blocks bigint := 1 + (least(before, (SELECT max(p.document_seq) FROM page p)) >> 10);
BEGIN
  times := blocks / 16.0;
  IF times >= 4 THEN
    keys := (SELECT '(' || string_agg('a' || (n * blocks / 16), '|') || ')' FROM generate_series(0, 15) n);
  END IF;
END $$;
"""
# A number plus nothing, as in 0040
PAGES = f"""page_keys(p.document_seq, p.unit, p.kind, p.day) @@ ({{0}})::tsquery AND {SEES.format("p")}
        AND p.document_seq + 0 < before_seq AND {SUITS.replace("{", "{{").replace("}", "}}")}"""
# What stands in the newest blocks often, even alone, is on many pages; else a sample tells what is; else all are found
FEW = f"""
CREATE FUNCTION search_few(queries tsquery[], narrow tsquery[], before_seq bigint, most int, asked jsonb DEFAULT NULL)
RETURNS TABLE (query int, document_id uuid, document_seq bigint, number int) LANGUAGE plpgsql STABLE SECURITY DEFINER
SET search_path = pg_catalog, public SET plan_cache_mode = force_generic_plan
AS $$
#variable_conflict use_column
DECLARE
  whose text := search_keys(asked);
  newest bigint := least(before_seq, (SELECT max(p.document_seq) FROM page p));
  near text := search_blocks('a', (newest >> 10) - 1, newest >> 10) || whose;
  sample record := search_sample(before_seq);
  everywhere text := coalesce(nullif(substr(whose, 2), ''), search_blocks('c', 0, newest >> 17));
  got int;
BEGIN
  FOR n IN 1..coalesce(cardinality(queries), 0) LOOP
    got := 0;
    IF sample.keys IS NOT NULL THEN
      SELECT count(*) INTO got FROM (SELECT FROM page p WHERE p.words @@ narrow[n] AND {PAGES.format("near")}
        LIMIT most) s;
      IF got < most THEN
        SELECT count(*) * sample.times / 2 INTO got FROM (SELECT FROM page p WHERE p.words @@ queries[n]
          AND {PAGES.format("sample.keys || whose")} LIMIT ceil(2 * most / sample.times)) s;
      END IF;
    END IF;
    IF got < most THEN
      RETURN QUERY SELECT n, p.document_id, p.document_seq, p.number FROM page p WHERE p.words @@ queries[n]
        AND {PAGES.format("everywhere")} LIMIT most;
      GET DIAGNOSTICS got = ROW_COUNT;
    END IF;
    IF got >= most THEN RETURN QUERY SELECT n, NULL::uuid, NULL::bigint, NULL::int; END IF;
  END LOOP;
END $$;
"""

RIGHTS = """
GRANT CREATE ON SCHEMA public TO arsip_functions;
ALTER FUNCTION search_sample(bigint) OWNER TO arsip_functions;
ALTER FUNCTION search_few(tsquery[], tsquery[], bigint, int, jsonb) OWNER TO arsip_functions;
REVOKE CREATE ON SCHEMA public FROM arsip_functions;
REVOKE ALL ON FUNCTION search_sample(bigint), search_few(tsquery[], tsquery[], bigint, int, jsonb) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION search_few(tsquery[], tsquery[], bigint, int, jsonb) TO arsip_api;
"""


def upgrade() -> None:
    for block in (SAMPLE, FEW, RIGHTS):
        op.get_bind().exec_driver_sql(block)
