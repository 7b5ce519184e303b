"""Which words many pages have is known before they are looked for; what few have is looked for at once, and near words
by a kept plan."""

from alembic import op

revision = "0053"
down_revision = "0052"
branch_labels = None
depends_on = None

# As in 0001
SEES = """({0}.clearance <= (SELECT app_clearance()) AND ((SELECT app_role()) = 'arsiparis'
  OR ((SELECT app_role()) IN ('petugas', 'pejabat', 'admin') AND {0}.unit = (SELECT app_unit()))))"""

# As in 0051
SUITS = f"""(asked IS NULL OR ((NOT asked ? 'kind' OR position(asked ->> 'kind' IN p.kind) > 0)
    AND (NOT asked ? 'dari' OR p.day >= asked ->> 'dari')
    AND (NOT asked ? 'sampai' OR (p.day <= asked ->> 'sampai' AND asked ->> 'sampai' <> 'nothing'))
    AND (NOT asked ? 'ids' OR p.document_id::text IN (SELECT jsonb_array_elements_text(asked -> 'ids')))
    AND (NOT asked ? 'not_ids' OR p.document_id::text NOT IN (SELECT jsonb_array_elements_text(asked -> 'not_ids')))
    AND (NOT asked ? 'days' OR EXISTS (SELECT FROM jsonb_array_elements(asked -> 'days') t
      WHERE p.day BETWEEN t ->> 0 AND t ->> 1))
    AND (NOT asked ? 'kinds' OR asked -> 'kinds' ? p.kind) AND (p.kind ~ (asked ->> 'not_kind')) IS NOT TRUE
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
      = coalesce(search_words((SELECT coalesce(string_agg(d.fields #>> ARRAY[name, 'value'], ' '), '')
                               FROM jsonb_array_elements_text(f -> 'of') name), '{{}}')
                 @@ to_tsquery('indonesian', f ->> 'words'), false))))))"""

# As in 0047
WHOSE = """
  cleared int := (SELECT app_clearance());
  every_unit boolean := (SELECT app_role()) = 'arsiparis';
  own text := CASE WHEN (SELECT app_role()) IN ('petugas', 'pejabat', 'admin') THEN (SELECT app_unit()) END;"""
PAGES = "{0} AND p.clearance <= cleared AND (every_unit OR p.unit = own)"
KEYS = "page_keys(p.document_seq, p.unit, p.kind, p.day) @@ ({0})::tsquery"
BEFORE = "p.document_seq + 0 < before_seq"  # a number plus nothing, as in 0047


def asked_or_not(looked: str, words: str, keys: str, *, everywhere: str = "false") -> str:
    """A look with the conditions or, where there are none, without their tables, which took most of a small look; and
    where it is `everywhere`, without keys, as the index reads a page of those for almost each page of letters."""
    pages = f"{PAGES.format(words)} AND {BEFORE}"
    with_keys = f"{pages} AND {KEYS.format(keys)}"
    return f"""IF asked IS NOT NULL THEN
        {looked.format(f"{with_keys} AND {SUITS}")};
      ELSIF {everywhere} THEN
        {looked.format(pages)};
      ELSE
        {looked.format(with_keys)};
      END IF;"""


ALONE = asked_or_not(
    "SELECT count(*) INTO got FROM (SELECT FROM page p WHERE {} LIMIT most) s", "p.words @@ narrow[n]", "block"
)
IN_SAMPLE = asked_or_not(
    "SELECT count(*) * sample.times / 2 INTO got FROM (SELECT FROM page p WHERE {}"
    " LIMIT ceil(2 * most / sample.times)) s",
    "p.words @@ queries[n]",
    "sampled",
)
ALL_OF_IT = asked_or_not(
    "SELECT coalesce(array_agg(s.document_seq), '{{}}'), coalesce(array_agg(s.number), '{{}}'), count(*)"
    " INTO seqs, numbers, got FROM (SELECT p.document_seq, p.number FROM page p WHERE {} LIMIT most) s",
    "p.words @@ queries[n]",
    "everywhere",
    everywhere="true",
)
# What has its `narrow` query on many pages of one block, or by a sample, is on many pages; a query without one is
# looked for at once. `parts` are of each query the numbers of earlier ones whose pages have all of its own: where few
# pages have one of these, only they are looked at. Of each query its pages, as numbers of letters and of pages in them,
# or null where they are many.
FEW = f"""
DROP FUNCTION search_few(tsquery[], tsquery[], bigint, int, jsonb, int[], text[]);
CREATE FUNCTION search_few(queries tsquery[], narrow tsquery[], before_seq bigint, most int, asked jsonb DEFAULT NULL,
  parts int[] DEFAULT NULL)
RETURNS TABLE (query int, seqs bigint[], numbers int[]) LANGUAGE plpgsql STABLE SECURITY DEFINER
SET search_path = pg_catalog, public SET plan_cache_mode = force_generic_plan
AS $$
#variable_conflict use_column
DECLARE{WHOSE}
  whose text := search_keys(asked);
  newest bigint := least(before_seq, coalesce((SELECT max(p.document_seq) FROM page p), 0));
  block text := concat('a', greatest((newest >> 10) - 1, 0), whose);
  sample record := search_sample(before_seq);
  sampled text := sample.keys || whose;
  everywhere text := coalesce(nullif(substr(whose, 2), ''), search_blocks('c', 0, newest >> 17));
  known found_pages[];
  inside found_pages;
  part int;
  got int;
BEGIN
  FOR n IN 1..coalesce(cardinality(queries), 0) LOOP
    got := 0;
    query := n;
    seqs := NULL;
    numbers := NULL;
    inside := NULL;
    FOREACH part IN ARRAY coalesce(parts[n:n], '{{}}') LOOP
      IF cardinality((known[part]).seqs) < coalesce(cardinality(inside.seqs), most) THEN
        inside := known[part];
      END IF;
    END LOOP;
    IF inside.seqs IS NOT NULL THEN
      SELECT coalesce(array_agg(f.seq), '{{}}'), coalesce(array_agg(f.number), '{{}}') INTO seqs, numbers
      FROM unnest(inside.seqs, inside.numbers) AS f (seq, number), LATERAL (SELECT p.words FROM page p
        WHERE p.document_seq = f.seq AND p.number = f.number OFFSET 0) p
      WHERE p.words @@ queries[n];
      known[n] := (seqs, numbers);
      RETURN NEXT;
      CONTINUE;
    END IF;
    IF sampled IS NOT NULL AND narrow[n] IS NOT NULL THEN
      {ALONE}
      IF got < most THEN
        {IN_SAMPLE}
      END IF;
    END IF;
    IF got < most THEN
      {ALL_OF_IT}
      IF got >= most THEN
        seqs := NULL;
        numbers := NULL;
      END IF;
    END IF;
    known[n] := (seqs, numbers);
    RETURN NEXT;
  END LOOP;
END $$;
"""

# As in 0035, but by one plan for all the hundreds of shapes, and the words of each shape in a line behind it
NEAR = f"""
DROP FUNCTION search_near(text[], int);
CREATE FUNCTION search_near(shapes text[], most int) RETURNS SETOF text LANGUAGE plpgsql STABLE SECURITY DEFINER
SET search_path = pg_catalog, public SET plan_cache_mode = force_generic_plan
AS $$
DECLARE{WHOSE}
BEGIN
  RETURN QUERY SELECT concat_ws(' ', s.shape, string_agg(s.lexeme, ' ')) FROM (
    SELECT DISTINCT public.word_shape(w.lexeme) AS shape, w.lexeme FROM word w
    WHERE public.word_shape(w.lexeme) = ANY (shapes) AND w.clearance <= cleared AND (every_unit OR w.unit = own)
    LIMIT most) s GROUP BY s.shape;
END $$;
"""

RIGHTS = """
GRANT CREATE ON SCHEMA public TO arsip_functions;
ALTER FUNCTION search_few(tsquery[], tsquery[], bigint, int, jsonb, int[]) OWNER TO arsip_functions;
ALTER FUNCTION search_near(text[], int) OWNER TO arsip_functions;
REVOKE CREATE ON SCHEMA public FROM arsip_functions;
REVOKE ALL ON FUNCTION search_few(tsquery[], tsquery[], bigint, int, jsonb, int[]), search_near(text[], int)
  FROM PUBLIC;
GRANT EXECUTE ON FUNCTION search_few(tsquery[], tsquery[], bigint, int, jsonb, int[]), search_near(text[], int)
  TO arsip_api;
"""


def upgrade() -> None:
    for block in (FEW, NEAR, RIGHTS):
        op.get_bind().exec_driver_sql(block)
