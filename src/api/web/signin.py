"""Signing in and out."""

import re
from typing import Annotated, Final

from fastapi import APIRouter, Form, Query, Request
from fastapi.responses import RedirectResponse, Response

from access import sessions
from access.accounts import GATE
from api.auth import COOKIE, require_same_site
from api.problems import fault_headers, status_of
from api.web.pages import ChangingVisitor, render
from core.db import transaction
from core.faults import Fault, TooManyAttempts, WrongPassword
from core.settings import settings

router = APIRouter(include_in_schema=False)

# A path of this site. "//host" and "/\host" are other sites to a browser, which also drops tabs and line feeds
_LOCAL: Final = re.compile(r"/(?![/\\])[^\\\x00-\x20\x7f]*")


def local_path(wanted: str | None) -> str:
    """The address to go on to, if it is one of ours, else the start."""
    return wanted if wanted and _LOCAL.fullmatch(wanted) else "/"


@router.get("/masuk")
def sign_in_page(request: Request, lanjut: Annotated[str | None, Query(max_length=2000)] = None) -> Response:
    """The sign-in form."""
    return render(request, "masuk.html", onward=local_path(lanjut), name="", fault=None)


@router.post("/masuk")
def sign_in(
    request: Request,
    nama: Annotated[str, Form(max_length=100)] = "",
    sandi: Annotated[str, Form(max_length=200)] = "",
    lanjut: Annotated[str, Form(max_length=2000)] = "/",
) -> Response:
    """Start a session, or show the form again with what is wrong."""
    require_same_site(request)
    name = nama.strip().lower()
    try:
        secret = _open_session(name, sandi, request.client.host if request.client else "-")
    except (WrongPassword, TooManyAttempts) as fault:
        return _again(request, fault, name, lanjut)
    _close(request.cookies.get(COOKIE))
    response = RedirectResponse(local_path(lanjut), 303)
    response.set_cookie(COOKIE, secret, path="/", httponly=True, samesite="lax", secure=settings().cookie_secure)
    return response


@router.post("/keluar")
def sign_out(visitor: ChangingVisitor) -> Response:
    """End the session."""
    _close(visitor.secret)
    response = RedirectResponse("/masuk", 303)
    response.delete_cookie(COOKIE, path="/", httponly=True, samesite="lax", secure=settings().cookie_secure)
    return response


def _open_session(name: str, password: str, address: str) -> str:
    with transaction(GATE) as session:
        sessions.check_attempts(session, name, address)
        login = sessions.stored_login(session, name)
    fits = sessions.login_fits(login, password)  # takes a tenth of a second, on purpose: no transaction waits for it
    with transaction(GATE) as session:
        if login is None or not fits:
            sessions.note_failure(session, name, address)
        else:
            return sessions.open_session(session, login[0])
    raise WrongPassword


def _close(secret: str | None) -> None:
    if secret:
        with transaction(GATE) as session:
            sessions.close_session(session, secret)


def _again(request: Request, fault: Fault, name: str, onward: str) -> Response:
    headers = fault_headers(fault)
    headers.pop("WWW-Authenticate", None)  # for programs; a browser has the form
    return render(
        request,
        "masuk.html",
        status=status_of(fault),
        headers=headers,
        onward=local_path(onward),
        name=name,
        fault=fault,
    )
