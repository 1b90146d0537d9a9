"""The unsafe box reports the facts of a plain subprocess; it promises no more."""

import pytest

from sandbox_service.models import Execution, Limits, Outcome, Tier
from sandbox_service.sandboxes.contract import Command, File
from sandbox_service.sandboxes.unsafe import UnsafeBox

MIB = 2**20
LIMITS = Limits(cpu_seconds=0.5, wall_seconds=2, memory_bytes=64 * MIB, output_bytes=1000, processes=16)


def run(source: str, limits: Limits = LIMITS, *, stdin: bytes = b"", collect: tuple[str, ...] = ()) -> Execution:
    command = Command(("python3", "main.py"), {"main.py": File(source.encode())}, {"PLACE": "{box}/here"})
    return UnsafeBox().run(command, limits, stdin=stdin, collect=collect)


def test_it_says_that_it_isolates_nothing():
    assert UnsafeBox().isolation.tier == Tier.UNSAFE
    assert not UnsafeBox().isolation.layers


def test_output_and_exit_code_are_reported():
    execution = run("import sys; sys.stderr.write('oops'); print(input()); sys.exit(3)", stdin=b"42")

    assert (execution.outcome, execution.exit_code, execution.signal) == (Outcome.EXITED, 3, None)
    assert (execution.stdout, execution.stderr) == (b"42\n", b"oops")
    assert 0 < execution.cpu_seconds < LIMITS.cpu_seconds


def test_a_signal_is_reported():
    execution = run("import os; os.kill(os.getpid(), 11)")

    assert (execution.outcome, execution.exit_code, execution.signal) == (Outcome.SIGNALLED, None, 11)


@pytest.mark.parametrize(
    ("source", "outcome"),
    [
        ("while True: pass", Outcome.OUT_OF_TIME),
        ("import time; time.sleep(60)", Outcome.OUT_OF_TIME),
        ("x = []\nwhile True: x.append(bytearray(b'x' * 2**20))", Outcome.OUT_OF_MEMORY),
        ("while True: print('x' * 100)", Outcome.OUT_OF_OUTPUT),
        ("print('x' * 1000)", Outcome.OUT_OF_OUTPUT),
        ("print('x' * 999)", Outcome.EXITED),
    ],
)
def test_a_limit_is_held(source: str, outcome: Outcome):
    execution = run(source)

    assert execution.outcome == outcome
    assert execution.stdout_truncated == (outcome == Outcome.OUT_OF_OUTPUT)
    assert len(execution.stdout) <= LIMITS.output_bytes


def test_a_child_left_running_does_not_hold_it_up():
    execution = run("import os, time\nif os.fork() == 0: time.sleep(60)\nprint('done')")

    assert execution.outcome == Outcome.EXITED
    assert execution.wall_seconds < LIMITS.wall_seconds


def test_only_regular_files_that_were_asked_for_are_collected():
    source = "import os\nos.makedirs('out/deep')\nfor n in ('out/a', 'out/deep/b', 'c'): open(n, 'w').write(n)\n"
    source += "os.symlink('/etc/passwd', 'out/link')\nos.symlink('/etc', 'out/dir')"

    assert run(source, collect=("out/**",)).files == {"out/a": b"out/a", "out/deep/b": b"out/deep/b"}
    assert run(source, collect=("c", "none")).files == {"c": b"c"}


def test_the_environment_is_the_command_s_alone():
    execution = run(
        "import os; print(sorted(set(os.environ) - {'LC_CTYPE'}), os.environ['PLACE'] == os.getcwd() + '/here')"
    )

    assert execution.stdout == b"['PLACE'] True\n"
