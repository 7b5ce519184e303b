"""The words that stand in pages, so that a search can go on to those near the asked ones (docs/adr/0036)."""

import sqlalchemy as sa
from alembic import op

revision = "0028"
down_revision = "0027"
branch_labels = None
depends_on = None

# As in the first migration
SEES = """(w.clearance <= (SELECT app_clearance()) AND ((SELECT app_role()) = 'arsiparis'
  OR ((SELECT app_role()) IN ('petugas', 'pejabat', 'admin') AND w.unit = (SELECT app_unit()))))"""

# A word is kept by the statement that stores a page with it, in the order of words, so that two never wait for each
# other in a ring; no identity number is, nor its hash. It is forgotten
# with the last page of its unit and level that has it.
KEEP = """
CREATE FUNCTION word_keepable(lexeme text) RETURNS boolean LANGUAGE sql IMMUTABLE PARALLEL SAFE
AS $$ SELECT length(lexeme) BETWEEN 3 AND 40 AND lexeme !~ '^nik[0-9]'
  AND length(regexp_replace(lexeme, '[^0-9]', '', 'g')) <= 9 $$;
CREATE FUNCTION word_keep() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public
AS $$
BEGIN
  IF TG_OP <> 'DELETE' THEN
    INSERT INTO word (unit, clearance, lexeme) SELECT NEW.unit, NEW.clearance, t.lexeme FROM unnest(NEW.words) AS t
    WHERE word_keepable(t.lexeme) ORDER BY t.lexeme ON CONFLICT DO NOTHING;
  END IF;
  IF TG_OP <> 'INSERT' THEN
    DELETE FROM word w USING unnest(OLD.words) AS t
    WHERE w.unit = OLD.unit AND w.clearance = OLD.clearance AND w.lexeme = t.lexeme
      AND NOT EXISTS (SELECT FROM page p WHERE p.unit = w.unit AND p.clearance = w.clearance
        AND p.words @@ ('''' || replace(replace(w.lexeme, '\\', '\\\\'), '''', '''''') || '''')::tsquery);
  END IF;
  RETURN NULL;
END $$;
CREATE TRIGGER words_kept AFTER INSERT OR DELETE ON page FOR EACH ROW EXECUTE FUNCTION word_keep();
CREATE TRIGGER words_changed AFTER UPDATE OF text, identities, unit, clearance ON page
  FOR EACH ROW WHEN (OLD.words IS DISTINCT FROM NEW.words OR OLD.unit <> NEW.unit OR OLD.clearance <> NEW.clearance)
  EXECUTE FUNCTION word_keep();
"""

# Each word of a question, and those that share enough of their trigrams with it, of what the asking account may see
NEAR = f"""
CREATE FUNCTION search_near(asked text[], most int) RETURNS TABLE (word text, near text)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public SET pg_trgm.similarity_threshold = 0.2
AS $$ SELECT a.word, n.lexeme FROM unnest(asked) AS a (word) CROSS JOIN LATERAL (
        SELECT w.lexeme FROM word w WHERE w.lexeme OPERATOR(public.%%) a.word
          AND length(w.lexeme) BETWEEN length(a.word) - 2 AND length(a.word) + 2 AND {SEES}
        GROUP BY w.lexeme ORDER BY public.similarity(w.lexeme, a.word) DESC, w.lexeme LIMIT most) AS n $$;
"""

RIGHTS = """
ALTER TABLE word ENABLE ROW LEVEL SECURITY;
ALTER TABLE word FORCE ROW LEVEL SECURITY;
GRANT SELECT, INSERT, DELETE ON word TO arsip_functions;
CREATE POLICY keeps ON word TO arsip_functions USING (true) WITH CHECK (true);
GRANT CREATE ON SCHEMA public TO arsip_functions;
ALTER FUNCTION word_keep() OWNER TO arsip_functions;
ALTER FUNCTION search_near(text[], int) OWNER TO arsip_functions;
REVOKE CREATE ON SCHEMA public FROM arsip_functions;
REVOKE ALL ON FUNCTION word_keep(), search_near(text[], int) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION search_near(text[], int) TO arsip_api;
"""


def upgrade() -> None:
    op.execute("CREATE EXTENSION IF NOT EXISTS pg_trgm WITH SCHEMA public")
    op.create_table(
        "word",
        sa.Column("unit", sa.Text(), nullable=False),
        sa.Column("clearance", sa.SmallInteger(), nullable=False),
        sa.Column("lexeme", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("unit", "clearance", "lexeme", name="word_pkey"),
    )
    op.create_index(
        "word_lexeme", "word", ["lexeme"], postgresql_using="gin", postgresql_ops={"lexeme": "gin_trgm_ops"}
    )
    for block in (KEEP, NEAR, RIGHTS):
        op.get_bind().exec_driver_sql(block)
    op.execute(
        "INSERT INTO word (unit, clearance, lexeme) SELECT DISTINCT p.unit, p.clearance, t.lexeme"
        " FROM page p CROSS JOIN LATERAL unnest(p.words) AS t WHERE word_keepable(t.lexeme)"
    )
