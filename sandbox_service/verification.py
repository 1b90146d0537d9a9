"""Judges the example submissions of problem packages, to see whether each gets what it is said to get."""

import math
import queue
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from types import MappingProxyType
from typing import NamedTuple

from sandbox_service import runners
from sandbox_service.compilers import Compiler
from sandbox_service.equipment import boxes_of, compiler_of
from sandbox_service.errors import BadRequest, BoxBroken, ProblemProgramFailed, Stopped, UnknownName
from sandbox_service.judge import Rules, judge
from sandbox_service.models import Job, Judgement, Problem
from sandbox_service.packages import Package, PackagedSubmission, Skipped
from sandbox_service.packages.agreement import LOG_CHARACTERS, agree, said, why
from sandbox_service.packages.expectations import matches
from sandbox_service.runners import Runner
from sandbox_service.sandboxes import Boxes
from sandbox_service.settings import Settings
from sandbox_service.side_by_side import side_by_side

ATTEMPTS = 3  # each on a fresh box
WALL_PER_CPU = 5
WALL_GRACE_SECONDS = 10.0


@dataclass(frozen=True, slots=True)
class Finding:
    """What a submission got; ``got`` is None and ``why`` says the reason when it could not be judged."""

    id: str
    language: str
    expected: str
    got: str | None
    agrees: bool
    cpu_seconds: float
    why: str | None = None


@dataclass(frozen=True, slots=True)
class PackageFindings:
    """All that was found of a package; ``skipped`` has what is no submission, or in no language of this machine."""

    package: Package
    time_limit_seconds: float | None
    findings: Sequence[Finding] = ()
    skipped: Sequence[Skipped] = ()

    @property
    def is_whole(self) -> bool:
        """Whether everything of it could be read and judged."""
        return not self.package.faults and not self.package.lacking and all(each.got for each in self.findings)


@dataclass(slots=True)
class Task:
    """A submission on its way; ``languages`` are those in which a package may bring a validator along."""

    package: Package
    packaged: PackagedSubmission
    runner: Runner
    problem: Problem
    languages: Mapping[str, Runner]
    finding: Finding | None = None

    def rules_of(self, job: Job) -> Rules:
        return Rules.of(job, job.problem.tests or (), self.languages)


@dataclass(slots=True)
class Plan:
    """The submissions of a package that can be judged here."""

    package: Package
    tasks: list[Task] = field(default_factory=list)
    skipped: list[Skipped] = field(default_factory=list)
    time_limit_seconds: float | None = None


class ChosenOption(NamedTuple):
    """What an option of a language is to be, as C++'s standard."""

    language: str
    option: str
    choice: str


def planned(
    packages: Sequence[Package],
    settings: Settings,
    wanted: str | None = None,
    instead: Mapping[str, str] = MappingProxyType({}),
    choices: Sequence[ChosenOption] = (),
) -> Sequence[Plan]:
    """What is to be judged of each package; ``wanted`` is a pattern for the paths of submissions.

    ``instead`` says in which language those of another are judged.

    Raises:
        UnknownName: there is no such language, option or choice.
    """
    known = runners.read_runners(settings)
    replaced = {runners.find(known, name).name: runners.find(known, other).name for name, other in instead.items()}
    options: dict[str, dict[str, str]] = {}
    for name, option, choice in choices:
        runner = runners.find(known, name)
        options.setdefault(runner.name, {})[option] = choice
        runner.check_options(options[runner.name])
    return [_plan(package, known, settings, wanted, replaced, options) for package in packages]


def verify(
    plans: Sequence[Plan],
    settings: Settings,
    found: Callable[[Package, Finding], None],
    stopping: Callable[[], bool] = lambda: False,
) -> Sequence[PackageFindings]:
    """Judge all; those first that a time limit follows from.

    ``found`` is called with each finding as it comes, from the thread that came to it. Once ``stopping`` says so, what
    was not judged is left out.

    Raises:
        SandboxUnavailable: no box of the configured minimum can be had.
    """
    open_ended = [plan for plan in plans if plan.time_limit_seconds is None]
    first = [task for plan in open_ended for task in plan.tasks if task.packaged.sets_time_limit]
    _judge_all(first, settings, found, stopping)
    if not stopping():
        for plan in open_ended:
            _set_time_limit(plan, settings)
        left = [task for plan in plans for task in plan.tasks if task.finding is None]
        _judge_all(left, settings, found, stopping)
    return [
        PackageFindings(
            plan.package,
            plan.time_limit_seconds,
            [task.finding for task in plan.tasks if task.finding is not None],
            [*plan.package.skipped, *plan.skipped],
        )
        for plan in plans
    ]


def _plan(
    package: Package,
    known: Mapping[str, Runner],
    settings: Settings,
    wanted: str | None,
    instead: Mapping[str, str],
    options: Mapping[str, Mapping[str, str]],
) -> Plan:
    plan = Plan(package, time_limit_seconds=package.timing.limit_seconds)
    if package.problem is None or package.lacking is not None:
        return plan
    problem = _within(package.problem, settings)
    for packaged in package.submissions:
        submission = packaged.submission
        if wanted is not None and not matches(wanted, submission.id):
            continue
        try:
            runner = runners.find(known, instead.get(submission.language, submission.language))
        except UnknownName:
            plan.skipped.append(Skipped(submission.id, f"{submission.language} is none of the languages here"))
            continue
        if missing := runner.missing():
            plan.skipped.append(Skipped(submission.id, f"{runner.title} lacks {', '.join(missing)} on this machine"))
            continue
        if runner.name in options:
            chosen = submission.model_copy(update={"options": options[runner.name]})
            packaged = replace(packaged, submission=chosen)
        plan.tasks.append(Task(package, packaged, runner, problem, known))
    return plan


def _within(problem: Problem, settings: Settings) -> Problem:
    """The problem with limits that are allowed here; without a time limit it has the longest."""
    asked = problem.limits
    cpu_seconds = min(asked.cpu_seconds or math.inf, settings.maximum_cpu_seconds)
    limits = asked.model_copy(
        update={
            "cpu_seconds": cpu_seconds,
            "wall_seconds": _wall_seconds(cpu_seconds, settings),
            "memory_bytes": min(asked.memory_bytes or 2**63, settings.maximum_memory_bytes),
            "output_bytes": min(asked.output_bytes or 2**63, settings.maximum_output_bytes),
        }
    )
    return problem.model_copy(update={"limits": limits})


def _wall_seconds(cpu_seconds: float, settings: Settings) -> float:
    """More than judging allows: a label must not depend on what else the machine does."""
    return min(WALL_PER_CPU * cpu_seconds + WALL_GRACE_SECONDS, settings.maximum_wall_seconds)


def _set_time_limit(plan: Plan, settings: Settings) -> None:
    """As Kattis' tools: the time of the slowest accepted submission × the multiplier, rounded up."""
    timing = plan.package.timing
    slowest = max(
        (task.finding.cpu_seconds for task in plan.tasks if task.finding and task.finding.agrees), default=0.0
    )
    steps = math.ceil(slowest * timing.multiplier / timing.resolution_seconds)
    limit = min(max(1, steps) * timing.resolution_seconds, settings.maximum_cpu_seconds)
    plan.time_limit_seconds = limit
    for task in plan.tasks:
        update = {"cpu_seconds": limit, "wall_seconds": _wall_seconds(limit, settings)}
        limits = task.problem.limits.model_copy(update=update)
        task.problem = task.problem.model_copy(update={"limits": limits})


def _judge_all(
    tasks: Sequence[Task],
    settings: Settings,
    found: Callable[[Package, Finding], None],
    stopping: Callable[[], bool],
) -> None:
    left: queue.SimpleQueue[Task] = queue.SimpleQueue()
    for task in tasks:
        left.put(task)

    def work(is_given_up: Callable[[], bool]) -> None:
        def is_over() -> bool:
            return is_given_up() or stopping()

        boxes = boxes_of(settings)  # they belong to their thread
        compiler = compiler_of(settings)
        try:
            with suppress(queue.Empty, Stopped):
                while not is_over():
                    task = left.get_nowait()
                    task.finding = _find(task, boxes, compiler, is_over)
                    found(task.package, task.finding)
        finally:
            boxes.close()

    side_by_side(min(settings.workers, len(tasks)), work)


def _find(task: Task, boxes: Boxes, compiler: Compiler, stopping: Callable[[], bool]) -> Finding:
    submission, expectation = task.packaged.submission, task.packaged.expectation
    unjudged = Finding(submission.id, task.runner.name, expectation.said, None, False, 0.0)
    # Where each test is spoken of, all are run; else the first that fails decides.
    stops = not expectation.rules and task.problem.scoring is None
    job = Job(
        problem=task.problem, submissions=(submission,), stop_on_failure=stops, returned_output_bytes=LOG_CHARACTERS
    )
    try:
        judgement = _judged(job, task, boxes, compiler, stopping)
    except ProblemProgramFailed as error:
        return replace(unjudged, why=f"{error} {error.log[:LOG_CHARACTERS]}".strip())
    except (BadRequest, BoxBroken) as error:
        return replace(unjudged, why=str(error))
    limit = task.problem.limits.cpu_seconds or 0.0
    agrees = agree(expectation, judgement, task.package.test_names)
    return replace(
        unjudged,
        got=said(judgement),
        agrees=agrees,
        cpu_seconds=max((result.cpu_seconds for result in judgement.results), default=0.0),
        why=None if agrees else why(judgement, task.package.test_names, limit),
    )


def _judged(job: Job, task: Task, boxes: Boxes, compiler: Compiler, stopping: Callable[[], bool]) -> Judgement:
    rules = task.rules_of(job)
    submission = job.submissions[0]
    for attempt in range(1, ATTEMPTS + 1):
        try:
            return judge(submission, rules, task.runner, boxes, compiler, stopping=stopping)
        except BoxBroken:
            boxes.throw_away(task.runner.zygote(submission))
            boxes.beside.close()
            if attempt == ATTEMPTS:
                raise
    raise AssertionError("unreachable")
