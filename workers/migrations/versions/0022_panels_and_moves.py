"""Who sits on the panel that appraises a list; when a berkas was moved; a letter that another case came to use while
its list was carried out is not destroyed after all."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0022"
down_revision = "0021"
branch_labels = None
depends_on = None

# As records/disposal/panel.py: a decree, a ketua, and one anggota at least, named while the list is open
PANEL = """
CREATE FUNCTION disposal_panel_checked() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, public AS $$
BEGIN
  IF NEW.panel IS DISTINCT FROM OLD.panel AND (OLD.status <> 'usul' OR NEW.status <> 'usul') THEN
    PERFORM disposal_refuse('the panel is named while the list is open');
  END IF;
  IF OLD.status = 'usul' AND NEW.status = 'dinilai' AND disposal_fate(NEW.kind) IS NOT NULL
    AND (coalesce(NEW.panel ->> 'decree', '') = '' OR jsonb_typeof(NEW.panel -> 'members') IS DISTINCT FROM 'array'
      OR jsonb_array_length(NEW.panel -> 'members') < 2)
  THEN PERFORM disposal_refuse('no panel is named'); END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER panel BEFORE UPDATE ON disposal FOR EACH ROW EXECUTE FUNCTION disposal_panel_checked();
"""

# What a list does to berkas besides: a pemindahan sets their date; what its own papers are filed in is vital (§1.4, 9)
FOLLOWED = """
CREATE FUNCTION disposal_followed() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, public AS $$
BEGIN
  IF NEW.kind = 'pemindahan' AND NEW.done_at IS NOT NULL AND OLD.done_at IS NULL THEN
    UPDATE berkas b SET moved_on = office_today() FROM disposal_lines(NEW.id) AS line WHERE line.id = b.id;
  END IF;
  IF NEW.kind = 'pemusnahan' AND NEW.filed_in IS DISTINCT FROM OLD.filed_in THEN
    UPDATE berkas SET vital = true, media = 'elektronik' WHERE id = NEW.filed_in;
  END IF;
  RETURN NULL;
END $$;
CREATE TRIGGER followed AFTER UPDATE ON disposal FOR EACH ROW EXECUTE FUNCTION disposal_followed();
"""

# disposal_blocked() asks this when a list is closed and begun; a letter may be linked to another case after that
USED = """
CREATE FUNCTION disposal_used() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, public AS $$
BEGIN
  IF EXISTS (SELECT FROM case_letter c JOIN berkas o ON o.case_id = c.case_id
      WHERE c.document_id = NEW.document_id AND c.removed_at IS NULL AND o.disposed_at IS NULL
        AND NOT EXISTS (SELECT FROM disposal_lines(NEW.disposal_id) line WHERE line.id = o.id))
  THEN PERFORM disposal_refuse('another kept case uses the letter'); END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER used BEFORE UPDATE OF erased_at ON disposal_erasure
  FOR EACH ROW WHEN (OLD.erased_at IS NULL AND NEW.erased_at IS NOT NULL) EXECUTE FUNCTION disposal_used();
"""

OURS = "disposal_panel_checked(), disposal_followed(), disposal_used()"
RIGHTS = f"""
GRANT UPDATE (panel) ON disposal TO arsip_api;
GRANT CREATE ON SCHEMA public TO arsip_functions;
{"".join(f"ALTER FUNCTION {name} OWNER TO arsip_functions;" for name in OURS.split(", "))}
REVOKE CREATE ON SCHEMA public FROM arsip_functions;
REVOKE ALL ON FUNCTION {OURS} FROM PUBLIC;
"""


def upgrade() -> None:
    op.add_column("disposal", sa.Column("panel", JSONB(), server_default=sa.text("'{}'"), nullable=False))
    op.add_column("berkas", sa.Column("moved_on", sa.Date(), nullable=True))
    for block in (PANEL, FOLLOWED, USED, RIGHTS):
        op.get_bind().exec_driver_sql(block)
