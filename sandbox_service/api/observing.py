"""Counts every request, and logs one line when it is answered."""

import time
from http import HTTPStatus

from prometheus_client import CollectorRegistry, Counter, Histogram, generate_latest
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from sandbox_service import logs
from sandbox_service.queues.traces import Traces

SECONDS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0, 60.0, 300.0)
METHODS = frozenset({"GET", "POST", "PUT", "DELETE", "HEAD", "OPTIONS", "PATCH"})
NO_ROUTE = "none"

log = logs.get(__name__)


class Requests:
    """The counts of this process; labels are routes and methods, never a text that a caller made up."""

    def __init__(self) -> None:
        self._registry = CollectorRegistry()
        self._answered = Counter(
            "sandbox_http_requests", "Requests answered.", ("method", "route", "status"), registry=self._registry
        )
        self._seconds = Histogram(
            "sandbox_http_request_seconds",
            "Time from a request's head to the end of its answer.",
            ("method", "route"),
            registry=self._registry,
            buckets=SECONDS,
        )

    def answered(self, method: str, route: str, status: int, seconds: float) -> None:
        self._answered.labels(method, route, str(status)).inc()
        self._seconds.labels(method, route).observe(seconds)

    def exposition(self) -> bytes:
        """The text that Prometheus scrapes."""
        return generate_latest(self._registry)


class ObservingMiddleware:
    """Watches every request from its head to the end of its answer."""

    def __init__(self, app: ASGIApp, requests: Requests, traces: Traces) -> None:
        self._app = app
        self._requests = requests
        self._traces = traces

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        started = time.monotonic()
        status: int = HTTPStatus.INTERNAL_SERVER_ERROR

        async def watch(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
            await send(message)

        method = scope["method"] if scope["method"] in METHODS else "other"
        headers = {name.decode("latin-1"): value.decode("latin-1") for name, value in scope["headers"]}
        try:
            with self._traces.answering(method, headers) as answered:
                try:
                    await self._app(scope, receive, watch)
                finally:
                    route = getattr(scope.get("route"), "path", NO_ROUTE)
                    answered(route, status)
        finally:
            seconds = time.monotonic() - started
            self._requests.answered(method, route, status, seconds)
            # The console asks every second.
            write = log.info if route.startswith("/v1") and not route.startswith("/v1/console") else log.debug
            write("answered", method=method, route=route, status=int(status), seconds=round(seconds, 4))
