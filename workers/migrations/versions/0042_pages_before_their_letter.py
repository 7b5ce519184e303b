"""Whoever destroys a letter locks its pages before the letter, as whoever records a page does (archive/pagelock.py)."""

import sqlalchemy as sa
from alembic import op

revision = "0042"
down_revision = "0041"
branch_labels = None
depends_on = None

HOLD = """
CREATE FUNCTION pages_hold(letter uuid) RETURNS void LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, public
AS $$ BEGIN PERFORM FROM page p WHERE p.document_id = letter ORDER BY p.id FOR UPDATE; END $$;
GRANT CREATE ON SCHEMA public TO arsip_functions;
ALTER FUNCTION pages_hold(uuid) OWNER TO arsip_functions;
REVOKE CREATE ON SCHEMA public FROM arsip_functions;
REVOKE ALL ON FUNCTION pages_hold(uuid) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION pages_hold(uuid) TO arsip_eraser;
"""
LETTER = "SELECT * INTO d FROM document WHERE id = letter FOR UPDATE;"


def upgrade() -> None:
    connection = op.get_bind()
    connection.exec_driver_sql(HOLD)
    erase = str(connection.scalar(sa.text("SELECT pg_get_functiondef('disposal_erase(uuid)'::regprocedure)")))
    assert erase.count(LETTER) == 1  # noqa: S101 - as 0026 wrote it
    connection.exec_driver_sql(erase.replace(LETTER, f"PERFORM pages_hold(letter);\n  {LETTER}"))
