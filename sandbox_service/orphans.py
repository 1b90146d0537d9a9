"""Processes that lost their parent come to us, and end here."""

import os
import signal
from collections.abc import Collection, Iterator
from contextlib import suppress
from pathlib import Path

from sandbox_service.inside import kernel


def adopt() -> None:
    """From now on, descendants that lose their parent become our children."""
    kernel.prctl(kernel.PR_SET_CHILD_SUBREAPER, 1)


def end(*, except_for: Collection[int]) -> None:
    """Kill every child but these, and bury it."""
    for pid in _children():
        if pid not in except_for:
            with suppress(ProcessLookupError, ChildProcessError):
                os.kill(pid, signal.SIGKILL)
                os.waitpid(pid, 0)


def end_all() -> None:
    """Kill until no descendant is left: a killed one leaves its own children to us."""
    while list(_children()):
        end(except_for=())


def _children() -> Iterator[int]:
    try:
        for thread in Path("/proc/self/task").iterdir():
            yield from map(int, (thread / "children").read_text().split())
    except OSError:  # a kernel without that file, or a thread that ended meanwhile
        yield from _children_among_all()


def _children_among_all() -> Iterator[int]:
    own = os.getpid()
    for entry in Path("/proc").iterdir():
        if entry.name.isdecimal():
            with suppress(OSError):
                # The name of the program may hold spaces and parentheses; the fields after it do not.
                state_and_parent = (entry / "stat").read_text(errors="replace").rpartition(")")[2].split()
                if int(state_and_parent[1]) == own:
                    yield int(entry.name)
