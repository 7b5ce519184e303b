"""Faults as RFC 9457 problem+json, or as a page for people: the only place that knows a fault's HTTP status."""

import logging
import secrets
from typing import Any, Final

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse, Response
from starlette.exceptions import HTTPException

from api.headers import SAFE_HEADERS
from archive.reading import clean
from core import faults
from core.faults import Fault

log = logging.getLogger(__name__)

STATUS: Final[dict[type[Fault], int]] = {
    faults.EmptyFile: 400,
    faults.UnsupportedType: 415,
    faults.TooLarge: 413,
    faults.InvalidRequest: 422,
    faults.IdempotencyConflict: 409,
    faults.NotReady: 409,
    faults.NotHeld: 409,
    faults.NotCheckpointed: 409,
    faults.CheckedMeanwhile: 409,
    faults.CutMeanwhile: 409,
    faults.PagesElsewhere: 409,
    faults.CutFirst: 409,
    faults.LetterInUse: 409,
    faults.InOtherBook: 409,
    faults.EntryCancelled: 409,
    faults.StepTaken: 409,
    faults.StepNotYet: 409,
    faults.DispositionRefused: 409,
    faults.CaseRefused: 409,
    faults.CaseIncomplete: 409,
    faults.CaseClosed: 409,
    faults.DisposalRefused: 409,
    faults.ListNotNamed: 409,
    faults.TableRefused: 422,
    faults.BerkasRefused: 409,
    faults.BerkasClosed: 409,
    faults.HoldRefused: 409,
    faults.Unauthenticated: 401,
    faults.WrongPassword: 401,
    faults.TooManyAttempts: 429,
    faults.Forbidden: 403,
    faults.CrossSiteRequest: 403,
    faults.NotFound: 404,
    faults.WrongMethod: 405,
    faults.UnreadableFile: 422,
    faults.Unavailable: 503,
    faults.BytesDiffer: 500,
    faults.KeyUnusable: 500,
    faults.KeyDestroyed: 410,
    faults.Unforeseen: 500,
}
_RETRY_SECONDS: Final = "5"
_LONGEST_PLACE: Final = 80
_MOST_PLACES: Final = 10
MEDIA_TYPE: Final = "application/problem+json"


def status_of(fault: Fault) -> int:
    """The status of a fault, or of the nearest kind above it."""
    return next((STATUS[kind] for kind in type(fault).__mro__ if kind in STATUS), 500)


def problem(fault: Fault) -> dict[str, Any]:
    """The problem's members: type, title, status, detail, slug."""
    return {
        "type": f"urn:arsip:fault:{fault.slug}",
        "title": fault.title,
        "status": status_of(fault),
        "detail": fault.detail,
        "slug": fault.slug,
    }


def fault_headers(fault: Fault) -> dict[str, str]:
    """Headers that go with a fault's answer."""
    headers = {"Cache-Control": "no-store"}
    if isinstance(fault, faults.Unauthenticated | faults.WrongPassword):
        headers["WWW-Authenticate"] = 'Bearer realm="arsip"'
    if isinstance(fault, faults.Unavailable):
        headers["Retry-After"] = _RETRY_SECONDS
    if isinstance(fault, faults.TooManyAttempts):
        headers["Retry-After"] = str(fault.facts["seconds"])
    return headers


def answer(request: Request, fault: Fault) -> Response:
    """The fault as the asker can use it: problem+json for programs, a page for people."""
    for_people = not request.url.path.startswith("/api/") and "text/html" in request.headers.get("accept", "")
    if for_people:
        from api.web.views import fault_page  # the pages import this module

        return fault_page(request, fault, status_of(fault), fault_headers(fault))
    return JSONResponse(problem(fault), status_of(fault), fault_headers(fault), MEDIA_TYPE)


def _from_http(error: HTTPException) -> Fault:
    if error.status_code == 405:
        return faults.WrongMethod()
    if error.status_code == 404:
        return faults.NotFound()
    return faults.InvalidRequest(what="bentuk permintaan")


def _what_is_wrong(error: RequestValidationError) -> str:
    # The place only: the value may be somebody's name. A place can be a key that the sender made up
    places = {".".join(str(part) for part in e["loc"][1:])[:_LONGEST_PLACE] or "isi" for e in error.errors()}
    return clean(", ".join(sorted(places)[:_MOST_PLACES]))


def install(app: FastAPI) -> None:
    """Answer faults, validation, router errors and the unforeseen alike."""

    def on_fault(request: Request, error: Exception) -> Response:
        assert isinstance(error, Fault)  # noqa: S101 - what this handler is installed for
        if status_of(error) >= 500:
            log.error("fault", extra={"slug": error.slug, "route": request.scope.get("path", "")[:60]})
        return answer(request, error)

    def on_validation(request: Request, error: Exception) -> Response:
        assert isinstance(error, RequestValidationError)  # noqa: S101
        return answer(request, faults.InvalidRequest(what=_what_is_wrong(error)))

    def on_http(request: Request, error: Exception) -> Response:
        assert isinstance(error, HTTPException)  # noqa: S101
        return answer(request, _from_http(error))

    def on_anything(request: Request, error: Exception) -> Response:
        incident = secrets.token_hex(4)
        log.error("unforeseen", exc_info=error, extra={"incident": incident})
        response = answer(request, faults.Unforeseen(incident=incident))
        for name, value in SAFE_HEADERS.items():  # this answer is given outside the middleware that adds them
            response.headers.setdefault(name, value)
        return response

    app.add_exception_handler(Fault, on_fault)
    app.add_exception_handler(RequestValidationError, on_validation)
    app.add_exception_handler(HTTPException, on_http)
    app.add_exception_handler(Exception, on_anything)
