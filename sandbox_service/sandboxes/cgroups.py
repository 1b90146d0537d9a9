"""Control groups: memory, processes and CPU time bounded and measured by the kernel, v1 and v2."""

import errno
import os
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from sandbox_service.errors import BoxBroken

_ROOT = Path("/sys/fs/cgroup")
_PREFIX = "sandbox-service."
_CLEARING_SECONDS = 2.0
_LEFT_BYTES = 2**20
_V1_CONTROLLERS = ("memory", "cpuacct")
_V2_CONTROLLERS = ("memory", "pids")


@dataclass(frozen=True, slots=True)
class Measured:
    """What the kernel counted for a run."""

    memory_bytes: int
    killed_for_memory: bool


class ControlGroup(Protocol):
    """The groups of one box: nothing of a run is there for the next one."""

    @property
    def version(self) -> str: ...

    @property
    def cpu_group(self) -> Sequence[int]:
        """A CPU counter of the whole box and the file by which its zygote joins; none where each run has its own."""
        ...

    @property
    def counts_each_run(self) -> bool:
        """Whether ``begin`` gives a CPU counter of the run's own."""
        ...

    def begin(self, memory_bytes: int, processes: int) -> Sequence[int]:
        """Descriptors: the run's CPU counter if it has one, then the file that a process joins by writing "0"."""
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


class GroupsV1:
    """Version 1: a group for a box's memory, kept as long as runs leave little behind, and one for its CPU time.

    Processes are bounded by the kernel's own limit on the box's uid, of which nobody else is.
    """

    version = "v1"
    counts_each_run = False

    def __init__(self, parents: Mapping[str, Path], name: str) -> None:
        self._memory = parents["memory"] / name
        self._cpu = parents["cpuacct"] / name
        self._cpu.mkdir()
        self._counter = os.open(self._cpu / "cpuacct.usage", os.O_RDONLY | os.O_CLOEXEC)
        self._join_cpu = os.open(self._cpu / "cgroup.procs", os.O_WRONLY | os.O_CLOEXEC)
        self._files: dict[str, int] = {}
        self._limit_bytes = 0
        self._kills = 0
        try:
            self._make()
        except OSError:
            self.close()
            raise

    @property
    def cpu_group(self) -> Sequence[int]:
        return (self._counter, self._join_cpu)

    def _make(self) -> None:
        self._memory.mkdir()
        for name in ("cgroup.procs", "memory.limit_in_bytes", "memory.max_usage_in_bytes"):
            self._files[name] = os.open(self._memory / name, os.O_RDWR | os.O_CLOEXEC)
        for name in ("memory.usage_in_bytes", "memory.oom_control"):
            self._files[name] = os.open(self._memory / name, os.O_RDONLY | os.O_CLOEXEC)
        self._limit_bytes = self._kills = 0

    def _unmake(self) -> None:
        while self._files:
            os.close(self._files.popitem()[1])
        _remove(self._memory)

    def _read(self, name: str) -> bytes:
        return os.pread(self._files[name], 4096, 0)

    def begin(self, memory_bytes: int, processes: int) -> Sequence[int]:
        # What the last run left, such as cached pages of the files it read, would be taken for this one's.
        if int(self._read("memory.usage_in_bytes")) > _LEFT_BYTES:
            self._unmake()
            self._make()
        if memory_bytes != self._limit_bytes:
            self._set_limit(memory_bytes)
        os.pwrite(self._files["memory.max_usage_in_bytes"], b"0", 0)
        return (self._files["cgroup.procs"],)

    def _set_limit(self, memory_bytes: int) -> None:
        swap_too = self._memory / "memory.memsw.limit_in_bytes"
        limits = [self._memory / "memory.limit_in_bytes", *([swap_too] if swap_too.exists() else [])]
        # Memory alone may never have more than memory with swap has.
        for limit in reversed(limits) if memory_bytes > self._limit_bytes > 0 else limits:
            _write(limit, str(memory_bytes))
        self._limit_bytes = memory_bytes

    def end(self) -> Measured:
        kills = int(dict(line.split() for line in self._read("memory.oom_control").splitlines()).get(b"oom_kill", 0))
        killed, self._kills = kills > self._kills, kills
        return Measured(int(self._read("memory.max_usage_in_bytes")), killed)

    def close(self) -> None:
        self._unmake()
        for descriptor in self.cpu_group:
            os.close(descriptor)
        _remove(self._cpu)


class GroupsV2:
    """Version 2: one hierarchy, and a group for each run, as a peak can be reset on the newest kernels only."""

    version = "v2"
    counts_each_run = True
    cpu_group: Sequence[int] = ()

    def __init__(self, parents: Mapping[str, Path], name: str) -> None:
        self._group = parents["all"] / name
        self._open: list[int] = []

    def begin(self, memory_bytes: int, processes: int) -> Sequence[int]:
        self._group.mkdir()
        _write(self._group / "memory.max", str(memory_bytes))
        if (self._group / "memory.swap.max").exists():
            _write(self._group / "memory.swap.max", "0")
        _write(self._group / "pids.max", str(processes))
        self._open.append(os.open(self._group / "cpu.stat", os.O_RDONLY | os.O_CLOEXEC))
        self._open.append(os.open(self._group / "cgroup.procs", os.O_WRONLY | os.O_CLOEXEC))
        return self._open

    def end(self) -> Measured:
        events = dict(line.split() for line in _read(self._group / "memory.events").splitlines())
        measured = Measured(
            memory_bytes=int(_read(self._group / "memory.peak")),
            killed_for_memory=int(events.get("oom_kill", 0)) > 0,
        )
        self.close()
        return measured

    def close(self) -> None:
        while self._open:
            os.close(self._open.pop())
        _remove(self._group)


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
    kinds: Sequence[tuple[type[GroupsV1] | type[GroupsV2], Callable[[], Mapping[str, Path]]]]
    kinds = ((GroupsV2, _parents_v2), (GroupsV1, _parents_v1))
    for kind, find_parents in kinds:
        try:
            parents = find_parents()
            _sweep(parents)
            groups: ControlGroup = kind(parents, name)
            try:
                groups.begin(memory_bytes=2**20, processes=1)
                groups.end()
            except OSError:
                groups.close()
                raise
            return groups
        except (OSError, BoxBroken) as error:
            reasons.append(f"{kind.version}: {error}")
    raise OSError(errno.ENOTSUP, "; ".join(reasons))
