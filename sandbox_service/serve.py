"""Everything on one machine, under one process: Redis, workers and the API."""

import os
import signal
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path

from rich.console import Console

from sandbox_service import children, logs, orphans
from sandbox_service.api.server import listen
from sandbox_service.errors import ConfigurationError
from sandbox_service.examples import show_examples
from sandbox_service.queues import connections
from sandbox_service.queues.embedded_redis import EmbeddedRedis
from sandbox_service.settings import PREFIX, Settings, state_directory
from sandbox_service.supervision import Asked, Kept, Stop, stop_all

READY_SECONDS = 60.0
TICK_SECONDS = 0.2
API_STOP_SECONDS = 20.0  # longer than the API itself waits for its callers
WORKER_STOP_SECONDS = 20.0  # longer than workers are given to finish or hand back

log = logs.get(__name__)


def serve(settings: Settings) -> None:
    """Start everything, keep it running, and stop it in order on SIGTERM or Ctrl-C.

    Raises:
        ConfigurationError: the service cannot start as it is configured; nothing is left running.
    """
    console = Console(stderr=True, highlight=False, soft_wrap=True)
    listen(settings).close()  # before anything starts
    orphans.adopt()
    ends = [signal.SIGTERM, signal.SIGINT]
    if signal.getsignal(signal.SIGHUP) != signal.SIG_IGN:  # as nohup sets it
        ends.append(signal.SIGHUP)
    stop = Stop()
    handlers = {number: signal.signal(number, stop.ask) for number in ends}
    try:
        with ExitStack() as stack:
            stack.callback(orphans.end_all)
            _run(settings, console, stack, stop)
    except Asked:
        pass
    finally:
        for number, handler in handlers.items():
            signal.signal(number, handler)


def _run(settings: Settings, console: Console, stack: ExitStack, stop: Stop) -> None:
    if settings.redis_url is None:
        redis: EmbeddedRedis | None = stack.enter_context(_redis(settings))
    else:
        redis = None
        url = settings.redis_url.get_secret_value()
        connections.reach(url, lambda place: console.print(f"waiting for Redis at {place}"))
    others_left = show_examples(settings, console)
    environment = dict(os.environ)
    if redis is not None:
        environment[PREFIX + "REDIS_URL"] = redis.url
    # Forked workers share what they load; a single one has nobody to share it with.
    kept = [_kept(command, environment) for command in ("api", "workers" if settings.workers > 1 else "worker")]
    stack.callback(_stop, kept, console)
    for child in kept:
        child.start()
    _wait_until_ready(settings, kept)
    base = _url(settings)
    console.print(f"serving on [bold]{base}[/], described at [bold]{base}/docs[/]; Ctrl-C stops it")
    others = _start_judging_others(stack) if others_left else None
    while True:
        stop.heed()
        time.sleep(TICK_SECONDS)
        if redis is not None and redis.process is not None and redis.process.poll() is not None:
            log.error("Redis ended; starting it again", exit_code=redis.process.returncode)
            redis.start()
        for child in kept:
            child.look()
        known = [child.process.pid for child in kept if child.process is not None]
        if others is not None and others.poll() is None:
            known.append(others.pid)
        orphans.end(except_for=[*known, redis.process.pid] if redis is not None and redis.process else known)


def _kept(command: str, environment: Mapping[str, str]) -> Kept:
    argv = [sys.executable, "-m", "sandbox_service", command]
    # Not killed with us but asked to end, so that a worker hands back what it has.
    return Kept(command, lambda: children.spawn(argv, environment=environment, death_signal=signal.SIGTERM))


def _start_judging_others(stack: ExitStack) -> subprocess.Popen[bytes]:
    """The examples that were not judged before the service opened, once and beside it."""
    argv = [sys.executable, "-m", "sandbox_service", "judge-examples"]
    process = children.spawn(argv, death_signal=signal.SIGTERM)
    stack.callback(children.stop, process, WORKER_STOP_SECONDS)
    return process


@contextmanager
def _redis(settings: Settings) -> Iterator[EmbeddedRedis]:
    with ExitStack() as stack:
        directory = state_directory(settings.state_directory)
        if directory is None:
            directory = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="sandbox-service-")))
        redis = EmbeddedRedis(directory)
        stack.callback(redis.stop)
        redis.start()
        yield redis


def _url(settings: Settings) -> str:
    everywhere = {"0.0.0.0": "127.0.0.1", "::": "[::1]"}
    host = everywhere.get(settings.host, f"[{settings.host}]" if ":" in settings.host else settings.host)
    return f"http://{host}:{settings.port}"


def _wait_until_ready(settings: Settings, kept: Sequence[Kept]) -> None:
    deadline = time.monotonic() + READY_SECONDS
    direct = urllib.request.build_opener(urllib.request.ProxyHandler({}))  # a proxy cannot reach our own port
    while time.monotonic() < deadline:
        for child in kept:
            code = None if child.process is None else child.process.poll()
            if code is not None:
                raise ConfigurationError(f"`sandbox-service {child.command}` ended with exit code {code} as it started")
        with suppress(urllib.error.URLError, OSError):
            direct.open(_url(settings) + "/readyz", timeout=5).close()
            return
        time.sleep(0.05)
    raise ConfigurationError(f"the service is not ready after {READY_SECONDS:.0f} seconds")


def _stop(kept: Sequence[Kept], console: Console) -> None:
    """The API first, while the workers still answer; a second Ctrl-C does not wait."""
    console.print("stopping; what runs is finished or goes back to the queue")
    stop_all(kept, WORKER_STOP_SECONDS, first_seconds=API_STOP_SECONDS)
