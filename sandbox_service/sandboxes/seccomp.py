"""The system calls a boxed program may make, compiled to a BPF program once."""

import errno
import platform
import struct
from collections.abc import Iterable, Sequence
from enum import Enum

from sandbox_service.errors import SandboxUnavailable
from sandbox_service.inside.protocol import OWN_PID
from sandbox_service.sandboxes.syscall_numbers import SYSCALL_NUMBERS

_MACHINES = {"x86_64": (0, 0xC000003E), "aarch64": (1, 0xC00000B7)}  # column of the table, AUDIT_ARCH_…

# Answered as if the kernel had never heard of them: libraries then fall back to something older.
_ABSENT = frozenset(
    "clone3 memfd_create memfd_secret io_uring_setup io_uring_enter io_uring_register shmget shmat shmctl shmdt "
    "semget semop semctl semtimedop msgget msgsnd msgrcv msgctl mq_open mq_unlink mq_timedsend mq_timedreceive "
    "mq_notify mq_getsetattr".split()
)
# Named because the profile for containers grants them to us; never granted to a program.
_OURS = frozenset("unshare mount umount2 pivot_root mount_setattr setns sethostname capset chroot ptrace".split())
# What the worker, the keeper and the zygote of a box need in a container beyond what a program may call.
_MADE_IN_CONTAINERS = frozenset(
    "unshare mount umount2 pivot_root mount_setattr sethostname capset memfd_create".split()
)

_AF_UNIX = 1
_NAMESPACE_FLAGS = 0x7E020000  # CLONE_NEW… as clone takes them
_REFUSED_IOCTLS = (0x5412, 0x541C, 0x40086602, 0x401C5820)  # TIOCSTI, TIOCLINUX, and inode flags that outlive a run
_REFUSED_PRCTLS = (35,)  # PR_SET_MM
_PERSONALITIES = (0, 8, 0xFFFFFFFF)  # Linux, Linux with 32-bit uname, and the question which it is

_LOAD, _JEQ, _JGT, _JGE, _JSET, _RETURN = 0x20, 0x15, 0x25, 0x35, 0x45, 0x06
_ALLOW, _KILL, _ERRNO = 0x7FFF0000, 0x80000000, 0x00050000
_NUMBER, _ARCHITECTURE = 0, 4

Instruction = tuple[int, int, int, int]


class Sockets(Enum):
    """Which sockets a program may open: none, or local ones where a network namespace contains them."""

    NONE = "none"
    LOCAL = "local"


def _argument(index: int) -> Instruction:
    return (_LOAD, 0, 0, 16 + 8 * index)


def _errno(number: int) -> Instruction:
    return (_RETURN, 0, 0, _ERRNO | number)


_REFUSE = _errno(errno.EPERM)
_PERMIT: Instruction = (_RETURN, 0, 0, _ALLOW)


def _only(index: int, values: Sequence[int]) -> list[Instruction]:
    """Permit the call when the argument is one of the values."""
    tests: list[Instruction] = [(_JEQ, len(values) - i, 0, value) for i, value in enumerate(values)]
    return [_argument(index), *tests, _REFUSE, _PERMIT]


def _never(index: int, values: Sequence[int]) -> list[Instruction]:
    """Refuse the call when the argument is one of the values."""
    tests: list[Instruction] = [(_JEQ, len(values) - i, 0, value) for i, value in enumerate(values)]
    return [_argument(index), *tests, _PERMIT, _REFUSE]


def _conditional(sockets: Sockets, scoped_signals: bool) -> dict[str, list[Instruction]]:
    rules = {
        "clone": [_argument(0), (_JSET, 0, 1, _NAMESPACE_FLAGS), _REFUSE, _PERMIT],
        "ioctl": _never(1, _REFUSED_IOCTLS),
        "prctl": _never(0, _REFUSED_PRCTLS),
        "personality": _only(0, _PERSONALITIES),
        "socketpair": _only(0, [_AF_UNIX]),
        "socket": _only(0, [_AF_UNIX]) if sockets is Sockets.LOCAL else [_REFUSE],
    }
    if not scoped_signals:  # nothing else keeps signals inside: allow them to the program's own main process
        rules |= {"kill": _only(0, [OWN_PID, 0]), "tgkill": _only(0, [OWN_PID])}
        for name in ("tkill", "rt_sigqueueinfo", "rt_tgsigqueueinfo", "pidfd_open", "pidfd_send_signal"):
            rules[name] = [_REFUSE]
    return rules


def _ranges(numbers: Iterable[int]) -> list[tuple[int, int]]:
    ranges: list[tuple[int, int]] = []
    for number in sorted(numbers):
        if ranges and number == ranges[-1][1] + 1:
            ranges[-1] = (ranges[-1][0], number)
        else:
            ranges.append((number, number))
    return ranges


def compile_filter(sockets: Sockets, *, scoped_signals: bool, machine: str = platform.machine()) -> bytes:
    """The BPF program: an allow list, some arguments checked, everything unknown refused.

    ``scoped_signals`` says that something else (a pid namespace, Landlock) confines signals; without
    it the program holds ``OWN_PID`` where the pid of the program must be put in before it is installed.

    Raises:
        SandboxUnavailable: the processor is none we have a table for.
    """
    if machine not in _MACHINES:
        raise SandboxUnavailable(f"no system call table for {machine!r}; available: {', '.join(_MACHINES)}")
    column, architecture = _MACHINES[machine]
    numbers = {name: pair[column] for name, pair in SYSCALL_NUMBERS.items() if pair[column] is not None}
    conditional = _conditional(sockets, scoped_signals)
    plain = [numbers[name] for name in numbers.keys() - conditional.keys() - _ABSENT - _OURS]

    program: list[Instruction] = [
        (_LOAD, 0, 0, _ARCHITECTURE),
        (_JEQ, 1, 0, architecture),
        (_RETURN, 0, 0, _KILL),
        (_LOAD, 0, 0, _NUMBER),
    ]
    for low, high in _ranges(number for number in plain if number is not None):
        program += [(_JGE, 0, 2, low), (_JGT, 1, 0, high), _PERMIT]
    for name in sorted(_ABSENT & numbers.keys()):
        program += [(_JEQ, 0, 1, numbers[name] or 0), _errno(errno.ENOSYS)]
    for name, rule in conditional.items():
        if name in numbers:
            program += [(_JEQ, 0, len(rule), numbers[name] or 0), *rule]
    newest = max(number for number in numbers.values() if number is not None)
    program += [(_JGT, 0, 1, newest), _errno(errno.ENOSYS), _REFUSE]
    return b"".join(struct.pack("=HBBI", *instruction) for instruction in program)


def container_profile() -> dict[str, object]:
    """The profile for a container in which the namespaces tier works without root and without a capability.

    In the OCI runtimes' format: what a program may call, whatever the arguments, and beside it the calls that
    make namespaces. The filter of each program lies on top of it.
    """
    allowed = (SYSCALL_NUMBERS.keys() - _ABSENT - _OURS) | _MADE_IN_CONTAINERS
    return {
        "defaultAction": "SCMP_ACT_ERRNO",
        "defaultErrnoRet": errno.EPERM,
        "architectures": ["SCMP_ARCH_X86_64", "SCMP_ARCH_AARCH64"],
        "syscalls": [
            {"names": sorted(allowed), "action": "SCMP_ACT_ALLOW"},
            {"names": ["clone3"], "action": "SCMP_ACT_ERRNO", "errnoRet": errno.ENOSYS},
        ],
    }
