"""What is checked of a job before it is queued, so that nothing impossible ever is."""

import math
from collections.abc import Callable, Collection, Mapping

from pydantic import JsonValue

from sandbox_service import checkers, problems, rewards, runners
from sandbox_service.api.service import Service
from sandbox_service.errors import BadRequest, UnknownTestSet
from sandbox_service.models import (
    CheckerProgram,
    Choice,
    Job,
    Outline,
    Problem,
    ProblemProgram,
    Submission,
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
    outline = await outline_of(job.problem, service)
    _check_rules(job.problem, outline, service, offered)
    _at_most(job.returned_output_bytes or 0, settings.maximum_output_bytes, "returned_output_bytes")
    check_number(len(job.submissions), "submissions", settings)
    for position, submission in enumerate(job.submissions):
        runner = _check_submission(submission, f"submissions.{position}", service, offered)
        check_kind(outline, runner, service, f"submissions.{position}.language", job.problem)
    _check_reward(job.reward, job.tests, outline)


async def admit_rules(
    service: Service, problem: Problem, outline: Outline, choice: TestChoice | None, reward: Choice | None
) -> None:
    """The same for a problem and a reward alone."""
    _check_rules(problem, outline, service, await offered_languages(service))
    _check_reward(reward, choice, outline)


async def outline_of(problem: Problem, service: Service) -> Outline:
    """What the tests of a problem are, those that were uploaded before too.

    Raises:
        BadRequest: there are too many.
        UnknownTestSet: they are not kept.
    """
    maximum = service.settings.maximum_tests
    if problem.tests is not None:
        _at_most(len(problem.tests), maximum, "problem.tests", "tests")
        return Outline.of(problem.tests)
    try:
        outline = await service.queue.outline(problem.test_set or "")
    except UnknownTestSet as error:
        error.field = error.field or "problem.test_set"
        raise
    _at_most(outline.tests, maximum, "problem.test_set", "tests")
    return outline


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


def _check_rules(problem: Problem, outline: Outline, service: Service, offered: Collection[str]) -> None:
    runners.check_limits(problem.limits, service.settings)
    if isinstance(problem.checker, CheckerProgram):
        _check_program(problem.checker, "problem.checker", service, offered)
    elif problem.checker is not None:
        build = checkers.build_for_values if outline.kind is TestKind.CALL else checkers.build
        _check_choice(problem.checker, build, "problem.checker")
    if problem.interactor is not None:
        _check_program(problem.interactor, "problem.interactor", service, offered)
    problems.check(problem, outline)


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


def check_kind(outline: Outline, runner: Runner, service: Service, field: str, problem: Problem | None = None) -> None:
    """Refuse a kind of test that the language has no way for."""
    if outline.kind is TestKind.CALL and runner.call is None:
        able = ", ".join(sorted(name for name, each in service.runners.items() if each.call is not None))
        raise BadRequest(f"functions cannot be called in {runner.name}; they can in {able}", field=field)
    if outline.kind is not TestKind.ASSERTIONS:
        return
    if runner.assertions is None:
        able = ", ".join(sorted(name for name, each in service.runners.items() if each.assertions is not None))
        raise BadRequest(f"test code cannot be run in {runner.name}; it can in {able}", field=field)
    if outline.split is not None and runner.assertions.harness is None:
        where = f"problem.tests.{outline.split}.mode"
        message = f"mode: {runner.name} has no 'split', which test {outline.split} asks for"
        raise BadRequest(message, field=where if problem is None else problems.field_of(problem, where))


def _check_reward(reward: Choice | None, choice: TestChoice | None, outline: Outline) -> None:
    """The parameters of some schemes have to fit the tests."""
    if reward is not None:
        chosen = choice is not None
        _check_choice(reward, lambda asked: rewards.build(asked, outline, chosen=chosen), "reward")


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
