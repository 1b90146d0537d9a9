"""One execution: what is wrong with it, when it is run again, what is told of it."""

from collections.abc import Iterator, Sequence

import pytest

from sandbox_service.compilers import Compiler
from sandbox_service.judge import Rules, judge
from sandbox_service.models import Execution, Job, Judgement, Limits, Outcome, Verdict
from sandbox_service.sandboxes import Boxes
from sandbox_service.sandboxes.contract import Command
from sandbox_service.trials.executions import RETURNED_OUTPUT_BYTES
from tests.unit.judging import JAVA, RUNNERS, SQUARES, FakeBox, ends, exits, job, judged, one_after_the_other, square


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
