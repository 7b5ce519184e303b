"""Is it alive, does every engine answer, and how much work there is."""

from collections.abc import Callable
from contextlib import suppress
from typing import Any, Final

from fastapi import APIRouter, Response
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest
from redis.exceptions import RedisError
from sqlalchemy import text

from api.metrics import FINDINGS, REGISTRY
from api.schemas import health as schemas
from archive import blobs, comparing, fixitystate
from core import db
from core.db import transaction
from core.faults import DatabaseUnavailable, Fault
from core.queue import FEEDER_LOCK, broker

router = APIRouter(tags=["health"])


_FEEDING = text("SELECT EXISTS (SELECT 1 FROM pg_locks WHERE locktype = 'advisory' AND objid = :lock AND granted)")


def _worker_feeds() -> None:
    """Some worker's feeder holds its lock for as long as it lives (workers/feeder.py)."""
    with transaction() as session:
        if not session.scalar(_FEEDING, {"lock": FEEDER_LOCK}):
            raise DatabaseUnavailable


_ENGINES: Final[dict[str, Callable[[], object]]] = {
    "postgresql": db.answers,
    "valkey": lambda: broker().ping(),
    "s3": blobs.answers,
    "worker": _worker_feeds,
}


def _answers(check: Callable[[], object]) -> bool:
    try:
        check()
    except (Fault, RedisError):
        return False
    return True


@router.get("/healthz")
async def alive() -> schemas.Alive:
    """The process is alive."""
    return schemas.Alive(alive=True)


@router.get("/readyz", responses={503: {"model": schemas.Health}})
def ready(response: Response) -> schemas.Health:
    """Every engine answers; 503 otherwise, with which ones do."""
    engines = {name: _answers(check) for name, check in _ENGINES.items()}
    if not all(engines.values()):
        response.status_code = 503
    return schemas.Health(ready=all(engines.values()), engines=engines, findings=_findings())


# Who may count findings without being anybody
_COUNTS: Final = {"app.role": "auditor"}


def _findings() -> int | None:
    """How many findings of the store stand, and objects that were found bad and are not repaired. They make nothing
    unready: a server that says so is still to be asked."""
    with suppress(Fault), transaction(_COUNTS) as session:
        return comparing.count(session) + fixitystate.bad(session)
    return None


_FIGURES: Final[dict[str, Any]] = {
    "schema": {"type": "string"},
    "example": 'arsip_requests_total{method="GET",route="/api/v1/search",status="200"} 17.0\n',
}


@router.get("/metrics", response_class=Response, responses={200: {"content": {"text/plain": _FIGURES}}})
def metrics() -> Response:
    """Prometheus figures of this process, and how many findings stand. Nothing of letters: anybody may
    ask."""
    if (found := _findings()) is not None:
        FINDINGS.set(found)
    return Response(generate_latest(REGISTRY), media_type=CONTENT_TYPE_LATEST)
