"""What few pages have is told apart in small archives too, and pages are read for their rank by one plan."""

from alembic import op

revision = "0047"
down_revision = "0046"
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

# Up to sixteen of the smallest blocks, as far from each other as the archive allows, and how often they go into it:
# four times or more, or there is no sample.
SAMPLE = """
CREATE OR REPLACE FUNCTION search_sample(before bigint, OUT keys text, OUT times numeric) LANGUAGE plpgsql STABLE
SET search_path = pg_catalog, public
AS $$
DECLARE
  blocks bigint := 1 + (least(before, coalesce((SELECT max(p.document_seq) FROM page p), 0)) >> 10);
  looked_at int := least(blocks / 4, 16);
BEGIN
  IF looked_at > 0 THEN
    times := blocks::numeric / looked_at;
    keys := (SELECT '(' || string_agg('a' || (n * blocks / looked_at), '|') || ')'
      FROM generate_series(0, looked_at - 1) n);
  END IF;
END $$;
"""
# The condition of SEES, asked once for all looks of a call
WHOSE = """
  cleared int := (SELECT app_clearance());
  every_unit boolean := (SELECT app_role()) = 'arsiparis';
  own text := CASE WHEN (SELECT app_role()) IN ('petugas', 'pejabat', 'admin') THEN (SELECT app_unit()) END;"""
PAGES = """p.words @@ {0} AND page_keys(p.document_seq, p.unit, p.kind, p.day) @@ ({1})::tsquery
        AND p.clearance <= cleared AND (every_unit OR p.unit = own)"""


def asked_or_not(looked: str, words: str, keys: str, between: str) -> str:
    """A look with the conditions or, where there are none, without their tables, which took most of a small look."""
    pages = f"{PAGES.format(words, keys)} AND {between}"
    return f"""IF asked IS NULL THEN
        {looked.format(pages)};
      ELSE
        {looked.format(f"{pages} AND {SUITS}")};
      END IF;"""


# A number plus nothing: by it alone PostgreSQL would walk from letter to letter, and read the words of each
BEFORE = "p.document_seq + 0 < before_seq"
HERE = "p.document_seq + 0 BETWEEN scope.low AND scope.high"
IN_NEWEST = asked_or_not(
    "SELECT count(*) INTO got FROM (SELECT FROM page p WHERE {} LIMIT most) s", "narrow[n]", "near", BEFORE
)
IN_SAMPLE = asked_or_not(
    "SELECT count(*) * sample.times / 2 INTO got FROM (SELECT FROM page p WHERE {}"
    " LIMIT ceil(2 * most / sample.times)) s",
    "queries[n]",
    "sampled",
    BEFORE,
)
ALL_OF_IT = asked_or_not(
    "SELECT coalesce(array_agg(s.document_seq), '{{}}'), coalesce(array_agg(s.number), '{{}}'), count(*)"
    " INTO seqs, numbers, got FROM (SELECT p.document_seq, p.number FROM page p WHERE {} LIMIT most) s",
    "queries[n]",
    "everywhere",
    BEFORE,
)
# What stands often in the newest blocks or two others, even alone, is on many pages; else a sample tells what is; else
# all are found.
# Of each query its pages, as numbers of letters and of pages in them, or null where they are many.
FEW = f"""
DROP FUNCTION search_few(tsquery[], tsquery[], bigint, int, jsonb);
CREATE FUNCTION search_few(queries tsquery[], narrow tsquery[], before_seq bigint, most int, asked jsonb DEFAULT NULL)
RETURNS TABLE (query int, seqs bigint[], numbers int[]) LANGUAGE plpgsql STABLE SECURITY DEFINER
SET search_path = pg_catalog, public SET plan_cache_mode = force_generic_plan
AS $$
#variable_conflict use_column
DECLARE{WHOSE}
  whose text := search_keys(asked);
  newest bigint := least(before_seq, coalesce((SELECT max(p.document_seq) FROM page p), 0));
  near text := concat('(a', (newest >> 10) - 1, '|a', newest >> 10, '|a', (newest >> 10) / 3, '|a',
    (newest >> 10) * 2 / 3, ')', whose);
  sample record := search_sample(before_seq);
  sampled text := sample.keys || whose;
  everywhere text := coalesce(nullif(substr(whose, 2), ''), search_blocks('c', 0, newest >> 17));
  got int;
BEGIN
  FOR n IN 1..coalesce(cardinality(queries), 0) LOOP
    got := 0;
    query := n;
    seqs := NULL;
    numbers := NULL;
    IF sampled IS NOT NULL THEN
      {IN_NEWEST}
    END IF;
    IF sampled IS NOT NULL AND got < most THEN
      {IN_SAMPLE}
    END IF;
    IF got < most THEN
      {ALL_OF_IT}
      IF got >= most THEN
        seqs := NULL;
        numbers := NULL;
      END IF;
    END IF;
    RETURN NEXT;
  END LOOP;
END $$;
"""
COUNTED = asked_or_not(
    "SELECT count(*) INTO added FROM (SELECT FROM page p WHERE {} LIMIT most - got) s",
    "query",
    "scope.keys || whose",
    HERE,
)
TOLD = f"""SELECT count(*), array_agg(s.document_seq), array_agg(s.number) INTO added, more_seqs, more_numbers
        FROM (SELECT p.document_seq, p.number FROM page p WHERE {PAGES.format("query", "scope.keys || whose")}
          AND {HERE} AND {SUITS} LIMIT most - got) s;
      seqs := seqs || more_seqs;
      numbers := numbers || more_numbers;"""
# How many pages have it, and up to `keep` of them which they are, where there are conditions: what those leave is
# mostly little, and was looked for a second time. As search_count() in 0040, but what is still wanted is looked for in
# as many blocks of the middle as it takes by what was found: the next part, of six, has three times as much as a word
# of every letter needs.
TOTAL = f"""
CREATE FUNCTION search_total(query tsquery, asked jsonb, most int, keep int, OUT total bigint, OUT seqs bigint[],
  OUT numbers int[]) LANGUAGE plpgsql STABLE SECURITY DEFINER
SET search_path = pg_catalog, public SET plan_cache_mode = force_generic_plan
AS $$
#variable_conflict use_column
DECLARE{WHOSE}
  scope record := search_scope(2, 9223372036854775807, true);
  got int := 0;
  added int;
  more_seqs bigint[];
  more_numbers int[];
  whose text := search_keys(asked);
  part int := 2;
  start bigint;
  blocks bigint;
BEGIN
  LOOP
    IF asked IS NOT NULL AND got <= keep THEN
      {TOLD}
    ELSE
      {COUNTED}
    END IF;
    got := got + added;
    EXIT WHEN got >= most OR scope.next IS NULL;
    blocks := 1 + ((scope.high - scope.low) * (most - got) / nullif(added, 0) >> 13);
    IF blocks <= 5 THEN
      start := scope.next >> 13;
      scope.high := scope.next;
      scope.low := greatest(start - blocks + 1, 0) << 13;
      scope.keys := search_blocks('b', scope.low >> 13, start);
      scope.next := nullif(scope.low, 0) - 1;
    ELSE
      part := search_next(part, got, most, scope.high - scope.low);
      scope := search_scope(part, scope.next, true);
    END IF;
  END LOOP;
  total := got;
  IF asked IS NULL OR got > keep THEN
    seqs := NULL;
    numbers := NULL;
  ELSE
    seqs := coalesce(seqs, '{{}}');
    numbers := coalesce(numbers, '{{}}');
  END IF;
END $$;
CREATE OR REPLACE FUNCTION search_count(query tsquery, asked jsonb DEFAULT NULL, most int DEFAULT 10001) RETURNS bigint
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, public
AS $$ BEGIN RETURN (SELECT t.total FROM search_total(query, asked, most, -1) t); END $$;
"""

# The pages that are ranked: those told, and those that the queries find. What has the very words (exact) is among what
# has near ones, but where those are so many that not all are ranked. Of each page: its letter, the letter's number, its
# own; which of the units' conditions hold; the asked words (lexemes) on it with their first places; what the letter's
# fields say. Of its words only the asked ones are taken out, unless one is a beginning or a number's hash, which stands
# nowhere (whole). As whoever asks, under the policies of both tables; one plan serves all, as of the functions above,
# and finds each page by its index: planning took a third of the time, and few pages were taken for thousands.
RATED = """
CREATE FUNCTION search_rated(seqs bigint[], numbers int[], queries tsquery[], mosts int[], exact tsquery, most int,
  before_seq bigint, asked jsonb, units tsquery[], lexemes text[], whole boolean) RETURNS json
LANGUAGE plpgsql STABLE SET search_path = pg_catalog, public SET plan_cache_mode = force_generic_plan
AS $$ BEGIN RETURN (
  WITH wide AS MATERIALIZED (
    SELECT s.document_seq, s.number FROM unnest(queries, mosts) AS u (query, newest),
      search_pages(u.query, before_seq, 2147483647, u.newest, asked) s),
  found AS MATERIALIZED (
    SELECT w.document_seq, w.number FROM wide w
    UNION
    SELECT s.document_seq, s.number FROM search_pages(exact, before_seq, 2147483647, most, asked) s
    WHERE (SELECT count(*) FROM wide) >= most
    UNION
    SELECT f.seq, f.number FROM unnest(seqs, numbers) AS f (seq, number))
  SELECT json_agg(json_build_array(p.document_id, f.document_seq, f.number,
    (SELECT json_agg(w.words @@ u.unit ORDER BY n) FROM unnest(units) WITH ORDINALITY AS u (unit, n)),
    (SELECT json_object_agg(t.lexeme, coalesce(t.positions[1], 0)) FROM unnest(w.words) t
     WHERE NOT whole OR t.lexeme = ANY (lexemes)),
    concat_ws(' ', l.nama ->> 'value', l.kepala_keluarga ->> 'value', l.nomor_surat ->> 'value',
      l.nomor_lp ->> 'value', l.perihal ->> 'value', l.kelurahan ->> 'value', l.kecamatan ->> 'value',
      l.kota ->> 'value')))
  FROM found f,
    LATERAL (SELECT p.document_id, p.words FROM page p
      WHERE p.document_seq = f.document_seq AND p.number = f.number OFFSET 0) p,
    LATERAL (SELECT d.fields FROM document d WHERE d.id = p.document_id OFFSET 0) d,
    LATERAL (SELECT CASE WHEN whole THEN p.words
      ELSE ts_filter(setweight(p.words, 'A', lexemes), '{a}') END AS words OFFSET 0) w,
    jsonb_to_record(d.fields) AS l (nama jsonb, kepala_keluarga jsonb, nomor_surat jsonb, nomor_lp jsonb,
      perihal jsonb, kelurahan jsonb, kecamatan jsonb, kota jsonb)
); END $$;
"""

RIGHTS = """
GRANT CREATE ON SCHEMA public TO arsip_functions;
ALTER FUNCTION search_few(tsquery[], tsquery[], bigint, int, jsonb) OWNER TO arsip_functions;
ALTER FUNCTION search_total(tsquery, jsonb, int, int) OWNER TO arsip_functions;
REVOKE CREATE ON SCHEMA public FROM arsip_functions;
REVOKE ALL ON FUNCTION search_few(tsquery[], tsquery[], bigint, int, jsonb), search_total(tsquery, jsonb, int, int)
  FROM PUBLIC;
GRANT EXECUTE ON FUNCTION search_few(tsquery[], tsquery[], bigint, int, jsonb), search_total(tsquery, jsonb, int, int)
  TO arsip_api;
"""


def upgrade() -> None:
    for block in (SAMPLE, FEW, TOTAL, RATED, RIGHTS):
        op.get_bind().exec_driver_sql(block)
