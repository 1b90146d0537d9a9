"""The judge over a box that runs a Python function in the program's stead."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

from sandbox_service.compilers import Compiler
from sandbox_service.judge import Rules, judge
from sandbox_service.models import Execution, Isolation, Job, Judgement, Limits, Outcome, Tier
from sandbox_service.runners import Runner, read_runners
from sandbox_service.sandboxes import Boxes
from sandbox_service.sandboxes.contract import Command
from sandbox_service.settings import Settings
from tests.unit.boxes import RunsAlone

RUNNERS = read_runners(Settings())
CPP, JAVA = RUNNERS["cpp"], RUNNERS["java"]
SQUARES = [
    {"stdin": "2\n", "expected": "4\n"},
    {"stdin": "3\n", "expected": "9\n"},
    {"stdin": "4\n", "expected": "16\n"},
]

Program = Callable[[bytes], Execution]


def exits(stdout: bytes = b"", code: int = 0, **facts: Any) -> Execution:
    return replace(Execution(Outcome.EXITED, code, None, stdout, b"", 0.01, 0.02, 2**20), **facts)


def ends(outcome: Outcome, stdout: bytes = b"", **facts: Any) -> Execution:
    return replace(exits(stdout, **facts), outcome=outcome, exit_code=None, signal=9)


def square(stdin: bytes) -> Execution:
    return exits(b"%d\n" % int(stdin) ** 2)


def one_after_the_other(*executions: Execution) -> Program:
    remaining = iter(executions)
    return lambda stdin: next(remaining)


class FakeBox(RunsAlone):
    """Compiles with success and runs a Python function in the program's stead."""

    isolation = Isolation(tier=Tier.NAMESPACES, layers={})
    takes_steps = False

    def __init__(self, program: Program, compilation: Execution | None = None) -> None:
        self.program = program
        self.compilation = compilation or exits(files={"main": b"ELF"})
        self.compiled: list[Command] = []
        self.stdins: list[bytes] = []
        self.limits: list[Limits] = []

    def run(self, command: Command, limits: Limits, *, stdin: bytes = b"", collect: Sequence[str] = ()) -> Execution:
        if collect:
            self.compiled.append(command)
            return self.compilation
        self.stdins.append(stdin)
        self.limits.append(limits)
        return self.program(stdin)

    def close(self) -> None: ...


def job(
    tests: Sequence[object] = SQUARES, *, limits: object = None, checker: object = "tokens", **rules: object
) -> Job:
    problem = {"tests": tests, "limits": limits or {"cpu_seconds": 1}, "checker": checker}
    submission = {"id": "r0", "language": "cpp", "source": "int main() {}"}
    return Job.model_validate({"problem": problem, "submissions": [submission], **rules})


def judged(
    box: FakeBox, of: Job | None = None, *, runner: Runner = CPP, stopping: Callable[[], bool] = lambda: False
) -> Judgement:
    of = of or job()
    assert of.problem.tests is not None
    rules = Rules.of(of, of.problem.tests)
    return judge(of.submissions[0], rules, runner, Boxes(lambda _: box), Compiler(), stopping=stopping)
