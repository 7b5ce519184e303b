"""Letters asked for by conditions alone can be those without words; what is not known yet is nothing to leave out."""

import sqlalchemy as sa
from alembic import op

revision = "0051"
down_revision = "0050"
branch_labels = None
depends_on = None

# As in 0001
SEES = """({0}.clearance <= (SELECT app_clearance()) AND ((SELECT app_role()) = 'arsiparis'
  OR ((SELECT app_role()) IN ('petugas', 'pejabat', 'admin') AND {0}.unit = (SELECT app_unit()))))"""

KINDS = "(NOT asked ? 'kinds' OR asked -> 'kinds' ? p.kind)"
NAMED = "string_agg(d.fields #>> ARRAY[name, 'value'], ' ')"
FIRST_PAGES = "p.number = 1 AND p.text IS NOT NULL AND"
# Each part of the archive tells once which of its letters have the words, as the index has them: to look at the words
# of each letter takes longer, and ten thousand may have to be counted. With nothing pulled together, as the index would
# be asked for all pages of the part, and each of these for the words
LACKING = f"""(NOT asked ? 'without' OR p.document_seq NOT IN (
        SELECT q.document_seq
        FROM (SELECT to_tsquery('indonesian', w.words) AS words, w.n
              FROM jsonb_array_elements_text(asked -> 'without') WITH ORDINALITY AS w (words, n) OFFSET 0) w,
          LATERAL (SELECT q.document_seq FROM page q WHERE q.words @@ w.words AND {SEES.format("q")}
            AND page_keys(q.document_seq, q.unit, q.kind, q.day) @@ (scope.keys || whose)::tsquery OFFSET 0) q
        GROUP BY q.document_seq HAVING count(DISTINCT w.n) = jsonb_array_length(asked -> 'without')))"""
INSTEAD = {
    KINDS: f"{KINDS} AND (p.kind ~ (asked ->> 'not_kind')) IS NOT TRUE",
    NAMED: f"coalesce({NAMED}, '')",
    FIRST_PAGES: f"{FIRST_PAGES} {LACKING} AND",
}


def upgrade() -> None:
    connection = op.get_bind()
    asked = "SELECT pg_get_functiondef(oid) FROM pg_proc WHERE position(:text IN prosrc) > 0"
    for text, instead in INSTEAD.items():
        for as_it_was in connection.scalars(sa.text(asked), {"text": text}).all():
            connection.exec_driver_sql(as_it_was.replace(text, instead).replace("%", "%%"))
