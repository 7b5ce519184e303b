"""Names that are written in many ways are found by how they sound: Mohamad, Muhammad; Samsudin, Syamsuddin. And the
sample of common words is told how far the archive goes, which somebody who sees little of it finds out slowly."""

import sqlalchemy as sa
from alembic import op

revision = "0054"
down_revision = "0053"
branch_labels = None
depends_on = None

# As in 0047
WHOSE = """
  cleared int := (SELECT app_clearance());
  every_unit boolean := (SELECT app_role()) = 'arsiparis';
  own text := CASE WHEN (SELECT app_role()) IN ('petugas', 'pejabat', 'admin') THEN (SELECT app_unit()) END;"""
# search/nearness.py has the same, and says what it is for; a test holds both to the same words
PAIRS = (
    ("oe", "u"), ("oo", "u"), ("au", "u"), ("ie", "i"), ("ae", "ai"), ("ei", "ai"), ("dz", "s"), ("dj", "j"),
    ("tj", "c"), ("nj", "ny"), ("sj", "s"), ("sy", "s"), ("kh", "h"), ("ch", "h"), ("th", "t"), ("ph", "p"),
)  # fmt: skip


def sound() -> str:
    """The expression of a lexeme's sound."""
    said = "lexeme"
    for written, as_one in PAIRS:
        said = f"replace({said}, '{written}', '{as_one}')"
    said = f"translate({said}, 'vfzqyjo', 'ppskiiu')"
    return rf"regexp_replace(regexp_replace({said}, '(.)\1+', '\1', 'g'), '(.)h$', '\1')"


SOUND = f"""
CREATE FUNCTION word_sound(lexeme text) RETURNS text LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
RETURN CASE WHEN lexeme ~ '^[a-z]{{4,}}$' THEN {sound()} END;
"""
# As in 0053, and of each sound, behind a ~, its words
NEAR = f"""
DROP FUNCTION search_near(text[], int);
CREATE FUNCTION search_near(shapes text[], sounds text[], most int) RETURNS SETOF text
LANGUAGE plpgsql STABLE SECURITY DEFINER
SET search_path = pg_catalog, public SET plan_cache_mode = force_generic_plan
AS $$
DECLARE{WHOSE}
BEGIN
  RETURN QUERY SELECT concat_ws(' ', s.shape, string_agg(s.lexeme, ' ')) FROM (
    SELECT DISTINCT public.word_shape(w.lexeme) AS shape, w.lexeme FROM word w
    WHERE public.word_shape(w.lexeme) = ANY (shapes) AND w.clearance <= cleared AND (every_unit OR w.unit = own)
    LIMIT most) s GROUP BY s.shape;
  RETURN QUERY SELECT concat_ws(' ', '~' || s.sound, string_agg(s.lexeme, ' ')) FROM (
    SELECT DISTINCT public.word_sound(w.lexeme) AS sound, w.lexeme FROM word w
    WHERE public.word_sound(w.lexeme) = ANY (sounds) AND w.clearance <= cleared AND (every_unit OR w.unit = own)
    LIMIT most) s GROUP BY s.sound;
END $$;
"""

# Rounded down, so that samples that are taken soon after each other are the same
NEWEST = """
CREATE FUNCTION search_newest() RETURNS bigint LANGUAGE sql STABLE SECURITY DEFINER
SET search_path = pg_catalog, public
AS $$ SELECT coalesce(max(p.document_seq), 0) >> 12 << 12 FROM page p $$;
"""
RIGHTS = """
GRANT CREATE ON SCHEMA public TO arsip_functions;
ALTER FUNCTION search_near(text[], text[], int) OWNER TO arsip_functions;
ALTER FUNCTION search_newest() OWNER TO arsip_functions;
REVOKE CREATE ON SCHEMA public FROM arsip_functions;
REVOKE ALL ON FUNCTION search_near(text[], text[], int), search_newest() FROM PUBLIC;
GRANT EXECUTE ON FUNCTION search_near(text[], text[], int), search_newest() TO arsip_api;
"""


def upgrade() -> None:
    op.get_bind().exec_driver_sql(SOUND)
    op.create_index(
        "word_sounding",
        "word",
        [sa.text("word_sound(lexeme)"), "lexeme", "unit", "clearance"],
        postgresql_where=sa.text("word_sound(lexeme) IS NOT NULL"),
    )
    for block in (NEAR, NEWEST, RIGHTS):
        op.get_bind().exec_driver_sql(block)
