"""The CPU time of a process and of all that comes of it, boxes and programs included."""

import itertools
import os
import time
from contextlib import suppress
from pathlib import Path
from typing import Self

_ROOT = Path("/sys/fs/cgroup/cpuacct")
_CLEARING_SECONDS = 3.0
_TICK = os.sysconf("SC_CLK_TCK")
_numbers = itertools.count()


class CpuMeter:
    """Counts by a control group where one can be made, else by what /proc says of the tree, to 10 ms."""

    def __init__(self) -> None:
        self._group: Path | None = self._make()

    def _make(self) -> Path | None:
        own = next((line for line in _lines("/proc/self/cgroup") if ":cpuacct:" in line or ",cpuacct" in line), None)
        if own is None:
            return None
        nested = _ROOT / own.split(":", 2)[2].lstrip("/")
        parent = nested if nested.is_dir() else _ROOT
        group = parent / f"sandbox-benchmark.{os.getpid()}.{next(_numbers)}"
        try:
            group.mkdir()
        except OSError:
            return None
        return group

    def join(self) -> None:
        """Called by the process that is to be counted, before it becomes what it will be."""
        if self._group is not None:
            (self._group / "cgroup.procs").write_text("0")

    def seconds(self, pid: int) -> float:
        """Since the process joined: its own, its descendants', and that of those that have ended."""
        if self._group is not None:
            return int((self._group / "cpuacct.usage").read_text()) / 1e9
        return sum(_seconds(each) for each in (pid, *descendants(pid)))

    def close(self) -> None:
        """Remove the group, once the processes in it are gone."""
        give_up_at = time.monotonic() + _CLEARING_SECONDS
        while self._group is not None:
            try:
                self._group.rmdir()
                return
            except FileNotFoundError:
                return
            except OSError:
                if time.monotonic() > give_up_at:
                    return
                time.sleep(0.05)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def descendants(pid: int) -> list[int]:
    """The children of a process, and theirs."""
    found = list[int]()
    left = [pid]
    while left:
        born = children(left.pop())
        found += born
        left += born
    return found


def children(pid: int) -> list[int]:
    """Of all its threads."""
    found = list[int]()
    for task in Path(f"/proc/{pid}/task").glob("*/children"):
        with suppress(OSError):
            found += map(int, task.read_text().split())
    return found


def _seconds(pid: int) -> float:
    with suppress(OSError, IndexError):
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
        return sum(map(int, fields[11:15])) / _TICK  # its own and its waited-for children's, user and system
    return 0.0


def _lines(path: str) -> list[str]:
    with suppress(OSError):
        return Path(path).read_text().splitlines()
    return []
