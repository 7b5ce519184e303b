"""The HTTP application: API, pages, health."""

import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from fastapi import FastAPI
from starlette.concurrency import run_in_threadpool

from api import API, headers, metrics, problems, ready, web
from api.procedures import calendar, procedures
from api.progress import Listener
from api.routes import ROUTERS, health
from api.schemas import SUBJECTS
from api.schemas.problems import Problem
from cases.processing import register
from cases.sopfiles import SopFileError
from core import log, memory
from core.settings import settings
from records.office import office

_PROBLEM: dict[str, Any] = {
    "description": "Problem (RFC 9457)",
    "content": {problems.MEDIA_TYPE: {"schema": Problem.model_json_schema()}},
}


class _Application(FastAPI):
    """FastAPI, whose description of the API keeps the nulls of its examples."""

    def openapi(self) -> dict[str, Any]:
        """As FastAPI makes it, which drops every null: an example without `fault` would not fit its own schema."""
        described = super().openapi()
        for name, schema in described["components"]["schemas"].items():
            model = next((found for module in SUBJECTS if (found := getattr(module, name, None))), None)
            if "examples" in schema and model is not None:
                schema["examples"] = model.model_config["json_schema_extra"]["examples"]
        return described


@asynccontextmanager
async def _lifespan(app: FastAPI) -> AsyncIterator[None]:
    app.state.listener.start()
    await run_in_threadpool(ready.for_letters)
    memory.started()
    yield
    app.state.listener.stop()


def _require_procedures() -> None:
    """End the start when an SOP or the calendar can't be worked by: each line of the reason names what to change."""
    try:
        procedures()
        calendar()
    except SopFileError as error:
        raise SystemExit(f"SOP tidak dapat dipakai:\n{error}") from error
    except ValueError as error:
        raise SystemExit(f"Jam kerja kantor tidak dapat dipakai:\n{error}") from error


def create() -> FastAPI:
    """The application, from this process's settings."""
    wanted = settings()
    office()  # what is wrong with the office's own file is said now, not on a letter
    log.configure(wanted.log_level)
    register(wanted.processing)
    wanted.spool.mkdir(parents=True, exist_ok=True)
    _require_procedures()
    tempfile.tempdir = str(wanted.spool)  # large uploads wait where the office gave room for them
    app = _Application(
        title="Arsiparis",
        version="1",
        summary="Archive of a social-affairs office: from scanner to sealed, searchable record",
        lifespan=_lifespan,
        docs_url=None,  # the stock page loads scripts from elsewhere
        redoc_url=None,
        openapi_url=f"{API}/openapi.json",
    )
    app.state.listener = Listener()
    problems.install(app)
    app.add_middleware(metrics.CountRequests)
    app.add_middleware(headers.SafeHeaders)
    for router in ROUTERS:  # each by itself: every level of routers costs every request a search of its own
        app.include_router(router, prefix=API, responses={"4XX": _PROBLEM, "5XX": _PROBLEM})
    app.include_router(health.router, include_in_schema=False)  # where load balancers look for it
    app.include_router(web.router)
    web.mount_static(app)
    return app
