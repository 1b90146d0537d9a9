"""Everything on one machine, under one process: Redis, workers and the API."""

import os
import signal
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from types import FrameType

from rich.console import Console

from sandbox_service import children, logs, orphans
from sandbox_service.api.server import listen
from sandbox_service.errors import ConfigurationError
from sandbox_service.examples import show_examples
from sandbox_service.queues import connections
from sandbox_service.queues.embedded_redis import EmbeddedRedis
from sandbox_service.settings import PREFIX, Settings, state_directory

READY_SECONDS = 60.0
TICK_SECONDS = 0.2
API_STOP_SECONDS = 20.0  # longer than the API itself waits for its callers
WORKER_STOP_SECONDS = 15.0  # longer than a worker needs to finish or hand back
HURRY_SECONDS = 1.0
FIRST_PAUSE_SECONDS, LONGEST_PAUSE_SECONDS = 0.1, 30.0

log = logs.get(__name__)


class Asked(BaseException):
    """SIGTERM or Ctrl-C."""


class Kept:
    """A child that is started again when it ends, after a pause that doubles while it keeps ending."""

    def __init__(self, command: str, environment: dict[str, str]) -> None:
        self.command = command
        self._environment = environment
        self._pause = FIRST_PAUSE_SECONDS
        self._start_at = 0.0
        self._started_at = 0.0
        self.process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        argv = [sys.executable, "-m", "sandbox_service", self.command]
        # Not killed with us but asked to end, so that a worker hands back what it has.
        self.process = children.spawn(argv, environment=self._environment, death_signal=signal.SIGTERM)
        self._started_at = time.monotonic()

    def look(self) -> None:
        """Start it again when it is time to."""
        now = time.monotonic()
        if self.process is None:
            if now >= self._start_at:
                self.start()
        elif self.process.poll() is not None:
            if now - self._started_at > LONGEST_PAUSE_SECONDS:
                self._pause = FIRST_PAUSE_SECONDS
            log.warning("ended", process=self.command, exit_code=self.process.returncode, again_in=self._pause)
            self.process, self._start_at = None, now + self._pause
            self._pause = min(self._pause * 2, LONGEST_PAUSE_SECONDS)


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
    stop = _Stop()
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


class _Stop:
    """What a signal asks for, remembered: Python ignores what is raised in hooks of its own, as at a fork."""

    def __init__(self) -> None:
        self.is_asked_for = False

    def ask(self, _number: int, _frame: FrameType | None) -> None:
        self.is_asked_for = True
        raise Asked

    def heed(self) -> None:
        if self.is_asked_for:
            raise Asked


def _run(settings: Settings, console: Console, stack: ExitStack, stop: _Stop) -> None:
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
    kept = [Kept(command, environment) for command in ["api", *["worker"] * settings.workers]]
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
            if child.process is not None and child.process.poll() is not None:
                code = child.process.returncode
                raise ConfigurationError(f"`sandbox-service {child.command}` ended with exit code {code} as it started")
        with suppress(urllib.error.URLError, OSError):
            direct.open(_url(settings) + "/readyz", timeout=5).close()
            return
        time.sleep(0.05)
    raise ConfigurationError(f"the service is not ready after {READY_SECONDS:.0f} seconds")


def _stop(kept: Sequence[Kept], console: Console) -> None:
    """The API first, while the workers still answer; a second Ctrl-C does not wait."""
    console.print("stopping; what runs is finished or goes back to the queue")
    processes = [child.process for child in kept if child.process is not None]
    try:
        for process in processes[:1]:
            children.stop(process, API_STOP_SECONDS)
        for process in processes[1:]:
            process.terminate()
        for process in processes:
            children.wait(process, WORKER_STOP_SECONDS)  # to ask a worker twice tells it not to finish
    except Asked:
        for process in processes:
            children.stop(process, HURRY_SECONDS)
