"""Alembic's entry: one transaction, one migrator at a time, and no waiting behind locks for ever."""

from alembic import context
from sqlalchemy import text

import access.tables  # noqa: F401 - declares the schema
import archive.keytables
import archive.prooftables
import archive.snapshottables
import archive.tables  # noqa: F401 - declares the schema
import cases.tables  # noqa: F401 - declares its tables
import records.disposal.tables
import records.filing.tables
import records.papertables
import records.retention.tables
import records.tables  # noqa: F401 - declares its tables
import search.tables  # noqa: F401 - declares its tables
from core.db import Base

connection = context.config.attributes["connection"]
context.configure(connection=connection, target_metadata=Base.metadata, compare_server_default=True)
with context.begin_transaction():
    connection.execute(text("SET LOCAL lock_timeout = '5s'"))
    connection.execute(text("SELECT pg_advisory_xact_lock(20261121)"))
    context.run_migrations()
