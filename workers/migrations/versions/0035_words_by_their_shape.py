"""Near words are looked up by their shape, a few probes of one index, instead of by trigrams of all words."""

import sqlalchemy as sa
from alembic import op

revision = "0035"
down_revision = "0034"
branch_labels = None
depends_on = None

# As in the first migration
SEES = """(w.clearance <= (SELECT app_clearance()) AND ((SELECT app_role()) = 'arsiparis'
  OR ((SELECT app_role()) IN ('petugas', 'pejabat', 'admin') AND w.unit = (SELECT app_unit()))))"""

# search/nearness.py has the same, and says what the six shapes are; a test holds both to the same words
SHAPE = """
CREATE FUNCTION word_shape(lexeme text) RETURNS text LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
RETURN CASE WHEN 2 * length(translate(lexeme, '0123456789', '')) <= length(lexeme)
  THEN '#' || translate(lexeme, 'ocdelijtf7z568bshagq', '00001111112333333499')
  ELSE translate(lexeme, 'acdeqs045fijt17238hkx69mnprvwy', 'ooooooooollllllzbbbbbbguuuuuuu') END;
"""

# Who forgets a word waits for those who are storing, and they for it: else one could forget, for want of any page
# that has it, a word of a page that is not committed yet. Storing alone waits for nobody.
KEEP = """
CREATE OR REPLACE FUNCTION word_keep() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, public
AS $$
DECLARE forgets boolean := TG_OP <> 'INSERT' AND OLD.words IS NOT NULL;
BEGIN
  IF forgets THEN PERFORM pg_advisory_xact_lock(hashtext('word'));
  ELSE PERFORM pg_advisory_xact_lock_shared(hashtext('word')); END IF;
  IF TG_OP <> 'DELETE' THEN
    INSERT INTO word (unit, clearance, lexeme) SELECT NEW.unit, NEW.clearance, t.lexeme FROM unnest(NEW.words) AS t
    WHERE word_keepable(t.lexeme) ORDER BY t.lexeme ON CONFLICT DO NOTHING;
  END IF;
  IF forgets THEN
    DELETE FROM word w USING unnest(OLD.words) AS t
    WHERE w.unit = OLD.unit AND w.clearance = OLD.clearance AND w.lexeme = t.lexeme
      AND public.word_shape(w.lexeme) = public.word_shape(t.lexeme)
      AND NOT EXISTS (SELECT FROM page p WHERE p.unit = w.unit AND p.clearance = w.clearance
        AND p.words @@ ('''' || replace(replace(w.lexeme, '\\', '\\\\'), '''', '''''') || '''')::tsquery);
  END IF;
  RETURN NULL;
END $$;
"""

# Words of these shapes, of what the asking account may see
NEAR = f"""
DROP FUNCTION search_near(text[], int);
CREATE FUNCTION search_near(shapes text[], most int) RETURNS SETOF text
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public
AS $$ SELECT DISTINCT w.lexeme FROM word w WHERE public.word_shape(w.lexeme) = ANY (shapes) AND {SEES} LIMIT most $$;
"""

RIGHTS = """
GRANT CREATE ON SCHEMA public TO arsip_functions;
ALTER FUNCTION search_near(text[], int) OWNER TO arsip_functions;
REVOKE CREATE ON SCHEMA public FROM arsip_functions;
REVOKE ALL ON FUNCTION search_near(text[], int) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION search_near(text[], int) TO arsip_api;
"""


def upgrade() -> None:
    op.drop_index("word_lexeme", "word")
    op.drop_constraint("word_pkey", "word", type_="primary")
    op.get_bind().exec_driver_sql(SHAPE)
    # the one index of the table: which words there are, and those of a shape
    op.create_index("word_shaped", "word", [sa.text("word_shape(lexeme)"), "lexeme", "unit", "clearance"], unique=True)
    # without a list of what is still to be entered: each search would read that list from end to end, up to 4 MB
    op.execute("ALTER INDEX page_words SET (fastupdate = off)")
    op.execute("SELECT gin_clean_pending_list('page_words')")
    for block in (KEEP, NEAR, RIGHTS):
        op.get_bind().exec_driver_sql(block)
