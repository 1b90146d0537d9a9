"""The app factory: settings and a queue in, an ASGI app out."""

from collections.abc import Mapping, Sequence

from fastapi import APIRouter, Depends, FastAPI

from sandbox_service import __version__
from sandbox_service.api import (
    catalogue,
    console,
    documentation,
    failures,
    generate,
    health,
    jobs,
    judging,
    matrix,
    metrics,
    rewarding,
    test_sets,
)
from sandbox_service.api.keys import require_key
from sandbox_service.api.observing import ObservingMiddleware, Requests
from sandbox_service.api.recent import RecentJudgements, WatchedQueue
from sandbox_service.api.service import Roster, Service
from sandbox_service.queues.contract import Queue
from sandbox_service.queues.traces import NoTraces, Traces
from sandbox_service.runners import Runner
from sandbox_service.settings import Settings


def create_app(
    settings: Settings,
    queue: Queue,
    runners: Mapping[str, Runner],
    others: Sequence[APIRouter] = (),
    traces: Traces | None = None,
) -> FastAPI:
    """The HTTP API over the queue, and ``others`` beside it; the caller opens the queue and closes it after the app."""
    app = FastAPI(
        title="sandbox service",
        version=__version__,
        description=documentation.DESCRIPTION,
        redoc_url=None,
        redirect_slashes=False,
    )
    requests, recent = Requests(), RecentJudgements()
    watched = WatchedQueue(queue, recent) if settings.console else queue
    app.state.service = Service(settings, watched, runners, Roster(queue), requests, recent)
    app.add_middleware(ObservingMiddleware, requests=requests, traces=traces or NoTraces())
    app.include_router(health.router)
    if settings.console:
        app.include_router(console.page)
        others = (console.router, *others)
    own = (routes.router for routes in (judging, jobs, rewarding, matrix, generate, test_sets, catalogue, metrics))
    for router in (*own, *others):
        app.include_router(router, dependencies=[Depends(require_key)])
    failures.install(app)
    documentation.install(app)
    return app
