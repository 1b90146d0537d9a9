"""Programs with their inputs, judged through our queue whatever API they came by."""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from fastapi import Request
from pydantic import JsonValue, ValidationError

from sandbox_service.api.batches import cancel_all
from sandbox_service.api.door import admit, check_number
from sandbox_service.api.failures import bad_request_of
from sandbox_service.api.service import Service
from sandbox_service.api.tasks import end
from sandbox_service.api.waiting import KEEP_SECONDS, first_of
from sandbox_service.errors import BadRequest, QueueUnavailable
from sandbox_service.models import (
    AssertionMode,
    Call,
    Choice,
    Job,
    Judgement,
    Problem,
    RequestedLimits,
    Submission,
    TestCase,
    TestResult,
    Verdict,
)

ROUNDS = 2  # a judge_error, which the worker has tried three times already, is sent to the queue once more
TESTS_PER_SUBMISSION = 25  # a program with more inputs is cut up, so that several workers share it
LONGEST_PAUSE_SECONDS = 2.0

STRIPPED = Choice(name="stripped")


@dataclass(frozen=True, slots=True)
class Run:
    """One program and one input, call or test code; what nothing is expected of is only run."""

    language: str
    source: str
    stdin: str = ""
    arguments: tuple[str, ...] = ()
    expected: JsonValue = None
    limits: RequestedLimits = field(default_factory=RequestedLimits)
    checker: Choice = STRIPPED
    options: Mapping[str, str] = field(default_factory=dict)
    files: Mapping[str, str] = field(default_factory=dict)
    fetch: tuple[str, ...] = ()
    call: Call | None = None
    assertions: str | None = None
    entry_point: str | None = None
    mode: AssertionMode | None = None

    @property
    def test(self) -> TestCase:
        """Raises ValidationError when it is none."""
        if self.assertions is not None:
            return TestCase(assertions=self.assertions, entry_point=self.entry_point, mode=self.mode)
        if self.call is not None:
            return TestCase(call=self.call, expected=self.expected)
        return TestCase(stdin=self.stdin, expected=self.expected, arguments=self.arguments)


@dataclass(frozen=True, slots=True)
class Ran:
    """What became of a run; without a result it did not come to run, and the judgement says why."""

    judgement: Judgement
    result: TestResult | None

    @property
    def verdict(self) -> Verdict:
        return self.result.verdict if self.result is not None else self.judgement.verdict

    @property
    def is_ours(self) -> bool:
        """Whether the failure is ours, so that nothing may be concluded about the program."""
        return self.judgement.verdict is Verdict.JUDGE_ERROR

    @property
    def has_broken_test(self) -> bool:
        """Whether there is no verdict because the test code cannot be run, with whatever program."""
        return _has_broken_test(self.judgement)

    @property
    def exited_well(self) -> bool:
        return self.verdict in (Verdict.ACCEPTED, Verdict.WRONG_ANSWER)


# A run that the door refuses is its error; one that was not judged in time is None.
Answer = Ran | BadRequest | None


@dataclass(frozen=True, slots=True)
class Place:
    """Where a run's answer will be found."""

    submission_id: str
    test: int


async def run_all(
    request: Request, service: Service, runs: Sequence[Run], *, seconds: float, stop_on_failure: bool = False
) -> Sequence[Answer]:
    """One answer for each run, in the order of the runs; what is not judged after so long is dropped.

    While the queue is full or nobody works, it waits for better times, for as long. With
    ``stop_on_failure`` some of the runs of a program that stand behind its first failure are None.

    Raises:
        BadRequest: there are more runs than a request may have submissions.
        QueueUnavailable: the process ends.
    """
    check_number(len(runs), "runs", service.settings)
    refusals, places, jobs = plan(runs, stop_on_failure)
    admitted, errors = await _admitted(service, jobs)
    judgements = await judge_all(request, service, admitted, seconds=seconds)
    return [refusals[i] if i in refusals else _answer(places[i], judgements, errors) for i in range(len(runs))]


async def judge_all(
    request: Request, service: Service, jobs: Sequence[Job], *, seconds: float
) -> Mapping[str, Judgement]:
    """The judgements by the ids of the submissions, which no two jobs share; what is late is not among them.

    Raises:
        QueueUnavailable: the process ends.
    """
    judgements: dict[str, Judgement] = {}
    queued: list[str] = []
    answered = False
    try:
        answered = await first_of(request, service, _judge_in_time(service, jobs, judgements, queued, seconds))
    finally:
        if not answered:
            await cancel_all(service.queue, queued)
    return judgements


async def _admitted(service: Service, jobs: Sequence[Job]) -> tuple[Sequence[Job], Mapping[str, BadRequest]]:
    """The jobs without the submissions that the door refuses, and why it does."""
    admitted: list[Job] = []
    errors: dict[str, BadRequest] = {}
    for job in jobs:
        try:
            await admit(service, job)
            admitted.append(job)
        except BadRequest as error:
            if len(job.submissions) == 1:
                errors[job.submissions[0].id] = error
                continue
            alone = [job.model_copy(update={"submissions": (submission,)}) for submission in job.submissions]
            good, bad = await _admitted(service, alone)
            errors |= bad
            if good:
                left = tuple(submission for one in good for submission in one.submissions)
                admitted.append(job.model_copy(update={"submissions": left}))
    return admitted, errors


async def run_one(request: Request, service: Service, run: Run, *, seconds: float) -> Ran:
    """The same for a run alone.

    Raises:
        BadRequest: the door refuses it.
        QueueUnavailable: it was not judged in time.
    """
    (ran,) = await run_all(request, service, [run], seconds=seconds)
    return required(ran)


def required(ran: Answer) -> Ran:
    """The run, where nothing else will do.

    Raises:
        BadRequest: the door refused it.
        QueueUnavailable: it was not judged in time.
    """
    if isinstance(ran, BadRequest):
        raise ran
    if ran is None:
        raise QueueUnavailable("no worker came to it in time; send it again")
    return ran


def _answer(place: Place, judgements: Mapping[str, Judgement], errors: Mapping[str, BadRequest]) -> Answer:
    if place.submission_id in errors:
        return errors[place.submission_id]
    judgement = judgements.get(place.submission_id)
    if judgement is None:
        return None
    if judgement.verdict in (Verdict.COMPILE_ERROR, Verdict.JUDGE_ERROR):
        return Ran(judgement, None)
    return Ran(judgement, judgement.results[place.test]) if place.test < len(judgement.results) else None


def plan(
    runs: Sequence[Run], stop_on_failure: bool
) -> tuple[Mapping[int, BadRequest], Mapping[int, Place], Sequence[Job]]:
    """Every program once with its inputs, programs with the same inputs in one job."""
    refusals: dict[int, BadRequest] = {}
    places: dict[int, Place] = {}
    programs: dict[tuple[object, ...], list[tuple[int, TestCase]]] = {}
    for i, run in enumerate(runs):
        try:
            test = run.test
            _submission(run, "0")
        except ValidationError as error:
            refusals[i] = bad_request_of(error)
            continue
        programs.setdefault(_program(run), []).append((i, test))
    jobs: dict[tuple[object, ...], tuple[Problem, list[Submission]]] = {}
    number = 0
    for members in programs.values():
        for start in range(0, len(members), TESTS_PER_SUBMISSION):
            part = members[start : start + TESTS_PER_SUBMISSION]
            first, tests = runs[part[0][0]], tuple(test for _, test in part)
            places |= {i: Place(f"r{number}", position) for position, (i, _) in enumerate(part)}
            checker = first.checker if first.assertions is None else None
            problem = Problem(tests=tests, limits=first.limits, checker=checker)
            key = (first.limits, first.checker.model_dump_json(), tests, *map(_written_call, tests))
            jobs.setdefault(key, (problem, []))[1].append(_submission(first, f"r{number}"))
            number += 1
    made = [
        Job(problem=problem, submissions=tuple(submissions), stop_on_failure=stop_on_failure)
        for problem, submissions in jobs.values()
    ]
    return refusals, places, made


def _written_call(test: TestCase) -> str:
    """True, 1 and 1.0 are equal to Python, and to no function that is called with them."""
    return "" if test.call is None else test.model_dump_json()


def _program(run: Run) -> tuple[object, ...]:
    files = tuple(sorted(run.files.items()))
    options = tuple(sorted(run.options.items()))
    return (
        run.call is None,
        run.assertions is None,
        run.language,
        run.source,
        options,
        files,
        run.fetch,
        run.limits,
        run.checker.model_dump_json(),
    )


def _submission(run: Run, submission_id: str) -> Submission:
    return Submission(
        id=submission_id,
        language=run.language,
        source=run.source,
        options=run.options,
        files=run.files,
        fetch=run.fetch,
    )


async def _judge_in_time(
    service: Service, jobs: Sequence[Job], judgements: dict[str, Judgement], queued: list[str], seconds: float
) -> bool:
    """Whether every job came to its end in time."""
    following = [asyncio.create_task(_follow(service, job, judgements, queued)) for job in jobs]
    if not following:
        return True
    try:
        _, late = await asyncio.wait(following, timeout=seconds)
    finally:
        await end(*following)
    for task in following:
        if task not in late:
            task.result()
    return not late


async def _follow(service: Service, job: Job, judgements: dict[str, Judgement], queued: list[str]) -> None:
    """Judge the job, and once more what we failed at; whatever is lost with a queue is sent again."""
    rounds = 0
    while rounds < ROUNDS:
        try:
            await _require_a_worker(service)
            job_id = await service.queue.submit(job, keep_seconds=KEEP_SECONDS)
            queued.append(job_id)
            async for judgement in service.queue.watch(job_id):
                judgements[judgement.id] = judgement
        except QueueUnavailable as error:
            await asyncio.sleep(min(error.retry_after_seconds, LONGEST_PAUSE_SECONDS))
            continue
        rounds += 1
        failed = tuple(s for s in job.submissions if _is_worth_another_round(judgements.get(s.id)))
        if not failed:
            return
        job = job.model_copy(update={"submissions": failed})


async def _require_a_worker(service: Service) -> None:
    if not await service.roster.workers():
        raise QueueUnavailable("no worker lives")


def _has_broken_test(judgement: Judgement) -> bool:
    return judgement.verdict is Verdict.JUDGE_ERROR and (judgement.reason or "").startswith("assertions: ")


def _is_worth_another_round(judgement: Judgement | None) -> bool:
    if judgement is None:
        return True
    return judgement.verdict is Verdict.JUDGE_ERROR and not _has_broken_test(judgement)
