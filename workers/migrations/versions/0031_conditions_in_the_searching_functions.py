"""Conditions on letters become part of the searching functions: a call for each letter took most of the time."""

from alembic import op

revision = "0031"
down_revision = "0030"
branch_labels = None
depends_on = None

# As in 0001
SEES = """({0}.clearance <= (SELECT app_clearance()) AND ((SELECT app_role()) = 'arsiparis'
  OR ((SELECT app_role()) IN ('petugas', 'pejabat', 'admin') AND {0}.unit = (SELECT app_unit()))))"""

# As search_suits() in 0029
SUITS = f"""EXISTS (SELECT FROM document d,
    LATERAL (SELECT coalesce(substring(d.fields #>> '{{tanggal,value}}' from '^\\d{{4}}-\\d\\d-\\d\\d$'),
                             to_char(d.received_at, 'YYYY-MM-DD')) AS day) l
  WHERE d.id = p.document_id
    AND (NOT asked ? 'kind' OR position(asked ->> 'kind' IN d.kind) > 0)
    AND (NOT asked ? 'dari' OR l.day >= asked ->> 'dari')
    AND (NOT asked ? 'sampai' OR (l.day <= asked ->> 'sampai' AND asked ->> 'sampai' <> 'nothing'))
    AND (NOT asked ? 'ids' OR asked -> 'ids' ? d.id::text)
    AND (NOT asked ? 'kinds' OR asked -> 'kinds' ? d.kind)
    AND (NOT asked ? 'years' OR asked -> 'years' ? left(l.day, 4))
    AND (NOT asked ? 'units' OR asked -> 'units' ? d.unit)
    AND (NOT asked ?| ARRAY['cases', 'steps'] OR EXISTS (SELECT FROM case_letter x JOIN case_file c ON c.id = x.case_id
      WHERE x.document_id = d.id AND x.removed_at IS NULL AND {SEES.format("c")}
        AND (NOT asked ? 'cases' OR asked -> 'cases' ? c.id::text)
        AND (NOT asked ? 'steps' OR asked -> 'steps' ? (c.sop || '/' || x.step))))
    AND (NOT asked ? 'retention' OR EXISTS (SELECT FROM berkas_letter x JOIN berkas b ON b.id = x.berkas_id
      WHERE x.document_id = d.id AND {SEES.format("b")} AND asked -> 'retention' ? b.phase))
    AND (NOT asked ? 'fields' OR NOT EXISTS (SELECT FROM jsonb_array_elements(asked -> 'fields') f
      WHERE (f -> 'without')::boolean
      = coalesce(search_words((SELECT string_agg(d.fields #>> ARRAY[name, 'value'], ' ')
                               FROM jsonb_array_elements_text(f -> 'of') name), '{{}}')
                 @@ to_tsquery('indonesian', f ->> 'words'), false))))"""

FOUND = "RETURNS TABLE (document_id uuid, document_seq bigint, number int, text text)"
AS_IS = "LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public"
COLUMNS = "SELECT p.document_id, p.document_seq, p.number, p.text FROM page p"
HAS = f"p.words @@ query AND {SEES.format('p')} AND (asked IS NULL OR {SUITS})"
SEARCH = f"""
DROP FUNCTION search_pages(tsquery, bigint, int, int, jsonb), search_count(tsquery, jsonb),
  search_letters(bigint, int, jsonb), search_oldest(tsquery, bigint, int, int, jsonb), search_suits(uuid, jsonb);
CREATE FUNCTION search_pages(query tsquery, before_seq bigint, after_number int, most int, asked jsonb DEFAULT NULL)
{FOUND} {AS_IS}
AS $$ {COLUMNS} WHERE {HAS}
        AND p.document_seq <= before_seq AND (p.document_seq < before_seq OR p.number > after_number)
      ORDER BY p.document_seq DESC, p.number LIMIT most $$;
CREATE FUNCTION search_oldest(query tsquery, after_seq bigint, after_number int, most int, asked jsonb DEFAULT NULL)
{FOUND} {AS_IS}
AS $$ {COLUMNS} WHERE {HAS}
        AND p.document_seq >= after_seq AND (p.document_seq > after_seq OR p.number > after_number)
      ORDER BY p.document_seq, p.number LIMIT most $$;
CREATE FUNCTION search_count(query tsquery, asked jsonb DEFAULT NULL) RETURNS bigint {AS_IS}
AS $$ SELECT count(*) FROM (SELECT FROM page p WHERE {HAS} LIMIT 10001) s $$;
CREATE FUNCTION search_letters(before_seq bigint, most int, asked jsonb) {FOUND} {AS_IS}
AS $$ {COLUMNS} WHERE p.number = 1 AND p.text IS NOT NULL AND {SEES.format("p")} AND {SUITS}
        AND p.document_seq < before_seq
      ORDER BY p.document_seq DESC LIMIT most $$;
"""

OWNED = (
    "search_pages(tsquery, bigint, int, int, jsonb)", "search_oldest(tsquery, bigint, int, int, jsonb)",
    "search_count(tsquery, jsonb)", "search_letters(bigint, int, jsonb)",
)  # fmt: skip
CALLED = ", ".join(OWNED)
RIGHTS = "".join(
    [
        "GRANT CREATE ON SCHEMA public TO arsip_functions;",
        *(f"ALTER FUNCTION {name} OWNER TO arsip_functions;" for name in OWNED),
        "REVOKE CREATE ON SCHEMA public FROM arsip_functions;",
        f"REVOKE ALL ON FUNCTION {CALLED} FROM PUBLIC;",
        f"GRANT EXECUTE ON FUNCTION {CALLED} TO arsip_api;",
    ]
)


def upgrade() -> None:
    for block in (SEARCH, RIGHTS):
        op.get_bind().exec_driver_sql(block)
