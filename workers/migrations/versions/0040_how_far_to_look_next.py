"""How far a search looks next follows from what it found so far: what is rare is found by two looks, not five."""

from alembic import op

revision = "0040"
down_revision = "0039"
branch_labels = None
depends_on = None

# As in 0001
SEES = """({0}.clearance <= (SELECT app_clearance()) AND ((SELECT app_role()) = 'arsiparis'
  OR ((SELECT app_role()) IN ('petugas', 'pejabat', 'admin') AND {0}.unit = (SELECT app_unit()))))"""

# One part of the archive (docs/adr/0039): the keys of its blocks, from which number to which, and where the next one
# begins, or null. The parts are two blocks of the smallest, two and six of the middle, two of the largest, all others.
SCOPE = """
DROP FUNCTION search_scopes(bigint, boolean);
CREATE FUNCTION search_scope(part int, start bigint, older boolean, OUT keys text, OUT low bigint, OUT high bigint,
  OUT next bigint) LANGUAGE plpgsql STABLE SET search_path = pg_catalog, public
AS $$
DECLARE
  newest bigint := coalesce((SELECT max(p.document_seq) FROM page p), 0);
  bits int := (ARRAY[10, 13, 13, 17, 17])[part];
  blocks int := (ARRAY[1, 1, 5, 1, NULL])[part];
  first bigint := least(greatest(start, 0), newest) >> bits;
  last bigint;
BEGIN
  IF older THEN
    last := greatest(coalesce(first - blocks, 0), 0);
    low := last << bits; high := least(start, newest); next := nullif(low, 0) - 1;
  ELSE
    last := least(coalesce(first + blocks, newest >> bits), newest >> bits);
    low := start; high := ((last + 1) << bits) - 1; next := CASE WHEN high < newest THEN high + 1 END;
  END IF;
  keys := search_blocks((ARRAY['a', 'b', 'b', 'c', 'c'])[part], least(first, last), greatest(first, last));
END $$;
"""

# The part that is looked through next: with room for what is still wanted, by how much so many letters had
NEXT = """
CREATE FUNCTION search_next(part int, got bigint, wanted bigint, letters numeric) RETURNS int
LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN CASE WHEN got = 0 THEN 5
  WHEN part < 2 AND letters * (wanted - got) / got < 12000 THEN 2
  WHEN part < 3 AND letters * (wanted - got) / got < 40000 THEN 3
  WHEN part < 4 AND letters * (wanted - got) / got < 160000 THEN 4
  ELSE 5 END;
"""

# As in 0038
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

# A number plus nothing: by it alone PostgreSQL would walk from letter to letter, and read the words of each
SEQ = "(p.document_seq + 0)"
HERE = f"""page_keys(p.document_seq, p.unit, p.kind, p.day) @@ (scope.keys || whose)::tsquery
      AND {SEES.format("p")} AND {SEQ} BETWEEN scope.low AND scope.high AND {SUITS}"""
FOUND = "RETURNS TABLE (document_id uuid, document_seq bigint, number int, text text)"
AS_IS = """LANGUAGE plpgsql STABLE SECURITY DEFINER
SET search_path = pg_catalog, public SET plan_cache_mode = force_generic_plan"""
BEGIN = """AS $$
#variable_conflict use_column
DECLARE
  scope record;
  got int := 0;
  added int;
  whose text := search_keys(asked);
  part int := {part};
  start bigint := {start};
BEGIN
  WHILE start IS NOT NULL LOOP
    scope := search_scope(part, start, {older});"""
LISTED = "RETURN QUERY SELECT p.document_id, p.document_seq, p.number, p.text FROM page p WHERE"
END = """got := got + added;
    EXIT WHEN got >= {most};
    start := scope.next;
    part := search_next(part, got, {most}, abs(scope.low - scope.high));
  END LOOP;"""
LISTED_END = f"GET DIAGNOSTICS added = ROW_COUNT;\n    {END.format(most='most')}\nEND $$"
SEARCH = f"""
CREATE OR REPLACE FUNCTION search_pages(query tsquery, before_seq bigint, after_number int, most int,
  asked jsonb DEFAULT NULL) {FOUND} {AS_IS} {BEGIN.format(part=1, start="before_seq", older="true")}
    {LISTED} p.words @@ query AND {HERE} AND (p.document_seq < before_seq OR p.number > after_number)
    ORDER BY {SEQ} DESC, p.number LIMIT most - got;
    {LISTED_END};
CREATE OR REPLACE FUNCTION search_oldest(query tsquery, after_seq bigint, after_number int, most int,
  asked jsonb DEFAULT NULL) {FOUND} {AS_IS} {BEGIN.format(part=1, start="after_seq", older="false")}
    {LISTED} p.words @@ query AND {HERE} AND (p.document_seq > after_seq OR p.number > after_number)
    ORDER BY {SEQ}, p.number LIMIT most - got;
    {LISTED_END};
CREATE OR REPLACE FUNCTION search_letters(before_seq bigint, most int, asked jsonb) {FOUND} {AS_IS}
{BEGIN.format(part=1, start="before_seq - 1", older="true")}
    {LISTED} p.number = 1 AND p.text IS NOT NULL AND {HERE}
    ORDER BY {SEQ} DESC LIMIT most - got;
    {LISTED_END};
DROP FUNCTION search_count(tsquery, jsonb);
CREATE FUNCTION search_count(query tsquery, asked jsonb DEFAULT NULL, most int DEFAULT 10001) RETURNS bigint {AS_IS}
{BEGIN.format(part=2, start="9223372036854775807", older="true")}
    SELECT count(*) INTO added FROM (SELECT FROM page p WHERE p.words @@ query AND {HERE} LIMIT most - got) s;
    {END.format(most="most")}
  RETURN got;
END $$;
"""

RIGHTS = """
GRANT CREATE ON SCHEMA public TO arsip_functions;
ALTER FUNCTION search_scope(int, bigint, boolean) OWNER TO arsip_functions;
ALTER FUNCTION search_count(tsquery, jsonb, int) OWNER TO arsip_functions;
REVOKE CREATE ON SCHEMA public FROM arsip_functions;
REVOKE ALL ON FUNCTION search_scope(int, bigint, boolean), search_count(tsquery, jsonb, int) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION search_count(tsquery, jsonb, int) TO arsip_api;
"""


def upgrade() -> None:
    for block in (SCOPE, NEXT, SEARCH, RIGHTS):
        op.get_bind().exec_driver_sql(block)
