"""`arsip migrate`: roles, schema, buckets and this machine's operators; safe to run again at any time."""

import os

import click
from alembic import command
from alembic.config import Config
from psycopg import sql
from sqlalchemy import Connection, Engine, create_engine, text
from sqlalchemy.orm import Session

from access.accounts import add_account, find_account
from access.sessions import issue_token
from archive import blobs, snapshots, wholesale
from cli.datadir import LOST
from core.faults import NotFound
from core.settings import MigrationSettings, OfficeRules, refuse_unknown, settings

# The accounts that `arsip` uses on the machine that runs `arsip up`
OPERATORS = {"operator_token": ("operator", "arsiparis"), "operator_admin_token": ("operator-admin", "admin")}

_UNREAD = text(
    "SELECT c.oid::regclass::text FROM pg_class c WHERE c.relkind = 'r' AND c.relrowsecurity"
    " AND c.relnamespace = 'public'::regnamespace"
    " AND NOT EXISTS (SELECT FROM pg_policy p WHERE p.polrelid = c.oid AND p.polname = 'snapshot_reads') ORDER BY 1"
)


def make_roles(connection: Connection, wanted: MigrationSettings) -> None:
    """The roles of the server processes, which own nothing; the ones that own the walled functions, and what destroys a
    letter."""
    raw = connection.connection.driver_connection
    assert raw is not None  # noqa: S101 - an open connection always has its driver's
    present = {row[0] for row in connection.execute(text("SELECT rolname FROM pg_roles"))}
    for role in ("arsip_functions", "arsip_eraser"):
        if role not in present:
            connection.execute(text(f"CREATE ROLE {role} NOLOGIN"))
            connection.execute(text(f"GRANT {role} TO CURRENT_USER"))
    for role, password in (("arsip_api", wanted.api_password), ("arsip_worker", wanted.worker_password)):
        if role not in present:
            connection.execute(text(f"CREATE ROLE {role} LOGIN"))
        raw.execute(
            sql.SQL("ALTER ROLE {} PASSWORD {}").format(sql.Identifier(role), sql.Literal(password.get_secret_value()))
        )
    if "arsip_snapshot" not in present:
        connection.execute(text("CREATE ROLE arsip_snapshot NOLOGIN"))
    if wanted.snapshot_password is not None:
        known = sql.Literal(wanted.snapshot_password.get_secret_value())
        raw.execute(sql.SQL("ALTER ROLE arsip_snapshot LOGIN PASSWORD {}").format(known))


def upgrade(connection: Connection, revision: str = "head") -> None:
    """Bring the schema to a revision: the newest, or an earlier one that a snapshot was taken under."""
    config = Config()
    config.set_main_option("script_location", "workers:migrations")
    config.attributes["connection"] = connection
    command.upgrade(config, revision)


def _refuse_lost(connection: Connection) -> None:
    """End with LOST when there is no schema, yet the store holds an archive: a new one would begin beside it."""
    begun = connection.scalar(text("SELECT to_regclass('public.alembic_version') IS NOT NULL"))
    if not begun and wholesale.is_there() and snapshots.any_in_bucket():
        click.echo("Basis data kosong, padahal penyimpanan berisi arsip. Jalankan: arsip rebuild", err=True)
        raise SystemExit(LOST)


def let_snapshots_read(connection: Connection) -> None:
    """Let arsip_snapshot read every table, those of later migrations too: no table may be missing in a snapshot."""
    connection.execute(text("GRANT SELECT ON ALL TABLES IN SCHEMA public TO arsip_snapshot"))
    for table in connection.scalars(_UNREAD).all():
        connection.execute(text(f"CREATE POLICY snapshot_reads ON {table} FOR SELECT TO arsip_snapshot USING (true)"))


def tell_rules(connection: Connection) -> None:
    """Write the office's rules of dates and retention into the database, as the owner, whom no server process is: the
    guards of destruction stand there and go by them (docs/adr/0024)."""
    raw = connection.connection.driver_connection
    assert raw is not None  # noqa: S101 - an open connection always has its driver's
    told = [
        sql.SQL("WHEN {} THEN {}").format(sql.Literal(name), sql.Literal(str(value)))
        for name, value in OfficeRules().model_dump(include=set(OfficeRules.model_fields)).items()
    ]
    raw.execute(
        sql.SQL(
            "CREATE OR REPLACE FUNCTION office_setting(wanted text) RETURNS text LANGUAGE sql STABLE PARALLEL SAFE "
            "AS $rules$ SELECT CASE wanted {} END $rules$"
        ).format(sql.SQL(" ").join(told))
    )


def add_operators(engine: Engine, wanted: MigrationSettings) -> None:
    for field, (name, role) in OPERATORS.items():
        token = getattr(wanted, field)
        if token is None:
            continue
        with Session(engine) as session, session.begin():
            session.execute(text("SELECT set_config('app.role', 'admin', true)"))
            try:
                account = find_account(session, name)
            except NotFound:
                account = add_account(session, name=name, role=role, unit="umum", clearance="sangat_rahasia")
            issue_token(session, account, token.get_secret_value())


@click.command
@click.option("--after", type=int, hidden=True, help="Begin when this open file ends: `arsip up` has engines to start.")
def migrate(after: int | None) -> None:
    """Siapkan basis data dan penyimpanan (dipakai oleh `arsip up` dan docker compose)."""
    refuse_unknown()
    if after is not None:
        with os.fdopen(after, "rb") as file:
            file.read()
    wanted = MigrationSettings()
    engine = create_engine(wanted.owner_database_url.get_secret_value(), hide_parameters=True)
    with engine.begin() as connection:
        make_roles(connection, wanted)
    with engine.begin() as connection:
        _refuse_lost(connection)
        upgrade(connection)
        let_snapshots_read(connection)
        tell_rules(connection)
    add_operators(engine, wanted)
    engine.dispose()
    if wanted.s3_admin_access_key and wanted.s3_admin_secret_key:
        blobs.make_buckets(
            settings(),
            wanted.s3_admin_access_key.get_secret_value(),
            wanted.s3_admin_secret_key.get_secret_value(),
        )
