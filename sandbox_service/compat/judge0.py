"""Judge0: submissions by token, alone or in batches, waited for or asked for later."""

import asyncio
import base64
import re
from collections.abc import Mapping, Sequence
from http import HTTPStatus
from typing import Annotated, Any

from fastapi import Query, Request, Response
from pydantic import Field, JsonValue, ValidationError

from sandbox_service import runners
from sandbox_service.api.door import admit
from sandbox_service.api.failures import bad_request_of, status_of
from sandbox_service.api.service import Service, ServiceOf
from sandbox_service.api.waiting import first_of, require_workers
from sandbox_service.compat import routing
from sandbox_service.compat.routing import Foreign
from sandbox_service.errors import BadRequest, SandboxServiceError, UnknownJob, UnknownName
from sandbox_service.models import (
    LEAST_MEMORY_BYTES,
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
from sandbox_service.queues.contract import JobState
from sandbox_service.runners import toolchain_version

ROUNDS = 2  # what is waited for is judged once more when we fail at it
MOST_IN_A_BATCH = 1000
RETURNED_OUTPUT_BYTES = 2**20
_TOKEN = re.compile(r"[0-9A-Za-z_-]{1,100}", re.ASCII)

# The numbers that Judge0 gives to languages, as far as there are such here.
LANGUAGES: Mapping[int, str] = {
    45: "nasm", 46: "bash", 75: "c", 48: "c", 49: "c", 50: "c", 76: "cpp", 52: "cpp", 53: "cpp", 54: "cpp",
    51: "csharp", 55: "lisp", 56: "d", 57: "elixir", 59: "fortran", 60: "go", 61: "haskell", 62: "java",
    63: "javascript", 78: "kotlin", 64: "lua", 65: "ocaml", 66: "octave", 67: "pascal", 85: "perl", 68: "php",
    69: "prolog", 71: "python", 80: "r", 72: "ruby", 73: "rust", 81: "scala", 82: "sql", 74: "typescript",
}  # fmt: skip

STATUSES: Mapping[int, str] = {
    1: "In Queue",
    2: "Processing",
    3: "Accepted",
    4: "Wrong Answer",
    5: "Time Limit Exceeded",
    6: "Compilation Error",
    7: "Runtime Error (SIGSEGV)",
    8: "Runtime Error (SIGXFSZ)",
    9: "Runtime Error (SIGFPE)",
    10: "Runtime Error (SIGABRT)",
    11: "Runtime Error (NZEC)",
    12: "Runtime Error (Other)",
    13: "Internal Error",
    14: "Exec Format Error",
}
STATUS_OF_VERDICT: Mapping[Verdict, int] = {
    Verdict.ACCEPTED: 3,
    Verdict.WRONG_ANSWER: 4,
    Verdict.TIME_LIMIT_EXCEEDED: 5,
    Verdict.COMPILE_ERROR: 6,
    Verdict.OUTPUT_LIMIT_EXCEEDED: 8,
    Verdict.MEMORY_LIMIT_EXCEEDED: 12,
    Verdict.JUDGE_ERROR: 13,
}
STATUS_OF_SIGNAL: Mapping[int, int] = {11: 7, 25: 8, 8: 9, 6: 10}
STATUS_OF_STATE: Mapping[JobState, int] = {JobState.QUEUED: 1, JobState.RUNNING: 2, JobState.CANCELLED: 13}

ENCODED = ("stdout", "stderr", "compile_output", "message", "source_code", "stdin", "expected_output")
DEFAULT_FIELDS = ("stdout", "time", "memory", "stderr", "token", "compile_output", "message", "status")
MORE_FIELDS = (
    "source_code", "language_id", "stdin", "expected_output", "exit_code", "exit_signal", "wall_time", "status_id",
)  # fmt: skip
# What may be asked of Judge0 and is not had here; what asks for nothing is let through.
NOT_HERE = ("compiler_options", "command_line_arguments", "callback_url", "additional_files", "enable_network")


class Refused(BadRequest):
    """An attribute of a submission that cannot be, in Judge0's way of saying so."""

    def __init__(self, attribute: str, message: str) -> None:
        super().__init__(f"{attribute} {message}", field=attribute)
        self.body = {attribute: [message]}


def _refuse(error: SandboxServiceError) -> Response:
    if isinstance(error, Refused):
        return routing.refused(error, error.body)
    status = status_of(error)
    if status == HTTPStatus.TOO_MANY_REQUESTS:
        status = HTTPStatus.SERVICE_UNAVAILABLE
    return routing.refused(error, {"error": str(error)}, status)


router = routing.router(_refuse)


class Asked(Foreign):
    """A submission as it was sent; its texts may be base64."""

    source_code: str
    language_id: int
    stdin: str | None = None
    expected_output: str | None = None
    cpu_time_limit: float | None = Field(None, gt=0)
    wall_time_limit: float | None = Field(None, gt=0)
    memory_limit: float | None = Field(None, gt=0)
    max_processes_and_or_threads: int | None = Field(None, gt=0)
    compiler_options: str | None = None
    command_line_arguments: str | None = None
    callback_url: str | None = None
    additional_files: str | None = None
    enable_network: bool | None = None

    def decoded(self) -> "Asked":
        """Raises Refused when a text is not base64 of UTF-8."""
        texts = {name: _plain(name, getattr(self, name)) for name in ("source_code", "stdin", "expected_output")}
        return self.model_copy(update=texts)


class AskedBatch(Foreign):
    submissions: tuple[JsonValue, ...] = Field(min_length=1, max_length=MOST_IN_A_BATCH)


class Kept(Foreign):
    """What is kept of a submission beside its judgement."""

    source_code: str
    language_id: int
    stdin: str | None
    expected_output: str | None


Base64Encoded = Annotated[bool, Query()]
Fields = Annotated[str | None, Query(max_length=1000)]


@router.post("/submissions")
async def submit(
    request: Request,
    service: ServiceOf,
    base64_encoded: Base64Encoded = False,
    wait: Annotated[bool, Query()] = False,
    fields: Fields = None,
) -> Response:
    asked = await routing.read(request, service, Asked)
    asked = asked.decoded() if base64_encoded else asked
    names = _fields(fields)
    if not wait:
        return routing.answer({"token": await _submit(service, asked)}, HTTPStatus.CREATED)
    token = await _submit_and_wait(request, service, asked)
    return routing.answer(await _told(service, token, names, base64_encoded), HTTPStatus.CREATED)


@router.post("/submissions/batch")
async def submit_batch(request: Request, service: ServiceOf, base64_encoded: Base64Encoded = False) -> Response:
    batch = await routing.read(request, service, AskedBatch)
    answers: list[Mapping[str, object]] = []
    for submission in batch.submissions:
        try:
            asked = Asked.model_validate(submission)
            asked = asked.decoded() if base64_encoded else asked
            answers.append({"token": await _submit(service, asked)})
        except ValidationError as error:
            bad = bad_request_of(error)
            answers.append({bad.field or "submission": [str(bad)]})
        except Refused as error:
            answers.append(error.body)
    return routing.answer(answers, HTTPStatus.CREATED)


@router.get("/submissions/batch")
async def told_batch(
    service: ServiceOf,
    tokens: Annotated[str, Query()],
    base64_encoded: Base64Encoded = False,
    fields: Fields = None,
) -> Response:
    names = _fields(fields)
    told: list[object] = []
    for token in tokens.split(",")[:MOST_IN_A_BATCH]:
        try:
            told.append(await _told(service, token, names, base64_encoded))
        except UnknownJob:
            told.append(None)
    return routing.answer({"submissions": told})


@router.get("/submissions/{token}")
async def told(
    service: ServiceOf, token: str, base64_encoded: Base64Encoded = False, fields: Fields = None
) -> Response:
    return routing.answer(await _told(service, token, _fields(fields), base64_encoded))


@router.get("/languages")
@router.get("/languages/all")
async def languages(service: ServiceOf) -> Response:
    # The first call asks every toolchain, which takes a while.
    told = await asyncio.to_thread(lambda: [_language(service, each, LANGUAGES[each]) for each in sorted(LANGUAGES)])
    return routing.answer(told)


@router.get("/languages/{number}")
async def language(service: ServiceOf, number: int) -> Response:
    if number not in LANGUAGES:
        raise UnknownJob(f"there is no language with id {number} here")
    return routing.answer(await asyncio.to_thread(_language, service, number, LANGUAGES[number]))


@router.get("/statuses")
async def statuses() -> Response:
    return routing.answer([{"id": number, "description": text} for number, text in STATUSES.items()])


# ---------------------------------------------------------------- in


async def _submit(service: Service, asked: Asked) -> str:
    job = _job(asked)
    await require_workers(service)
    try:
        await admit(service, job)
    except UnknownName as error:
        raise Refused("language_id", str(error)) from None
    except BadRequest as error:
        raise Refused(_attribute(error.field), str(error)) from None
    token = await service.queue.submit(job)
    kept = Kept.model_validate(asked.model_dump(include=set(Kept.model_fields)))
    await service.queue.keep(_name(token), kept.model_dump_json())
    return token


async def _submit_and_wait(request: Request, service: Service, asked: Asked) -> str:
    token = ""
    for _ in range(ROUNDS):
        token = await _submit(service, asked)
        done = False
        try:
            judgements = await first_of(request, service, _collect(service, token))
            done = True
        finally:
            if not done:
                await service.queue.cancel(token)
        if all(judgement.verdict is not Verdict.JUDGE_ERROR for judgement in judgements):
            break
    return token


async def _collect(service: Service, token: str) -> Sequence[Judgement]:
    return [judgement async for judgement in service.queue.watch(token)]


def _job(asked: Asked) -> Job:
    for attribute in NOT_HERE:
        if getattr(asked, attribute):
            raise Refused(attribute, "is not supported here")
    if asked.language_id not in LANGUAGES:
        raise Refused("language_id", f"language with id {asked.language_id} doesn't exist")
    test = {"stdin": asked.stdin or "", "expected": asked.expected_output}
    try:
        submission = Submission(id="r0", language=LANGUAGES[asked.language_id], source=asked.source_code)
        problem = Problem(tests=(TestCase.model_validate(test),), limits=_limits(asked), checker=Choice(name="lines"))
    except ValidationError as error:
        bad = bad_request_of(error)
        raise Refused(_attribute(bad.field), str(bad)) from None
    return Job(problem=problem, submissions=(submission,), returned_output_bytes=RETURNED_OUTPUT_BYTES)


def _limits(asked: Asked) -> RequestedLimits:
    return RequestedLimits(
        cpu_seconds=asked.cpu_time_limit or 5,
        wall_seconds=asked.wall_time_limit or max(10, 2 * (asked.cpu_time_limit or 5)),
        memory_bytes=max(LEAST_MEMORY_BYTES, int((asked.memory_limit or 128_000) * 1024)),
        processes=asked.max_processes_and_or_threads or 60,
    )


_ATTRIBUTES = {
    "source": "source_code", "stdin": "stdin", "expected": "expected_output", "language": "language_id",
    "cpu_seconds": "cpu_time_limit", "wall_seconds": "wall_time_limit", "memory_bytes": "memory_limit",
    "processes": "max_processes_and_or_threads",
}  # fmt: skip


def _attribute(field: str | None) -> str:
    last = (field or "").rpartition(".")[2]
    return _ATTRIBUTES.get(last, last or "submission")


def _plain(name: str, text: str | None) -> str | None:
    try:
        # Line breaks within are allowed there.
        return None if text is None else base64.b64decode("".join(text.split()), validate=True).decode()
    except ValueError:
        raise Refused(name, "is not base64 of UTF-8") from None


def _fields(asked: str | None) -> Sequence[str]:
    if asked is None or not asked.strip():
        return DEFAULT_FIELDS
    names = [name.strip() for name in asked.split(",") if name.strip()]
    if "*" in names:
        return (*DEFAULT_FIELDS, *MORE_FIELDS)
    wrong = [name for name in names if name not in DEFAULT_FIELDS + MORE_FIELDS]
    if wrong:
        raise BadRequest(f"invalid fields: [{', '.join(wrong)}]", field="fields")
    return names


# ---------------------------------------------------------------- out


async def _told(service: Service, token: str, names: Sequence[str], encoded: bool) -> Mapping[str, object]:
    kept = await service.queue.kept(_name(token)) if _TOKEN.fullmatch(token) else None
    if kept is None:
        raise UnknownJob("no submission of that token is known")
    status = await service.queue.status(token)
    known: dict[str, Any] = Kept.model_validate_json(kept).model_dump()
    if status.judgements:
        known |= _of_judgement(status.judgements[0])
    else:
        known |= {"status_id": STATUS_OF_STATE.get(status.state, 2)}
    known |= {"token": token, "status": {"id": known["status_id"], "description": STATUSES[known["status_id"]]}}
    told = {name: known.get(name) for name in names}
    if encoded:
        texts = {name: text for name, text in told.items() if name in ENCODED and isinstance(text, str)}
        told |= {name: base64.b64encode(text.encode()).decode() for name, text in texts.items()}
    return told


def _of_judgement(judgement: Judgement) -> Mapping[str, object]:
    compilation = judgement.compilation
    log = compilation.log if compilation else ""
    if not judgement.results:
        number = STATUS_OF_VERDICT[judgement.verdict]
        return {"status_id": number, "compile_output": log or None, "message": judgement.reason}
    result = judgement.results[0]
    return {
        "status_id": _status(result),
        "stdout": result.stdout or None,
        "stderr": result.stderr or None,
        "compile_output": log or None,
        "message": _message(result),
        "time": f"{result.cpu_seconds:.3f}",
        "wall_time": f"{result.wall_seconds:.3f}",
        "memory": result.memory_bytes // 1024,
        "exit_code": result.exit_code,
        "exit_signal": result.signal,
    }


def _status(result: TestResult) -> int:
    if result.verdict in STATUS_OF_VERDICT:
        return STATUS_OF_VERDICT[result.verdict]
    if result.signal is not None:
        return STATUS_OF_SIGNAL.get(result.signal, 12)
    return 11


def _message(result: TestResult) -> str | None:
    match result.verdict:
        case Verdict.TIME_LIMIT_EXCEEDED:
            return "Time limit exceeded"
        case Verdict.MEMORY_LIMIT_EXCEEDED:
            return "Memory limit exceeded"
        case Verdict.RUNTIME_ERROR:
            return f"Exited with error status {result.exit_code}" if result.exit_code else None
    return None


def _language(service: Service, number: int, name: str) -> Mapping[str, object]:
    runner = runners.find(service.runners, name)
    version = toolchain_version(runner.version) if not runner.missing() else "not installed here"
    return {"id": number, "name": f"{runner.title} ({version})"}


def _name(token: str) -> str:
    return f"judge0 {token}"
