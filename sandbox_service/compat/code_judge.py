"""code-judge: programs with an input and an expected output each, alone or in batches."""

import re
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import replace
from enum import StrEnum
from typing import Literal

from fastapi import Request, Response
from pydantic import Field

from sandbox_service.api.service import Service, ServiceOf
from sandbox_service.compat import routing
from sandbox_service.compat.limits import limits
from sandbox_service.compat.routing import Foreign
from sandbox_service.compat.runs import Answer, Ran, Run, run_all
from sandbox_service.errors import BadRequest
from sandbox_service.models import AssertionMode, RequestedLimits, Verdict
from sandbox_service.settings import Settings

EXECUTION_SECONDS = 10
WAIT_SECONDS = EXECUTION_SECONDS + 5 + 4  # for an answer, after which code-judge says queue_timeout
LONG_WAIT_SECONDS = 3600 + EXECUTION_SECONDS + 5
MEMORY_BYTES: Mapping[str, int] = {"cpp": 256 * 2**20, "python": (256 + 1024) * 2**20}
RETURNED_CHARACTERS = 1000
LAST_WORDS = "Suicide from timeout.\n"  # what code-judge has a program print when its time is over

router = routing.router(routing.fastapi_refusal)


class Reason(StrEnum):
    """Why there is no verdict on a program, in code-judge's words."""

    NONE = ""
    INTERNAL_ERROR = "internal_error"
    WORKER_TIMEOUT = "worker_timeout"
    QUEUE_TIMEOUT = "queue_timeout"
    INVALID_INPUT = "invalid_input"


class Submission(Foreign):
    sub_id: str | None = None
    type: Literal["python", "cpp", "math"]
    options: dict[str, str] | None = None
    solution: str
    input: str | None = None
    expected_output: str | None = None


class Batch(Foreign):
    """Unlike code-judge's own it may be empty: a trainer sends that when no completion held a program."""

    sub_id: str | None = None
    type: Literal["batch"] = "batch"
    submissions: tuple[Submission, ...]


class Judged(Foreign):
    sub_id: str
    success: bool
    run_success: bool
    cost: float
    reason: Reason = Reason.NONE


class Result(Judged):
    stdout: str | None = None
    stderr: str | None = None


class Results(Foreign):
    sub_id: str
    results: tuple[Result, ...] = Field(())

    def without_outputs(self) -> dict[str, object]:
        return {"sub_id": self.sub_id, "results": [_without_outputs(result) for result in self.results]}


@router.get("/ping")
async def ping() -> Response:
    return routing.answer("pong")


@router.get("/status")
async def status(service: ServiceOf) -> Response:
    workers = await service.queue.workers()
    return routing.answer({"queue": await service.queue.queued(), "num_workers": len(workers)})


@router.post("/run")
async def run(request: Request, service: ServiceOf) -> Response:
    submission = await routing.read(request, service, Submission)
    (result,) = await _judge(request, service, [submission], WAIT_SECONDS)
    return routing.answer(result)


@router.post("/judge")
async def judge(request: Request, service: ServiceOf) -> Response:
    submission = await routing.read(request, service, Submission)
    (result,) = await _judge(request, service, [submission], WAIT_SECONDS)
    return routing.answer(_without_outputs(result))


@router.post("/run/batch")
async def run_batch(request: Request, service: ServiceOf) -> Response:
    return routing.answer(await _judge_batch(request, service, WAIT_SECONDS))


@router.post("/run/long-batch")
async def run_long_batch(request: Request, service: ServiceOf) -> Response:
    return routing.answer(await _judge_batch(request, service, LONG_WAIT_SECONDS))


@router.post("/judge/batch")
async def judge_batch(request: Request, service: ServiceOf) -> Response:
    return routing.answer((await _judge_batch(request, service, WAIT_SECONDS)).without_outputs())


@router.post("/judge/long-batch")
async def judge_long_batch(request: Request, service: ServiceOf) -> Response:
    return routing.answer((await _judge_batch(request, service, LONG_WAIT_SECONDS)).without_outputs())


async def _judge_batch(request: Request, service: Service, seconds: float) -> Results:
    batch = await routing.read(request, service, Batch)
    results = await _judge(request, service, batch.submissions, seconds)
    return Results(sub_id=batch.sub_id or str(uuid.uuid4()), results=tuple(results))


async def _judge(
    request: Request, service: Service, submissions: Sequence[Submission], seconds: float
) -> Sequence[Result]:
    known = [submission for submission in submissions if submission.type in MEMORY_BYTES]
    runs = [_run_of(submission, service.settings) for submission in known]
    answers = iter(await run_all(request, service, runs, seconds=seconds))
    refused = BadRequest("there is no checker of mathematics here")
    return [_result(each, next(answers) if each.type in MEMORY_BYTES else refused) for each in submissions]


def _run_of(submission: Submission, settings: Settings) -> Run:
    run = Run(
        language=submission.type,
        source=submission.solution,
        stdin=submission.input or "",
        expected=submission.expected_output,
        limits=_limits(submission, settings),
    )
    if test := _own_test_of(submission):
        return replace(
            run, source=run.source.removesuffix(test), assertions=test, mode=AssertionMode.SAME_PROCESS, expected=None
        )
    return run


def _limits(submission: Submission, settings: Settings) -> RequestedLimits:
    return limits(settings, seconds=EXECUTION_SECONDS, memory_bytes=MEMORY_BYTES[submission.type])


def _result(submission: Submission, ran: Answer) -> Result:
    name = submission.sub_id or str(uuid.uuid4())
    if ran is None:
        return _nothing_known(name, Reason.QUEUE_TIMEOUT)
    if isinstance(ran, BadRequest):
        # A program cannot help it that nobody here speaks its language.
        ours = (ran.field or "").endswith("language")
        return _nothing_known(name, Reason.INTERNAL_ERROR if ours else Reason.INVALID_INPUT)
    if ran.is_ours and not ran.has_broken_test:
        return _nothing_known(name, Reason.INTERNAL_ERROR)
    return _verdict_of(submission, ran, name)


def _verdict_of(submission: Submission, ran: Ran, name: str) -> Result:
    if ran.result is None:
        compilation = ran.judgement.compilation
        cost, stdout, stderr = 0.0, "", (compilation.log if compilation else "") or ran.judgement.reason or ""
    else:
        cost, stdout = ran.result.wall_seconds, ran.result.stdout
        stderr = ran.result.stderr or ran.result.detail or ""
    # A warm interpreter that sleeps for exactly the limit may still wake within the box's own tick.
    timed_out = ran.verdict is Verdict.TIME_LIMIT_EXCEEDED or cost >= EXECUTION_SECONDS
    if timed_out:
        stdout += LAST_WORDS
    success = ran.verdict is Verdict.ACCEPTED and not timed_out
    return Result(
        sub_id=name,
        success=success,
        run_success=(success if _own_test_of(submission) else ran.exited_well) and not timed_out,
        cost=cost,
        stdout=stdout[:RETURNED_CHARACTERS],
        stderr=stderr[:RETURNED_CHARACTERS],
        reason=Reason.WORKER_TIMEOUT if timed_out else Reason.NONE,
    )


def _nothing_known(name: str, reason: Reason) -> Result:
    return Result(sub_id=name, success=False, run_success=False, cost=0.0, reason=reason)


def _without_outputs(result: Result) -> dict[str, object]:
    return result.model_dump(mode="json", exclude={"stdout", "stderr"})


# ---------------------------------------------------------------- programs that are judged by their own assertions

# The last statement, on one line or more.
_ENDS_WITH_A_TEST = re.compile(r"^(?:assert\b|check\()[^\n]*(?:\n(?:[ \t)\]}#][^\n]*)?)*\Z", re.MULTILINE)
_LONGEST_TEST = 100_000


def _own_test_of(submission: Submission) -> str:
    """The test that a program ends with, if it is judged by that alone.

    A solution that calls exit(0) before the assertions that a trainer appended would pass them all otherwise.
    """
    if submission.type != "python" or submission.input or submission.expected_output is not None:
        return ""
    found = _ENDS_WITH_A_TEST.search(submission.solution, max(0, len(submission.solution) - _LONGEST_TEST))
    return found[0] if found else ""
