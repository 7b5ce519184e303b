"""What is destroyed is found by an index, and its words are forgotten without a look at every page."""

from alembic import op

revision = "0041"
down_revision = "0040"
branch_labels = None
depends_on = None

# A word is forgotten with the last page of its unit and level that has it. Whether another has it is asked of the
# letters around first, whose words are read at once; of the rest word by word, in the letter's own block and only then
# in the whole index: what is common was found by then, and what is rare is few pages. Tables are never read through,
# whatever the planner takes a word to be; and storing a page without words waits for nobody.
FORGET = """
CREATE FUNCTION word_forget(of_unit text, of_clearance int, seq bigint, said text[]) RETURNS void LANGUAGE plpgsql
SECURITY DEFINER SET search_path = pg_catalog, public
SET enable_seqscan = off SET plan_cache_mode = force_generic_plan
AS $$
DECLARE
  own text := search_any('@', ARRAY[of_unit]);
  rare text[];
BEGIN
  PERFORM pg_advisory_xact_lock(hashtext('word'));
  rare := ARRAY(SELECT unnest(said) EXCEPT SELECT t.lexeme FROM (
    SELECT p.words FROM page p WHERE p.document_seq BETWEEN seq - 64 AND seq + 64
      AND p.unit = of_unit AND p.clearance = of_clearance LIMIT 256) AS near, unnest(near.words) t);
  DELETE FROM word w USING unnest(rare) AS t (lexeme), LATERAL (SELECT
    ('''' || replace(replace(t.lexeme, '\\', '\\\\'), '''', '''''') || '''')::tsquery AS query OFFSET 0) AS q
  WHERE w.unit = of_unit AND w.clearance = of_clearance AND w.lexeme = t.lexeme
    AND word_shape(w.lexeme) = word_shape(t.lexeme)
    AND NOT CASE WHEN EXISTS (SELECT FROM page p
        WHERE p.words @@ q.query AND p.unit = of_unit AND p.clearance = of_clearance
        AND page_keys(p.document_seq, p.unit, p.kind, p.day) @@ ('a' || (seq >> 10) || own)::tsquery) THEN true
      ELSE EXISTS (SELECT FROM page p
        WHERE p.words @@ q.query AND p.unit = of_unit AND p.clearance = of_clearance
        AND page_keys(p.document_seq, p.unit, p.kind, p.day) @@ substr(own, 2)::tsquery) END;
END $$;
CREATE OR REPLACE FUNCTION word_keep() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, public
AS $$
DECLARE forgets boolean := TG_OP = 'UPDATE' AND OLD.words IS NOT NULL;
BEGIN
  IF forgets THEN PERFORM pg_advisory_xact_lock(hashtext('word'));
  ELSE PERFORM pg_advisory_xact_lock_shared(hashtext('word')); END IF;
  INSERT INTO word (unit, clearance, lexeme) SELECT NEW.unit, NEW.clearance, t.lexeme FROM unnest(NEW.words) AS t
  WHERE word_keepable(t.lexeme) ORDER BY t.lexeme ON CONFLICT DO NOTHING;
  IF forgets THEN
    PERFORM word_forget(OLD.unit, OLD.clearance, OLD.document_seq,
      ARRAY(SELECT t.lexeme FROM unnest(OLD.words) t WHERE word_keepable(t.lexeme)));
  END IF;
  RETURN NULL;
END $$;
CREATE FUNCTION word_gone() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public
AS $$
BEGIN
  PERFORM word_forget(g.unit, g.clearance, g.document_seq, array_agg(DISTINCT t.lexeme))
  FROM gone g CROSS JOIN LATERAL unnest(g.words) t WHERE word_keepable(t.lexeme)
  GROUP BY g.unit, g.clearance, g.document_seq;
  RETURN NULL;
END $$;
DROP TRIGGER words_kept ON page;
CREATE TRIGGER words_kept AFTER INSERT ON page FOR EACH ROW WHEN (NEW.words IS NOT NULL) EXECUTE FUNCTION word_keep();
CREATE TRIGGER words_gone AFTER DELETE ON page REFERENCING OLD TABLE AS gone
  FOR EACH STATEMENT EXECUTE FUNCTION word_gone();
"""

# As in 0026; the one row of `twin` that names the letter, on either side, is found by that side's index
WIPE = """
CREATE OR REPLACE FUNCTION letter_wipe(letter uuid) RETURNS void LANGUAGE sql
SET search_path = pg_catalog, public AS $$
  DELETE FROM page_history WHERE document_id = letter;
  DELETE FROM page WHERE document_id = letter;
  DELETE FROM confirmation WHERE document_id = letter;
  DELETE FROM letter_mark WHERE document_id = letter;
  DELETE FROM letter_key WHERE document_seq = (SELECT seq FROM document WHERE id = letter);
  DELETE FROM twin WHERE first_id = letter OR second_id = letter;
  DELETE FROM case_proposal WHERE document_id = letter;
  DELETE FROM case_declined WHERE document_id = letter;
  DELETE FROM disposition WHERE document_id = letter;
  UPDATE arrival SET filename = 'dimusnahkan' WHERE document_id = letter;
  UPDATE case_letter SET why = '' WHERE document_id = letter;
  UPDATE document SET destroyed_at = now(), filename = 'dimusnahkan', fields = '{}', verdict = '{}', sampled = false,
    signatures = NULL WHERE id = letter;
$$;
"""

RIGHTS = """
GRANT CREATE ON SCHEMA public TO arsip_functions;
ALTER FUNCTION word_forget(text, int, bigint, text[]) OWNER TO arsip_functions;
ALTER FUNCTION word_gone() OWNER TO arsip_functions;
REVOKE CREATE ON SCHEMA public FROM arsip_functions;
REVOKE ALL ON FUNCTION word_forget(text, int, bigint, text[]), word_gone() FROM PUBLIC;
"""

# What a destruction removes of a letter or of a client, and every other row that points at one of the record
REFERRING = {
    "agenda_entry": "document_id",
    "case_declined": "case_id",
    "client_key": "client_id",
    "disposal": "filed_in",
    "disposal_erasure": "disposal_id",
    "hold": "berkas_id",
    "letter_key": "document_seq",
    "letter_mark": "document_id",
    "page_history": "document_id",
    "paper_place": "box_id",
}


def upgrade() -> None:
    for table, column in REFERRING.items():
        op.create_index(f"{table}_{column}", table, [column])
    for block in (FORGET, WIPE, RIGHTS):
        op.get_bind().exec_driver_sql(block)
