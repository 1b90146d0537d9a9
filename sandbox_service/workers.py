"""The workers of one machine: forks of one process, which has loaded what they need.

What was loaded before is in memory once, however many workers there are. Boxes are started anew and share none of it.
"""

import signal
import time
from collections.abc import Callable, Sequence

from sandbox_service import children
from sandbox_service.children import Forked
from sandbox_service.errors import SandboxServiceError
from sandbox_service.settings import Settings
from sandbox_service.supervision import Asked, Kept, Stop, stop_all
from sandbox_service.worker import run_worker

STARTING_SECONDS = 60.0
STOP_SECONDS = 15.0  # longer than a worker needs to finish or hand back
TICK_SECONDS = 0.2


def run_workers(settings: Settings, complain: Callable[[SandboxServiceError], int]) -> int:
    """Keep as many workers as are configured, until asked to stop; ``complain`` makes an exit code of a failure.

    The exit code is that of a worker which could not start, or 0.
    """
    stop = Stop()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, stop.ask)

    def run() -> int:
        try:
            run_worker(settings)
        except SandboxServiceError as error:
            return complain(error)
        return 0

    children.freeze()
    kept = [Kept("worker", lambda: Forked(run, death_signal=signal.SIGTERM)) for _ in range(settings.workers)]
    try:
        failure = _keep(kept, stop)
    except Asked:
        failure = 0
    stop_all(kept, STOP_SECONDS)
    return failure


def _keep(kept: Sequence[Kept], stop: Stop) -> int:
    """Start them again as they end; the exit code of one that ended by itself before it can have begun."""
    for child in kept:
        child.start()
        stop.heed()
    started_at = time.monotonic()
    while True:
        stop.heed()
        time.sleep(TICK_SECONDS)
        for child in kept:
            code = child.process.poll() if child.process is not None else None
            if code is not None and code > 0 and time.monotonic() - started_at < STARTING_SECONDS:
                return code
            child.look()
