"""Search takes what somebody chose beside their words: kinds, years, units, cases, steps, retention."""

from alembic import op

revision = "0029"
down_revision = "0028"
branch_labels = None
depends_on = None

# As in 0001
SEES = """({0}.clearance <= (SELECT app_clearance()) AND ((SELECT app_role()) = 'arsiparis'
  OR ((SELECT app_role()) IN ('petugas', 'pejabat', 'admin') AND {0}.unit = (SELECT app_unit()))))"""

# As in 0027, and what was chosen: of each list one has to fit. A case or berkas that the account may not see tells
# nothing, whoever names it.
SUITS = f"""
DROP FUNCTION search_suits(uuid, jsonb);
CREATE FUNCTION search_suits(letter uuid, asked jsonb) RETURNS boolean LANGUAGE sql STABLE SECURITY DEFINER
SET search_path = pg_catalog, public
AS $$ SELECT EXISTS (SELECT FROM document d,
    LATERAL (SELECT coalesce(substring(d.fields #>> '{{tanggal,value}}' from '^\\d{{4}}-\\d\\d-\\d\\d$'),
                             to_char(d.received_at, 'YYYY-MM-DD')) AS day) l
  WHERE d.id = letter
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
    AND NOT EXISTS (SELECT FROM jsonb_array_elements(asked -> 'fields') f WHERE (f -> 'without')::boolean
      = coalesce(search_words((SELECT string_agg(d.fields #>> ARRAY[name, 'value'], ' ')
                               FROM jsonb_array_elements_text(f -> 'of') name), '{{}}')
                 @@ to_tsquery('indonesian', f ->> 'words'), false))) $$;
"""

OLDEST = f"""
CREATE FUNCTION search_oldest(query tsquery, after_seq bigint, after_number int, most int, asked jsonb DEFAULT NULL)
RETURNS TABLE (document_id uuid, document_seq bigint, number int, text text)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public
AS $$ SELECT p.document_id, p.document_seq, p.number, p.text FROM page p
      WHERE p.words @@ query AND {SEES.format("p")} AND (asked IS NULL OR search_suits(p.document_id, asked))
        AND p.document_seq >= after_seq AND (p.document_seq > after_seq OR p.number > after_number)
      ORDER BY p.document_seq, p.number LIMIT most $$;
"""

RIGHTS = """
GRANT CREATE ON SCHEMA public TO arsip_functions;
ALTER FUNCTION search_suits(uuid, jsonb) OWNER TO arsip_functions;
ALTER FUNCTION search_oldest(tsquery, bigint, int, int, jsonb) OWNER TO arsip_functions;
REVOKE CREATE ON SCHEMA public FROM arsip_functions;
REVOKE ALL ON FUNCTION search_suits(uuid, jsonb), search_oldest(tsquery, bigint, int, int, jsonb) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION search_oldest(tsquery, bigint, int, int, jsonb) TO arsip_api;
"""


def upgrade() -> None:
    for block in (SUITS, OLDEST, RIGHTS):
        op.get_bind().exec_driver_sql(block)
