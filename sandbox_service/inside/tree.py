"""The processes below this one: what they use, how they are ended and reaped."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

_TICKS = os.sysconf("SC_CLK_TCK")
_PAGE = os.sysconf("SC_PAGE_SIZE")


@dataclass
class Usage:
    """What the tree has used so far, as far as /proc tells; exact figures come with each reaped process."""

    memory_bytes: int = 0
    processes: int = 0
    _cpu_of: dict[tuple[int, int], float] = field(default_factory=dict)

    @property
    def cpu_seconds(self) -> float:
        return sum(self._cpu_of.values())

    def look(
        self, living: Iterator[tuple[int, list[bytes]]], scratch_bytes: int, born_with_bytes: int, most_processes: int
    ) -> None:
        """Take the figures of every process that lives now; those of the dead are kept.

        Trap: it stops once there are too many of them. A bomb of processes gets all the CPU there is, and a look
        at each of them would take minutes.
        """
        memory, processes = scratch_bytes - born_with_bytes, 0
        for pid, fields in living:
            cpu_ticks = sum(map(int, fields[11:15]))  # utime, stime, and those of the children it waited for
            self._cpu_of[pid, int(fields[19])] = cpu_ticks / _TICKS
            processes += int(fields[17])
            memory += int(fields[21]) * _PAGE
            if processes > most_processes:
                break
        self.memory_bytes = max(self.memory_bytes, memory)
        self.processes = max(self.processes, processes)


def _threads(pid: int | str) -> list[str]:
    try:
        return os.listdir(f"/proc/{pid}/task")
    except OSError:
        return []


def _children(pid: int | str) -> list[int]:
    found: list[int] = []
    for thread in _threads(pid):
        try:
            with open(f"/proc/{pid}/task/{thread}/children", "rb") as file:
                found += map(int, file.read().split())
        except OSError:
            continue
    return found


def waited_seconds(living: Iterable[tuple[int, list[bytes]]], since: float) -> float:
    """How long a thread of theirs was ready to run and had no CPU, of those begun since then the one that waited most.

    ``since`` is by the clock that counts from the machine's start; whoever is older waited in other runs.
    """
    return max((_waited_seconds(pid) for pid, fields in living if int(fields[19]) / _TICKS >= since), default=0.0)


def _waited_seconds(pid: int) -> float:
    most = 0
    for thread in _threads(pid):
        try:
            with open(f"/proc/{pid}/task/{thread}/schedstat", "rb") as file:
                most = max(most, int(file.read().split()[1]))
        except (OSError, IndexError):  # it has ended, or this kernel does not tell
            continue
    return most / 1e9


def _stat(pid: int | str) -> list[bytes] | None:
    """The fields of a process's stat line that follow the name."""
    try:
        with open(f"/proc/{pid}/stat", "rb") as file:
            return file.read().rpartition(b")")[2].split()
    except OSError:
        return None


def descendants(pending: list[int] | None = None) -> Iterator[tuple[int, list[bytes]]]:
    """Every descendant, or these and theirs, with the fields of its stat line that follow the name."""
    pending = _children("self") if pending is None else pending
    while pending:
        pid = pending.pop()
        fields = _stat(pid)
        if fields is not None:
            yield pid, fields
            pending += _children(pid)


def all_but_self() -> Iterator[tuple[int, list[bytes]]]:
    """Every process that /proc shows, which must be the one of our own pid namespace."""
    own = os.getpid()
    for name in os.listdir("/proc"):
        if name.isdecimal() and int(name) != own:
            fields = _stat(name)
            if fields is not None:
                yield int(name), fields


def siblings_and_descendants() -> Iterator[tuple[int, list[bytes]]]:
    """The other children of our parent, ours, and theirs: where /proc is not of our pid namespace."""
    own = _stat("self")
    if own is not None:
        itself = int(os.readlink("/proc/self"))
        siblings = [pid for pid in _children(int(own[1])) if pid != itself]
        yield from descendants(siblings + _children("self"))


def kill_everything() -> None:
    """SIGKILL every process but this one that it may signal, in one step that no fork can outrun.

    Only for the first process of a pid namespace, or in a Landlock domain that scopes signals.
    """
    try:
        os.kill(-1, signal.SIGKILL)
    except ProcessLookupError:
        return


def kill_descendants() -> None:
    """Stop, then kill, all descendants until none is left: where nothing confines signals for us."""
    while pids := [pid for pid, fields in descendants() if fields[0] != b"Z"]:
        for number in (signal.SIGSTOP, signal.SIGKILL):
            for pid in pids:
                try:
                    os.kill(pid, number)
                except ProcessLookupError:
                    continue


_ALL_CHILDREN = 0x40000000  # __WALL: also the children that a clone without SIGCHLD made


@dataclass
class Reaped:
    """The wait status of the main process, what all reaped processes used, and what forking them cost."""

    wait_status: int | None = None
    cpu_seconds: float = 0.0
    memory_bytes: int = 0
    forking_seconds: float = 0.0


def reap(main_pid: int | None, reaped: Reaped) -> None:
    """Wait for every child, own or inherited; all of them have ended or been killed."""
    while True:
        try:
            pid, status, usage = os.wait4(-1, _ALL_CHILDREN)
        except ChildProcessError:
            return
        if pid == main_pid:
            reaped.wait_status = status
        reaped.cpu_seconds += usage.ru_utime + usage.ru_stime
        reaped.memory_bytes = max(reaped.memory_bytes, usage.ru_maxrss * 1024)
