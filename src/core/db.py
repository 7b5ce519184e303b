"""PostgreSQL: engine, transactions with a row-security context, declared schema's base."""

import select
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, closing, contextmanager, suppress
from functools import cache
from typing import Any, Final, LiteralString, Self, cast

import psycopg
from psycopg import pq
from psycopg.rows import RowFactory, namedtuple_row, tuple_row
from psycopg.types.json import set_json_loads
from pydantic_core import from_json
from sqlalchemy import Engine, MetaData, PoolProxiedConnection, create_engine, event, text
from sqlalchemy.exc import DBAPIError, DisconnectionError, InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError
from sqlalchemy.orm import DeclarativeBase, Session

from core.faults import DatabaseUnavailable
from core.settings import settings

# Names for constraints, so that migrations and declared schema agree on them
_NAMING = {
    "ix": "%(table_name)s_%(column_0_N_name)s",
    "uq": "%(table_name)s_%(column_0_N_name)s_key",
    "ck": "%(table_name)s_%(constraint_name)s_check",
    "fk": "%(table_name)s_%(column_0_N_name)s_fkey",
    "pk": "%(table_name)s_pkey",
}

# The keys policies read (workers/migrations). Set for one transaction only, so a pooled connection carries nothing on.
CONTEXT_KEYS = ("app.role", "app.account", "app.unit", "app.clearance")
_BEGIN: Final = ("BEGIN; SELECT " + ", ".join(f"set_config('{key}', %s, true)" for key in CONTEXT_KEYS)).encode()
_STATEMENTS: Final = "statements"  # in the info of a session, and of a connection of the pool
_CONTEXT: Final = "context"  # in the info of a session


class Base(DeclarativeBase):
    """Base of every table."""

    metadata = MetaData(naming_convention=_NAMING)


def make_engine(url: str, *, pool_size: int = 6, statement_seconds: int = 30) -> Engine:
    """An engine whose statements can't hang for ever and whose errors never show parameters (personal data)."""
    idle = max(60, statement_seconds)
    made = create_engine(
        url,
        pool_size=pool_size,
        max_overflow=0,
        pool_timeout=10,
        pool_use_lifo=True,  # whose server process has plans and pages at hand
        hide_parameters=True,
        connect_args={
            "connect_timeout": 5,
            "options": f"-c statement_timeout={statement_seconds}s -c lock_timeout=10s"
            f" -c idle_in_transaction_session_timeout={idle}s",
        },
    )
    event.listen(made, "checkout", _refuse_closed)
    return made


def _refuse_closed(connection: Any, _record: Any, _proxy: Any) -> None:
    """Make the pool replace a connection that the server has ended: it has something to say before it was asked.

    As telling as a ping after a restart of PostgreSQL, without a question and an answer on each checkout.
    """
    if connection.closed:
        raise DisconnectionError
    waiting = select.poll()
    waiting.register(connection.fileno(), select.POLLIN)
    if waiting.poll(0):
        raise DisconnectionError


@cache
def engine() -> Engine:
    """This process's engine."""
    return make_engine(settings().database_url.get_secret_value())


def open_connections(number: int) -> None:
    """Have so many connections ready, so that the first twenty senders of a morning don't all wait for new ones."""
    with ExitStack() as opened, suppress(OperationalError):  # PostgreSQL is away: they are opened when it is asked
        for _ in range(number):
            opened.enter_context(engine().connect())


# as SQLAlchemy says it, and as psycopg does where it is asked alone
_AWAY: Final = (OperationalError, InterfaceError, psycopg.OperationalError, psycopg.InterfaceError)


@contextmanager
def _engine_faults() -> Iterator[None]:
    try:
        yield
    except (*_AWAY, PoolTimeoutError) as error:
        raise DatabaseUnavailable from error
    except DBAPIError as error:
        if error.connection_invalidated:
            raise DatabaseUnavailable from error
        raise


@contextmanager
def transaction(context: Mapping[str, str] | None = None) -> Iterator[Session]:
    """One transaction in the given row-security context; commits at the end, rolls back on any exception.

    Raises DatabaseUnavailable when PostgreSQL is away: nothing of the transaction stays.
    """
    with _engine_faults(), Session(engine(), expire_on_commit=False) as session, session.begin():
        if context is not None:
            session.info[_STATEMENTS] = asking = cursor(session)
            session.info[_CONTEXT] = context
            _begin(asking.connection.pgconn, context)
        yield session


def _begin(server: pq.abc.PGconn, context: Mapping[str, str]) -> None:
    """Begin a transaction in that context by one message, where psycopg sends two; it looks whether there is one."""
    escaping = pq.Escaping(server)
    values = tuple(escaping.escape_literal(context.get(key, "").encode()) for key in CONTEXT_KEYS)
    done = server.exec_(_BEGIN % values)
    if done.status != pq.ExecStatus.TUPLES_OK:
        raise psycopg.errors.error_from_result(done)


class Statements:
    """What is asked again and again of one connection: a cursor of psycopg is kept for each statement, which remembers
    how its values are written and its rows read. Take the rows before you ask the same again."""

    def __init__(self, connection: psycopg.Connection[Any]) -> None:
        self.connection = connection
        self._cursors: dict[tuple[str, RowFactory[Any]], psycopg.Cursor[Any]] = {}

    @classmethod
    def of(cls, lent: PoolProxiedConnection) -> Self:
        """Those of a connection of the pool."""
        kept: Self | None = lent.info.get(_STATEMENTS)
        if kept is None:
            kept = lent.info[_STATEMENTS] = cls(cast(Any, lent.driver_connection))
        return kept

    def execute(
        self, statement: LiteralString, values: Mapping[str, Any], rows: RowFactory[Any] = tuple_row
    ) -> psycopg.Cursor[Any]:
        """Ask a statement that is a constant; values stand as %(name)s."""
        cursor = self._cursors.get((statement, rows))
        if cursor is None:
            cursor = self._cursors[statement, rows] = self.connection.cursor(row_factory=rows)
            set_json_loads(from_json, cursor)  # faster than Python's own
        return cursor.execute(statement, values)


def cursor(session: Session) -> Statements:
    """What asks by psycopg in a session's transaction, for what is asked so often that SQLAlchemy's share of the time
    counts; rows are tuples."""
    known: Statements | None = session.info.get(_STATEMENTS)
    return known or Statements.of(session.connection().connection)


def context(session: Session) -> Mapping[str, str]:
    """The row-security context of a session's transaction; empty where it has none."""
    told: Mapping[str, str] = session.info.get(_CONTEXT, {})
    return told


@contextmanager
def alone(lock: int) -> Iterator[bool]:
    """Hold PostgreSQL's advisory lock of that number for as long as the block takes, on a connection of its own and
    outside of any transaction; False when another process holds it. Raises DatabaseUnavailable."""
    with _engine_faults(), engine().connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        held = bool(connection.scalar(text("SELECT pg_try_advisory_lock(:lock)"), {"lock": lock}))
        try:
            yield held
        finally:
            if held:
                connection.execute(text("SELECT pg_advisory_unlock(:lock)"), {"lock": lock})


@cache
def snapshot_engine() -> Engine:
    """This process's engine as arsip_snapshot, the role that reads every row. Only where its setting is given."""
    wanted = settings().snapshot_database_url
    assert wanted is not None  # noqa: S101 - asked for by doors that looked
    return make_engine(wanted.get_secret_value(), pool_size=2, statement_seconds=900)


@contextmanager
def snapshot_transaction(*, still: bool = False) -> Iterator[Session]:
    """A transaction as arsip_snapshot; `still`: all of it sees the database as it was at its first statement.

    Raises DatabaseUnavailable when PostgreSQL is away.
    """
    level = "REPEATABLE READ" if still else "READ COMMITTED"
    bound = snapshot_engine().execution_options(isolation_level=level)
    with _engine_faults(), Session(bound, expire_on_commit=False) as session, session.begin():
        yield session


def ask(statement: LiteralString, values: Mapping[str, Any], *, keep: bool = True) -> Any:
    """The first row that a statement gives, by names, without a context and in one round trip; None when there is none.
    For what nearly every request asks, and so by psycopg alone, which takes half the time; values stand as %(name)s.
    Unless `keep`, what the statement did is taken back.

    Raises DatabaseUnavailable when PostgreSQL is away.
    """
    with _engine_faults(), closing(engine().raw_connection()) as lent:  # given back, what is not committed is undone
        asking = Statements.of(lent)
        connection = asking.connection
        connection.autocommit = keep
        try:
            return asking.execute(statement, values, namedtuple_row).fetchone()
        finally:
            if keep and not connection.closed:
                connection.autocommit = False


def answers() -> None:
    """Raise DatabaseUnavailable unless PostgreSQL answers a query now."""
    with transaction() as session:
        session.execute(text("SELECT 1"))
