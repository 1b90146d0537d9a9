"""Compile once, run every test, decide the verdict."""

import itertools
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, Self

from sandbox_service import chosen_tests, problems, rewards, trials
from sandbox_service.attempts import Attempt, DoesNotCompile
from sandbox_service.compilers import Compiler
from sandbox_service.errors import Stopped
from sandbox_service.models import (
    Compilation,
    Job,
    Judgement,
    Outline,
    RequestedLimits,
    Submission,
    TestCase,
    TestResult,
    Tier,
    Verdict,
)
from sandbox_service.programs import Program
from sandbox_service.rewards import Reward, Stakes
from sandbox_service.runners import Runner, files_of
from sandbox_service.sandboxes import Boxes
from sandbox_service.sandboxes.contract import Box
from sandbox_service.scoring import Scheme
from sandbox_service.shares import Share
from sandbox_service.trials import Contender, Trial, executions


@dataclass(frozen=True, slots=True)
class Rules:
    """How every submission of a job is judged."""

    trial: Trial[Any]
    limits: RequestedLimits
    scheme: Scheme | None = None
    reward: Reward | None = None
    stop_on_failure: bool = False
    returned_output_bytes: int | None = None

    @classmethod
    def of(cls, job: Job, tests: Sequence[TestCase], languages: Mapping[str, Runner] = MappingProxyType({})) -> Self:
        """The job's rules; ``tests`` are all of the problem's own or of its test set.

        ``languages`` are those in which a problem may bring programs of its own.

        Raises:
            BadRequest: the job names a checker, its language, a reward or a group that cannot be, or that does not go
                with the tests.
        """
        outline = Outline.of(tests)
        problems.check(job.problem, outline)
        chosen = chosen_tests.choose(job.tests, tests)
        return cls(
            trial=trials.build(job.problem, chosen, languages),
            limits=job.problem.limits,
            scheme=Scheme.of(job.problem.scoring, chosen),
            reward=_reward_of(job, chosen, outline),
            stop_on_failure=job.stop_on_failure,
            returned_output_bytes=job.returned_output_bytes,
        )


def _reward_of(job: Job, tests: Sequence[TestCase], outline: Outline) -> Reward | None:
    if job.reward is None:
        return None
    scoring, chosen = job.problem.scoring, job.tests is not None
    return rewards.build(job.reward, outline, chosen=chosen, stakes=lambda: Stakes.of(scoring, tests))


def judge(
    submission: Submission,
    rules: Rules,
    runner: Runner,
    boxes: Boxes,
    compiler: Compiler,
    *,
    share: Share | None = None,
    stopping: Callable[[], bool] = lambda: False,
) -> Judgement:
    """Compile once, run every test of the share, decide the verdict; without a share, every test there is.

    Raises:
        BadRequest: the submission has an option that its language has not, or its language cannot be tried so.
        BoxBroken: a box could not report; nothing is concluded.
        ProblemProgramFailed: the problem's own checker or interactor failed; nothing is concluded.
        Stopped: ``stopping`` said so between two tests; nothing is concluded.
    """
    runner.check_options(submission.options)
    box = boxes.of(runner.zygote(submission))
    program = rules.trial.compile(submission, runner, box, compiler)
    results: tuple[TestResult, ...] = ()
    if program.runs:

        def contend(program: Program) -> Contender:
            return _contender(submission, program, rules, runner, box, boxes, compiler)

        attempt = Attempt(program, contend, rules.trial)
        with suppress(DoesNotCompile):
            results = _run_tests(attempt, rules, share or Share(0, len(rules.trial.tests)), stopping)
        program = attempt.program
    return _conclude(submission.id, program.compilation, results, rules, box.isolation.tier)


def whole(parts: Sequence[Judgement], rules: Rules) -> Judgement:
    """The judgement of a submission whose tests were run in parts, none of which failed through our fault."""
    found = list(itertools.chain.from_iterable(part.results for part in parts))
    results = _in_turn(rules, range(len(found)), found.__getitem__)
    first = parts[0]
    return _conclude(first.id, first.compilation, results, rules, first.isolation)


def _conclude(
    submission_id: str,
    compilation: Compilation | None,
    results: tuple[TestResult, ...],
    rules: Rules,
    isolation: Tier | None,
) -> Judgement:
    total = len(rules.trial.tests)
    judgement = Judgement(
        id=submission_id,
        verdict=_overall(compilation, results),
        reward=None,
        score=sum(result.score for result in results) / total,
        passed=sum(not _failed(result) for result in results),
        total=total,
        compilation=compilation,
        results=results,
        isolation=isolation,
        reason=_reason(compilation, results),
    )
    return rewards.rewarded(_scored(judgement, rules.scheme), rules.reward)


def _scored(judgement: Judgement, scheme: Scheme | None) -> Judgement:
    if scheme is None:
        return judgement
    worth, groups = scheme.score(judgement.results)
    return judgement.model_copy(update={"score": worth.score, "maximum_score": worth.most, "groups": groups})


def _failed(result: TestResult) -> bool:
    return result.verdict is not Verdict.ACCEPTED


def _overall(compilation: Compilation | None, results: Sequence[TestResult]) -> Verdict:
    if compilation is not None and not compilation.succeeded:
        return Verdict.COMPILE_ERROR
    return next((result.verdict for result in results if _failed(result)), Verdict.ACCEPTED)


def _reason(compilation: Compilation | None, results: Sequence[TestResult]) -> str | None:
    """Why it did not compile, or what the first test that failed says of it."""
    if compilation is not None and compilation.reason is not None:
        return compilation.reason
    return next((result.reason for result in results if _failed(result)), None)


def _contender(
    submission: Submission,
    program: Program,
    rules: Rules,
    runner: Runner,
    box: Box,
    boxes: Boxes,
    compiler: Compiler,
) -> Contender:
    runner = program.runner or runner
    limits = runner.resolve_limits(rules.limits)
    files = {**files_of(submission), **program.files} if submission.files else program.files
    return Contender(
        command=runner.run_command(files, submission.options, program.entry, limits, program.code, program.fast),
        runner=runner,
        limits=runner.box_limits(limits),
        box=box,
        boxes=boxes,
        compiler=compiler,
        fetch=submission.fetch,
        returned_output_bytes=rules.returned_output_bytes,
    )


def _run_tests(attempt: Attempt, rules: Rules, share: Share, stopping: Callable[[], bool]) -> tuple[TestResult, ...]:
    def run(position: int) -> TestResult:
        if stopping():
            raise Stopped
        return attempt.result(position)

    return _in_turn(rules, share.positions(), run)


def _in_turn(rules: Rules, positions: Iterable[int], result_of: Callable[[int], TestResult]) -> tuple[TestResult, ...]:
    """The results of the tests at these positions, as far as the rules want them."""
    results = list[TestResult]()
    course = None if rules.scheme is None else rules.scheme.course()
    for position in positions:
        left_out = None if course is None else course.left_out(position)
        results.append(result_of(position) if left_out is None else executions.not_run(left_out))
        if course is not None:
            course.note(position, results[-1])
        if rules.stop_on_failure and _failed(results[-1]):
            break
    return tuple(results)
