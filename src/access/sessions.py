"""Sessions of page users and bearer tokens of programs: random secrets outside, their SHA-256 inside."""

import hashlib
import hmac
import secrets
from datetime import timedelta
from typing import Final

from sqlalchemy import delete, func, or_, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from access.accounts import Account, account_of, is_name
from access.passwords import password_is
from access.roles import Role
from access.tables import AccountRow, LoginFailureRow, SessionRow, TokenRow
from core.db import ask
from core.faults import TooManyAttempts, Unauthenticated
from core.settings import settings

TOKEN_PREFIX = "arsip_"  # noqa: S105 - lets secret scanners recognise a leaked token; it is no secret itself
# A name is guessed at by few; behind one address (a proxy, an office's router) many people may mistype
_FAILURES_ALLOWED = {"name": 5, "from": 30}
_FAILURE_WINDOW_SECONDS = 300

# Asked with every request of a program
_BEARER: Final = "SELECT id, name, role, unit, clearance FROM account_of_token(%(digest)s)"


def _digest(secret: str) -> bytes:
    return hashlib.sha256(secret.encode("utf-8", "replace")).digest()


def csrf_token(secret: str) -> str:
    """The token a page sends back with each change, bound to the session of that secret."""
    return hmac.new(secret.encode(), b"csrf", hashlib.sha256).hexdigest()


def check_attempts(session: Session, name: str, address: str) -> None:
    """Raise TooManyAttempts after five wrong passwords for the name in five minutes, or thirty from the address."""
    window = func.now() - timedelta(seconds=_FAILURE_WINDOW_SECONDS)
    for kind, value in (("name", name), ("from", address)):
        failures = session.scalar(
            select(func.count()).where(LoginFailureRow.key == _digest(f"{kind}:{value}"), LoginFailureRow.at > window)
        )
        if (failures or 0) >= _FAILURES_ALLOWED[kind]:
            raise TooManyAttempts(seconds=_FAILURE_WINDOW_SECONDS)


def note_failure(session: Session, name: str, address: str) -> None:
    """Remember a wrong password, for the name and for the address."""
    for key in ("name:" + name, "from:" + address):
        session.execute(insert(LoginFailureRow).values(key=_digest(key)))


def stored_login(session: Session, name: str) -> tuple[Account, str | None] | None:
    """The account of that name with its password hash."""
    row = session.scalar(select(AccountRow).where(AccountRow.name == name)) if is_name(name) else None
    return (account_of(row), row.password_hash) if row else None


def login_fits(login: tuple[Account, str | None] | None, password: str) -> bool:
    """Whether the password is that account's; as slow for an unknown name."""
    return password_is(login[1] if login else None, password)


def open_session(session: Session, account: Account) -> str:
    """Start a session; the returned secret goes into the cookie and is kept nowhere else."""
    secret = secrets.token_urlsafe(32)
    expires = func.now() + timedelta(hours=settings().session_hours)
    session.execute(insert(SessionRow).values(digest=_digest(secret), account_id=account.id, expires_at=expires))
    return secret


def session_account(session: Session, secret: str) -> Account:
    """Who the cookie's secret stands for. Raises Unauthenticated when the session is unknown, idle or over."""
    idle = timedelta(minutes=settings().session_idle_minutes)
    row = session.execute(
        select(AccountRow, SessionRow.seen_at < func.now() - timedelta(minutes=1))
        .join(SessionRow, SessionRow.account_id == AccountRow.id)
        .where(SessionRow.digest == _digest(secret))
        .where(SessionRow.expires_at > func.now(), SessionRow.seen_at > func.now() - idle)
    ).one_or_none()
    if row is None:
        raise Unauthenticated
    if row[1]:  # once a minute is enough, and spares a write on each request
        session.execute(update(SessionRow).where(SessionRow.digest == _digest(secret)).values(seen_at=func.now()))
    return account_of(row[0])


def close_sessions_of(session: Session, account: Account) -> None:
    """Sign the account out everywhere."""
    session.execute(delete(SessionRow).where(SessionRow.account_id == account.id))


def close_session(session: Session, secret: str) -> None:
    session.execute(delete(SessionRow).where(SessionRow.digest == _digest(secret)))


def issue_token(session: Session, account: Account, secret: str | None = None) -> str:
    """A new bearer token for a program; returned once, kept as its digest."""
    secret = secret or TOKEN_PREFIX + secrets.token_urlsafe(32)
    session.execute(insert(TokenRow).values(account_id=account.id, digest=_digest(secret)).on_conflict_do_nothing())
    return secret


def revoke_tokens(session: Session, account: Account) -> int:
    """Take back every token of the account; how many that were."""
    revoked = session.scalars(
        update(TokenRow)
        .where(TokenRow.account_id == account.id, TokenRow.revoked_at.is_(None))
        .values(revoked_at=func.now())
        .returning(TokenRow.id)
    )
    return len(revoked.all())


def token_account(secret: str) -> Account:
    """Who the token stands for. Raises Unauthenticated when it is unknown or revoked."""
    row = ask(_BEARER, {"digest": _digest(secret)})
    if row is None:
        raise Unauthenticated
    return Account(row.id, row.name, Role(row.role), row.unit, row.clearance)


def forget_ended(session: Session) -> None:
    """Delete sessions that are over and failures out of the window."""
    idle = func.now() - timedelta(minutes=settings().session_idle_minutes)
    session.execute(delete(SessionRow).where(or_(SessionRow.expires_at < func.now(), SessionRow.seen_at < idle)))
    window = func.now() - timedelta(seconds=_FAILURE_WINDOW_SECONDS)
    session.execute(delete(LoginFailureRow).where(LoginFailureRow.at < window))
