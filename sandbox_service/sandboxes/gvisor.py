"""Whether the kernel is gVisor's, and what that lacks of what a box is made of."""

import ctypes
import errno
import os
from collections.abc import Sequence

from sandbox_service.inside import kernel

_READ_ALL, _LOG_BYTES = 3, 1 << 14
_SYSTEM_CALLS = {"pidfd_open": 434, "mount_setattr": 442}  # as numbered on every architecture
_GREETING = b"Starting gVisor"


def is_the_kernel() -> bool:
    """Its log tells, which everybody may read there; the version that it names is Linux's."""
    libc = ctypes.CDLL(None, use_errno=True)
    buffer = ctypes.create_string_buffer(_LOG_BYTES)
    return bool(libc.klogctl(_READ_ALL, buffer, _LOG_BYTES) > 0 and _GREETING in buffer.raw)


def lacking() -> Sequence[str]:
    """What this kernel has nothing of, of that by which boxes are made in one tier or the other."""
    present = {
        "Landlock": bool(kernel.landlock_abi()),
        "/proc/self/setgroups": os.path.exists("/proc/self/setgroups"),
        **{f"the system call {name}": _is_known(number) for name, number in _SYSTEM_CALLS.items()},
    }
    return [part for part, is_there in present.items() if not is_there]


def _is_known(system_call: int) -> bool:
    """Asked for something on no descriptor: what is known refuses it for another reason than being unknown."""
    libc = ctypes.CDLL(None, use_errno=True)
    nothing = ctypes.c_size_t(0)
    libc.syscall(ctypes.c_long(system_call), ctypes.c_long(-1), nothing, nothing, nothing, nothing)
    return ctypes.get_errno() != errno.ENOSYS
