"""Compile once, run every test, decide the verdict."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, Self

from sandbox_service import chosen_tests, rewards, scoring, trials
from sandbox_service.compilers import Compiler
from sandbox_service.errors import Stopped
from sandbox_service.models import Job, Judgement, RequestedLimits, Submission, TestCase, TestResult, Verdict
from sandbox_service.programs import Program
from sandbox_service.rewards import Reward
from sandbox_service.runners import Runner, files_of
from sandbox_service.sandboxes import Boxes
from sandbox_service.sandboxes.contract import Box
from sandbox_service.scoring import Scheme
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
            BadRequest: the job names a checker, its language, a reward or a group that cannot be.
        """
        scoring.check(job.problem.scoring, tests)
        chosen = chosen_tests.choose(job.tests, tests)
        return cls(
            trial=trials.build(job.problem, chosen, languages),
            limits=job.problem.limits,
            scheme=Scheme.of(job.problem.scoring, chosen),
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
        ProblemProgramFailed: the problem's own checker or interactor failed; nothing is concluded.
        Stopped: ``stopping`` said so between two tests; nothing is concluded.
    """
    runner.check_options(submission.options)
    box = boxes.of(runner.zygote(submission))
    program = rules.trial.compile(submission, runner, box, compiler)
    results: tuple[TestResult, ...] = ()
    if program.runs:
        results = _run_tests(_contender(submission, program, rules, runner, box, boxes, compiler), rules, stopping)
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
        reason=program.compilation.reason if program.compilation else None,
    )
    return rewards.rewarded(_scored(judgement, rules.scheme), rules.reward)


def _scored(judgement: Judgement, scheme: Scheme | None) -> Judgement:
    if scheme is None:
        return judgement
    worth, groups = scheme.score(judgement.results)
    return judgement.model_copy(update={"score": worth.score, "maximum_score": worth.most, "groups": groups})


def _overall(program: Program, results: Sequence[TestResult]) -> Verdict:
    if not program.runs:
        return Verdict.COMPILE_ERROR
    return next((result.verdict for result in results if result.verdict is not Verdict.ACCEPTED), Verdict.ACCEPTED)


def _contender(
    submission: Submission,
    program: Program,
    rules: Rules,
    runner: Runner,
    box: Box,
    boxes: Boxes,
    compiler: Compiler,
) -> Contender:
    limits = runner.resolve_limits(rules.limits)
    files = {**files_of(submission), **program.files} if submission.files else program.files
    return Contender(
        command=runner.run_command(files, submission.options, program.entry, limits, program.code),
        runner=runner,
        limits=runner.box_limits(limits),
        box=box,
        boxes=boxes,
        compiler=compiler,
        fetch=submission.fetch,
        returned_output_bytes=rules.returned_output_bytes,
    )


def _run_tests(contender: Contender, rules: Rules, stopping: Callable[[], bool]) -> tuple[TestResult, ...]:
    results = list[TestResult]()
    course = None if rules.scheme is None else rules.scheme.course()
    for position, test in enumerate(rules.trial.tests):
        if stopping():
            raise Stopped
        left_out = None if course is None else course.left_out(position)
        results.append(rules.trial.run(contender, test) if left_out is None else executions.not_run(left_out))
        if course is not None:
            course.note(position, results[-1])
        if rules.stop_on_failure and results[-1].verdict is not Verdict.ACCEPTED:
            break
    return tuple(results)
