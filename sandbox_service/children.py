"""Child processes that die with their parent."""

import os
import signal
import subprocess
from collections.abc import Callable, Mapping, Sequence

from sandbox_service.inside import kernel


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


def stop(child: subprocess.Popen[bytes], seconds: float) -> int:
    """Ask the child to end, and kill it when it has not after that time."""
    child.terminate()
    return wait(child, seconds)


def wait(child: subprocess.Popen[bytes], seconds: float) -> int:
    """The exit code of a child that was asked to end; it is killed when it has not after that time."""
    try:
        return child.wait(seconds)
    except subprocess.TimeoutExpired:
        child.kill()
        return child.wait()
