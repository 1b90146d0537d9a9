"""The two worlds a box can live in: namespaces of its own, or the machine's with Landlock around it."""

from __future__ import annotations

import os
import signal
import socket
from collections.abc import Iterator
from typing import Protocol

from sandbox_service.inside import kernel, protocol, scratch, tree

# Grown per run: the scratch directory as the program sees it; below the box's own directory where the root is shared.
SCRATCH = "/box"
DIRECTORY = f"{SCRATCH}/work"
PREPARED = "/prepared"  # where a root of our own shows the folder of preparations
_DEVICES = ("null", "zero", "full", "random", "urandom")
_DEVICE_LINKS = {"fd": "/proc/self/fd", "stdin": "fd/0", "stdout": "fd/1", "stderr": "fd/2", "shm": "/box/shm"}
_ETC = {
    "passwd": "root:x:0:0::/:/bin/false\nbox:x:{uid}:{uid}::/box/work:/bin/sh\n",
    "group": "root:x:0:\nbox:x:{uid}:\n",
    "nsswitch.conf": "passwd: files\ngroup: files\nhosts: files\n",
    "hosts": "127.0.0.1 localhost box\n",
}
_LAST_PID = "sys/kernel/ns_last_pid"
_UID_INSIDE = 1000
_PARTS = ("work", "tmp", "shm")
_SCRATCH_PARTS = tuple(f"{SCRATCH}/{part}" for part in _PARTS)
_KILLED_FIRST = b"1000"
_SPACES = {
    "mount": kernel.CLONE_NEWNS,
    "pid": kernel.CLONE_NEWPID,
    "network": kernel.CLONE_NEWNET,
    "ipc": kernel.CLONE_NEWIPC,
    "uts": kernel.CLONE_NEWUTS,
    "cgroup": kernel.CLONE_NEWCGROUP,
}


class World(Protocol):
    """Where runs happen: a scratch directory made anew for each, and an end to all that a run started."""

    directory: str
    layers: dict[str, str]
    scratch_in_memory: bool

    def freshen(self, size_bytes: int) -> None:
        """An empty scratch directory."""

    def lay(self, bundle: int, files: list[tuple[str, int, bool]]) -> None:
        """The bundle's files in the scratch directory."""

    def empty(self) -> None:
        """Nothing is left of the scratch directory."""

    def scratch_use(self) -> tuple[int, int]:
        """The bytes and the files that the scratch directory holds."""

    def processes(self) -> Iterator[tuple[int, list[bytes]]]:
        """Every process of the run, as far as /proc tells, with the fields of its stat line that follow the name."""

    def end_all(self) -> None:
        """Kill every process of the run."""


def _check_unprivileged() -> None:
    """Trap: a uid of 0 here would mean that the walls were put up in the wrong order."""
    if os.geteuid() == 0:
        raise RuntimeError("the program would run as root")


class Walls:
    """What every program gets whatever its world: an own uid, no capability, seccomp, Landlock."""

    def __init__(self, setup: protocol.Setup) -> None:
        self._uid = setup["uid"]
        self._seccomp = bytes.fromhex(setup["seccomp"])
        self._own_pid = protocol.OWN_PID.to_bytes(4, "little")
        self._program = None if self._own_pid in self._seccomp else kernel.SeccompProgram(self._seccomp)

    def raise_(self, ruleset: int | None) -> None:
        if self._uid is not None:
            os.setgroups([])
            os.setresgid(self._uid, self._uid, self._uid)
            os.setresuid(self._uid, self._uid, self._uid)
        _check_unprivileged()
        kernel.drop_capabilities()
        kernel.prctl(kernel.PR_SET_NO_NEW_PRIVS, 1)
        if ruleset is not None:
            kernel.landlock_restrict(ruleset)
        program = self._program or kernel.SeccompProgram(
            self._seccomp.replace(self._own_pid, os.getpid().to_bytes(4, "little"))
        )
        program.install()


# ---------------------------------------------------------------- namespaces


def unshare(*, in_user_namespace: bool) -> bool:
    """Go on in namespaces of our own: False in their first process, the keeper, and True in the zygote.

    Both see the same of the machine, but the zygote is not in the pid namespace: only its other children will be.
    """
    with open("/proc/self/oom_score_adj", "wb", buffering=0) as own_score:
        uid, gid = os.geteuid(), os.getegid()
        kernel.unshare(sum(_SPACES.values()) | (kernel.CLONE_NEWUSER if in_user_namespace else 0))
        if in_user_namespace:
            for name, line in (
                ("setgroups", "deny"),
                ("uid_map", f"{_UID_INSIDE} {uid} 1"),
                ("gid_map", f"{_UID_INSIDE} {gid} 1"),
            ):
                with open(f"/proc/self/{name}", "w") as file:
                    file.write(line)
        if os.fork():
            own_score.write(_KILLED_FIRST)  # and so are its forks; once the root is ours, we are not in its /proc
            return True
    kernel.prctl(kernel.PR_SET_PDEATHSIG, signal.SIGKILL)
    socket.sethostname("box")
    return False


class ZygoteWalls:
    """The walls around a zygote, which its forks inherit."""

    def __init__(self, setup: protocol.Setup) -> None:
        self.directory = DIRECTORY
        self.layers: dict[str, str] = {}
        self._uid = setup["uid"]
        self._abi = setup["landlock_abi"]
        self._walls = Walls(setup)
        self._own_proc = True

    def confine_zygote(self, *, own_proc: bool) -> None:
        """Everything but what depends on the fork: which entry of a shared /proc is its own."""
        self._own_proc = own_proc
        if self._uid is None:
            self.layers["uid"] = f"{_UID_INSIDE} in a user namespace"
        else:
            self.layers["uid"] = f"{self._uid}"
            kernel.drop_bounding_set()
        if self._abi:
            scoped = ", signals and abstract sockets scoped" if self._abi >= 6 else ""
            self.layers["landlock"] = f"ABI {self._abi}: no TCP{scoped}"
        ruleset = kernel.landlock_ruleset(self._abi, files=False) if self._abi and own_proc else None
        self._walls.raise_(ruleset)
        self.layers["seccomp"] = "allow list"
        # Or the files in its forks' /proc would not be their own; nobody can see the zygote itself.
        kernel.prctl(kernel.PR_SET_DUMPABLE, 1)

    @property
    def confines_each_program(self) -> bool:
        """Whether a fork has a wall of its own to put up."""
        return not self._own_proc

    def confine_program(self) -> None:
        if self.confines_each_program:
            kernel.landlock_restrict(self._ruleset_of_files())

    def _ruleset_of_files(self) -> int:
        """All that the root shows but the processes of others."""
        ruleset = kernel.landlock_ruleset(self._abi, files=True)
        for name in set(os.listdir("/")) - {"proc", "dev", SCRATCH.strip("/")}:
            if os.path.isdir(f"/{name}"):
                kernel.landlock_allow(ruleset, f"/{name}", kernel.READ_AND_RUN)
        for device in _DEVICES:
            kernel.landlock_allow(ruleset, f"/dev/{device}", kernel.READ_WRITE_FILE)
        kernel.landlock_allow(ruleset, SCRATCH, kernel.landlock_rights(self._abi))
        _allow_own_process(ruleset)
        return ruleset


class NamespacesWorld:
    """A root, processes, network and IPC of its own; the scratch directory is a tmpfs mounted for each run."""

    scratch_in_memory = True

    def __init__(self, setup: protocol.Setup) -> None:
        self.directory = DIRECTORY
        self._uid = setup["uid"]
        self._abi = setup["landlock_abi"]
        self._mounted = False
        spaces = [*_SPACES, *(["user"] if self._uid is None else [])]
        self.layers = {"namespaces": ", ".join(sorted(spaces))}
        self._procfs = self._make_root(setup["directory"], setup["readable"], setup["prepared"])
        # A program could learn from its pid how many tests ran before it; some kernels cannot begin anew.
        self._begins_pids_anew = self._procfs is not None and os.path.exists(f"/proc/{_LAST_PID}")
        if self._begins_pids_anew:
            self.layers["pids"] = "begin anew for each run"

    @property
    def own_proc(self) -> bool:
        """Whether /proc shows the box's processes and no other."""
        return self._procfs is not None

    def _make_root(self, root: str, readable: list[str], prepared: str) -> int | None:
        """Go into a root of our own; the answer is that of ``_mount_proc``."""
        kernel.mount("none", "/", None, kernel.MS_REC | kernel.MS_PRIVATE)
        kernel.mount("root", root, "tmpfs", kernel.MS_NOSUID | kernel.MS_NODEV, "mode=755,size=4m")
        for path in readable:
            _bind(path, root + path)
        if prepared:
            _bind(prepared, root + PREPARED)
        os.makedirs(f"{root}/dev", exist_ok=True)
        for device in _DEVICES:
            open(f"{root}/dev/{device}", "wb").close()
            kernel.mount(f"/dev/{device}", f"{root}/dev/{device}", None, kernel.MS_BIND)
        for name, target in _DEVICE_LINKS.items():
            os.symlink(target, f"{root}/dev/{name}")
        os.symlink("/box/tmp", f"{root}/tmp")
        os.makedirs(f"{root}/etc", exist_ok=True)
        uid = _UID_INSIDE if self._uid is None else self._uid
        for name, text in _ETC.items():
            with open(f"{root}/etc/{name}", "w") as file:
                file.write(text.format(uid=uid))
        os.mkdir(root + SCRATCH)
        os.mkdir(f"{root}/proc")
        procfs = self._mount_proc(f"{root}/proc")
        os.chdir(root)
        kernel.pivot_root(".", ".")
        kernel.unmount(".", kernel.MNT_DETACH)
        os.chdir("/")
        # The mounts below are restricted one by one: the devices must stay writable.
        kernel.mount("root", "/", None, 0x20 | kernel.MS_BIND | kernel.MS_RDONLY | kernel.MS_NOSUID | kernel.MS_NODEV)
        self.layers["root"] = "read-only, private"
        return procfs

    def _mount_proc(self, target: str) -> int | None:
        """Mount /proc read-only; the answer is a descriptor of a writable one, where it is our own."""
        flags = kernel.MS_NOSUID | kernel.MS_NODEV | kernel.MS_NOEXEC
        try:
            kernel.mount("proc", target, "proc", flags)
        except PermissionError:
            # A container's masked /proc may not be mounted anew. Its own shows the container's other processes, so
            # that a program gets to see no more of it than Landlock lets through.
            if not self._abi:
                raise RuntimeError("neither a /proc of its own nor Landlock to share the container's") from None
            kernel.mount("/proc", target, None, kernel.MS_BIND | kernel.MS_REC)
            kernel.restrict_mount(target, read_only=True, executable=False)
            self.layers["proc"] = "the container's, read-only, own entry alone"
            return None
        # Kept writable for us alone, by a descriptor that no path leads to any more.
        procfs = os.open(target, kernel.O_PATH | os.O_DIRECTORY | os.O_CLOEXEC)
        kernel.unmount(target, kernel.MNT_DETACH)
        # Read-only, so that no program can reset its own peak through clear_refs.
        kernel.mount("proc", target, "proc", flags | kernel.MS_RDONLY)
        self.layers["proc"] = "own, read-only"
        return procfs

    def freshen(self, size_bytes: int) -> None:
        self.empty()
        options = f"mode=755,size={size_bytes},nr_inodes={scratch.MOST_FILES}"
        kernel.mount("scratch", SCRATCH, "tmpfs", kernel.MS_NOSUID | kernel.MS_NODEV, options)
        self._mounted = True
        for part in _SCRATCH_PARTS:
            os.mkdir(part, 0o700)
            if self._uid is not None:
                os.chown(part, self._uid, self._uid)
        if self._begins_pids_anew:
            self._write_proc(_LAST_PID, b"1")

    def lay(self, bundle: int, files: list[tuple[str, int, bool]]) -> None:
        scratch.lay(bundle, files, self.directory, self._uid)

    def empty(self) -> None:
        if self._mounted:
            kernel.unmount(SCRATCH)
            self._mounted = False

    def scratch_use(self) -> tuple[int, int]:
        held = os.statvfs(SCRATCH)
        return (held.f_blocks - held.f_bfree) * held.f_frsize, held.f_files - held.f_ffree

    def _write_proc(self, path: str, content: bytes) -> None:
        assert self._procfs is not None
        file = os.open(path, os.O_WRONLY | os.O_CLOEXEC, dir_fd=self._procfs)
        try:
            os.write(file, content)
        finally:
            os.close(file)

    def processes(self) -> Iterator[tuple[int, list[bytes]]]:
        return tree.all_but_self() if self.own_proc else tree.siblings_and_descendants()

    def end_all(self) -> None:
        tree.kill_everything()


def _bind(path: str, target: str) -> None:
    """Show the path, read-only, at the target; a link is made anew, a small file copied."""
    os.makedirs(os.path.dirname(target), exist_ok=True)
    if os.path.islink(path):
        os.symlink(os.readlink(path), target)
    elif os.path.isdir(path):
        os.makedirs(target, exist_ok=True)
        kernel.mount(path, target, None, kernel.MS_BIND | kernel.MS_REC)
        kernel.restrict_mount(target, read_only=True, executable=True)
    elif os.path.isfile(path):
        with open(path, "rb") as source, open(target, "wb") as copy:
            copy.write(source.read())


# ---------------------------------------------------------------- Landlock


def _allow_own_process(ruleset: int) -> None:
    """Of /proc the entry of this very process, and what runtimes ask of the machine."""
    for path in ("/proc/self", "/proc/cpuinfo", "/proc/meminfo", "/proc/stat", "/proc/sys/vm"):
        if os.path.exists(path):
            rights = kernel.READ_AND_RUN if os.path.isdir(path) else kernel.READ_FILE
            kernel.landlock_allow(ruleset, path, rights)


class LandlockWorld:
    """The machine's own files and processes, all but a few denied; for where namespaces are."""

    scratch_in_memory = False

    def __init__(self, setup: protocol.Setup) -> None:
        self._abi = setup["landlock_abi"]
        self._uid = setup["uid"]
        self._home = setup["directory"]
        self._scratch = self._home + SCRATCH
        self.directory = self._home + DIRECTORY
        self._readable = [*setup["readable"], *([setup["prepared"]] if setup["prepared"] else [])]
        self._walls = Walls(setup)
        self._scoped = self._abi >= 6
        self.layers = {
            "landlock": f"ABI {self._abi}",
            "seccomp": "allow list, no sockets",
            "uid": f"{self._uid}" if self._uid is not None else f"{os.geteuid()}, shared with the worker",
            "processes": "subreaper, scoped signals" if self._scoped else "subreaper and sweep",
        }
        os.chmod(self._home, 0o711)
        kernel.prctl(kernel.PR_SET_CHILD_SUBREAPER, 1)
        if self._scoped:
            self._scope_own_signals()

    def _scope_own_signals(self) -> None:
        """Enter a domain of our own, so that ``kill(-1)`` reaches the runs of this box and nobody else."""
        kernel.prctl(kernel.PR_SET_NO_NEW_PRIVS, 1)
        kernel.landlock_restrict(kernel.landlock_ruleset(self._abi, files=False, network=False))
        try:
            os.kill(os.getppid(), 0)
        except PermissionError:
            return
        raise RuntimeError("Landlock does not scope signals although this kernel says it can")

    def freshen(self, size_bytes: int) -> None:
        self.empty()
        for path in (self._scratch, *(f"{self._scratch}/{part}" for part in _PARTS)):
            os.mkdir(path, 0o700)
            if self._uid is not None:
                os.chown(path, self._uid, self._uid)

    def lay(self, bundle: int, files: list[tuple[str, int, bool]]) -> None:
        scratch.lay(bundle, files, self.directory, self._uid)

    def empty(self) -> None:
        if os.path.lexists(self._scratch):
            scratch.remove(self._scratch)

    def scratch_use(self) -> tuple[int, int]:
        return scratch.use(self._scratch)

    def processes(self) -> Iterator[tuple[int, list[bytes]]]:
        return tree.descendants()

    def confine(self) -> None:
        kernel.prctl(kernel.PR_SET_DUMPABLE, 1)  # or our own files in /proc would not be ours
        with open("/proc/self/oom_score_adj", "wb", buffering=0) as own_score:
            own_score.write(_KILLED_FIRST)
        ruleset = kernel.landlock_ruleset(self._abi, files=True)
        every = kernel.landlock_rights(self._abi)
        for path in self._readable:
            if os.path.exists(path):
                kernel.landlock_allow(ruleset, path, kernel.READ_AND_RUN if os.path.isdir(path) else kernel.RUN_FILE)
        for device in _DEVICES:
            kernel.landlock_allow(ruleset, f"/dev/{device}", kernel.READ_WRITE_FILE)
        _allow_own_process(ruleset)
        kernel.landlock_allow(ruleset, self._scratch, every)
        self._walls.raise_(ruleset)
        kernel.prctl(kernel.PR_SET_DUMPABLE, 1)  # a change of uid takes it away again

    def end_all(self) -> None:
        if self._scoped:
            tree.kill_everything()
        else:
            tree.kill_descendants()
