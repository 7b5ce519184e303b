"""Figures for Prometheus: requests by route and status, and how long they took. Nothing of letters or people."""

import time

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, ProcessCollector
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from api import API

REGISTRY = CollectorRegistry()
ProcessCollector(registry=REGISTRY)
REQUESTS = Counter("arsip_requests", "Requests answered", ("method", "route", "status"), registry=REGISTRY)
FINDINGS = Gauge("arsip_store_findings", "Findings that stand, and objects that are bad", registry=REGISTRY)
SECONDS = Histogram(
    "arsip_request_seconds",
    "Time from a request's head to its answer's head",
    ("method", "route"),
    buckets=(0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10),
    registry=REGISTRY,
)


def _template(scope: Scope) -> str:
    """The route as it is declared, so that no id ever becomes a label; `-` when there is none."""
    path: str | None = getattr(scope.get("route"), "path", None)
    if path is None:
        return "-"
    below_api = scope["path"].startswith(f"{API}/") and not path.startswith(API)
    return API + path if below_api else path


class CountRequests:
    """Counts each answer by method, route template and status."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        began = time.perf_counter()

        async def counted(message: Message) -> None:
            if message["type"] == "http.response.start":
                route = _template(scope)
                REQUESTS.labels(scope["method"], route, message["status"]).inc()
                SECONDS.labels(scope["method"], route).observe(time.perf_counter() - began)
            await send(message)

        await self._app(scope, receive, counted)
