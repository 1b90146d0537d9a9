"""A first run compiles its program, brings the code back, and goes on as the program."""

from dataclasses import replace

import pytest

from sandbox_service.models import Execution, Outcome
from sandbox_service.sandboxes import Box
from sandbox_service.sandboxes.contract import Step
from tests.contract.conftest import MIB, ZYGOTE, first_run, limits, open_tier

UNCOMPILABLE = {
    "a file of zeros": "\0" * 100,
    "brackets": "(" * 1000,
    "minuses": "-" * 60_000 + "1",
    "an indent that goes nowhere": "if 1:\n",
    "a coding that is unknown": "# coding: nothing\n",
}


pytestmark = pytest.mark.warm


def test_the_code_that_comes_back_is_run_from_then_on(box: Box) -> None:
    command = first_run("import sys\nprint(input(), sys.argv)")

    first = box.run(command, limits(), stdin=b"1\n")
    assert first.compiled is not None
    second = box.run(replace(command, step=Step.RUN, code=first.compiled.code), limits(), stdin=b"2\n")

    assert (first.stdout, second.stdout) == (b"1 ['main.py']\n", b"2 ['main.py']\n")
    assert 0 < first.compiled.cpu_seconds < limits().cpu_seconds
    assert 0 < first.compiled.wall_seconds < limits().wall_seconds


def test_the_code_comes_back_however_the_program_ends(box: Box) -> None:
    for source, outcome in (
        ("import os; os._exit(3)", Outcome.EXITED),
        ("import os; os.kill(os.getpid(), 9)", Outcome.SIGNALLED),
        ("while True: pass", Outcome.OUT_OF_TIME),
        ("x = bytearray(10**9)", Outcome.OUT_OF_MEMORY),
        ("while True: print('x' * 1000)", Outcome.OUT_OF_OUTPUT),
    ):
        execution = box.run(first_run(source), limits())

        assert (execution.outcome, execution.compiled is not None) == (outcome, True), source


@pytest.mark.parametrize("what", UNCOMPILABLE)
def test_what_does_not_compile_is_not_run(box: Box, what: str) -> None:
    execution = box.run(first_run(UNCOMPILABLE[what] + "\nprint('ran')"), limits())

    assert (execution.compiled, execution.stdout) == (None, b"")


def test_a_program_that_takes_too_long_to_compile_is_not_run(box: Box) -> None:
    source = "print('ran')\n" + "x = [" + "f(1, 2, *a, **b), " * 60_000 + "]"

    execution = box.run(first_run(source), limits(cpu_seconds=0.05))

    assert (execution.outcome, execution.compiled, execution.stdout) == (Outcome.OUT_OF_TIME, None, b"")


def test_compiling_is_not_counted_as_the_programs_time(box: Box) -> None:
    source = "x = lambda: [" + "f(1, 2, *a, **b), " * 10_000 + "]"

    execution = box.run(first_run(source), limits())

    assert execution.compiled is not None
    assert execution.cpu_seconds < execution.compiled.cpu_seconds


def test_what_the_interpreter_took_to_be_warm_is_no_programs_time(box: Box) -> None:
    fresh = open_tier(box.isolation.tier, ZYGOTE)
    try:
        source = "import time\nbegan = time.thread_time()\nwhile time.thread_time() - began < 0.02: pass"
        execution = fresh.run(first_run(source), limits())
    finally:
        fresh.close()

    assert execution.cpu_seconds > 0.018


def test_a_program_reaches_the_file_of_its_code_no_more(box: Box) -> None:
    source = "import os\nfor n in range(4096):\n    try: os.fstat(n); print(n)\n    except OSError: pass"

    assert box.run(first_run(source), limits()).stdout == b"0\n1\n2\n"


def test_code_that_finds_no_room_is_as_none(box: Box) -> None:
    source = "print('ran')\n" + "".join(
        f"x = '{number:04}' * 1000\n" for number in range(300)
    )  # made when it is compiled

    execution = box.run(first_run(source), limits(file_bytes=MIB // 2))

    assert (execution.compiled, execution.stdout) == (None, b"")


def test_the_next_run_begins_as_ever(box: Box) -> None:
    def cold(execution: Execution) -> tuple[object, ...]:
        return execution.outcome, execution.stdout, execution.stderr

    looks = first_run("import os, sys\nprint(os.listdir(), os.environ, sorted(sys.modules))")

    assert cold(box.run(looks, limits())) == cold(box.run(looks, limits()))
