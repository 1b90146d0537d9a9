"""The system calls that the standard library does not offer."""

from __future__ import annotations

import ctypes
import os
import platform
import signal
import struct

_libc = ctypes.CDLL(None, use_errno=True)

MS_RDONLY, MS_NOSUID, MS_NODEV, MS_NOEXEC = 1, 2, 4, 8
MS_BIND, MS_REC, MS_PRIVATE = 0x1000, 0x4000, 0x40000
MNT_DETACH = 2

O_PATH = 0o10000000
RLIMIT_MSGQUEUE = 12

CLONE_NEWNS, CLONE_NEWCGROUP, CLONE_NEWUTS, CLONE_NEWIPC = 0x20000, 0x2000000, 0x4000000, 0x8000000
CLONE_NEWUSER, CLONE_NEWPID, CLONE_NEWNET = 0x10000000, 0x20000000, 0x40000000

PR_SET_PDEATHSIG, PR_SET_DUMPABLE, PR_SET_SECCOMP, PR_CAPBSET_DROP = 1, 4, 22, 24
PR_SET_CHILD_SUBREAPER, PR_SET_NO_NEW_PRIVS, PR_CAP_AMBIENT = 36, 38, 47
PR_CAP_AMBIENT_CLEAR_ALL = 4
SECCOMP_MODE_FILTER = 2

# Since 5.1 every architecture gives new calls the same number.
_OLD_NUMBERS = {
    "x86_64": {"pivot_root": 155, "capset": 126, "rt_sigaction": 13},
    "aarch64": {"pivot_root": 41, "capset": 91, "rt_sigaction": 134},
}
_NEW_NUMBERS = {
    "pidfd_open": 434,
    "close_range": 436,
    "mount_setattr": 442,
    "landlock_create_ruleset": 444,
    "landlock_add_rule": 445,
    "landlock_restrict_self": 446,
}
_NUMBERS = _NEW_NUMBERS | _OLD_NUMBERS.get(platform.machine(), {})


def _checked(result: int, what: str) -> int:
    if result < 0:
        error = ctypes.get_errno()
        raise OSError(error, f"{what}: {os.strerror(error)}")
    return result


def _syscall(name: str, *arguments: object) -> int:
    number = ctypes.c_long(_NUMBERS[name])
    return _checked(_libc.syscall(number, *arguments), name)


def prctl(option: int, argument: int = 0, more: int = 0) -> int:
    zero = ctypes.c_ulong(0)
    return _checked(_libc.prctl(option, ctypes.c_ulong(argument), ctypes.c_ulong(more), zero, zero), f"prctl {option}")


if platform.python_implementation() == "CPython":
    _libc_with_the_lock = ctypes.PyDLL(None, use_errno=True)  # goes on holding the interpreter, in a fork too

    def fork() -> int:
        """Like os.fork, but for what CPython does in the child, which is twice the work of the kernel.

        Only where there is one thread and no lock is held: then all of it finds what it would leave.
        """
        return _checked(_libc_with_the_lock.fork(), "fork")

    closerange = os.closerange
else:
    fork = os.fork

    def closerange(first: int, end: int) -> None:
        """Like os.closerange, which PyPy does one by one."""
        _syscall("close_range", first, end - 1, 0)


def trim() -> None:
    """Give back what the C library holds free, where it can: each fork's page tables would hold it too."""
    if hasattr(_libc, "malloc_trim"):
        _libc.malloc_trim(0)


def pidfd_open(pid: int) -> int:
    """A descriptor that can be read when the process has ended."""
    return _syscall("pidfd_open", pid, 0)


def cores() -> int:
    """How many this process may run on; all of the machine's where the interpreter cannot tell."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def stop_ignoring_signals() -> None:
    """Give every signal its default action, the two that the C library keeps for itself included.

    Python would not touch those; a program that inherits them ignored cannot cancel a thread. And what Python found
    ignored when it started, as in the background of a shell or under nohup, it goes on to tell.
    """
    for known in signal.valid_signals():
        if signal.getsignal(known) is signal.SIG_IGN:
            signal.signal(known, signal.SIG_DFL)
    default = bytes(32)
    for number in set(range(1, 65)) - {signal.SIGKILL, signal.SIGSTOP}:
        _syscall("rt_sigaction", number, default, None, ctypes.c_size_t(8))


def unshare(flags: int) -> None:
    _checked(_libc.unshare(flags), f"unshare {flags:#x}")


def mount(source: str, target: str, kind: str | None, flags: int, options: str = "") -> None:
    encoded = (source.encode(), target.encode(), kind.encode() if kind else None)
    result = _libc.mount(*encoded, ctypes.c_ulong(flags), options.encode() or None)
    _checked(result, f"mount {source} on {target}")


def unmount(target: str, flags: int = 0) -> None:
    _checked(_libc.umount2(target.encode(), flags), f"unmount {target}")


def pivot_root(new_root: str, old_root: str) -> None:
    _syscall("pivot_root", new_root.encode(), old_root.encode())


def restrict_mount(path: str, *, read_only: bool, executable: bool) -> None:
    """Add restrictions to a mount and all mounts below it, keeping those it has."""
    attributes = 0x2 | 0x4 | (0x1 if read_only else 0) | (0 if executable else 0x8)
    at_fdcwd, at_recursive = -100, 0x8000
    request = struct.pack("=QQQQ", attributes, 0, 0, 0)
    _syscall("mount_setattr", at_fdcwd, path.encode(), at_recursive, request, ctypes.c_size_t(len(request)))


def drop_capabilities() -> None:
    """Give up every capability of this process, for good once no_new_privs is set."""
    prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL)
    version_3 = struct.pack("=Ii", 0x20080522, 0)
    _syscall("capset", version_3, struct.pack("=6I", 0, 0, 0, 0, 0, 0))


def drop_bounding_set() -> None:
    """Let no program started from here ever gain a capability."""
    for capability in range(64):
        try:
            prctl(PR_CAPBSET_DROP, capability)
        except OSError:  # past the last capability this kernel knows
            return


class SeccompProgram:
    """A BPF program kept where the kernel can read it."""

    def __init__(self, instructions: bytes) -> None:
        self._instructions = ctypes.create_string_buffer(instructions, len(instructions))
        count = len(instructions) // 8
        address = ctypes.addressof(self._instructions)
        self._header = ctypes.create_string_buffer(struct.pack("HxxxxxxQ", count, address))

    def install(self) -> None:
        prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, ctypes.addressof(self._header))


# ---------------------------------------------------------------- Landlock

READ_AND_RUN = 0b1101  # EXECUTE, READ_FILE, READ_DIR
READ_FILE = 0b100
READ_WRITE_FILE = 0b110
RUN_FILE = 0b101
FILE_RIGHTS = 0b110 | 0b1 | 1 << 14 | 1 << 15  # what may be granted on something that is no directory
_FILE_RIGHTS_OF_ABI = {1: (1 << 13) - 1, 2: (1 << 14) - 1, 3: (1 << 15) - 1, 5: (1 << 16) - 1}
_TCP = 0b11
_SCOPE_ABSTRACT_SOCKETS_AND_SIGNALS = 0b11


def landlock_abi() -> int:
    """The Landlock version of this kernel; 0 when there is none."""
    try:
        return _syscall("landlock_create_ruleset", None, ctypes.c_size_t(0), 1)
    except OSError:
        return 0


def landlock_rights(abi: int) -> int:
    """Every file right that this version can handle."""
    return max(rights for version, rights in _FILE_RIGHTS_OF_ABI.items() if version <= abi)


def landlock_ruleset(abi: int, *, files: bool, network: bool = True) -> int:
    """A new ruleset that denies TCP, signals and abstract sockets beyond itself and, if asked, all files."""
    rights = landlock_rights(abi) if files else 0
    tcp = _TCP if network and abi >= 4 else 0
    scoped = _SCOPE_ABSTRACT_SOCKETS_AND_SIGNALS if abi >= 6 else 0
    request = struct.pack("=QQQ", rights, tcp, scoped)[: 8 if abi < 4 else 16 if abi < 6 else 24]
    ruleset = _syscall("landlock_create_ruleset", request, ctypes.c_size_t(len(request)), 0)
    os.set_inheritable(ruleset, False)
    return ruleset


def landlock_allow(ruleset: int, path: str, rights: int) -> None:
    """Grant the rights on a path and all below it."""
    descriptor = os.open(path, O_PATH | os.O_CLOEXEC)
    try:
        request = struct.pack("=Qi", rights, descriptor)
        _syscall("landlock_add_rule", ruleset, 1, request, 0)
    finally:
        os.close(descriptor)


def landlock_restrict(ruleset: int) -> None:
    """Enter the ruleset; needs no_new_privs or CAP_SYS_ADMIN."""
    _syscall("landlock_restrict_self", ruleset, 0)
