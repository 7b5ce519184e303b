"""Who is asking: a bearer token of a program, or the session cookie of somebody at the pages."""

import hmac
from collections.abc import Awaitable, Callable
from typing import Annotated, Final

from fastapi import Depends, Request, Security
from fastapi.security import APIKeyCookie, HTTPBearer
from fastapi.security.http import HTTPAuthorizationCredentials

from access import sessions
from access.accounts import GATE, Account
from access.roles import Right
from core.db import transaction
from core.faults import CrossSiteRequest, Unauthenticated

COOKIE: Final = "arsip_session"
CSRF_HEADER: Final = "X-CSRF-Token"
_SAFE: Final = frozenset({"GET", "HEAD", "OPTIONS"})

_bearer = HTTPBearer(auto_error=False, scheme_name="token", description="Token from `arsip token issue NAME`")
_cookie = APIKeyCookie(name=COOKIE, auto_error=False, scheme_name="session", description="Set by the sign-in page")


def require_same_site(request: Request) -> None:
    """Raise CrossSiteRequest when a browser says that another site's page made it ask."""
    site = request.headers.get("sec-fetch-site")
    if site is not None and site not in ("same-origin", "none"):
        raise CrossSiteRequest
    origin = request.headers.get("origin")
    # scheme://host and nothing else (RFC 6454), so that it needs no parser that could fail on it
    if origin is not None and origin.partition("://")[2] != request.headers.get("host"):
        raise CrossSiteRequest


def require_csrf(secret: str, given: str | None) -> None:
    """Raise CrossSiteRequest unless `given` is the token of that session's pages."""
    # as bytes: text that is not ASCII cannot be compared so
    if not hmac.compare_digest(sessions.csrf_token(secret).encode(), (given or "").encode("utf-8", "replace")):
        raise CrossSiteRequest


def session_account(secret: str) -> Account:
    """Who the cookie stands for. Raises Unauthenticated."""
    with transaction(GATE) as session:
        return sessions.session_account(session, secret)


def current_account(
    request: Request,
    token: Annotated[HTTPAuthorizationCredentials | None, Security(_bearer)],
    cookie: Annotated[str | None, Security(_cookie)],
) -> Account:
    """Who is asking. Raises Unauthenticated; CrossSiteRequest when a cookie comes without its page's token."""
    if token is not None:
        return sessions.token_account(token.credentials)
    if cookie is None:
        raise Unauthenticated
    if request.method not in _SAFE:
        require_same_site(request)
        require_csrf(cookie, request.headers.get(CSRF_HEADER))
    return session_account(cookie)


def requires(right: Right) -> Callable[[Account], Awaitable[Account]]:
    """A dependency: whoever asks, if their role has the right. Raises Forbidden."""

    # async, as it waits for nothing: a plain function would cost each request a trip through the thread pool
    async def check(account: Annotated[Account, Depends(current_account)]) -> Account:
        account.require(right)
        return account

    return check


Uploader = Annotated[Account, Depends(requires(Right.UPLOAD))]
Checker = Annotated[Account, Depends(requires(Right.CHECK))]
Reader = Annotated[Account, Depends(requires(Right.READ))]
Registrar = Annotated[Account, Depends(requires(Right.REGISTER))]
Disposer = Annotated[Account, Depends(requires(Right.DISPOSE))]
AgendaReader = Annotated[Account, Depends(requires(Right.READ_AGENDA))]
LedgerReader = Annotated[Account, Depends(requires(Right.READ_LEDGER))]
Verifier = Annotated[Account, Depends(requires(Right.VERIFY))]
CaseWorker = Annotated[Account, Depends(requires(Right.WORK_CASES))]
Keeper = Annotated[Account, Depends(requires(Right.PLACE))]
Exporter = Annotated[Account, Depends(requires(Right.EXPORT))]
Filer = Annotated[Account, Depends(requires(Right.FILE))]
Retainer = Annotated[Account, Depends(requires(Right.RETAIN))]
RetentionReader = Annotated[Account, Depends(requires(Right.READ_RETENTION))]
Holder = Annotated[Account, Depends(requires(Right.HOLD))]
ReportReader = Annotated[Account, Depends(requires(Right.READ_REPORTS))]
Retirer = Annotated[Account, Depends(requires(Right.RETIRE))]
Appraiser = Annotated[Account, Depends(requires(Right.APPRAISE))]
Waiver = Annotated[Account, Depends(requires(Right.WAIVE))]
Rereader = Annotated[Account, Depends(requires(Right.REREAD))]
Manager = Annotated[Account, Depends(requires(Right.MANAGE_USERS))]
Anyone = Annotated[Account, Depends(current_account)]
