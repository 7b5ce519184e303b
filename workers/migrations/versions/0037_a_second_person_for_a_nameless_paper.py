"""A letter that does not name its list is attached by somebody who did not propose it: his word alone stood for it."""

from alembic import op

revision = "0037"
down_revision = "0036"
branch_labels = None
depends_on = None

# As in 0032, with a second person. That it names the list is found by checked (0016), which comes first.
FRESH = """
CREATE OR REPLACE FUNCTION disposal_paper_fresh() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, public AS $$
DECLARE
  l disposal;
BEGIN
  SELECT * INTO l FROM disposal WHERE id = NEW.disposal_id FOR UPDATE;
  IF disposal_is_after_closing(l.kind, NEW.paper) AND (l.digest IS NULL OR EXISTS (SELECT FROM document d
      WHERE d.id = NEW.document_id AND d.received_at < l.assessed_at)) THEN
    PERFORM disposal_refuse('the letter came before the list was closed');
  END IF;
  IF NOT NEW.named AND NEW.account_id = l.proposed_by THEN
    PERFORM disposal_refuse('the letter does not name the list, and who says that it is one proposed the list');
  END IF;
  IF EXISTS (SELECT FROM disposal_paper p WHERE p.disposal_id = l.id AND p.document_id = NEW.document_id
      AND p.paper <> NEW.paper AND NOT p.void) THEN
    PERFORM disposal_refuse('the letter is another paper of this list');
  END IF;
  RETURN NEW;
END $$;
"""


def upgrade() -> None:
    op.get_bind().exec_driver_sql(FRESH)
