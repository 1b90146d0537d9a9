"""A box reports what happened, from the kernel and from pipes of its own."""

import hashlib
import signal

import pytest

from sandbox_service.inside.worlds import DIRECTORY
from sandbox_service.models import Outcome
from sandbox_service.sandboxes import Box
from sandbox_service.sandboxes.contract import Command, File
from tests.contract.conftest import MIB, Run, limits


def test_output_and_errors_come_apart(run: Run) -> None:
    execution = run("import sys; print('out'); print('err', file=sys.stderr)")

    assert (execution.stdout, execution.stderr) == (b"out\n", b"err\n")
    assert (execution.outcome, execution.exit_code, execution.signal) == (Outcome.EXITED, 0, None)


@pytest.mark.parametrize("code", [0, 1, 42, 255])
def test_the_exit_code_is_the_programs(run: Run, code: int) -> None:
    execution = run(f"raise SystemExit({code})")

    assert (execution.outcome, execution.exit_code) == (Outcome.EXITED, code)


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM, signal.SIGSEGV, signal.SIGABRT])
def test_a_fatal_signal_is_told(run: Run, number: int) -> None:
    execution = run(f"import os; os.kill(os.getpid(), {int(number)})")

    assert (execution.outcome, execution.signal, execution.exit_code) == (Outcome.SIGNALLED, number, None)


def test_the_input_arrives_whole(run: Run) -> None:
    stdin = b"0123456789\n" * 5_000_000

    execution = run("import sys, hashlib; print(hashlib.sha256(sys.stdin.buffer.read()).hexdigest())", stdin=stdin)

    assert execution.stdout.decode().strip() == hashlib.sha256(stdin).hexdigest()


def test_without_input_there_is_an_end_of_file(run: Run) -> None:
    assert run("import sys; print(repr(sys.stdin.read()))").stdout == b"''\n"


def test_input_that_is_not_read_is_no_trouble(run: Run) -> None:
    execution = run("print('done')", stdin=b"x" * 20 * MIB)

    assert (execution.stdout, execution.exit_code) == (b"done\n", 0)


@pytest.mark.parametrize("path", ["/dev/stdin", "/proc/self/fd/0"])
def test_the_input_can_be_opened_by_name(run: Run, path: str) -> None:
    assert run(f"print(open({path!r}).read())", stdin=b"by name").stdout == b"by name\n"


def test_the_output_can_be_opened_by_name(run: Run) -> None:
    assert run("open('/dev/stdout', 'w').write('by name')").stdout == b"by name"


def test_the_environment_is_an_allow_list(run: Run) -> None:
    names = run("import os; print(*sorted(os.environ))").stdout.split()

    assert names == [b"HOME", b"LANG", b"PATH", b"TMPDIR"]


def test_a_commands_own_environment_is_added(box: Box) -> None:
    command = Command(("env",), environment={"ANSWER": "42", "PLACE": "{box}/x"})

    lines = box.run(command, limits()).stdout.decode().splitlines()

    assert "ANSWER=42" in lines
    assert any(line.startswith("PLACE=/") and line.endswith(f"{DIRECTORY}/x") for line in lines)


def test_files_are_laid_with_their_folders_and_rights(box: Box) -> None:
    files = {"a/b/data.txt": File(b"data"), "tool": File(b"#!/bin/sh\ncat a/b/data.txt\n", executable=True)}

    assert box.run(Command(("./tool",), files), limits()).stdout == b"data"


def test_a_program_that_is_not_there_exits_as_a_shell_would_say(box: Box) -> None:
    assert box.run(Command(("./missing",)), limits()).exit_code == 127
    assert box.run(Command(("./main",), {"main": File(b"not a program", executable=True)}), limits()).exit_code == 126


def test_signals_start_in_their_default_state(run: Run) -> None:
    execution = run(
        "lines = dict(line.split(':', 1) for line in open('/proc/self/status'))\n"
        "print(int(lines['SigBlk'], 16), int(lines['SigIgn'], 16) & ~(1 << 12 | 1 << 24))"
    )

    assert execution.stdout == b"0 0\n", "beyond what Python itself ignores"


def test_a_shell_sees_sigpipe_undisturbed(box: Box) -> None:
    execution = box.run(Command(("sh", "-c", "yes | head -1; echo done")), limits())

    assert execution.stdout == b"y\ndone\n"
    assert execution.stderr == b""


@pytest.mark.only("namespaces")
def test_pids_do_not_tell_how_many_ran_before(box: Box, run: Run) -> None:
    if "pids" not in box.isolation.layers:
        pytest.skip("needs a /proc of its own, and a kernel that can begin pids anew")

    assert {run("import os; print(os.getpid())").stdout for _ in range(3)} == {b"2\n"}


def test_the_cpu_time_is_what_was_burnt(run: Run) -> None:
    execution = run(
        "import time\nt = time.process_time()\nwhile time.process_time() < t + 0.5: pass\nprint(time.process_time() - t)"
    )

    assert float(execution.stdout) * 0.9 <= execution.cpu_seconds <= float(execution.stdout) * 1.1 + 0.05


def test_the_memory_is_what_was_touched(run: Run) -> None:
    execution = run("x = bytearray(100 << 20); print(len(x))")

    assert 100 * MIB <= execution.memory_bytes <= 130 * MIB


def test_a_small_program_after_a_large_one_is_small(box: Box, run: Run) -> None:
    run("x = bytearray(200 << 20)")

    assert box.run(Command(("true",)), limits()).memory_bytes <= 16 * MIB


def test_the_wall_time_is_told(run: Run) -> None:
    assert 0.3 <= run("import time; time.sleep(0.3)").wall_seconds < 3
