"""SandboxFusion's words for a run: the languages, the limits, how it went and why there was none."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from http import HTTPStatus

from fastapi import Response
from pydantic import Field

from sandbox_service.api.service import Service
from sandbox_service.compat import routing
from sandbox_service.compat.limits import limits
from sandbox_service.compat.routing import Foreign
from sandbox_service.compat.runs import Ran
from sandbox_service.errors import BadRequest, QueueUnavailable, SandboxServiceError
from sandbox_service.models import Compilation, RequestedLimits, TestResult, Verdict
from sandbox_service.settings import Settings

MIB = 2**20
MEMORY_BYTES = 4 * 2**30  # what SandboxFusion's isolation allows when nothing else is asked for
KILLED = -9


@dataclass(frozen=True, slots=True)
class Language:
    """A language of ours, with the options that make it what is run there."""

    name: str
    options: Mapping[str, str] = field(default_factory=dict)


JAVASCRIPT = Language("javascript")
PYTHON = Language("python")

# By the names that SandboxFusion has for them.
LANGUAGES: Mapping[str, Language] = {
    "python": PYTHON,
    "cpp": Language("cpp"),
    "nodejs": JAVASCRIPT,
    "javascript": JAVASCRIPT,
    "js": JAVASCRIPT,
    "go": Language("go"),
    "java": Language("java", {"assertions": "on"}),
    "php": Language("php"),
    "csharp": Language("csharp"),
    "bash": Language("bash"),
    "typescript": Language("typescript", {"types": "ignored"}),
    "sql": Language("sql"),
    "rust": Language("rust"),
    "lua": Language("lua"),
    "R": Language("r"),
    "perl": Language("perl"),
    "ruby": Language("ruby"),
    "scala": Language("scala"),
    "racket": Language("racket"),
    "D_ut": Language("d", {"unittests": "on"}),
}
NOT_HERE = frozenset(
    "go_test cuda julia pytest junit kotlin_script jest verilog python_gpu lean swift python2 gtest react".split()
)
COMPILED = frozenset({"cpp", "go", "java"})  # these have 10 s by default, and the others 20


class CommandStatus(StrEnum):
    FINISHED = "Finished"
    ERROR = "Error"
    TIME_LIMIT_EXCEEDED = "TimeLimitExceeded"


class RunStatus(StrEnum):
    SUCCESS = "Success"
    FAILED = "Failed"
    SANDBOX_ERROR = "SandboxError"


class CommandResult(Foreign):
    status: CommandStatus
    execution_time: float | None = None
    return_code: int | None = None
    stdout: str | None = None
    stderr: str | None = None


class RunResponse(Foreign):
    """How one run went; our failures are ``SandboxError``, which callers try again."""

    status: RunStatus
    message: str = ""
    compile_result: CommandResult | None = None
    run_result: CommandResult | None = None
    executor_pod_name: str | None = None
    files: Mapping[str, str] = Field(default_factory=dict)


def language_of(name: str) -> Language:
    """The language of that name.

    Raises:
        BadRequest: neither they nor we know it, or only they do.
    """
    if name in LANGUAGES:
        return LANGUAGES[name]
    if name in NOT_HERE:
        raise BadRequest(f"language {name!r} is not offered here; available: {', '.join(LANGUAGES)}", field="language")
    raise BadRequest(f"unknown language {name!r}; available: {', '.join(LANGUAGES)}", field="language")


def own_limits(settings: Settings, seconds: float, memory_mb: int = -1) -> RequestedLimits:
    """What was asked for, and what holds there when nothing was."""
    if memory_mb > 0:
        asked = limits(settings, seconds=seconds)
        return asked.model_copy(update={"memory_bytes": memory_mb * MIB})
    return limits(settings, seconds=seconds, memory_bytes=MEMORY_BYTES)


def response_of(service: Service, language: Language, ran: Ran) -> RunResponse:
    """How the run went, in their words."""
    if ran.is_ours:
        return RunResponse(status=RunStatus.SANDBOX_ERROR, message=ran.judgement.reason or "the judge failed")
    compilation = ran.judgement.compilation
    only_checked = service.runners[language.name].is_only_checked
    compiled = None if compilation is None or only_checked else _compiled(compilation)
    if ran.result is None:
        # What is only checked for its syntax is, elsewhere, a program that fails as it starts.
        failed = _compiled(compilation) if compilation is not None and only_checked else None
        return RunResponse(status=RunStatus.FAILED, compile_result=compiled, run_result=failed)
    status = RunStatus.SUCCESS if ran.exited_well else RunStatus.FAILED
    return RunResponse(status=status, compile_result=compiled, run_result=_executed(ran.result), files=ran.result.files)


def tested_response_of(service: Service, language: Language, ran: Ran) -> RunResponse:
    """The same where the test is part of the program there: a wrong answer is a program that failed."""
    response = response_of(service, language, ran)
    run, result = response.run_result, ran.result
    if result is None or run is None or run.status is not CommandStatus.FINISHED or ran.verdict is Verdict.ACCEPTED:
        return response
    why = result.detail or result.reason or str(ran.verdict).replace("_", " ")
    stderr = f"{run.stderr}\n{why}".lstrip("\n")
    code = run.return_code if result.exit_code or result.signal else 1
    failed = run.model_copy(update={"return_code": code, "stderr": stderr})
    return response.model_copy(update={"status": RunStatus.FAILED, "run_result": failed})


def not_a_program(message: str) -> RunResponse:
    """What an interpreter says of a source that it cannot even read."""
    failed = CommandResult(
        status=CommandStatus.FINISHED, execution_time=0.0, return_code=1, stdout="", stderr=f"SyntaxError: {message}\n"
    )
    return RunResponse(status=RunStatus.FAILED, run_result=failed)


def _compiled(compilation: Compilation) -> CommandResult:
    if compilation.reason == "the compiler ran out of time":
        return CommandResult(
            status=CommandStatus.TIME_LIMIT_EXCEEDED,
            execution_time=compilation.wall_seconds,
            stdout="",
            stderr=compilation.log,
        )
    code = compilation.exit_code
    return CommandResult(
        status=CommandStatus.FINISHED,
        execution_time=compilation.wall_seconds,
        return_code=code if compilation.succeeded or code else KILLED,
        stdout="",
        stderr=compilation.log or compilation.reason or "",
    )


def _executed(result: TestResult) -> CommandResult:
    in_time = result.verdict is not Verdict.TIME_LIMIT_EXCEEDED
    return CommandResult(
        status=CommandStatus.FINISHED if in_time else CommandStatus.TIME_LIMIT_EXCEEDED,
        execution_time=result.wall_seconds,
        return_code=return_code(result) if in_time else None,
        stdout=result.stdout,
        stderr=result.stderr,
    )


def return_code(result: TestResult) -> int:
    """As Python's subprocess has it; never 0 when a limit was passed."""
    if result.verdict in (Verdict.ACCEPTED, Verdict.WRONG_ANSWER):
        return 0
    return result.exit_code or -(result.signal or -KILLED)


class NotEvaluated(BadRequest):
    """A data set, or a kind of test, that is not had here."""


def refuse(error: SandboxServiceError) -> Response:
    if isinstance(error, QueueUnavailable):
        # The one status after which verl's client tries again.
        return routing.refused(error, {"detail": str(error)}, HTTPStatus.GATEWAY_TIMEOUT)
    if isinstance(error, NotEvaluated):
        return routing.refused(error, {"detail": str(error)}, HTTPStatus.BAD_REQUEST)
    return routing.fastapi_refusal(error)


def without_running(error: BadRequest) -> RunResponse:
    if (error.field or "").endswith("source"):
        return not_a_program(str(error))
    return RunResponse(status=RunStatus.SANDBOX_ERROR, message=str(error))
