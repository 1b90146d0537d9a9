"""What a zygote is told of a run: numbers and words as the compiled forker reads them, then the run as Python does."""

from __future__ import annotations

import marshal
import struct

from sandbox_service.inside import protocol
from sandbox_service.inside.program import cpu_limit_seconds

_HAS_CODE, _HAS_COUNTER, _WITH_MEMORY, _AS_IT_IS, _COMPILES = 1, 2, 4, 8, 16
# CPU seconds, bytes of a file, processes, bytes of the code; flags, arguments, variables, where the run begins: the
# struct order of forking.c.
_HEAD = struct.Struct("=QQQQIIII")


def pack(run: protocol.Run, processes: int) -> bytes:
    """The order for a run that may have so many processes, those of ours with its uid included.

    The words of a command, each with its NUL, are the arguments and then the variables that it is started with; a
    warm interpreter's run has none.
    """
    words = b""
    arguments = variables = 0
    if not run["step"]:
        arguments, variables = len(run["argv"]), len(run["environment"])
        pairs = [f"{name}={value}" for name, value in run["environment"].items()]
        words = b"".join(word.encode("utf-8", "surrogateescape") + b"\0" for word in [*run["argv"], *pairs])
    flags = (
        (_HAS_CODE if run["step"] in protocol.STEPS_WITH_CODE else 0)
        | (_HAS_COUNTER if run["has_counter"] else 0)
        | (0 if run["has_cgroup"] else _WITH_MEMORY)
        | (_AS_IT_IS if _is_as_it_is(run) else 0)
        | (_COMPILES if run["step"] == "first_run" else 0)
    )
    head = _HEAD.pack(
        cpu_limit_seconds(run),
        run["file_bytes"],
        processes,
        run["code_bytes"],
        flags,
        arguments,
        variables,
        _HEAD.size + len(words),
    )
    return head + words + marshal.dumps(run)  # type: ignore[arg-type]  # a TypedDict is a dict


def _is_as_it_is(run: protocol.Run) -> bool:
    """Whether a program needs nothing but its code: the interpreter was started for a script without arguments."""
    return run["step"] == "run" and not run["environment"] and len(run["argv"]) == len(("python3", "main.py"))


def run_of(payload: bytes) -> protocol.Run:
    run: protocol.Run = marshal.loads(memoryview(payload)[_HEAD.unpack_from(payload)[-1] :])
    return run


def processes_of(payload: bytes) -> int:
    processes: int = _HEAD.unpack_from(payload)[2]
    return processes
