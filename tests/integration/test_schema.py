"""The migrated schema is the declared one, and migrating is safe at any time."""

import os
import subprocess
import sys

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import Connection, Engine, text

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
from cli.engines import Stack, running_engines
from core.db import Base, make_engine
from tests.fixtures_engines import short_folder
from tests.integration.driving import engine_of, migrate

TABLES = set(Base.metadata.tables)


def _differences(engine: Engine) -> list[object]:
    with engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_server_default": True, "compare_type": True})
        return compare_metadata(context, Base.metadata)


def _definitions(connection: Connection, schema: str) -> set[tuple[str, ...]]:
    """Checks, defaults, generated columns and indexes as PostgreSQL itself writes them down."""
    rows = connection.execute(
        text(
            """
            SELECT 'check', conrelid::regclass::text, conname, pg_get_constraintdef(oid)
            FROM pg_constraint
            WHERE contype IN ('c', 'p', 'u') AND connamespace = to_regnamespace(CAST(:schema AS text))
            UNION ALL
            SELECT 'default', adrelid::regclass::text, attname, pg_get_expr(adbin, adrelid) || attgenerated::text
            FROM pg_attrdef JOIN pg_attribute ON attrelid = adrelid AND attnum = adnum
            JOIN pg_class c ON c.oid = adrelid
            WHERE c.relnamespace = to_regnamespace(CAST(:schema AS text))
            UNION ALL
            SELECT 'index', tablename, indexname, indexdef FROM pg_indexes WHERE schemaname = CAST(:schema AS text)
            """
        ),
        {"schema": schema},
    )
    plain = {tuple(str(part).replace(f"{schema}.", "") for part in row) for row in rows}
    return {row for row in plain if "alembic_version" not in row}


def test_the_declared_schema_is_the_migrated_one(superuser: Engine) -> None:
    assert _differences(superuser) == []
    with superuser.connect() as connection:  # what Alembic doesn't compare
        connection.execute(text("CREATE SCHEMA declared"))
        declaring = connection.execution_options(schema_translate_map={None: "declared"})
        Base.metadata.create_all(declaring)
        declared, migrated = _definitions(connection, "declared"), _definitions(connection, "public")
        connection.rollback()
    assert len(migrated) > 50
    assert migrated == declared


def test_a_difference_would_be_seen(superuser: Engine) -> None:
    with superuser.connect() as connection:
        connection.execute(text("ALTER TABLE document ALTER pages_read SET DEFAULT 7"))
        connection.execute(text("DROP INDEX page_due"))
        context = MigrationContext.configure(connection, opts={"compare_server_default": True})
        assert len(compare_metadata(context, Base.metadata)) == 2
        connection.rollback()


def test_every_table_forces_row_security(superuser: Engine) -> None:
    with superuser.connect() as connection:
        rows = connection.execute(
            text(
                "SELECT relname, relrowsecurity, relforcerowsecurity FROM pg_class "
                "WHERE relkind IN ('r', 'p') AND relnamespace = 'public'::regnamespace"
            )
        ).all()
    walled = {name for name, on, forced in rows if on and forced}
    assert walled == TABLES
    assert {name for name, _, _ in rows} - walled == {"alembic_version"}


# An index that has the column first, of all rows or of all that refer to anything
_UNINDEXED = text("""
    SELECT c.conrelid::regclass::text || '.' || a.attname, c.confrelid::regclass::text
    FROM pg_constraint c JOIN pg_attribute a ON a.attrelid = c.conrelid AND a.attnum = ANY (c.conkey)
    WHERE c.contype = 'f' AND c.connamespace = 'public'::regnamespace AND NOT EXISTS (
      SELECT FROM pg_index i WHERE i.indrelid = c.conrelid AND i.indkey[0] = a.attnum AND i.indisvalid
        AND coalesce(pg_get_expr(i.indpred, i.indrelid) = format('(%I IS NOT NULL)', a.attname), true))
    ORDER BY 1
""")
# Rows of these stay for ever, so nobody looks for what refers to one: an index would cost each writer and serve nobody
_LASTING = {"account", "sop_version", "classification_import", "schedule_row"}


def test_what_refers_to_a_row_that_can_go_is_found_by_an_index(superuser: Engine) -> None:
    """Else each row that a destruction takes away would have tables read from end to end."""
    with superuser.connect() as connection:
        unindexed = connection.execute(_UNINDEXED).all()
        roles = connection.scalars(text("SELECT rolname FROM pg_roles WHERE rolname LIKE 'arsip%'")).all()
        asked = text("SELECT has_table_privilege(:role, :table, 'DELETE, TRUNCATE')")
        for table in _LASTING:
            own = [role for role in roles if connection.scalar(asked, {"role": role, "table": table})]
            assert own == ["arsip_owner"], table
        assert [column for column, table in unindexed if table not in _LASTING] == []
        connection.execute(text("DROP INDEX letter_mark_document_id"))
        assert "letter_mark.document_id" in [column for column, _ in connection.execute(_UNINDEXED)]
        connection.rollback()


def test_no_server_role_owns_or_overrules_anything(superuser: Engine) -> None:
    with superuser.connect() as connection:
        roles = connection.execute(
            text(
                "SELECT rolname FROM pg_roles WHERE rolname LIKE 'arsip%' AND (rolsuper OR rolbypassrls OR rolcreatedb"
                " OR rolreplication)"
            )
        ).all()
        owned = connection.execute(
            text("SELECT relname FROM pg_class WHERE relowner IN ('arsip_api'::regrole, 'arsip_worker'::regrole)")
        ).all()
        members = connection.execute(
            text("SELECT 1 FROM pg_auth_members WHERE member IN ('arsip_api'::regrole, 'arsip_worker'::regrole)")
        ).all()
    assert (roles, owned, members) == ([], [], [])


def test_migrating_again_changes_nothing(archive: Stack, superuser: Engine) -> None:
    def picture() -> list[object]:
        with superuser.connect() as connection:
            policies = connection.execute(text("SELECT * FROM pg_policies ORDER BY 1, 2, 3")).all()
            accounts = connection.execute(text("SELECT id, name FROM account WHERE name LIKE 'operator%'")).all()
            tokens = connection.execute(
                text("SELECT count(*) FROM token t JOIN account a ON a.id = t.account_id WHERE a.name LIKE 'operator%'")
            ).all()
            return [policies, sorted(map(tuple, accounts)), tokens]

    before = picture()
    migrate(archive)
    assert picture() == before
    assert before[2] == [(2,)]
    assert _differences(superuser) == []


def test_a_migration_broken_off_is_taken_up_again() -> None:
    """Roles half made, one password forgotten, no schema: the next run makes it whole."""
    with short_folder() as folder, running_engines(folder / "data") as stack:
        with engine_of(stack, "arsip_owner") as owner, owner.begin() as connection:
            connection.execute(text("CREATE ROLE arsip_worker LOGIN PASSWORD 'lupa'"))
        changed = {**os.environ, **stack.env, "ARSIP_API_PASSWORD": "diganti"}
        subprocess.run([sys.executable, "-m", "cli.main", "migrate"], env=changed, check=True)
        migrate(stack)
        with engine_of(stack, "arsip_worker") as worker, worker.connect() as connection:
            assert connection.scalar(text("SELECT count(*) FROM document")) == 0
        api = make_engine(stack.env["ARSIP_DATABASE_URL"])
        with api.connect() as connection:
            assert connection.scalar(text("SELECT count(*) FROM document")) == 0
        api.dispose()
        with engine_of(stack, "postgres") as root:
            assert _differences(root) == []


def test_no_function_lost_a_percent_sign_on_its_way(superuser: Engine) -> None:
    """The driver takes %s in a migration for a value, and writes $1: of a format() that is a text without values."""
    lost = "SELECT proname FROM pg_proc WHERE pronamespace = 'public'::regnamespace AND prosrc ~ '[$][0-9]'"
    with superuser.connect() as connection:
        assert connection.scalars(text(lost)).all() == []


@pytest.mark.parametrize("table", sorted(TABLES))
def test_no_server_role_may_delete_the_record(superuser: Engine, table: str) -> None:
    servers = {"arsip_api", "arsip_worker"}
    # what is over, proposals and words, which are made anew at any change, what a worker is to tell the store or
    # the ledger, what somebody keeps for themselves, and that a copy lies in the store which nothing needs any more
    passing = {
        "session": servers,
        "login_failure": servers,
        "case_proposal": {"arsip_worker", "arsip_functions"},
        "lock_due": {"arsip_worker"},
        "search_made": {"arsip_worker"},
        "word": {"arsip_functions"},
        "saved_search": {"arsip_api"},
        "stored_object": {"arsip_functions"},
    }
    with superuser.connect() as connection:
        for role in ("arsip_api", "arsip_worker", "arsip_functions"):
            may = connection.scalar(
                text(
                    "SELECT has_table_privilege(:role, :table, 'DELETE')"
                    " OR has_table_privilege(:role, :table, 'TRUNCATE')"
                ),
                {"role": role, "table": table},
            )
            assert may is (role in passing.get(table, ()))
