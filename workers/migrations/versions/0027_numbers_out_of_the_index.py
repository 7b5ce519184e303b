"""Identity numbers leave the index of words for their keyed hashes, and search takes conditions on letters."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0027"
down_revision = "0026"
branch_labels = None
depends_on = None

# As in 0001
SEES = """(clearance <= (SELECT app_clearance()) AND ((SELECT app_role()) = 'arsiparis'
  OR ((SELECT app_role()) IN ('petugas', 'pejabat', 'admin') AND unit = (SELECT app_unit()))))"""

# What is an identity number: search/identities.py has the same two forms, and says what they are
SEEN = "[0-9OoQIlSBZ]"
RUN = rf"\m(?={SEEN}{{13,20}}\M){SEEN}*[0-9]{{6}}{SEEN}*"
GAP = r"[ .\-]?"
GROUPED = rf"\m[0-9](?:{GAP}[0-9]){{5}}{GAP}[0-7]{GAP}[0-9]{GAP}[01]{GAP}[0-9](?:{GAP}[0-9]){{6}}\M(?!{GAP}[0-9])"

# The words stay a column that PostgreSQL itself makes of the text, whoever writes it; what they lose is made of the
# numbers by who has the key, and stands beside the text.
WORDS = f"""
CREATE FUNCTION search_words(said text, identities text[]) RETURNS tsvector LANGUAGE sql IMMUTABLE PARALLEL SAFE
SET search_path = pg_catalog, public
AS $$ SELECT to_tsvector('indonesian', translate(regexp_replace(said, '{GROUPED}|{RUN}', ' ', 'g'),
        '/-._:,@&+=#~<>', '||||||||||||||')) || coalesce(array_to_tsvector(identities), '') $$;
CREATE FUNCTION page_worded() RETURNS trigger LANGUAGE plpgsql SET search_path = pg_catalog, public
AS $$ BEGIN
  NEW.words := search_words(NEW.text, NEW.identities);
  RETURN NEW;
END $$;
CREATE TRIGGER worded BEFORE INSERT OR UPDATE OF text, identities ON page
  FOR EACH ROW EXECUTE FUNCTION page_worded();
"""

# `asked`: kind (part of an id of classify/kinds.toml), dari and sampai (as 2025-06-30, compared as text), ids, and
# fields: [{of: names of fields, words: as to_tsquery reads them, without}]
SUITS = """
CREATE FUNCTION search_suits(letter uuid, asked jsonb) RETURNS boolean LANGUAGE sql STABLE SECURITY DEFINER
SET search_path = pg_catalog, public
AS $$ SELECT EXISTS (SELECT FROM document d,
    LATERAL (SELECT coalesce(substring(d.fields #>> '{tanggal,value}' from '^\\d{4}-\\d\\d-\\d\\d$'),
                             to_char(d.received_at, 'YYYY-MM-DD')) AS day) l
  WHERE d.id = letter
    AND (NOT asked ? 'kind' OR position(asked ->> 'kind' IN d.kind) > 0)
    AND (NOT asked ? 'dari' OR l.day >= asked ->> 'dari')
    AND (NOT asked ? 'sampai' OR (l.day <= asked ->> 'sampai' AND asked ->> 'sampai' <> 'nothing'))
    AND (NOT asked ? 'ids' OR asked -> 'ids' ? d.id::text)
    AND NOT EXISTS (SELECT FROM jsonb_array_elements(asked -> 'fields') f WHERE (f -> 'without')::boolean
      = coalesce(search_words((SELECT string_agg(d.fields #>> ARRAY[name, 'value'], ' ')
                               FROM jsonb_array_elements_text(f -> 'of') name), '{}')
                 @@ to_tsquery('indonesian', f ->> 'words'), false))) $$;
"""

# A count is exact to 10,000: nobody reads further, and counting on would cost a look at every letter
SEARCH = f"""
DROP FUNCTION search_pages(tsquery, bigint, int, int);
DROP FUNCTION search_count(tsquery);
CREATE FUNCTION search_pages(query tsquery, before_seq bigint, after_number int, most int, asked jsonb DEFAULT NULL)
RETURNS TABLE (document_id uuid, document_seq bigint, number int, text text)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public
AS $$ SELECT p.document_id, p.document_seq, p.number, p.text FROM page p
      WHERE p.words @@ query AND {SEES} AND (asked IS NULL OR search_suits(p.document_id, asked))
        AND p.document_seq <= before_seq AND (p.document_seq < before_seq OR p.number > after_number)
      ORDER BY p.document_seq DESC, p.number LIMIT most $$;
CREATE FUNCTION search_count(query tsquery, asked jsonb DEFAULT NULL) RETURNS bigint
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public
AS $$ SELECT count(*) FROM (SELECT FROM page p
      WHERE p.words @@ query AND {SEES} AND (asked IS NULL OR search_suits(p.document_id, asked)) LIMIT 10001) s $$;
CREATE FUNCTION search_letters(before_seq bigint, most int, asked jsonb)
RETURNS TABLE (document_id uuid, document_seq bigint, number int, text text)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public
AS $$ SELECT p.document_id, p.document_seq, p.number, p.text FROM page p
      WHERE p.number = 1 AND p.text IS NOT NULL AND {SEES} AND search_suits(p.document_id, asked)
        AND p.document_seq < before_seq
      ORDER BY p.document_seq DESC LIMIT most $$;
"""

OWNED = (
    "search_suits(uuid, jsonb)", "search_pages(tsquery, bigint, int, int, jsonb)", "search_count(tsquery, jsonb)",
    "search_letters(bigint, int, jsonb)",
)  # fmt: skip
CALLED = ", ".join(OWNED[1:])
RIGHTS = "".join(
    [
        "GRANT CREATE ON SCHEMA public TO arsip_functions;",
        *(f"ALTER FUNCTION {name} OWNER TO arsip_functions;" for name in OWNED),
        "REVOKE CREATE ON SCHEMA public FROM arsip_functions;",
        f"REVOKE ALL ON FUNCTION {', '.join(OWNED)} FROM PUBLIC;",
        f"GRANT EXECUTE ON FUNCTION {CALLED} TO arsip_api;",
    ]
)


def upgrade() -> None:
    op.add_column("page", sa.Column("identities", postgresql.ARRAY(sa.Text()), nullable=True))
    # No rewriting of the table: the words stay as they are until a worker comes by (search/identities.py)
    op.execute("ALTER TABLE page ALTER COLUMN words DROP EXPRESSION")
    op.create_index(
        "page_unhashed",
        "page",
        ["document_seq"],
        postgresql_where=sa.text("identities IS NULL AND text IS NOT NULL"),
    )
    for block in (WORDS, SUITS, SEARCH, RIGHTS):
        op.get_bind().exec_driver_sql(block)
