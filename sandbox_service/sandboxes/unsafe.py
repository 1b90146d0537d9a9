"""A plain subprocess with limits and no isolation: for development, and as a yardstick."""

import contextlib
import math
import os
import resource
import signal
import subprocess
import tempfile
import threading
import time
from collections.abc import Callable, Collection, Sequence
from pathlib import Path

from sandbox_service.errors import BoxBroken
from sandbox_service.models import Execution, Isolation, Limits, Outcome, Tier
from sandbox_service.sandboxes.contract import COLLECTED_FILES, SEARCH_PATH, Command
from sandbox_service.sandboxes.running import finish

TICK_SECONDS = 0.005
CPU_SLACK = 1.08  # what ends by itself just past the limit is the judge's to decide
STACK_BYTES = 256 * 2**20


class UnsafeBox:
    """Runs one command at a time in a directory of its own; whatever it runs can reach the machine.

    CPU time counts the command and the children it waited for; memory is the command's own peak, as
    last seen; ``limits.processes`` is not in force.
    """

    isolation = Isolation(tier=Tier.UNSAFE, layers={}, missing={"all": "unsafe was asked for by name"})
    takes_steps = False

    def run(self, command: Command, limits: Limits, *, stdin: bytes = b"", collect: Sequence[str] = ()) -> Execution:
        """Run the command to its end and report the facts."""
        return finish(self.start(command, limits, stdin=stdin, collect=collect))

    def start(
        self,
        command: Command,
        limits: Limits,
        *,
        stdin: bytes | int = b"",
        stdout: int | None = None,
        collect: Sequence[str] = (),
    ) -> "UnsafeRun":
        """Start the command; a thread sees it to its end."""
        return UnsafeRun(command, limits, stdin, stdout, collect)

    def close(self) -> None:
        """Nothing is kept."""


class UnsafeRun:
    """A subprocess that a thread watches."""

    give_up_at = math.inf

    def __init__(
        self, command: Command, limits: Limits, stdin: bytes | int, stdout: int | None, collect: Sequence[str]
    ) -> None:
        self._limits = limits
        self._collect = collect
        self._directory = tempfile.TemporaryDirectory(prefix="unsafe-box-", ignore_cleanup_errors=True)
        place = Path(self._directory.name)
        self._scratch, self._streams = (place / "scratch").resolve(), place / "streams"
        self._scratch.mkdir()
        self._streams.mkdir()
        _lay(command, self._scratch)
        (self._streams / "stdin").write_bytes(stdin if isinstance(stdin, bytes) else b"")
        self._stopped: Outcome | None = None
        self._execution: Execution | None = None
        self._over, over = os.pipe()
        started = time.monotonic()
        pid = _start(command, self._scratch, self._streams, limits, None if isinstance(stdin, bytes) else stdin, stdout)
        self._thread = threading.Thread(target=self._see_to_its_end, args=(pid, started, over))
        self._thread.start()

    @property
    def awaited(self) -> Collection[int]:
        return () if self._execution is not None else (self._over,)

    def see_to(self, descriptor: int) -> None:
        self._thread.join()
        if self._execution is None:
            raise BoxBroken("the subprocess was lost")

    def stop(self, outcome: Outcome) -> None:
        self._stopped = self._stopped or outcome

    def execution(self) -> Execution:
        assert self._execution is not None
        return self._execution

    def abandon(self) -> None:
        self.stop(Outcome.SIGNALLED)
        self._thread.join()
        os.close(self._over)

    def _see_to_its_end(self, pid: int, started: float, over: int) -> None:
        try:
            outcome, memory_bytes, status, usage = _watch(
                pid, started, self._streams, self._limits, lambda: self._stopped
            )
            wall_seconds = time.monotonic() - started
            stdout, stderr = (_head(self._streams / name, self._limits) for name in ("stdout", "stderr"))
            files, left_out = _collect(self._scratch, self._collect, self._limits.file_bytes)
            execution = Execution(
                outcome=Outcome.OUT_OF_OUTPUT if stdout[1] else outcome,
                exit_code=os.WEXITSTATUS(status) if os.WIFEXITED(status) else None,
                signal=os.WTERMSIG(status) if os.WIFSIGNALED(status) else None,
                stdout=stdout[0],
                stderr=stderr[0],
                cpu_seconds=usage.ru_utime + usage.ru_stime,
                wall_seconds=wall_seconds,
                memory_bytes=memory_bytes,
                stdout_truncated=stdout[1],
                stderr_truncated=stderr[1],
                files=files,
                files_left_out=left_out,
            )
            self._directory.cleanup()
            self._execution = execution
        finally:
            os.close(over)


def _lay(command: Command, scratch: Path) -> None:
    for name, file in command.files.items():
        path = scratch / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(file.content)
        path.chmod(0o755 if file.executable else 0o644)


def _start(
    command: Command, scratch: Path, streams: Path, limits: Limits, stdin_end: int | None, stdout_end: int | None
) -> int:
    def restrain() -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (limits.file_bytes, limits.file_bytes))
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
        _, most = resource.getrlimit(resource.RLIMIT_STACK)
        resource.setrlimit(resource.RLIMIT_STACK, (STACK_BYTES if most < 0 else min(STACK_BYTES, most), most))

    argv = [word.replace("{box}", str(scratch)) for word in command.argv]
    environment = {name: value.replace("{box}", str(scratch)) for name, value in command.environment.items()}
    if "/" not in argv[0]:
        argv[0] = next((f"{place}/{argv[0]}" for place in SEARCH_PATH if Path(place, argv[0]).exists()), argv[0])
    with (
        (streams / "stdin").open("rb") as stdin,
        (streams / "stdout").open("wb") as stdout,
        (streams / "stderr").open("wb") as stderr,
    ):
        process = subprocess.Popen(
            argv,
            cwd=scratch,
            env=environment,
            stdin=stdin if stdin_end is None else stdin_end,
            stdout=stdout if stdout_end is None else stdout_end,
            stderr=stderr,
            start_new_session=True,
            preexec_fn=restrain,
        )
    process.returncode = 0  # reaped by _watch, not by Popen
    return process.pid


def _watch(
    pid: int, started: float, streams: Path, limits: Limits, stopped: Callable[[], Outcome | None]
) -> tuple[Outcome, int, int, resource.struct_rusage]:
    """Wait for the command's end, or kill it over a limit; its whole process group ends with it."""
    outcome: Outcome | None = None
    memory_bytes = 0
    while True:
        memory_bytes = max(memory_bytes, _peak_bytes(pid))
        if time.monotonic() - started > limits.wall_seconds or _cpu_seconds(pid) > CPU_SLACK * limits.cpu_seconds:
            outcome = outcome or Outcome.OUT_OF_TIME
        elif memory_bytes > limits.memory_bytes:
            outcome = outcome or Outcome.OUT_OF_MEMORY
        elif (streams / "stdout").stat().st_size > limits.output_bytes:
            outcome = outcome or Outcome.OUT_OF_OUTPUT
        outcome = outcome or stopped()
        if outcome:
            _kill_group(pid)
        ended, status, usage = os.wait4(pid, 0 if outcome else os.WNOHANG)
        if ended:
            _kill_group(pid)
            signalled = Outcome.SIGNALLED if os.WIFSIGNALED(status) else Outcome.EXITED
            return outcome or signalled, memory_bytes, status, usage
        time.sleep(TICK_SECONDS)


def _kill_group(pid: int) -> None:
    with contextlib.suppress(ProcessLookupError):
        os.killpg(pid, signal.SIGKILL)


def _peak_bytes(pid: int) -> int:
    # Not ru_maxrss: it starts from the peak of the process that forked the command.
    with contextlib.suppress(OSError), open(f"/proc/{pid}/status", "rb") as status:
        return next((int(line.split()[1]) * 1024 for line in status if line.startswith(b"VmHWM")), 0)
    return 0


def _cpu_seconds(pid: int) -> float:
    with contextlib.suppress(OSError), open(f"/proc/{pid}/stat", "rb") as stat:
        # utime, stime, cutime, cstime stand from the twelfth field after the command's name.
        return sum(map(int, stat.read().rpartition(b")")[2].split()[11:15])) / os.sysconf("SC_CLK_TCK")
    return 0.0


def _head(path: Path, limits: Limits) -> tuple[bytes, bool]:
    with path.open("rb") as stream:
        return stream.read(limits.output_bytes), path.stat().st_size > limits.output_bytes


def _collect(scratch: Path, patterns: Sequence[str], most_bytes: int) -> tuple[dict[str, bytes], bool]:
    """The files by their names, and whether some were left out."""
    # pathlib's ** matches directories only; what lies in them takes one more *.
    found = {path for pattern in patterns for path in scratch.glob(pattern + "/*" * pattern.endswith("**"))}
    files: dict[str, bytes] = {}
    for path in sorted(found):
        if path.is_file() and not path.is_symlink() and path.resolve().is_relative_to(scratch):
            most_bytes -= path.stat().st_size
            if most_bytes < 0 or len(files) == COLLECTED_FILES:
                return files, True
            files[str(path.relative_to(scratch))] = path.read_bytes()
    return files, False
