"""Letters of a case, a book, a disposition or a time can be left out of what is found."""

import sqlalchemy as sa
from alembic import op

revision = "0049"
down_revision = "0047"
branch_labels = None
depends_on = None

IDS = "(NOT asked ? 'ids' OR asked -> 'ids' ? p.document_id::text)"
# Gathered once for all pages: in an array each page went through all of it
GATHERED = "SELECT jsonb_array_elements_text(asked -> '{0}')"
INSTEAD = f"""(NOT asked ? 'ids' OR p.document_id::text IN ({GATHERED.format("ids")}))
    AND (NOT asked ? 'not_ids' OR p.document_id::text NOT IN ({GATHERED.format("not_ids")}))
    AND (NOT asked ? 'days' OR EXISTS (SELECT FROM jsonb_array_elements(asked -> 'days') t
      WHERE p.day BETWEEN t ->> 0 AND t ->> 1))"""


def upgrade() -> None:
    connection = op.get_bind()
    asked = "SELECT pg_get_functiondef(oid) FROM pg_proc WHERE position(:ids IN prosrc) > 0"
    for as_it_was in connection.scalars(sa.text(asked), {"ids": IDS}).all():
        connection.exec_driver_sql(as_it_was.replace(IDS, INSTEAD).replace("%", "%%"))
