"""Serves the API over HTTP until it is asked to stop."""

import asyncio
import errno
import signal
import socket
from collections.abc import Sequence
from types import FrameType

import uvicorn
from fastapi import APIRouter, FastAPI

from sandbox_service import logs
from sandbox_service.api.app import create_app
from sandbox_service.errors import ConfigurationError, QueueUnavailable
from sandbox_service.queues import connections
from sandbox_service.queues.rq import RqQueue
from sandbox_service.runners import read_runners
from sandbox_service.settings import Settings
from sandbox_service.tracing import traces_of

ENDING_SECONDS = 15
KEEP_ALIVE_SECONDS = 75  # clients that pool connections keep them for a minute; ours must not end first
BACKLOG = 2048

log = logs.get(__name__)


class Server(uvicorn.Server):
    """A server that tells the app it ends before it waits for what still runs."""

    def __init__(self, config: uvicorn.Config, app: FastAPI) -> None:
        super().__init__(config)
        self._app = app

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Streams end, and whoever waits for an answer gets it or is told to come back."""
        self._app.state.service.closing.set()
        await super().shutdown(sockets)


def run_api(settings: Settings, others: Sequence[APIRouter] = ()) -> None:
    """Serve until SIGTERM or Ctrl-C; ``others`` are routers beside our own.

    Raises:
        ConfigurationError: no Redis is configured, or the address cannot be listened on.
    """
    # uvicorn sends itself the signal again when it is done: to be asked to stop is no failure.
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, _leave)
    runners = read_runners(settings)
    traces = traces_of(settings, "api")
    queue = RqQueue(settings, traces)
    if settings.redis_url is not None:
        _look_for_redis(settings.redis_url.get_secret_value())
    try:
        with listen(settings) as listener:
            asyncio.run(serve_app(create_app(settings, queue, runners, others, traces), queue, listener))
    finally:
        traces.close()


async def serve_app(app: FastAPI, queue: RqQueue, listener: socket.socket) -> None:
    """Serve the app on the socket; afterwards the queue is closed."""
    config = uvicorn.Config(
        app,
        http="httptools",
        loop="asyncio",
        ws="none",
        lifespan="off",
        access_log=False,
        log_config=None,
        server_header=False,
        backlog=BACKLOG,
        timeout_keep_alive=KEEP_ALIVE_SECONDS,
        timeout_graceful_shutdown=ENDING_SECONDS,
    )
    try:
        await queue.start()
        await Server(config, app).serve(sockets=[listener])
    finally:
        await queue.close()


def _look_for_redis(url: str) -> None:
    """Say when Redis is away; callers are told 503 until it is there."""
    try:
        connections.reach(url, lambda place: log.warning("waiting for Redis", place=place), patience_seconds=0)
    except QueueUnavailable as error:
        log.warning("serving without Redis", error=str(error))


def _leave(_number: int, _frame: FrameType | None) -> None:
    raise SystemExit(0)


def listen(settings: Settings) -> socket.socket:
    """A socket on the configured address.

    Raises:
        ConfigurationError: somebody else listens there, or the address is not this machine's.
    """
    place = f"{settings.host}:{settings.port}"
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(
            settings.host, settings.port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
        )[0]
        listener = socket.socket(family, kind, protocol)
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind(address)
        listener.listen(BACKLOG)
    except OSError as error:
        if error.errno == errno.EADDRINUSE:
            raise ConfigurationError(f"{place} is in use; choose another port with SANDBOX_PORT") from None
        reason = error.strerror or str(error)
        raise ConfigurationError(f"cannot listen on {place}: {reason}; see SANDBOX_HOST and SANDBOX_PORT") from None
    return listener
