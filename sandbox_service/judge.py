"""Compile once, run every test, decide the verdict."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Self

from sandbox_service import chosen_tests, rewards, trials
from sandbox_service.compilers import Compiler
from sandbox_service.errors import Stopped
from sandbox_service.models import Job, Judgement, RequestedLimits, Submission, TestCase, TestResult, Verdict
from sandbox_service.programs import Program
from sandbox_service.rewards import Reward
from sandbox_service.runners import Runner, files_of
from sandbox_service.sandboxes import Boxes
from sandbox_service.sandboxes.contract import Box
from sandbox_service.trials import Contender, Trial


@dataclass(frozen=True, slots=True)
class Rules:
    """How every submission of a job is judged."""

    trial: Trial[Any]
    limits: RequestedLimits
    reward: Reward | None = None
    stop_on_failure: bool = False
    returned_output_bytes: int | None = None

    @classmethod
    def of(cls, job: Job, tests: Sequence[TestCase]) -> Self:
        """The job's rules; ``tests`` are all of the problem's own or of its test set.

        Raises:
            BadRequest: the job names a checker or a reward that cannot be.
        """
        return cls(
            trial=trials.build(job.problem, chosen_tests.choose(job.tests, tests)),
            limits=job.problem.limits,
            reward=None if job.reward is None else rewards.build(job.reward),
            stop_on_failure=job.stop_on_failure,
            returned_output_bytes=job.returned_output_bytes,
        )


def judge(
    submission: Submission,
    rules: Rules,
    runner: Runner,
    boxes: Boxes,
    compiler: Compiler,
    *,
    stopping: Callable[[], bool] = lambda: False,
) -> Judgement:
    """Compile once, run every test, decide the verdict.

    Raises:
        BadRequest: the submission has an option that its language has not, or its language cannot be tried so.
        BoxBroken: a box could not report; nothing is concluded.
        Stopped: ``stopping`` said so between two tests; nothing is concluded.
    """
    runner.check_options(submission.options)
    box = boxes.of(runner.zygote(submission))
    program = rules.trial.compile(submission, runner, box, compiler)
    results: tuple[TestResult, ...] = ()
    if program.runs:
        results = _run_tests(_contender(submission, program, rules, runner, box, boxes), rules, stopping)
    total = len(rules.trial.tests)
    judgement = Judgement(
        id=submission.id,
        verdict=_overall(program, results),
        reward=None,
        score=sum(result.score for result in results) / total,
        passed=sum(result.verdict is Verdict.ACCEPTED for result in results),
        total=total,
        compilation=program.compilation,
        results=results,
        isolation=box.isolation.tier,
        reason=_reason(program, results),
    )
    return rewards.rewarded(judgement, rules.reward)


def _overall(program: Program, results: Sequence[TestResult]) -> Verdict:
    if not program.runs:
        return Verdict.COMPILE_ERROR
    return next((result.verdict for result in results if result.verdict is not Verdict.ACCEPTED), Verdict.ACCEPTED)


def _reason(program: Program, results: Sequence[TestResult]) -> str | None:
    """Why it did not compile, or what the first test that failed says of it."""
    if program.compilation is not None and program.compilation.reason is not None:
        return program.compilation.reason
    return next((result.reason for result in results if result.verdict is not Verdict.ACCEPTED), None)


def _contender(
    submission: Submission, program: Program, rules: Rules, runner: Runner, box: Box, boxes: Boxes
) -> Contender:
    runner = program.runner or runner
    limits = runner.resolve_limits(rules.limits)
    files = {**files_of(submission), **program.files} if submission.files else program.files
    return Contender(
        command=runner.run_command(files, submission.options, program.entry, limits, program.code),
        runner=runner,
        limits=runner.box_limits(limits),
        box=box,
        boxes=boxes,
        fetch=submission.fetch,
        returned_output_bytes=rules.returned_output_bytes,
    )


def _run_tests(contender: Contender, rules: Rules, stopping: Callable[[], bool]) -> tuple[TestResult, ...]:
    results = list[TestResult]()
    for test in rules.trial.tests:
        if stopping():
            raise Stopped
        results.append(rules.trial.run(contender, test))
        if rules.stop_on_failure and results[-1].verdict is not Verdict.ACCEPTED:
            break
    return tuple(results)
