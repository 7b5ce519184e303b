"""Each page knows its letter's kind and day, the index of words also its block, unit, kind and month; so what is broad
is found in the newest blocks, and what is narrowed without a look at each letter (docs/adr/0039)."""

import sqlalchemy as sa
from alembic import op

revision = "0038"
down_revision = "0037"
branch_labels = None
depends_on = None

# As in 0001
SEES = """({0}.clearance <= (SELECT app_clearance()) AND ((SELECT app_role()) = 'arsiparis'
  OR ((SELECT app_role()) IN ('petugas', 'pejabat', 'admin') AND {0}.unit = (SELECT app_unit()))))"""

# The day a letter has, or came, as 2025-06-30; and what a page is found by beside its words. Blocks are of 1,024,
# 8,192 and 131,072 letters that came one after the other.
TOLD = """
CREATE FUNCTION letter_dated(fields jsonb, received_at timestamptz) RETURNS text LANGUAGE sql STABLE PARALLEL SAFE
RETURN coalesce(substring(fields #>> '{tanggal,value}' from '^\\d{4}-\\d\\d-\\d\\d$'),
  to_char(received_at, 'YYYY-MM-DD'));
CREATE FUNCTION page_keys(seq bigint, unit text, kind text, day text) RETURNS tsvector
LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN array_to_tsvector(array_remove(ARRAY['a' || (seq >> 10)::text, 'b' || (seq >> 13)::text,
  'c' || (seq >> 17)::text, '@' || unit, '=' || kind, '=' || left(day, 7)], NULL));
"""

# Whoever changes the letter changes its pages by this, in the same statement
KEPT = """
CREATE FUNCTION page_told() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public
AS $$ BEGIN
  SELECT d.kind, letter_dated(d.fields, d.received_at) INTO NEW.kind, NEW.day
  FROM document d WHERE d.id = NEW.document_id;
  RETURN NEW;
END $$;
CREATE FUNCTION letter_told() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public
AS $$
DECLARE dated text := letter_dated(NEW.fields, NEW.received_at);
BEGIN
  UPDATE page p SET kind = NEW.kind, day = dated
  WHERE p.document_id = NEW.id AND (p.kind IS DISTINCT FROM NEW.kind OR p.day IS DISTINCT FROM dated);
  RETURN NULL;
END $$;
CREATE TRIGGER told BEFORE INSERT OR UPDATE OF document_id ON page FOR EACH ROW EXECUTE FUNCTION page_told();
CREATE TRIGGER told AFTER UPDATE OF kind, fields, received_at ON document FOR EACH ROW
  WHEN ((OLD.kind, OLD.fields, OLD.received_at) IS DISTINCT FROM (NEW.kind, NEW.fields, NEW.received_at))
  EXECUTE FUNCTION letter_told();
"""

# The parts of the archive that are looked through one after the other until enough is found: the keys of their blocks,
# and from which number to which. Two blocks of the smallest, two and then six of the middle, two of the largest, the
# rest.
SCOPES = """
CREATE FUNCTION search_blocks(mark text, first bigint, last bigint) RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN (SELECT '(' || string_agg(mark || n, '|') || ')' FROM generate_series(greatest(first, 0), last) n);
CREATE FUNCTION search_scopes(start bigint, older boolean) RETURNS TABLE (keys text, low bigint, high bigint)
LANGUAGE plpgsql STABLE SET search_path = pg_catalog, public
AS $$
DECLARE
  newest bigint := coalesce((SELECT max(p.document_seq) FROM page p), 0);
  at bigint := least(greatest(start, 0), newest);
  near int[] := ARRAY[0, 0, 2, 0, 2];
  far int[] := ARRAY[1, 1, 7, 1, NULL];
  bits int[] := ARRAY[10, 13, 13, 17, 17];
  marks text[] := ARRAY['a', 'b', 'b', 'c', 'c'];
  block bigint;
  edge bigint;
BEGIN
  low := start;
  high := start;
  FOR n IN 1..5 LOOP
    block := at >> bits[n];
    IF older THEN
      edge := coalesce(block - far[n], 0);
      keys := search_blocks(marks[n], edge, block - near[n]);
      low := edge << bits[n];
      IF keys IS NOT NULL THEN RETURN NEXT; END IF;
      EXIT WHEN low <= 0;
      high := low - 1;
    ELSE
      edge := coalesce(block + far[n], newest >> bits[n]);
      keys := search_blocks(marks[n], block + near[n], edge);
      high := ((edge + 1) << bits[n]) - 1;
      IF keys IS NOT NULL THEN RETURN NEXT; END IF;
      EXIT WHEN high >= newest;
      low := high + 1;
    END IF;
  END LOOP;
END $$;
"""

# What the index itself is asked besides: the unit of who asks, and of the conditions kinds and months
KEYS = """
CREATE FUNCTION search_any(mark text, keys text[]) RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN (SELECT '&(' || string_agg('''' || mark || replace(replace(k, '\\', '\\\\'), '''', '''''') || '''', '|') || ')'
  FROM unnest(keys) k);
CREATE FUNCTION search_months(asked jsonb) RETURNS text[] LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN (SELECT array_agg(lpad((n / 12)::text, 4, '0') || '-' || lpad((mod(n, 12) + 1)::text, 2, '0'))
  FROM (SELECT 12 * left(asked ->> 'dari', 4)::int + greatest(substr(asked ->> 'dari', 6, 2)::int, 1) - 1 AS first,
      12 * left(asked ->> 'sampai', 4)::int + least(greatest(substr(asked ->> 'sampai', 6, 2)::int, 1), 12) - 1 AS last
    WHERE asked ->> 'dari' ~ '^\\d{4}-\\d\\d-' AND asked ->> 'sampai' ~ '^\\d{4}-\\d\\d-') e,
    generate_series(e.first, e.last) n WHERE e.last - e.first < 60);
CREATE FUNCTION search_keys(asked jsonb) RETURNS text
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public
AS $$ SELECT concat(
  CASE WHEN (SELECT app_role()) = 'arsiparis' THEN '' ELSE search_any('@', ARRAY[coalesce(app_unit(), '')]) END,
  CASE WHEN asked ? 'kinds' THEN search_any('=', ARRAY(SELECT jsonb_array_elements_text(asked -> 'kinds'))) END,
  CASE WHEN asked ? 'kinds_like'
    THEN search_any('=', ARRAY(SELECT jsonb_array_elements_text(asked -> 'kinds_like'))) END,
  CASE WHEN asked ? 'years' THEN search_any('=', ARRAY(SELECT y || '-' || lpad(m::text, 2, '0')
    FROM jsonb_array_elements_text(asked -> 'years') y, generate_series(1, 12) m)) END,
  CASE WHEN asked ? 'dari' THEN search_any('=', search_months(asked)) END) $$;
"""

# As in 0031; kind and day are the page's own by now
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
# One plan for all questions, since one index serves them all: planning would cost more than most of the answers
AS_IS = """LANGUAGE plpgsql STABLE SECURITY DEFINER
SET search_path = pg_catalog, public SET plan_cache_mode = force_generic_plan"""
BEGIN = """AS $$
#variable_conflict use_column
DECLARE
  scope record;
  got int := 0;
  added int;
  whose text := search_keys(asked);
BEGIN
  FOR scope IN SELECT * FROM"""
LISTED = "RETURN QUERY SELECT p.document_id, p.document_seq, p.number, p.text FROM page p WHERE"
ENOUGH = """GET DIAGNOSTICS added = ROW_COUNT;
    got := got + added;
    EXIT WHEN got >= most;
  END LOOP;
END $$"""
SEARCH = f"""
CREATE OR REPLACE FUNCTION search_pages(query tsquery, before_seq bigint, after_number int, most int,
  asked jsonb DEFAULT NULL) {FOUND} {AS_IS} {BEGIN} search_scopes(before_seq, true) LOOP
    {LISTED} p.words @@ query AND {HERE} AND (p.document_seq < before_seq OR p.number > after_number)
    ORDER BY {SEQ} DESC, p.number LIMIT most - got;
    {ENOUGH};
CREATE OR REPLACE FUNCTION search_oldest(query tsquery, after_seq bigint, after_number int, most int,
  asked jsonb DEFAULT NULL) {FOUND} {AS_IS} {BEGIN} search_scopes(after_seq, false) LOOP
    {LISTED} p.words @@ query AND {HERE} AND (p.document_seq > after_seq OR p.number > after_number)
    ORDER BY {SEQ}, p.number LIMIT most - got;
    {ENOUGH};
CREATE OR REPLACE FUNCTION search_letters(before_seq bigint, most int, asked jsonb) {FOUND} {AS_IS}
{BEGIN} search_scopes(before_seq - 1, true) LOOP
    {LISTED} p.number = 1 AND p.text IS NOT NULL AND {HERE}
    ORDER BY {SEQ} DESC LIMIT most - got;
    {ENOUGH};
CREATE OR REPLACE FUNCTION search_count(query tsquery, asked jsonb DEFAULT NULL) RETURNS bigint {AS_IS}
{BEGIN} search_scopes(9223372036854775807, true) LOOP
    SELECT count(*) INTO added FROM (SELECT FROM page p WHERE p.words @@ query AND {HERE} LIMIT 10001 - got) s;
    got := got + added;
    EXIT WHEN got > 10000;
  END LOOP;
  RETURN got;
END $$;
"""

OURS = ("page_told()", "letter_told()", "search_scopes(bigint, boolean)", "search_keys(jsonb)")
RIGHTS = "".join(
    [
        "GRANT UPDATE (kind, day) ON page TO arsip_functions;",
        "CREATE POLICY tells ON page FOR UPDATE TO arsip_functions USING (true);",
        "GRANT CREATE ON SCHEMA public TO arsip_functions;",
        *(f"ALTER FUNCTION {name} OWNER TO arsip_functions;" for name in OURS),
        "REVOKE CREATE ON SCHEMA public FROM arsip_functions;",
        f"REVOKE ALL ON FUNCTION {', '.join(OURS)} FROM PUBLIC;",
    ]
)


def upgrade() -> None:
    op.add_column("page", sa.Column("kind", sa.Text(), nullable=True))
    op.add_column("page", sa.Column("day", sa.Text(), nullable=True))
    op.drop_index("page_words", "page")
    for block in (TOLD, KEPT, SCOPES, KEYS, SEARCH, RIGHTS):
        op.get_bind().exec_driver_sql(block)
    op.execute(
        "UPDATE page p SET kind = d.kind, day = letter_dated(d.fields, d.received_at) FROM document d"
        " WHERE d.id = p.document_id"
    )
    op.create_index(
        "page_words",
        "page",
        ["words", sa.text("page_keys(document_seq, unit, kind, day)")],
        postgresql_using="gin",
        postgresql_with={"fastupdate": "off"},
    )
