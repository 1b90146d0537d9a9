"""What is checked of a job before it is queued, so that nothing impossible ever is."""

import math
from collections.abc import Callable, Collection, Mapping, Sequence

from pydantic import JsonValue

from sandbox_service import checkers, rewards, runners, scoring
from sandbox_service.api.service import Service
from sandbox_service.errors import BadRequest, UnknownTestSet
from sandbox_service.models import (
    AssertionMode,
    CheckerProgram,
    CheckerProtocol,
    Choice,
    InteractorProtocol,
    Job,
    Problem,
    ProblemProgram,
    Submission,
    TestCase,
    TestChoice,
    TestKind,
    TestSet,
)
from sandbox_service.runners import Runner
from sandbox_service.settings import Settings


async def admit(service: Service, job: Job) -> None:
    """Let the job in, or say what is wrong with it.

    Raises:
        BadRequest: a name that does not exist or a number above its maximum; ``field`` says where.
        UnknownTestSet: the problem names tests that are not kept.
    """
    settings = service.settings
    offered = await offered_languages(service)
    _check_rules(job.problem, service, offered)
    _at_most(job.returned_output_bytes or 0, settings.maximum_output_bytes, "returned_output_bytes")
    check_number(len(job.submissions), "submissions", settings)
    for position, submission in enumerate(job.submissions):
        runner = _check_submission(submission, f"submissions.{position}", service, offered)
        check_kind(job.problem, runner, service, f"submissions.{position}.language")
    await _check_tests(job.problem, job.tests, job.reward, service)


async def admit_rules(service: Service, problem: Problem, choice: TestChoice | None, reward: Choice | None) -> int:
    """The same for a problem and a reward alone; answers how many tests the problem has."""
    _check_rules(problem, service, await offered_languages(service))
    return await _check_tests(problem, choice, reward, service)


async def offered_languages(service: Service) -> Collection[str]:
    """The languages that some worker judges; all while none lives."""
    workers = await service.roster.workers()
    return {name for worker in workers for name in worker.languages} if workers else set(service.runners)


def check_language(service: Service, language: str, options: Mapping[str, str], offered: Collection[str]) -> Runner:
    """The runner of a language that some worker judges.

    Raises:
        BadRequest: there is none, or it has no such option.
    """
    runner = runners.find(service.runners, language)
    runner.check_options(options)
    if runner.name not in offered:
        raise BadRequest(
            f"language {runner.name!r} has no toolchain at any worker; available: {', '.join(sorted(offered))}",
            field="language",
        )
    return runner


def check_number(submissions: int, field: str, settings: Settings) -> None:
    """Refuse more submissions than a request may have."""
    _at_most(submissions, settings.maximum_submissions, field, field)


def check_test_set(test_set: TestSet, settings: Settings) -> None:
    """Refuse a set with more tests than a problem may have."""
    _at_most(len(test_set.tests), settings.maximum_tests, "tests", "tests")


def _check_rules(problem: Problem, service: Service, offered: Collection[str]) -> None:
    runners.check_limits(problem.limits, service.settings)
    if problem.tests is not None:  # of those that were uploaded, the worker says it
        scoring.check(problem.scoring, problem.tests)
    if isinstance(problem.checker, CheckerProgram):
        _check_program(problem.checker, "problem.checker", service, offered)
    elif problem.checker is not None:
        _check_choice(problem.checker, _checkers_of(problem), "problem.checker")
    if problem.interactor is not None:
        _check_program(problem.interactor, "problem.interactor", service, offered)
    _check_who_decides(problem)


def _checkers_of(problem: Problem) -> Callable[[Choice], object]:
    """What builds the problem's checker, as far as its kind of tests is known here."""
    if problem.tests is None:
        return checkers.check_for_either
    return checkers.build_for_values if problem.tests[0].kind is TestKind.CALL else checkers.build


def _check_who_decides(problem: Problem) -> None:
    """One of them has the last word; only a testlib interactor may leave it to a testlib checker."""
    interactor, checker = problem.interactor, problem.checker
    if interactor is not None and checker is not None:
        testlib = interactor.protocol is InteractorProtocol.TESTLIB
        if not testlib or not isinstance(checker, CheckerProgram) or checker.protocol is not CheckerProtocol.TESTLIB:
            message = (
                "problem.checker: the interactor decides; only beside one of testlib's may be a checker of testlib's"
            )
            raise BadRequest(message, field="problem.checker")
    decides = interactor or checker
    if problem.passes > 1 and getattr(decides, "protocol", None) != CheckerProtocol.KATTIS:
        message = "problem.passes: more than one needs a checker program or an interactor with the protocol 'kattis'"
        raise BadRequest(message, field="problem.passes")
    if not isinstance(decides, ProblemProgram):
        _check_nobody_is_called(problem)
    _check_deciders_kind(problem)


def _check_nobody_is_called(problem: Problem) -> None:
    for position, test in enumerate(problem.tests or ()):
        if test.checker_arguments:
            field = f"problem.tests.{position}.checker_arguments"
            raise BadRequest(f"{field}: there is no checker program and no interactor to call with them", field=field)


def _check_deciders_kind(problem: Problem) -> None:
    """Programs of the problem see what a submission prints; test code needs nobody beside it."""
    if problem.tests is None or problem.tests[0].kind is TestKind.STDIN:
        return
    kind = problem.tests[0].kind
    if problem.interactor is not None:
        message = f"problem.interactor: it goes with tests that have 'stdin', not '{kind}'"
        raise BadRequest(message, field="problem.interactor")
    if isinstance(problem.checker, CheckerProgram) or (problem.checker is not None and kind is TestKind.ASSERTIONS):
        raise BadRequest(f"problem.checker: it does not go with tests that have '{kind}'", field="problem.checker")


def _check_program(program: ProblemProgram, field: str, service: Service, offered: Collection[str]) -> None:
    try:
        check_language(service, program.language, program.options, offered)
        runners.check_limits(program.limits, service.settings)
    except BadRequest as error:
        error.field = f"{field}.{(error.field or '').removeprefix('problem.')}"
        raise
    _check_source(program.source, field, service.settings)


def _check_choice(choice: Choice, build: Callable[[Choice], object], field: str) -> None:
    for name, parameter in choice.parameters.items():
        if not _is_finite(parameter):
            raise BadRequest(f"{field}.{name}: NaN and infinity are not allowed", field=f"{field}.{name}")
    try:
        build(choice)
    except BadRequest as error:
        error.field = error.field or field
        raise


def _check_submission(submission: Submission, field: str, service: Service, offered: Collection[str]) -> Runner:
    try:
        runner = check_language(service, submission.language, submission.options, offered)
    except BadRequest as error:
        error.field = f"{field}.{error.field}"
        raise
    _check_source(submission.source, field, service.settings)
    return runner


def _check_source(source: str, field: str, settings: Settings) -> None:
    source_bytes = len(source) if source.isascii() else len(source.encode())
    _at_most(source_bytes, settings.maximum_source_bytes, f"{field}.source", "bytes")


def check_kind(problem: Problem | None, runner: Runner, service: Service, field: str) -> None:
    """Refuse a kind of test that the language has no way for; tests that came before are not known here."""
    if problem is None or problem.tests is None:
        return
    kind = problem.tests[0].kind
    if kind is TestKind.CALL and runner.call is None:
        able = ", ".join(sorted(name for name, each in service.runners.items() if each.call is not None))
        raise BadRequest(f"functions cannot be called in {runner.name}; they can in {able}", field=field)
    if kind is TestKind.ASSERTIONS:
        _check_assertions(problem.tests, runner, service, field)


def _check_assertions(tests: Sequence[TestCase], runner: Runner, service: Service, field: str) -> None:
    if runner.assertions is None:
        able = ", ".join(sorted(name for name, each in service.runners.items() if each.assertions is not None))
        raise BadRequest(f"test code cannot be run in {runner.name}; it can in {able}", field=field)
    for position, test in enumerate(tests):
        if test.mode is AssertionMode.SPLIT and runner.assertions.harness is None:
            raise BadRequest(f"mode: {runner.name} has no 'split'", field=f"problem.tests.{position}.mode")


async def _check_tests(problem: Problem, choice: TestChoice | None, reward: Choice | None, service: Service) -> int:
    """The number of tests, which a reward's parameters may have to fit."""
    tests = await _count_tests(problem, service)
    if reward is not None:
        chosen = choice is not None
        _check_choice(reward, lambda asked: rewards.build(asked, tests, chosen=chosen), "reward")
    return tests


async def _count_tests(problem: Problem, service: Service) -> int:
    maximum = service.settings.maximum_tests
    if problem.tests is not None:
        _at_most(len(problem.tests), maximum, "problem.tests", "tests")
        return len(problem.tests)
    try:
        tests = await service.queue.count_tests(problem.test_set or "")
    except UnknownTestSet as error:
        error.field = error.field or "problem.test_set"
        raise
    _at_most(tests, maximum, "problem.test_set", "tests")
    return tests


def _at_most(asked: float, maximum: float, field: str, unit: str = "") -> None:
    if asked > maximum:
        units = f" {unit}" if unit else ""
        raise BadRequest(f"{field}: {asked}{units} is above the maximum of {maximum}{units}", field=field)


def _is_finite(value: JsonValue) -> bool:
    if isinstance(value, float):
        return math.isfinite(value)
    if isinstance(value, list):
        return all(map(_is_finite, value))
    if isinstance(value, dict):
        return all(map(_is_finite, value.values()))
    return True
