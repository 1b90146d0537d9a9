"""Child processes that die with their parent."""

import gc
import os
import signal
import subprocess
import sys
import time
import traceback
from collections.abc import Callable, Mapping, Sequence
from typing import NoReturn, Protocol

from sandbox_service.inside import kernel

LOOK_SECONDS = 0.02
ENDING = (signal.SIGTERM, signal.SIGINT)


class Child(Protocol):
    """What is asked of a process that was started, however it was."""

    @property
    def pid(self) -> int: ...

    def poll(self) -> int | None:
        """The exit code, once it has ended."""
        ...

    def wait(self, timeout: float | None = None) -> int:
        """Raises subprocess.TimeoutExpired."""
        ...

    def terminate(self) -> None: ...

    def kill(self) -> None: ...


def spawn(
    argv: Sequence[str],
    *,
    environment: Mapping[str, str] | None = None,
    pass_fds: Sequence[int] = (),
    death_signal: signal.Signals = signal.SIGKILL,
    output: int | None = None,
) -> subprocess.Popen[bytes]:
    """Start a child in a session of its own; call this from the main thread.

    The kernel sends ``death_signal`` when the thread that started the child ends, and the main thread
    ends with the process. The terminal's Ctrl-C reaches the parent only, which stops its children in order.
    """
    return subprocess.Popen(
        argv,
        env=environment,
        stdin=subprocess.DEVNULL,
        stdout=output,
        stderr=output,
        pass_fds=pass_fds,
        start_new_session=True,
        preexec_fn=_dies_with(os.getpid(), death_signal),
    )


def _dies_with(parent: int, death_signal: signal.Signals) -> Callable[[], None]:
    def ask_the_kernel() -> None:
        kernel.prctl(kernel.PR_SET_PDEATHSIG, death_signal)
        if os.getppid() != parent:  # it died before it was asked
            os._exit(1)

    return ask_the_kernel


class Forked:
    """A child that goes on with the memory of its parent, in a session of its own; a parent of one thread.

    It ends with what ``run`` answers. The kernel sends ``death_signal`` when its parent ends.
    """

    def __init__(self, run: Callable[[], int], *, death_signal: signal.Signals) -> None:
        parent = os.getpid()
        sys.stdout.flush()
        sys.stderr.flush()
        # What comes until the child has put off its parent's handlers is for the child to die of.
        before: set[int] = set(signal.pthread_sigmask(signal.SIG_BLOCK, ENDING))
        self._exit_code: int | None = None
        self.pid = os.fork()
        if self.pid == 0:
            _become(run, parent, death_signal, before)
        signal.pthread_sigmask(signal.SIG_SETMASK, before)

    def poll(self) -> int | None:
        if self._exit_code is None:
            ended, status = os.waitpid(self.pid, os.WNOHANG)
            if ended:
                self._exit_code = os.waitstatus_to_exitcode(status)
        return self._exit_code

    def wait(self, timeout: float | None = None) -> int:
        give_up_at = None if timeout is None else time.monotonic() + timeout
        while (exit_code := self.poll()) is None:
            if give_up_at is not None and time.monotonic() >= give_up_at:
                raise subprocess.TimeoutExpired(str(self.pid), timeout or 0.0)
            time.sleep(LOOK_SECONDS)
        return exit_code

    def terminate(self) -> None:
        self._send(signal.SIGTERM)

    def kill(self) -> None:
        self._send(signal.SIGKILL)

    def _send(self, number: signal.Signals) -> None:
        if self.poll() is None:  # else its number may be another's by now
            os.kill(self.pid, number)


def _become(
    run: Callable[[], int], parent: int, death_signal: signal.Signals, mask: set[int | signal.Signals]
) -> NoReturn:
    """Be the child; nothing of the parent's own stack is ever gone back to."""
    exit_code = 1
    try:
        os.setsid()
        _dies_with(parent, death_signal)()
        signal.signal(signal.SIGINT, signal.default_int_handler)
        signal.signal(signal.SIGTERM, signal.SIG_DFL)
        signal.pthread_sigmask(signal.SIG_SETMASK, mask)
        exit_code = run()
    except SystemExit as asked:
        exit_code = asked.code if isinstance(asked.code, int) else 1
    except BaseException:  # as the interpreter itself would tell it
        traceback.print_exc()
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(exit_code)


def freeze() -> None:
    """Before children are forked: keep their garbage collectors from writing to what is there already."""
    gc.collect()
    gc.freeze()


def stop(child: Child, seconds: float) -> int:
    """Ask the child to end, and kill it when it has not after that time."""
    child.terminate()
    return wait(child, seconds)


def wait(child: Child, seconds: float) -> int:
    """The exit code of a child that was asked to end; it is killed when it has not after that time."""
    try:
        return child.wait(seconds)
    except subprocess.TimeoutExpired:
        child.kill()
        return child.wait()
