"""The last steps of a fresh process before it is the program: its files, its limits, its walls."""

import gc
import os
import resource
import signal
import sys
from collections.abc import Callable
from typing import NamedTuple

from sandbox_service.inside import kernel, protocol
from sandbox_service.inside.page import Page
from sandbox_service.inside.scripts import compile_for_runs

# The kill comes a little after the limit, so that a program near it can end by itself and be run again.
CPU_GRACE = 1.08
STDIN, STDOUT, STDERR, REST = 0, 1, 2, 3

_STACK_BYTES = 256 * 2**20
_OPEN_FILES = 512
_LIMITS_OF_EVERY_RUN = {
    resource.RLIMIT_CORE: 0,
    resource.RLIMIT_NOFILE: _OPEN_FILES,
    resource.RLIMIT_STACK: _STACK_BYTES,
    resource.RLIMIT_MEMLOCK: 65536,
    kernel.RLIMIT_MSGQUEUE: 0,
}
_HIGHEST_DESCRIPTOR = 1 << 20
_IGNORED = (signal.SIGPIPE, signal.SIGXFSZ)  # by us, or by a warm interpreter
_KINDS_OF_LIMITS = 16
_setpgid, _pread, _write, _dup2, _chdir, _closerange = (
    os.setpgid,
    os.pread,
    os.write,
    os.dup2,
    os.chdir,
    kernel.closerange,
)
_HARD_LIMITS = {kind: resource.getrlimit(kind)[1] for kind in range(_KINDS_OF_LIMITS)}


class Program(NamedTuple):
    """What a warm interpreter is to do in a fork, once it is back at its own start."""

    step: str
    directory: str
    argv: list[str]
    code: bytes


def prepare() -> None:
    """Take on, for this process and all that come of it, the limits that never change, and no signal's inheritance."""
    kernel.stop_ignoring_signals()
    signal.signal(signal.SIGPIPE, signal.SIG_IGN)  # who is gone is seen by the answer of the call
    signal.pthread_sigmask(signal.SIG_SETMASK, ())
    os.umask(0o022)
    gc.disable()  # a collection would touch, and so copy, every page of a fork's parent
    for kind, wanted in _LIMITS_OF_EVERY_RUN.items():
        _limit(kind, wanted)


def _limit(kind: int, wanted: int) -> None:
    most = _HARD_LIMITS[kind]
    value = wanted if most == resource.RLIM_INFINITY else min(wanted, most)
    resource.setrlimit(kind, (value, value))


def cpu_limit_seconds(run: protocol.Run) -> int:
    """For RLIMIT_CPU, which the kernel counts by ticks, so that it can be dodged: this is only the second line."""
    return int(run["cpu_seconds"] * CPU_GRACE) + 2


def become(
    run: protocol.Run, given: list[int], page: Page, confine: Callable[[], None], directory: str, processes: int
) -> Program:
    """Turn this fork into the program; returns only where a warm interpreter is to go on as it.

    ``given`` is [stdin, stdout, stderr, code?, cgroup joins…]. Whatever is touched here is copied from the zygote,
    page by page, for every program: few calls, and no helper functions.
    """
    try:
        # A session of its own would have the kernel make a group to schedule it by, in each fork.
        _setpgid(0, 0)
        code = b""
        rest = first_join = REST
        if run["step"] in protocol.STEPS_WITH_CODE:
            code = _pread(given[REST], run["code_bytes"], 0)
            first_join += 1
        for join in given[first_join:]:
            _write(join, b"0")
        if run["has_counter"]:
            page.counted_from_here()
        _dup2(given[0], 0)
        _dup2(given[1], 1)
        _dup2(given[2], 2)
        if run["step"] == "first_run":
            _dup2(given[REST], REST)
            rest += 1
        _limit(resource.RLIMIT_CPU, cpu_limit_seconds(run))
        _limit(resource.RLIMIT_FSIZE, run["file_bytes"])
        _limit(resource.RLIMIT_NPROC, processes)
        confine()
        _chdir(directory)
        _closerange(rest, _HIGHEST_DESCRIPTOR)
        if run["step"]:
            page.ready(with_memory=not run["has_cgroup"])
            program = go_on(run, directory, code)
            page.let_go()
            return program
        for number in _IGNORED:  # exec would hand that on
            signal.signal(number, signal.SIG_DFL)
        path = _find(run["argv"][0], run["environment"]["PATH"])
        page.ready(with_memory=not run["has_cgroup"])
    except BaseException as error:
        page.failed(repr(error))
        os._exit(126)
    try:
        os.execve(path, run["argv"], run["environment"])
    except FileNotFoundError:
        os._exit(127)
    except BaseException:
        os._exit(126)


def go_on(run: protocol.Run, directory: str, code: bytes) -> Program:
    """What is left to do for a warm interpreter in a fork that has its files, its limits and its walls.

    In a first run the file for the code is open as ``REST``; it is closed when this returns.
    """
    if run["step"] == "first_run":
        code = compile_for_runs(sys.argv[0], directory, REST)
    if run["environment"]:  # none means that it stays as it is
        os.environ.clear()
        os.environ.update(run["environment"])
    gc.enable()
    return Program(run["step"], directory, run["argv"], code)


def _find(name: str, search_path: str) -> str:
    if "/" in name:
        return name
    for directory in search_path.split(":"):
        if os.access(f"{directory}/{name}", os.X_OK):
            return f"{directory}/{name}"
    return name
