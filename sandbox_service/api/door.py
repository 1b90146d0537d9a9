"""What is checked of a job before it is queued, so that nothing impossible ever is."""

import math
from collections.abc import Callable, Collection

from pydantic import JsonValue

from sandbox_service import checkers, rewards, runners
from sandbox_service.api.service import Service
from sandbox_service.errors import BadRequest, UnknownTestSet
from sandbox_service.models import Choice, Job, Submission, TestSet
from sandbox_service.settings import Settings


async def admit(service: Service, job: Job) -> None:
    """Let the job in, or say what is wrong with it.

    Raises:
        BadRequest: a name that does not exist or a number above its maximum; ``field`` says where.
        UnknownTestSet: the problem names tests that are not kept.
    """
    workers = await service.roster.workers()
    offered = {name for worker in workers for name in worker.languages} if workers else set(service.runners)
    check_job(job, service, offered)
    await _check_tests(job, service)


def check_job(job: Job, service: Service, offered: Collection[str]) -> None:
    """All that can be told from the job itself; ``offered`` are the languages that some worker judges."""
    settings = service.settings
    runners.check_limits(job.problem.limits, settings)
    _check_choice(job.problem.checker, checkers.build, "problem.checker")
    if job.reward is not None:
        _check_choice(job.reward, rewards.build, "reward")
    _at_most(job.returned_output_bytes or 0, settings.maximum_output_bytes, "returned_output_bytes")
    _at_most(len(job.submissions), settings.maximum_submissions, "submissions", "submissions")
    for position, submission in enumerate(job.submissions):
        _check_submission(submission, f"submissions.{position}", service, offered)


def check_test_set(test_set: TestSet, settings: Settings) -> None:
    """Refuse a set with more tests than a problem may have."""
    _at_most(len(test_set.tests), settings.maximum_tests, "tests", "tests")


def _check_choice(choice: Choice, build: Callable[[Choice], object], field: str) -> None:
    for name, parameter in choice.parameters.items():
        if not _is_finite(parameter):
            raise BadRequest(f"{field}.{name}: NaN and infinity are not allowed", field=f"{field}.{name}")
    try:
        build(choice)
    except BadRequest as error:
        error.field = error.field or field
        raise


def _check_submission(submission: Submission, field: str, service: Service, offered: Collection[str]) -> None:
    try:
        runner = runners.find(service.runners, submission.language)
        runner.check_options(submission.options)
    except BadRequest as error:
        error.field = f"{field}.{error.field}"
        raise
    if runner.name not in offered:
        raise BadRequest(
            f"language {runner.name!r} has no toolchain at any worker; available: {', '.join(sorted(offered))}",
            field=f"{field}.language",
        )
    source_bytes = len(submission.source) if submission.source.isascii() else len(submission.source.encode())
    _at_most(source_bytes, service.settings.maximum_source_bytes, f"{field}.source", "bytes")


async def _check_tests(job: Job, service: Service) -> None:
    problem, maximum = job.problem, service.settings.maximum_tests
    if problem.test_set is None:
        _at_most(len(problem.tests or ()), maximum, "problem.tests", "tests")
        return
    try:
        tests = await service.queue.count_tests(problem.test_set)
    except UnknownTestSet as error:
        error.field = error.field or "problem.test_set"
        raise
    _at_most(tests, maximum, "problem.test_set", "tests")


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
