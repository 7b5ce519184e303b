"""A stack scanned as one file may be split into letters, each a document of its own made of some of its pages."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

# Neither server process may move pages or make letters freely: only these functions do, and only whole. They see every
# letter, so they ask by themselves whether the asker does (`SEES` of the first migration; a worker sees all).
SEES = """(pg_has_role(session_user, 'arsip_worker', 'MEMBER')
  OR (clearance <= app_clearance() AND (app_role() = 'arsiparis'
      OR (app_role() IN ('petugas', 'pejabat', 'admin') AND unit = app_unit()))))"""

# Pages `firsts[i]` to `lasts[i]` of document `whole` become those of letter `ids[i]`, named `names[i]`; `wholes[i]`
# says that nobody has to be asked whether it is one letter. A file becomes a stack of new letters. A letter that is
# itself out of a stack keeps its first pages (`ids[1]` is its own) and the others become letters of the same stack.
# What was understood and checked of it was of more pages than it has now: that goes, as it does of a file.
# The stack is sealed anew: its manifest names its letters.
SPLIT = f"""
CREATE FUNCTION document_split(whole uuid, ids uuid[], firsts int[], lasts int[], names text[], wholes boolean[])
RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public AS $$
DECLARE
  d document;
  base int;
  own_seq bigint;
BEGIN
  SELECT * INTO d FROM document WHERE id = whole AND {SEES} FOR UPDATE;
  IF NOT FOUND OR d.stage NOT IN ('read', 'filed', 'sealed') OR d.letters > 1 OR d.pages_read <> d.pages
     OR (d.part_of IS NOT NULL AND d.first_page IS NULL) OR cardinality(ids) < 2
     OR (d.part_of IS NOT NULL) <> (ids[1] = whole) OR whole = ANY (ids[2:])
     OR cardinality(ids) <> ANY (ARRAY[cardinality(firsts), cardinality(lasts), cardinality(names)])
     OR cardinality(ids) <> cardinality(wholes)
     OR EXISTS (SELECT FROM (SELECT f, l, lag(l, 1, 0) OVER (ORDER BY n) AS before
                             FROM unnest(firsts, lasts) WITH ORDINALITY AS s(f, l, n)) AS s
                WHERE (f > before AND l BETWEEN f AND d.pages) IS NOT TRUE)
  THEN RAISE EXCEPTION 'this document cannot be split so';
  END IF;
  base := coalesce(d.first_page, 1) - 1;
  FOR i IN 1 .. cardinality(ids) LOOP
    IF ids[i] = whole THEN
      CONTINUE;
    END IF;
    INSERT INTO document (id, unit, clearance, sha256, size, media_type, filename, original_version, stage, pages,
        pages_read, received_at, letters, part_of, first_page, last_page)
      VALUES (ids[i], d.unit, d.clearance, d.sha256, d.size, d.media_type, names[i], d.original_version, 'read',
        lasts[i] - firsts[i] + 1, lasts[i] - firsts[i] + 1, d.received_at, CASE WHEN wholes[i] THEN 1 END,
        coalesce(d.part_of, whole), base + firsts[i], base + lasts[i])
      RETURNING seq INTO own_seq;
    PERFORM pages_move(whole, ids[i], own_seq, firsts[i], lasts[i], 1 - firsts[i]);
  END LOOP;
  UPDATE document SET stage = 'filed', sealed_at = NULL, manifest_key = NULL, manifest_version = NULL,
      letters = coalesce(letters, 1) + cardinality(ids) - 1, attempts = 0, lease = NULL, lease_owner = NULL,
      lease_until = NULL
    WHERE id = coalesce(d.part_of, whole) AND stage <> 'held';
  IF d.part_of IS NULL THEN
    UPDATE document SET kind = NULL, kind_confidence = NULL, verdict = '{{}}', fields = '{{}}', doubt = 0,
      sampled = false, checked_at = NULL WHERE id = whole;
  ELSE
    UPDATE document SET letters = letters + cardinality(ids) - 1 WHERE id = d.part_of AND stage = 'held';
    UPDATE document SET stage = 'read', sealed_at = NULL, manifest_key = NULL, manifest_version = NULL,
        filename = names[1], pages = lasts[1], pages_read = lasts[1], last_page = base + lasts[1],
        letters = CASE WHEN wholes[1] THEN 1 END, attempts = 0, lease = NULL, lease_owner = NULL, lease_until = NULL,
        kind = NULL, kind_confidence = NULL, verdict = '{{}}', fields = '{{}}', doubt = NULL, sampled = false,
        checked_at = NULL
      WHERE id = whole;
  END IF;
  PERFORM rereading_counted(whole);
END $$;
"""

# The letters of stack `whole` give their pages back. They stay as they were sealed, without pages; the stack is one
# letter again, to be filed and sealed as such. Nobody is asked any more what a letter without pages may be a scan of.
JOIN = f"""
CREATE FUNCTION document_join(whole uuid) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public AS $$
DECLARE
  d document;
  part document;
BEGIN
  SELECT * INTO d FROM document WHERE id = whole AND {SEES} FOR UPDATE;
  IF NOT FOUND OR (d.letters > 1) IS NOT TRUE OR d.stage NOT IN ('filed', 'sealed')
  THEN RAISE EXCEPTION 'this document has no letters to be joined';
  END IF;
  FOR part IN SELECT * FROM document WHERE part_of = whole AND first_page IS NOT NULL ORDER BY seq FOR UPDATE LOOP
    IF part.stage <> 'sealed' THEN RAISE EXCEPTION 'a letter of this stack is not sealed'; END IF;
    PERFORM pages_move(part.id, whole, d.seq, 1, part.pages, part.first_page - 1);
    UPDATE document SET first_page = NULL, last_page = NULL, doubt = 0, sampled = false, rereading = NULL
      WHERE id = part.id;
    UPDATE twin SET withdrawn = true WHERE decision IS NULL AND part.id IN (first_id, second_id);
  END LOOP;
  UPDATE document SET stage = 'read', sealed_at = NULL, manifest_key = NULL, manifest_version = NULL, letters = 1,
      doubt = NULL, attempts = 0, lease = NULL, lease_owner = NULL, lease_until = NULL
    WHERE id = whole;
  PERFORM rereading_counted(whole);
END $$;
"""

# Pages and what they were read to say before, from one document to another; whoever reads one anew loses its lease.
MOVE = """
CREATE FUNCTION pages_move(origin uuid, target uuid, target_seq bigint, first int, last int, shift int) RETURNS void
LANGUAGE plpgsql SET search_path = pg_catalog, public AS $$
BEGIN
  UPDATE page_history h SET document_id = target FROM page p
    WHERE h.page_id = p.id AND p.document_id = origin AND p.number BETWEEN first AND last;
  UPDATE page SET document_id = target, document_seq = target_seq, number = number + shift, attempts = 0, lease = NULL,
      lease_owner = NULL, lease_until = NULL
    WHERE document_id = origin AND number BETWEEN first AND last;
  PERFORM rereading_counted(target);
END $$;
CREATE FUNCTION rereading_counted(counted uuid) RETURNS void
LANGUAGE sql SET search_path = pg_catalog, public
AS $$ UPDATE document SET rereading = NULLIF((SELECT count(*) FROM page WHERE document_id = counted AND reread), 0)
      WHERE id = counted $$;
"""

# A letter out of a stack has not been received: the newest event that gave it pages, or took them, must fit its row.
CHECK = """
CREATE OR REPLACE FUNCTION document_unknown_to_ledger() RETURNS uuid
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public
AS $$ SELECT d.id FROM document d
      WHERE (d.part_of IS NULL AND NOT EXISTS (SELECT 1 FROM ledger l WHERE l.document = d.id AND l.action = 'received'
                                               AND l.body::jsonb ->> 'digest' = d.sha256))
         OR (d.part_of IS NOT NULL AND NOT COALESCE(
              (SELECT l.body::jsonb ->> 'part_of' = d.part_of::text AND l.body::jsonb ->> 'digest' = d.sha256
                      AND (l.body::jsonb ->> 'first')::int IS NOT DISTINCT FROM d.first_page
                      AND (l.body::jsonb ->> 'last')::int IS NOT DISTINCT FROM d.last_page
               FROM ledger l WHERE l.document = d.id AND l.action IN ('letter_cut', 'letter_joined')
               ORDER BY l.seq DESC LIMIT 1), false))
         OR (d.stage = 'sealed') <> COALESCE((SELECT l.body::jsonb ->> 'pdf' = d.pdf_sha256
                                                     AND l.body::jsonb ->> 'manifest' = d.manifest_key
                                              FROM ledger l WHERE l.document = d.id AND l.action = 'sealed'
                                              ORDER BY l.seq DESC LIMIT 1), false)
      UNION ALL
      SELECT l.document FROM ledger l
      WHERE l.action IN ('received', 'letter_cut') AND NOT EXISTS (SELECT 1 FROM document d WHERE d.id = l.document)
      LIMIT 1 $$;
CREATE FUNCTION stack_not_covered() RETURNS uuid
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public
AS $$ WITH part AS (
        SELECT d.part_of AS stack, d.id, d.unit, d.clearance, d.sha256, d.original_version, d.first_page AS first,
          d.last_page AS last, (SELECT count(*) FROM page p WHERE p.document_id = d.id) AS pages,
          (SELECT max(number) FROM page p WHERE p.document_id = d.id) AS highest
        FROM document d WHERE d.part_of IS NOT NULL)
      SELECT s.id FROM document s JOIN LATERAL (
        SELECT count(*) FILTER (WHERE first IS NOT NULL) AS letters, COALESCE(sum(pages), 0) AS pages,
          bool_and((part.unit, part.clearance, part.sha256, part.original_version)
                   = (s.unit, s.clearance, s.sha256, s.original_version)
                   AND part.pages = COALESCE(last - first + 1, 0) AND COALESCE(part.highest, 0) = part.pages
                   AND COALESCE(last <= s.pages, true)) AS whole
        FROM part WHERE part.stack = s.id) AS told ON true
      WHERE s.part_of IS NULL AND (s.letters > 1 OR told.whole IS NOT NULL)
        AND (told.whole IS NOT TRUE OR told.letters <> CASE WHEN s.letters > 1 THEN s.letters ELSE 0 END
             OR told.pages + (SELECT count(*) FROM page p WHERE p.document_id = s.id) <> s.pages
             OR EXISTS (SELECT FROM part a JOIN part b ON b.stack = a.stack AND b.id > a.id
                        WHERE a.stack = s.id AND a.first <= b.last AND b.first <= a.last)
             OR EXISTS (SELECT FROM part a JOIN page p ON p.document_id = s.id
                        WHERE a.stack = s.id AND p.number BETWEEN a.first AND a.last))
      UNION ALL
      SELECT part.id FROM part WHERE NOT EXISTS (SELECT FROM document s WHERE s.id = part.stack AND s.part_of IS NULL)
      LIMIT 1 $$;
"""

# The bytes of a stack are known by the stack alone
ENTER = """
CREATE OR REPLACE FUNCTION document_enter(
  new_id uuid, sender uuid, sender_unit text, at_clearance int, digest text, bytes bigint, type text, name text,
  version text, key text, entry text
) RETURNS boolean LANGUAGE plpgsql SET search_path = pg_catalog, public AS $$
BEGIN
  IF EXISTS (SELECT FROM document d WHERE d.unit = sender_unit AND d.sha256 = digest AND d.part_of IS NULL)
  THEN RETURN false; END IF;
  INSERT INTO document (id, unit, clearance, sha256, size, media_type, filename, original_version)
    VALUES (new_id, sender_unit, at_clearance, digest, bytes, type, name, version) ON CONFLICT DO NOTHING;
  IF NOT FOUND THEN RETURN false; END IF;
  INSERT INTO arrival (document_id, account_id, filename, idempotency_key, first)
    VALUES (new_id, sender, name, key, true);
  PERFORM ledger_append(entry);
  RETURN true;
END $$;
"""

RIGHTS = """
GRANT UPDATE (letters, doubt) ON document TO arsip_api;
GRANT INSERT, UPDATE ON document TO arsip_functions;
GRANT UPDATE ON page TO arsip_functions;
GRANT SELECT, UPDATE ON page_history TO arsip_functions;
CREATE POLICY splits ON document TO arsip_functions USING (true) WITH CHECK (true);
CREATE POLICY splits ON page TO arsip_functions USING (true) WITH CHECK (true);
CREATE POLICY splits ON page_history TO arsip_functions USING (true) WITH CHECK (true);
"""

OWNERS = """
ALTER FUNCTION document_split(uuid, uuid[], int[], int[], text[], boolean[]) OWNER TO arsip_functions;
ALTER FUNCTION document_join(uuid) OWNER TO arsip_functions;
ALTER FUNCTION pages_move(uuid, uuid, bigint, int, int, int) OWNER TO arsip_functions;
ALTER FUNCTION rereading_counted(uuid) OWNER TO arsip_functions;
ALTER FUNCTION stack_not_covered() OWNER TO arsip_functions;
REVOKE ALL ON FUNCTION document_split(uuid, uuid[], int[], int[], text[], boolean[]), document_join(uuid),
  pages_move(uuid, uuid, bigint, int, int, int), rereading_counted(uuid), stack_not_covered() FROM PUBLIC;
GRANT EXECUTE ON FUNCTION document_split(uuid, uuid[], int[], int[], text[], boolean[]) TO arsip_api, arsip_worker;
GRANT EXECUTE ON FUNCTION document_join(uuid), stack_not_covered() TO arsip_api;
"""


def upgrade() -> None:
    op.add_column("document", sa.Column("letters", sa.Integer(), nullable=True))
    op.add_column("document", sa.Column("part_of", sa.Uuid(), nullable=True))
    op.add_column("document", sa.Column("first_page", sa.Integer(), nullable=True))
    op.add_column("document", sa.Column("last_page", sa.Integer(), nullable=True))
    op.create_foreign_key("document_part_of_fkey", "document", "document", ["part_of"], ["id"])
    for name, rule in (
        ("letters", "letters > 0"),
        ("part_of", "part_of IS NULL OR letters = 1"),
        ("span", "(first_page IS NULL) = (last_page IS NULL)"),
        ("first_page", "first_page IS NULL OR part_of IS NOT NULL AND 1 <= first_page"),
        ("last_page", "last_page - first_page + 1 = pages"),
    ):
        op.create_check_constraint(op.f(f"document_{name}_check"), "document", rule)
    op.drop_constraint("document_unit_sha256_clearance_key", "document")
    op.create_index(
        "document_unit_sha256_clearance",
        "document",
        ["unit", "sha256", "clearance"],
        unique=True,
        postgresql_where=sa.text("part_of IS NULL"),
    )
    op.create_index(
        "document_part_of", "document", ["part_of", "first_page"], postgresql_where=sa.text("part_of IS NOT NULL")
    )
    for block in (MOVE, SPLIT, JOIN, CHECK, ENTER, RIGHTS):
        op.get_bind().exec_driver_sql(block)
    # A function's new owner must be able to create in the schema at that moment, and only then
    op.execute("GRANT CREATE ON SCHEMA public TO arsip_functions")
    op.execute(OWNERS)
    op.execute("REVOKE CREATE ON SCHEMA public FROM arsip_functions")
