"""A control group for each run: memory and processes bounded and measured by the kernel, v1 and v2."""

import errno
import os
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from sandbox_service.errors import BoxBroken

_ROOT = Path("/sys/fs/cgroup")
_PREFIX = "sandbox-service."
_CLEARING_SECONDS = 2.0
_V1_CONTROLLERS = ("memory", "pids", "cpuacct")
_V2_CONTROLLERS = ("memory", "pids")


@dataclass(frozen=True, slots=True)
class Measured:
    """What the kernel counted for a run."""

    cpu_seconds: float
    memory_bytes: int
    killed_for_memory: bool


class ControlGroup(Protocol):
    """The groups of one box; ``begin`` makes them anew for a run, ``end`` reads and removes them."""

    @property
    def version(self) -> str: ...

    def begin(self, memory_bytes: int, processes: int) -> Sequence[int]:
        """Descriptors: the CPU counter first, then the files that a process joins by writing "0"."""
        ...

    def end(self) -> Measured: ...

    def close(self) -> None: ...


def _write(path: Path, value: str) -> None:
    descriptor = os.open(path, os.O_WRONLY | os.O_CLOEXEC)
    try:
        os.write(descriptor, value.encode())
    finally:
        os.close(descriptor)


def _read(path: Path) -> str:
    descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    try:
        return os.read(descriptor, 4096).decode()
    finally:
        os.close(descriptor)


def _remove(group: Path) -> None:
    """Remove a group whose processes are gone, or about to be."""
    give_up_at = time.monotonic() + _CLEARING_SECONDS
    while True:
        try:
            group.rmdir()
            return
        except FileNotFoundError:
            return
        except OSError as error:
            if error.errno != errno.EBUSY or time.monotonic() > give_up_at:
                raise BoxBroken(f"a control group cannot be removed: {error.strerror}") from error
            time.sleep(0.001)


class _Groups:
    """The directories of one box, one per hierarchy, and the descriptors that are open during a run."""

    def __init__(self, parents: Mapping[str, Path], name: str) -> None:
        self._groups = {controller: parent / name for controller, parent in parents.items()}
        self._open: list[int] = []

    def _make(self) -> None:
        for group in self._groups.values():
            group.mkdir()

    def _descriptors(self, counter: Path) -> Sequence[int]:
        self._open = [os.open(counter, os.O_RDONLY | os.O_CLOEXEC)]
        for group in self._groups.values():
            self._open.append(os.open(group / "cgroup.procs", os.O_WRONLY | os.O_CLOEXEC))
        return self._open

    def close(self) -> None:
        while self._open:
            os.close(self._open.pop())
        for group in self._groups.values():
            _remove(group)


class GroupsV1(_Groups):
    """Version 1: memory, pids and cpuacct, each in a hierarchy of its own."""

    version = "v1"

    def begin(self, memory_bytes: int, processes: int) -> Sequence[int]:
        self._make()
        memory = self._groups["memory"]
        _write(memory / "memory.limit_in_bytes", str(memory_bytes))
        swap_too = memory / "memory.memsw.limit_in_bytes"
        if swap_too.exists():
            _write(swap_too, str(memory_bytes))
        _write(self._groups["pids"] / "pids.max", str(processes))
        return self._descriptors(self._groups["cpuacct"] / "cpuacct.usage")

    def end(self) -> Measured:
        memory = self._groups["memory"]
        kills = dict(line.split() for line in _read(memory / "memory.oom_control").splitlines())
        measured = Measured(
            cpu_seconds=int(_read(self._groups["cpuacct"] / "cpuacct.usage")) / 1e9,
            memory_bytes=int(_read(memory / "memory.max_usage_in_bytes")),
            killed_for_memory=int(kills.get("oom_kill", 0)) > 0,
        )
        self.close()
        return measured


class GroupsV2(_Groups):
    """Version 2: one hierarchy."""

    version = "v2"

    def begin(self, memory_bytes: int, processes: int) -> Sequence[int]:
        self._make()
        group = self._groups["all"]
        _write(group / "memory.max", str(memory_bytes))
        if (group / "memory.swap.max").exists():
            _write(group / "memory.swap.max", "0")
        _write(group / "pids.max", str(processes))
        return self._descriptors(group / "cpu.stat")

    def end(self) -> Measured:
        group = self._groups["all"]
        events = dict(line.split() for line in _read(group / "memory.events").splitlines())
        measured = Measured(
            cpu_seconds=int(_read(group / "cpu.stat").split()[1]) / 1e6,
            memory_bytes=int(_read(group / "memory.peak")),
            killed_for_memory=int(events.get("oom_kill", 0)) > 0,
        )
        self.close()
        return measured


# ---------------------------------------------------------------- finding where groups may be made


def _own_groups() -> dict[str, str]:
    """The path of this process in each hierarchy, by controller; v2's is under the empty name."""
    paths: dict[str, str] = {}
    for line in Path("/proc/self/cgroup").read_text().splitlines():
        _, controllers, path = line.split(":", 2)
        paths |= dict.fromkeys(controllers.split(","), path)
    return paths


def _parents_v1() -> dict[str, Path]:
    own = _own_groups()
    parents: dict[str, Path] = {}
    for controller in _V1_CONTROLLERS:
        hierarchy = _ROOT / controller
        if controller not in own or not (hierarchy / "cgroup.procs").exists():
            raise OSError(errno.ENOENT, f"no {controller} hierarchy")
        nested = hierarchy / own[controller].lstrip("/")
        parents[controller] = nested if nested.is_dir() else hierarchy
    return parents


def _parents_v2() -> dict[str, Path]:
    if not (_ROOT / "cgroup.controllers").exists():
        raise OSError(errno.ENOENT, "no version 2 hierarchy")
    # Only the root may hold processes beside groups, so that ours go directly below it.
    missing = set(_V2_CONTROLLERS) - set((_ROOT / "cgroup.controllers").read_text().split())
    if missing:
        raise OSError(errno.ENOENT, f"controllers not available: {', '.join(sorted(missing))}")
    enabled = (_ROOT / "cgroup.subtree_control").read_text().split()
    for controller in set(_V2_CONTROLLERS) - set(enabled):
        _write(_ROOT / "cgroup.subtree_control", f"+{controller}")
    return {"all": _ROOT}


def _stale(name: str) -> bool:
    """Whether the group's maker, whose pid its name holds, is gone."""
    try:
        return not Path(f"/proc/{name.removeprefix(_PREFIX).split('.')[0]}").exists()
    except (ValueError, OSError):
        return False


def _sweep(parents: Mapping[str, Path]) -> None:
    for parent in parents.values():
        for group in parent.glob(f"{_PREFIX}*"):
            if _stale(group.name):
                try:
                    group.rmdir()
                except OSError:
                    continue  # not empty yet, or somebody else was quicker


def control_groups(number: int) -> ControlGroup:
    """The groups of a new box of this process.

    Raises:
        OSError: control groups cannot be made here; the text says why.
    """
    name = f"{_PREFIX}{os.getpid()}.{number}"
    reasons = []
    for kind, find_parents in ((GroupsV2, _parents_v2), (GroupsV1, _parents_v1)):
        try:
            parents = find_parents()
            _sweep(parents)
            groups: ControlGroup = kind(parents, name)
            groups.begin(memory_bytes=2**20, processes=1)
            groups.end()
            return groups
        except (OSError, BoxBroken) as error:
            reasons.append(f"{kind.version}: {error}")
    raise OSError(errno.ENOTSUP, "; ".join(reasons))
