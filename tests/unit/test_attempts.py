"""A program that a warm interpreter is to run is compiled by its first run, or else as any other."""

from collections.abc import Sequence
from dataclasses import replace

from sandbox_service.compilers import LATE_CHARACTERS, Compiler
from sandbox_service.judge import Rules, judge
from sandbox_service.models import Compiled, Execution, Job, Judgement, Limits, Outcome, Verdict
from sandbox_service.sandboxes import Boxes
from sandbox_service.sandboxes.contract import Command, Step
from tests.unit.judging import RUNNERS, SQUARES, FakeBox, Program, ends, exits, one_after_the_other, square

PYTHON = RUNNERS["python"]
CODE = Compiled(b"code", 0.003, 0.004)
LEFT_BEHIND = exits(files={"main.code": b"compiled alone"})


class WarmBox(FakeBox):
    """Compiles in a first run what it can, and says which steps it took with which code."""

    takes_steps = True

    def __init__(
        self, program: Program, compilation: Execution = LEFT_BEHIND, compiled: Compiled | None = CODE
    ) -> None:
        super().__init__(program, compilation)
        self._compiled = compiled
        self.steps: list[tuple[Step | None, bytes]] = []

    def run(self, command: Command, limits: Limits, *, stdin: bytes = b"", collect: Sequence[str] = ()) -> Execution:
        self.steps.append((command.step, command.code))
        execution = super().run(command, limits, stdin=stdin, collect=collect)
        return replace(execution, compiled=self._compiled) if command.step is Step.FIRST_RUN else execution


FIRST, ALONE = (Step.FIRST_RUN, b""), (Step.COMPILE, b"")
RUN, RUN_OF_ALONE = (Step.RUN, b"code"), (Step.RUN, b"compiled alone")


def judged(box: FakeBox, compiler: Compiler | None = None, *, source: str = "print(1)", **problem: object) -> Judgement:
    of = Job.model_validate(
        {
            "problem": {"tests": SQUARES, "limits": {"cpu_seconds": 1}, "checker": "tokens", **problem},
            "submissions": [{"id": "r0", "language": "python", "source": source}],
        }
    )
    assert of.problem.tests is not None
    return judge(
        of.submissions[0], Rules.of(of, of.problem.tests), PYTHON, Boxes(lambda _: box), compiler or Compiler()
    )


def test_the_first_run_compiles_for_all_that_follow():
    box = WarmBox(square)

    judgement = judged(box)

    assert judgement.verdict is Verdict.ACCEPTED
    assert box.steps == [FIRST, RUN, RUN]
    assert judgement.compilation is not None
    assert (judgement.compilation.succeeded, judgement.compilation.cpu_seconds) == (True, CODE.cpu_seconds)


def test_what_the_first_run_printed_counts():
    judgement = judged(WarmBox(one_after_the_other(exits(b"5"), exits(b"9"), exits(b"16"))))

    assert [result.verdict for result in judgement.results] == ["wrong_answer", "accepted", "accepted"]


def test_a_program_seen_before_is_not_compiled_again():
    compiler, box = Compiler(), WarmBox(square)

    for _ in range(2):
        judged(box, compiler)

    assert box.steps == [FIRST, RUN, RUN, RUN, RUN, RUN]


def test_what_the_first_run_cannot_compile_is_compiled_alone():
    box = WarmBox(square, compiled=None)

    assert judged(box).verdict is Verdict.ACCEPTED
    assert box.steps == [FIRST, ALONE, RUN_OF_ALONE, RUN_OF_ALONE, RUN_OF_ALONE]


def test_what_does_not_compile_is_a_compile_error_with_what_the_compiler_said():
    compiler, box = Compiler(), WarmBox(square, exits(code=1, stderr=b"SyntaxError: invalid syntax"), compiled=None)

    first, second = judged(box, compiler), judged(box, compiler)

    assert (first.verdict, first.results, first.total) == (Verdict.COMPILE_ERROR, (), 3)
    assert first.compilation is not None
    assert "invalid syntax" in first.compilation.log
    assert first == second
    assert box.steps == [FIRST, ALONE]


def test_memory_that_the_compiler_may_have_taken_is_no_verdict():
    box = WarmBox(one_after_the_other(ends(Outcome.OUT_OF_MEMORY), exits(b"4"), exits(b"9"), exits(b"16")))

    assert judged(box).verdict is Verdict.ACCEPTED
    assert box.steps == [FIRST, RUN, RUN, RUN]


def test_a_program_out_of_memory_twice_is_just_that():
    judgement = judged(WarmBox(lambda stdin: ends(Outcome.OUT_OF_MEMORY)))

    assert judgement.verdict is Verdict.MEMORY_LIMIT_EXCEEDED
    assert len(judgement.results) == 3


def test_a_doubtful_first_run_is_confirmed_by_another():
    late = exits(b"4", cpu_seconds=1.05)
    box = WarmBox(one_after_the_other(late, exits(b"4", cpu_seconds=0.9), exits(b"9"), exits(b"16")))

    assert judged(box).verdict is Verdict.ACCEPTED
    assert box.steps == [FIRST, FIRST, RUN, RUN]


def test_a_long_source_is_compiled_within_the_limits_of_a_compiler():
    box = WarmBox(square)

    judged(box, source="#" * (LATE_CHARACTERS + 1))

    assert box.steps == [ALONE, RUN_OF_ALONE, RUN_OF_ALONE, RUN_OF_ALONE]


def test_a_box_without_a_warm_interpreter_compiles_first():
    box = FakeBox(square, LEFT_BEHIND)

    judged(box)

    assert [command.step for command in box.compiled] == [Step.COMPILE]
