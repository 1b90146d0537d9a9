"""Whether the API or the worker of this container lives, for those who watch containers."""

import socket
import urllib.request
from contextlib import closing
from typing import Literal

from redis.exceptions import RedisError

from sandbox_service.errors import ConfigurationError, QueueUnavailable, SandboxServiceError
from sandbox_service.queues import connections, stored
from sandbox_service.queues.keys import Keys
from sandbox_service.settings import Settings

PATIENCE_SECONDS = 5


class NotAlive(SandboxServiceError):
    """The part does not answer, or was not heard of."""


def check(part: Literal["api", "worker"], settings: Settings) -> None:
    """Come back when the part lives.

    Raises:
        NotAlive: it does not; the text says what is missing.
    """
    if part == "api":
        _ask_api(settings.port)
    else:
        _look_for_worker(settings)


def _ask_api(port: int) -> None:
    direct = urllib.request.build_opener(urllib.request.ProxyHandler({}))  # a proxy cannot reach our own port
    try:
        direct.open(f"http://127.0.0.1:{port}/healthz", timeout=PATIENCE_SECONDS).close()
    except OSError as error:
        raise NotAlive(f"the API on port {port} does not answer: {error}") from None


def _look_for_worker(settings: Settings) -> None:
    """Workers are named after the host they are on, and say themselves that they live."""
    if settings.redis_url is None:
        raise ConfigurationError("a worker needs a Redis: set SANDBOX_REDIS_URL")
    name = f"{socket.gethostname()}-"
    try:
        with closing(connections.impatient(settings.redis_url.get_secret_value())) as redis:
            known = [stored.text(name) for name in redis.hkeys(Keys(settings.queue).worker_statuses)]
    except RedisError as error:
        raise QueueUnavailable(f"Redis does not answer: {error}") from None
    if not any(worker.startswith(name) for worker in known):
        raise NotAlive(f"no worker on {socket.gethostname()} was heard of")
