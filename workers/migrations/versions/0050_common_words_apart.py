"""Common words are looked for apart from rare ones, and letters of pages without enough words are not read."""

from alembic import op

revision = "0050"
down_revision = "0049"
branch_labels = None
depends_on = None

# As in 0001
SEES = """({0}.clearance <= (SELECT app_clearance()) AND ((SELECT app_role()) = 'arsiparis'
  OR ((SELECT app_role()) IN ('petugas', 'pejabat', 'admin') AND {0}.unit = (SELECT app_unit()))))"""

# As in 0049
SUITS = f"""(asked IS NULL OR ((NOT asked ? 'kind' OR position(asked ->> 'kind' IN p.kind) > 0)
    AND (NOT asked ? 'dari' OR p.day >= asked ->> 'dari')
    AND (NOT asked ? 'sampai' OR (p.day <= asked ->> 'sampai' AND asked ->> 'sampai' <> 'nothing'))
    AND (NOT asked ? 'ids' OR p.document_id::text IN (SELECT jsonb_array_elements_text(asked -> 'ids')))
    AND (NOT asked ? 'not_ids' OR p.document_id::text NOT IN (SELECT jsonb_array_elements_text(asked -> 'not_ids')))
    AND (NOT asked ? 'days' OR EXISTS (SELECT FROM jsonb_array_elements(asked -> 'days') t
      WHERE p.day BETWEEN t ->> 0 AND t ->> 1))
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

# As in 0047
WHOSE = """
  cleared int := (SELECT app_clearance());
  every_unit boolean := (SELECT app_role()) = 'arsiparis';
  own text := CASE WHEN (SELECT app_role()) IN ('petugas', 'pejabat', 'admin') THEN (SELECT app_unit()) END;"""
PAGES = "{0} AND p.clearance <= cleared AND (every_unit OR p.unit = own)"
KEYS = "page_keys(p.document_seq, p.unit, p.kind, p.day) @@ ({0})::tsquery"


# A number plus nothing, as in 0047
BEFORE = "p.document_seq + 0 < before_seq"


def asked_or_not(looked: str, words: str, keys: str, also: str = BEFORE, *, everywhere: str = "false") -> str:
    """A look with the conditions or, where there are none, without their tables, which took most of a small look; and
    where it is `everywhere`, without keys, as the index reads a page of those for almost each page of letters."""
    pages = f"{PAGES.format(words)} AND {also}"
    with_keys = f"{pages} AND {KEYS.format(keys)}"
    return f"""IF asked IS NOT NULL THEN
        {looked.format(f"{with_keys} AND {SUITS}")};
      ELSIF {everywhere} THEN
        {looked.format(pages)};
      ELSE
        {looked.format(with_keys)};
      END IF;"""


ALONE = asked_or_not(
    "SELECT count(*) INTO got FROM (SELECT FROM page p WHERE {} LIMIT most) s", "p.words @@ narrow[n]", "near"
)
IN_BLOCK = asked_or_not(
    """SELECT coalesce(array_agg(s.lexeme), '{{}}') INTO often FROM (
          SELECT t.lexeme FROM (
            SELECT ts_filter(setweight(p.words, 'A', string_to_array(said[n], ' ')), '{{a}}') AS words
            FROM page p WHERE {} LIMIT 100) s, unnest(s.words) t
          GROUP BY t.lexeme HAVING count(*) > 3) s""",
    "p.words @@ queries[n]",
    "block",
)
IN_SAMPLE = asked_or_not(
    "SELECT count(*) * sample.times / 2 INTO got FROM (SELECT FROM page p WHERE {}"
    " LIMIT ceil(2 * most / sample.times)) s",
    "p.words @@ mostly",
    "sampled",
)
ALL_OF_IT = asked_or_not(
    "SELECT coalesce(array_agg(s.document_seq), '{{}}'), coalesce(array_agg(s.number), '{{}}'), count(*)"
    " INTO seqs, numbers, got FROM (SELECT p.document_seq, p.number FROM page p WHERE {} LIMIT most) s",
    "p.words @@ queries[n]",
    "everywhere",
    everywhere="true",
)
# What stands often in the newest blocks or two others, even alone, is on many pages; else a sample tells what is, of
# the asked word and those near ones that stand often in one block, where there are such; else all are found. `parts`
# are of each query the numbers of earlier ones whose pages have all of its own: where few pages have one of these, only
# they are looked at. Of each query its pages, as numbers of letters and of pages in them, or null where they are many;
# and which of its words, as `said` has them, stand often.
FEW = f"""
CREATE TYPE found_pages AS (seqs bigint[], numbers int[]);
DROP FUNCTION search_few(tsquery[], tsquery[], bigint, int, jsonb);
CREATE FUNCTION search_few(queries tsquery[], narrow tsquery[], before_seq bigint, most int, asked jsonb DEFAULT NULL,
  parts int[] DEFAULT NULL, said text[] DEFAULT NULL)
RETURNS TABLE (query int, seqs bigint[], numbers int[], often text[]) LANGUAGE plpgsql STABLE SECURITY DEFINER
SET search_path = pg_catalog, public SET plan_cache_mode = force_generic_plan
AS $$
#variable_conflict use_column
DECLARE{WHOSE}
  whose text := search_keys(asked);
  newest bigint := least(before_seq, coalesce((SELECT max(p.document_seq) FROM page p), 0));
  near text := concat('(a', (newest >> 10) - 1, '|a', newest >> 10, '|a', (newest >> 10) / 3, '|a',
    (newest >> 10) * 2 / 3, ')', whose);
  block text := concat('a', (newest >> 10) / 2, whose);
  sample record := search_sample(before_seq);
  sampled text := sample.keys || whose;
  everywhere text := coalesce(nullif(substr(whose, 2), ''), search_blocks('c', 0, newest >> 17));
  known found_pages[];
  inside found_pages;
  part int;
  mostly tsquery;
  got int;
BEGIN
  FOR n IN 1..coalesce(cardinality(queries), 0) LOOP
    got := 0;
    query := n;
    seqs := NULL;
    numbers := NULL;
    often := '{{}}';
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
    IF sampled IS NOT NULL THEN
      {ALONE}
      IF got < most THEN
        {IN_BLOCK}
        mostly := CASE WHEN often = '{{}}' THEN queries[n]
          ELSE narrow[n] || (SELECT string_agg('''' || replace(replace(w, '\\', '\\\\'), '''', '''''') || '''', ' | ')
                FROM unnest(often) w)::tsquery END;
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

# As in 0040, for what one query finds, and any of up to three pairs of which a page has both. The index goes through
# all words of a query for every page that has one of them, but takes two queries one step after the other. What is
# asked once is asked once, and conditions only where there are any, as in search_few().
LISTED = asked_or_not(
    "RETURN QUERY SELECT p.document_id, p.document_seq, p.number, p.text FROM page p WHERE {}"
    " ORDER BY p.document_seq + 0 DESC, p.number LIMIT most - got",
    "(p.words @@ queries[1] OR p.words @@ queries[2] AND p.words @@ queries[3]"
    " OR p.words @@ queries[4] AND p.words @@ queries[5] OR p.words @@ queries[6] AND p.words @@ queries[7])",
    "scope.keys || whose",
    "p.document_seq + 0 BETWEEN scope.low AND scope.high AND (p.document_seq < before_seq OR p.number > after_number)",
    everywhere="part = 5",
)
PAGES_LISTED = f"""
DROP FUNCTION search_pages(tsquery, bigint, int, int, jsonb);
CREATE FUNCTION search_pages(queries tsquery[], before_seq bigint, after_number int, most int,
  asked jsonb DEFAULT NULL) RETURNS TABLE (document_id uuid, document_seq bigint, number int, text text)
LANGUAGE plpgsql STABLE SECURITY DEFINER
SET search_path = pg_catalog, public SET plan_cache_mode = force_generic_plan
AS $$
#variable_conflict use_column
DECLARE{WHOSE}
  scope record;
  got int := 0;
  added int;
  whose text := search_keys(asked);
  part int := 1;
  start bigint := before_seq;
BEGIN
  WHILE start IS NOT NULL LOOP
    scope := search_scope(part, start, true);
      {LISTED}
    GET DIAGNOSTICS added = ROW_COUNT;
    got := got + added;
    EXIT WHEN got >= most;
    start := scope.next;
    part := search_next(part, got, most, scope.high - scope.low);
  END LOOP;
END $$;
"""

# As in 0047, but that what is looked for is told in rows as search_pages() takes them, and that pages with fewer of the
# asked words than `fewest` only tell on how many of them each word stands: their letters are not read.
RATED = """
DROP FUNCTION search_rated(bigint[], int[], tsquery[], int[], tsquery, int, bigint, jsonb, tsquery[], text[], boolean);
CREATE FUNCTION search_rated(seqs bigint[], numbers int[], queries tsquery[], mosts int[], exact tsquery, most int,
  before_seq bigint, asked jsonb, units tsquery[], lexemes text[], whole boolean, fewest int) RETURNS json
LANGUAGE plpgsql STABLE SET search_path = pg_catalog, public SET plan_cache_mode = force_generic_plan
AS $$ BEGIN RETURN (
  WITH wide AS MATERIALIZED (
    SELECT s.document_seq, s.number FROM unnest(mosts) WITH ORDINALITY AS u (newest, n),
      search_pages(ARRAY(SELECT unnest(queries[n:n])), before_seq, 2147483647, u.newest, asked) s),
  found AS MATERIALIZED (
    SELECT w.document_seq, w.number FROM wide w
    UNION
    SELECT s.document_seq, s.number FROM search_pages(ARRAY[exact], before_seq, 2147483647, most, asked) s
    WHERE (SELECT count(*) FROM wide) >= most
    UNION
    SELECT f.seq, f.number FROM unnest(seqs, numbers) AS f (seq, number)),
  page_read AS MATERIALIZED (
    SELECT p.document_id, f.document_seq, f.number, w.words FROM found f,
      LATERAL (SELECT p.document_id, p.words FROM page p
        WHERE p.document_seq = f.document_seq AND p.number = f.number OFFSET 0) p,
      LATERAL (SELECT CASE WHEN whole THEN p.words
        ELSE ts_filter(setweight(p.words, 'A', lexemes), '{a}') END AS words OFFSET 0) w)
  SELECT json_build_array(
    (SELECT json_agg(json_build_array(r.document_id, r.document_seq, r.number,
      (SELECT json_agg(r.words @@ u.unit ORDER BY n) FROM unnest(units) WITH ORDINALITY AS u (unit, n)),
      (SELECT json_object_agg(t.lexeme, coalesce(t.positions[1], 0)) FROM unnest(r.words) t
       WHERE NOT whole OR t.lexeme = ANY (lexemes)),
      concat_ws(' ', l.nama ->> 'value', l.kepala_keluarga ->> 'value', l.nomor_surat ->> 'value',
        l.nomor_lp ->> 'value', l.perihal ->> 'value', l.kelurahan ->> 'value', l.kecamatan ->> 'value',
        l.kota ->> 'value')))
    FROM (SELECT * FROM page_read r WHERE length(r.words) >= fewest OFFSET 0) r,
      LATERAL (SELECT d.fields FROM document d WHERE d.id = r.document_id OFFSET 0) d,
      jsonb_to_record(d.fields) AS l (nama jsonb, kepala_keluarga jsonb, nomor_surat jsonb, nomor_lp jsonb,
        perihal jsonb, kelurahan jsonb, kecamatan jsonb, kota jsonb)),
    (SELECT json_object_agg(s.lexeme, s.pages) FROM (
      SELECT t.lexeme, count(*) AS pages FROM page_read r, unnest(r.words) t WHERE length(r.words) < fewest
      GROUP BY t.lexeme) s))
); END $$;
"""

RIGHTS = """
GRANT CREATE ON SCHEMA public TO arsip_functions;
ALTER FUNCTION search_pages(tsquery[], bigint, int, int, jsonb) OWNER TO arsip_functions;
ALTER FUNCTION search_few(tsquery[], tsquery[], bigint, int, jsonb, int[], text[]) OWNER TO arsip_functions;
REVOKE CREATE ON SCHEMA public FROM arsip_functions;
REVOKE ALL ON FUNCTION search_few(tsquery[], tsquery[], bigint, int, jsonb, int[], text[]),
  search_pages(tsquery[], bigint, int, int, jsonb) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION search_few(tsquery[], tsquery[], bigint, int, jsonb, int[], text[]),
  search_pages(tsquery[], bigint, int, int, jsonb) TO arsip_api;
"""


def upgrade() -> None:
    for block in (FEW, PAGES_LISTED, RATED, RIGHTS):
        op.get_bind().exec_driver_sql(block)
