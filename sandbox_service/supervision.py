"""Children that are started again when they end, until their parent is asked to stop."""

import time
from collections.abc import Callable, Sequence
from types import FrameType

from sandbox_service import children, logs
from sandbox_service.children import Child

HURRY_SECONDS = 1.0
FIRST_PAUSE_SECONDS, LONGEST_PAUSE_SECONDS = 0.1, 30.0

log = logs.get(__name__)


class Asked(BaseException):
    """SIGTERM or Ctrl-C."""


class Stop:
    """What a signal asks for, remembered: Python ignores what is raised in hooks of its own, as at a fork."""

    def __init__(self) -> None:
        self.is_asked_for = False

    def ask(self, _number: int, _frame: FrameType | None) -> None:
        self.is_asked_for = True
        raise Asked

    def heed(self) -> None:
        if self.is_asked_for:
            raise Asked


class Kept:
    """A child that is started again when it ends, after a pause that doubles while it keeps ending."""

    def __init__(self, command: str, start: Callable[[], Child]) -> None:
        self.command = command
        self._start = start
        self._pause = FIRST_PAUSE_SECONDS
        self._start_at = 0.0
        self._started_at = 0.0
        self.process: Child | None = None

    def start(self) -> None:
        self.process = self._start()
        self._started_at = time.monotonic()

    def look(self) -> None:
        """Start it again when it is time to."""
        now = time.monotonic()
        if self.process is None:
            if now >= self._start_at:
                self.start()
            return
        exit_code = self.process.poll()
        if exit_code is not None:
            if now - self._started_at > LONGEST_PAUSE_SECONDS:
                self._pause = FIRST_PAUSE_SECONDS
            log.warning("ended", process=self.command, exit_code=exit_code, again_in=self._pause)
            self.process, self._start_at = None, now + self._pause
            self._pause = min(self._pause * 2, LONGEST_PAUSE_SECONDS)


def stop_all(kept: Sequence[Kept], seconds: float, *, first_seconds: float | None = None) -> None:
    """All at the same time, or the first in a time of its own before the others; to be asked twice is not to wait."""
    processes = [child.process for child in kept if child.process is not None]
    before = 0 if first_seconds is None else 1
    try:
        for process in processes[:before]:
            children.stop(process, first_seconds or 0.0)
        for process in processes[before:]:
            process.terminate()
        for process in processes:
            children.wait(process, seconds)  # to ask a worker twice tells it not to finish
    except Asked:
        for process in processes:
            children.stop(process, HURRY_SECONDS)
