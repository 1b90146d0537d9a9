"""The judge compiles once, runs every test and decides; it alone gives verdicts."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from typing import Any

import pytest

from sandbox_service.compilers import Compiler
from sandbox_service.errors import BadRequest, BoxBroken, Stopped, UnknownName
from sandbox_service.judge import Rules, judge, whole
from sandbox_service.models import Execution, Isolation, Job, Judgement, Limits, Outcome, TestChoice, Tier, Verdict
from sandbox_service.runners import Runner, read_runners
from sandbox_service.sandboxes import Boxes
from sandbox_service.sandboxes.contract import Command
from sandbox_service.settings import Settings
from sandbox_service.trials.executions import RETURNED_OUTPUT_BYTES
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


# ---------------------------------------------------------------- the whole


def test_a_program_that_passes_every_test_is_accepted():
    box = FakeBox(square)

    judgement = judged(box)

    assert (judgement.id, judgement.verdict, judgement.score) == ("r0", Verdict.ACCEPTED, 1.0)
    assert (judgement.passed, judgement.total, judgement.isolation) == (3, 3, Tier.NAMESPACES)
    assert box.stdins == [b"2\n", b"3\n", b"4\n"]
    assert len(box.compiled) == 1


def test_only_the_chosen_tests_are_run_and_counted():
    box = FakeBox(square)

    judgement = judged(box, job().model_copy(update={"tests": TestChoice(first=2)}))

    assert (judgement.passed, judgement.total, box.stdins) == (2, 2, [b"2\n", b"3\n"])


def test_the_expected_output_never_enters_the_box():
    box = FakeBox(square)

    judged(box, job([{"stdin": "2", "expected": "canary"}]))

    assert "canary" not in str((box.compiled, box.stdins))


def test_the_verdict_is_that_of_the_first_test_that_failed():
    judgement = judged(FakeBox(one_after_the_other(exits(b"4"), exits(b"0"), ends(Outcome.OUT_OF_MEMORY))))

    assert judgement.verdict == Verdict.WRONG_ANSWER
    assert [result.verdict for result in judgement.results] == ["accepted", "wrong_answer", "memory_limit_exceeded"]
    assert judgement.passed == 1
    assert judgement.score == pytest.approx(1 / 3)


def test_stop_on_failure_ends_with_the_first_failure():
    box = FakeBox(one_after_the_other(exits(b"4"), exits(b"0")))

    judgement = judged(box, job(stop_on_failure=True, reward="fraction_passed"))

    assert len(judgement.results) == 2
    assert (judgement.passed, judgement.total) == (1, 3)
    assert judgement.reward == pytest.approx(1 / 3)


def in_two_parts(box: FakeBox, of: Job) -> Judgement:
    assert of.problem.tests is not None
    rules = Rules.of(of, of.problem.tests)
    boxes = Boxes(lambda _: box)
    spans = slice(0, 2), slice(2, None)
    return whole([judge(of.submissions[0], rules, CPP, boxes, Compiler(), span=span) for span in spans], rules)


@pytest.mark.parametrize("stops", [False, True])
@pytest.mark.parametrize("printed", [(b"4", b"9", b"16"), (b"4", b"0", b"16"), (b"4", b"9", b"0"), (b"0", b"9", b"0")])
def test_a_submission_judged_in_parts_is_judged_alike(printed: tuple[bytes, ...], stops: bool):
    of = job(stop_on_failure=stops, reward="fraction_passed")
    answers = dict(zip((b"2\n", b"3\n", b"4\n"), map(exits, printed), strict=True))
    box = FakeBox(answers.__getitem__)

    assert in_two_parts(box, of) == judged(box, of)


def test_a_compilation_that_fails_in_every_part_fails_once():
    box = FakeBox(square, compilation=exits(b"", 1))

    assert in_two_parts(box, job()) == judged(box, job())


def test_a_test_without_expected_output_is_only_run():
    judgement = judged(FakeBox(lambda stdin: exits(b"anything")), job([{"stdin": "", "expected": None}]))

    assert judgement.verdict == Verdict.ACCEPTED
    assert judgement.results[0].stdout == "anything"


def test_an_empty_expected_output_is_not_none():
    judgement = judged(FakeBox(lambda stdin: exits(b"anything")), job([{"stdin": "", "expected": ""}]))

    assert judgement.verdict == Verdict.WRONG_ANSWER


def test_the_reward_is_what_was_asked_for():
    assert judged(FakeBox(square), job(reward="all_or_nothing")).reward == 1.0
    assert judged(FakeBox(square)).reward is None


def test_a_broken_box_concludes_nothing():
    def breaks(stdin: bytes) -> Execution:
        raise BoxBroken("no report")

    with pytest.raises(BoxBroken):
        judged(FakeBox(breaks))


def test_judging_stops_between_two_tests_when_asked_to():
    box = FakeBox(square)

    with pytest.raises(Stopped):
        judged(box, stopping=lambda: len(box.stdins) == 2)

    assert len(box.stdins) == 2


def test_names_are_checked_before_anything_runs():
    with pytest.raises(UnknownName, match="token"):
        judged(FakeBox(square), job(checker="token"))
    with pytest.raises(UnknownName, match="half"):
        judged(FakeBox(square), job(reward="half"))
    with pytest.raises(BadRequest, match="absolute"):
        judged(FakeBox(square), job(checker={"name": "floats", "absolute": -1}))


# ---------------------------------------------------------------- compiling


def test_no_test_runs_when_compilation_fails():
    box = FakeBox(square, compilation=exits(code=1, stderr=b"main.cpp:1: error"))

    judgement = judged(box, job(reward="fraction_passed"))

    assert judgement.verdict == Verdict.COMPILE_ERROR
    assert (judgement.reward, judgement.score, judgement.passed, judgement.total) == (0.0, 0.0, 0, 3)
    assert judgement.compilation is not None
    assert judgement.compilation.log == "main.cpp:1: error"
    assert box.stdins == []


@pytest.mark.parametrize(
    ("outcome", "reason"),
    [
        (Outcome.SIGNALLED, "crashed"),
        (Outcome.OUT_OF_TIME, "out of time"),
        (Outcome.OUT_OF_MEMORY, "out of memory"),
        (Outcome.OUT_OF_OUTPUT, "printed more"),
    ],
)
def test_a_compiler_that_fails_is_a_compile_error_with_its_reason(outcome: Outcome, reason: str):
    judgement = judged(FakeBox(square, compilation=ends(outcome)))

    assert judgement.verdict == Verdict.COMPILE_ERROR
    assert reason in str(judgement.reason)


# ---------------------------------------------------------------- one test


@pytest.mark.parametrize(
    ("execution", "verdict"),
    [
        (exits(b"4\n"), Verdict.ACCEPTED),
        (exits(b"5\n"), Verdict.WRONG_ANSWER),
        (exits(b""), Verdict.WRONG_ANSWER),
        (exits(b"\xff\xfe"), Verdict.WRONG_ANSWER),
        (exits(b"4\n", code=1), Verdict.RUNTIME_ERROR),
        (ends(Outcome.SIGNALLED, stdout=b"4\n"), Verdict.RUNTIME_ERROR),
        (ends(Outcome.OUT_OF_TIME, stdout=b"4\n", cpu_seconds=1.09), Verdict.TIME_LIMIT_EXCEEDED),
        (ends(Outcome.OUT_OF_TIME, cpu_seconds=0.05, memory_bytes=2**40), Verdict.MEMORY_LIMIT_EXCEEDED),
        (ends(Outcome.OUT_OF_TIME, cpu_seconds=1.09, memory_bytes=2**40), Verdict.TIME_LIMIT_EXCEEDED),
        (ends(Outcome.OUT_OF_MEMORY, stdout=b"4\n"), Verdict.MEMORY_LIMIT_EXCEEDED),
        (ends(Outcome.OUT_OF_OUTPUT, stdout=b"4\n"), Verdict.OUTPUT_LIMIT_EXCEEDED),
        (exits(b"4\n", memory_bytes=2**40), Verdict.MEMORY_LIMIT_EXCEEDED),
        (exits(b"4\n", stdout_truncated=True), Verdict.OUTPUT_LIMIT_EXCEEDED),
        (exits(b"4\n", stderr_truncated=True), Verdict.ACCEPTED),
        (exits(b"4\n", cpu_seconds=1.5), Verdict.TIME_LIMIT_EXCEEDED),
        (exits(b"4\n", code=3), Verdict.RUNTIME_ERROR),
    ],
)
def test_an_execution_has_its_verdict(execution: Execution, verdict: Verdict):
    judgement = judged(FakeBox(lambda stdin: execution), job(SQUARES[:1]))

    assert judgement.verdict == judgement.results[0].verdict == verdict
    assert judgement.results[0].score == float(verdict == Verdict.ACCEPTED)


def test_a_runtime_that_says_its_heap_is_full_ran_out_of_memory():
    box = FakeBox(lambda stdin: exits(code=3))

    assert judged(box, job(SQUARES[:1]), runner=JAVA).verdict == Verdict.MEMORY_LIMIT_EXCEEDED


def test_the_box_is_told_the_limits_and_the_runtime_s_own_needs():
    box = FakeBox(square)

    judged(box, job(limits={"cpu_seconds": 2, "memory_bytes": 2**26, "output_bytes": 100, "processes": 5}), runner=JAVA)

    assert box.limits[0] == Limits(
        cpu_seconds=2,
        wall_seconds=8,
        memory_bytes=2**26 + JAVA.overhead.memory_bytes,
        output_bytes=100,
        processes=5 + JAVA.overhead.processes,
    )


# ---------------------------------------------------------------- time, said twice before it is believed


def runs(*executions: Execution) -> tuple[FakeBox, Judgement]:
    box = FakeBox(one_after_the_other(*executions))
    return box, judged(box, job(SQUARES[:1]))


def late(stdout: bytes = b"4\n", cpu_seconds: float = 1.05) -> Execution:
    return exits(stdout, cpu_seconds=cpu_seconds, wall_seconds=cpu_seconds)


def waited(cpu_seconds: float) -> Execution:
    return ends(Outcome.OUT_OF_TIME, cpu_seconds=cpu_seconds, wall_seconds=5.0)


def test_a_program_that_ended_just_past_its_limit_is_timed_again():
    box, judgement = runs(late(), late(cpu_seconds=0.99))

    assert judgement.verdict == Verdict.ACCEPTED
    assert judgement.results[0].cpu_seconds == 0.99
    assert len(box.stdins) == 2


def test_a_program_that_is_late_twice_is_late():
    box, judgement = runs(late(), late(cpu_seconds=1.01))

    assert judgement.verdict == Verdict.TIME_LIMIT_EXCEEDED
    assert len(box.stdins) == 2


def test_the_second_run_gives_no_second_try_at_the_answer():
    _, judgement = runs(late(b"5\n"), late(b"4\n", cpu_seconds=0.5))

    assert judgement.verdict == Verdict.WRONG_ANSWER


def test_a_second_run_that_was_killed_proves_nothing_better():
    _, judgement = runs(late(), ends(Outcome.OUT_OF_MEMORY, cpu_seconds=0.1))

    assert judgement.verdict == Verdict.TIME_LIMIT_EXCEEDED


def test_a_program_that_was_killed_on_its_cpu_time_is_not_run_again():
    box, judgement = runs(ends(Outcome.OUT_OF_TIME, cpu_seconds=1.08, wall_seconds=1.1))

    assert judgement.verdict == Verdict.TIME_LIMIT_EXCEEDED
    assert len(box.stdins) == 1


def test_a_program_far_past_its_limit_is_not_run_again():
    box, judgement = runs(late(cpu_seconds=1.5))

    assert judgement.verdict == Verdict.TIME_LIMIT_EXCEEDED
    assert len(box.stdins) == 1


def test_a_program_that_was_kept_waiting_while_it_worked_is_run_again():
    box, judgement = runs(waited(0.9), exits(b"4\n", cpu_seconds=0.9))

    assert judgement.verdict == Verdict.ACCEPTED
    assert len(box.stdins) == 2


def test_a_program_that_slept_is_not_run_again():
    box, judgement = runs(waited(0.01))

    assert judgement.verdict == Verdict.TIME_LIMIT_EXCEEDED
    assert len(box.stdins) == 1


# ---------------------------------------------------------------- what is returned


def outputs() -> Iterator[Execution]:
    while True:
        yield exits(b"4" + b" " * 10_000, stderr=b"e" * 10_000, memory_bytes=1)


@pytest.mark.parametrize(
    ("expected", "asked", "returned"),
    [
        ("4", None, RETURNED_OUTPUT_BYTES),
        (None, None, 10_001),
        ("4", 0, 0),
        ("4", 20_000, 10_001),
        (None, 7, 7),
    ],
)
def test_outputs_are_returned_as_far_as_asked_for(expected: str | None, asked: int | None, returned: int):
    box = FakeBox(one_after_the_other(*[next(outputs())]))

    result = judged(box, job([{"stdin": "", "expected": expected}], returned_output_bytes=asked)).results[0]

    assert result.verdict == Verdict.ACCEPTED
    assert len(result.stdout) == returned
    assert len(result.stderr) == min(returned, 10_000)
    assert result.stdout_truncated == (returned < 10_001)
    assert result.stderr_truncated == (returned < 10_000)


def test_output_that_is_not_utf8_is_returned_with_marks():
    result = judged(FakeBox(lambda stdin: exits(b"4\xff\n")), job([{"stdin": ""}])).results[0]

    assert result.stdout == "4\ufffd\n"


def test_a_character_that_the_cut_went_through_is_left_out():
    box = FakeBox(lambda stdin: exits("né".encode()))

    result = judged(box, job([{"stdin": ""}], returned_output_bytes=2)).results[0]

    assert (result.stdout, result.stdout_truncated) == ("n", True)


def test_what_the_box_cut_is_marked_too():
    result = judged(FakeBox(lambda stdin: exits(stdout_truncated=True, stderr_truncated=True))).results[0]

    assert result.stdout_truncated
    assert result.stderr_truncated


def test_what_comes_with_a_program_is_laid_beside_it_and_what_is_asked_for_comes_back():
    class Writes(FakeBox):
        def run(
            self, command: Command, limits: Limits, *, stdin: bytes = b"", collect: Sequence[str] = ()
        ) -> Execution:
            assert {name: file.content for name, file in command.files.items()} == {
                "main.py": b"pass", "data/in.txt": b"hello",
            }  # fmt: skip
            return exits(files={"out.txt": b"bye"} if "out.txt" in collect else {"main.code": b"code"})

    job = Job.model_validate(
        {
            "problem": {"tests": [{}]},
            "submissions": [
                {
                    "id": "r0",
                    "language": "python",
                    "source": "pass",
                    "files": {"data/in.txt": "aGVsbG8=", "main.py": "bm90IHRoZSBzb3VyY2U="},
                    "fetch": ["out.txt"],
                }
            ],
        }
    )

    box = Writes(square)
    judgement = judge(
        job.submissions[0], Rules.of(job, job.problem.tests or ()), RUNNERS["python"], Boxes(lambda _: box), Compiler()
    )

    assert judgement.results[0].files == {"out.txt": "Ynll"}


# ---------------------------------------------------------------- weights and groups

GROUPED = [{**test, "group": group} for test, group in zip(SQUARES, ("small", "small", "large"), strict=True)]


def scored_job(*groups: object, **rules: object) -> Job:
    problem = {"tests": GROUPED, "limits": {"cpu_seconds": 1}, "scoring": {"groups": groups}}
    submission = {"id": "r0", "language": "cpp", "source": "int main() {}"}
    return Job.model_validate({"problem": problem, "submissions": [submission], **rules})


def test_the_score_is_what_the_groups_say():
    groups = ({"name": "small", "points": 30}, {"name": "large", "points": 70})

    judgement = judged(FakeBox(one_after_the_other(exits(b"4"), exits(b"0"), exits(b"16"))), scored_job(*groups))

    assert (judgement.score, judgement.maximum_score, judgement.verdict) == (70.0, 100.0, "wrong_answer")
    assert [(group.name, group.score) for group in judgement.groups] == [("small", 0.0), ("large", 70.0)]


def test_a_group_that_breaks_is_not_run_on_and_its_tests_stand_in_their_places():
    groups = ({"name": "small", "on_reject": "break"}, {"name": "large"})
    box = FakeBox(one_after_the_other(exits(b"0"), exits(b"16")))

    judgement = judged(box, scored_job(*groups, reward="scored"))

    assert box.stdins == [b"2\n", b"4\n"]
    assert [(result.verdict, result.skipped) for result in judgement.results] == [
        ("wrong_answer", False),
        ("wrong_answer", True),
        ("accepted", False),
    ]
    assert (judgement.passed, judgement.total, judgement.reward) == (1, 3, 0.5)


def test_a_judgement_without_weights_and_groups_is_written_as_ever():
    written = judged(FakeBox(square)).model_dump_json()

    assert not any(f'"{name}"' in written for name in ("maximum_score", "groups", "skipped"))
