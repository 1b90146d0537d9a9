"""The words that SandboxFusion and its relatives share: how a run went, and how a completion did on its tests."""

import base64
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from http import HTTPStatus

from fastapi import Request, Response
from pydantic import Field, JsonValue

from sandbox_service.api.service import Service
from sandbox_service.compat import routing
from sandbox_service.compat.limits import limits
from sandbox_service.compat.routing import Foreign
from sandbox_service.compat.runs import Answer, Ran, Run, required, run_all
from sandbox_service.errors import BadRequest, QueueUnavailable, SandboxServiceError
from sandbox_service.extraction import blocks, without_thinking
from sandbox_service.models import Choice, Compilation, RequestedLimits, TestResult, Verdict
from sandbox_service.settings import Settings

MIB = 2**20
MEMORY_BYTES = 4 * 2**30  # what SandboxFusion's isolation allows when nothing else is asked for
KILLED = -9
EVALUATION_SECONDS = 3600
JUDGE_SECONDS = 20
SHOWN_CHARACTERS = 1000

# What SandboxFusion calls a language, and what we do.
LANGUAGES: Mapping[str, str] = {
    "python": "python",
    "cpp": "cpp",
    "nodejs": "javascript",
    "javascript": "javascript",
    "js": "javascript",
    "go": "go",
    "java": "java",
    "php": "php",
    "csharp": "csharp",
    "bash": "bash",
    "typescript": "typescript",
    "sql": "sql",
    "rust": "rust",
    "lua": "lua",
    "R": "r",
    "perl": "perl",
    "ruby": "ruby",
    "scala": "scala",
    "racket": "racket",
}
NOT_HERE = frozenset(
    "go_test cuda D_ut julia pytest junit kotlin_script jest verilog python_gpu lean swift python2 gtest react".split()
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


class Case(Foreign):
    """One test of a program that reads standard input, with names of streams for keys."""

    input: Mapping[str, str]
    output: Mapping[str, str]


class CaseResult(Foreign):
    passed: bool
    exec_info: RunResponse
    test_info: Mapping[str, JsonValue] | None = None


class Evaluation(Foreign):
    """How a completion did on its tests, in the order of the tests."""

    id: int | str
    accepted: bool
    extracted_code: str
    full_code: str | None = None
    test_code: str | None = None
    tests: tuple[CaseResult, ...]
    extracted_type: str | None = None
    extra: Mapping[str, JsonValue] | None = None


class TestConfig(Foreign):
    """How a completion is to be evaluated; its data comes with it."""

    __test__ = False  # not a test class, whatever pytest makes of its name

    dataset_type: str | None = None
    language: str | None = None
    compile_timeout: float | None = Field(None, gt=0)
    run_timeout: float | None = Field(None, gt=0)
    custom_extract_logic: str | None = None
    provided_data: dict[str, JsonValue] | list[JsonValue] | None = None
    extra: Mapping[str, JsonValue] = Field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Judge:
    """A program that says with its exit code whether an output is right that is not as expected."""

    language: str
    source: str


class SubmitRequest(Foreign):
    dataset: str = ""
    id: int | str = 0
    completion: str
    config: TestConfig


def language_of(name: str) -> str:
    """Our name for the language.

    Raises:
        BadRequest: neither they nor we know it, or only they do.
    """
    if name in LANGUAGES:
        return LANGUAGES[name]
    if name in NOT_HERE:
        raise BadRequest(f"language {name!r} is not offered here; available: {', '.join(LANGUAGES)}", field="language")
    raise BadRequest(f"unknown language {name!r}; available: {', '.join(LANGUAGES)}", field="language")


def code_in(service: Service, completion: str, language: str, config: TestConfig) -> str:
    """The first block in the language, or what stands behind an opening fence; nothing if there is no code."""
    if config.custom_extract_logic:
        raise BadRequest("code to extract code is not run here", field="config.custom_extract_logic")
    tags = service.runners[language].tags
    found = [block for block in blocks(without_thinking(completion), tags) if block.code.strip()]
    # Who samples up to the closing fence never gets to see it.
    for closed in (True, False):
        for wanted in (tags, ("",)):
            for block in found:
                if block.closed is closed and block.tag in wanted:
                    return block.code
    return ""


def runs_of(
    service: Service, code: str, language: str, cases: Sequence[Case], config: TestConfig, checker: str = "common_oj"
) -> Sequence[Run]:
    """One run for each case."""
    for position, case in enumerate(cases):
        if set(case.input) - {"stdin"} or set(case.output) - {"stdout"}:
            raise BadRequest("only stdin and stdout are tests here, not files", field=f"test.{position}")
    seconds = config.run_timeout or (10 if language in COMPILED else 20)
    return [
        Run(
            language=language,
            source=code,
            stdin=case.input.get("stdin", ""),
            expected=case.output.get("stdout", ""),
            limits=own_limits(service.settings, seconds),
            checker=Choice(name=checker),
        )
        for case in cases
    ]


def own_limits(settings: Settings, seconds: float, memory_mb: int = -1) -> RequestedLimits:
    if memory_mb > 0:
        asked = limits(settings, seconds=seconds)
        return asked.model_copy(update={"memory_bytes": memory_mb * MIB})
    return limits(settings, seconds=seconds, memory_bytes=MEMORY_BYTES)


def response_of(service: Service, language: str, ran: Ran) -> RunResponse:
    """How the run went, in their words."""
    if ran.is_ours:
        return RunResponse(status=RunStatus.SANDBOX_ERROR, message=ran.judgement.reason or "the judge failed")
    compilation = ran.judgement.compilation
    only_checked = service.runners[language].is_only_checked
    compiled = None if compilation is None or only_checked else _compiled(compilation)
    if ran.result is None:
        # What is only checked for its syntax is, elsewhere, a program that fails as it starts.
        failed = _compiled(compilation) if compilation is not None and only_checked else None
        return RunResponse(status=RunStatus.FAILED, compile_result=compiled, run_result=failed)
    status = RunStatus.SUCCESS if ran.exited_well else RunStatus.FAILED
    return RunResponse(status=status, compile_result=compiled, run_result=_executed(ran.result), files=ran.result.files)


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


# ---------------------------------------------------------------- completions on their tests


class NotEvaluated(BadRequest):
    """A data set, or a kind of test, that is not had here."""


def refuse(error: SandboxServiceError) -> Response:
    if isinstance(error, QueueUnavailable):
        # The one status after which verl's client tries again.
        return routing.refused(error, {"detail": str(error)}, HTTPStatus.GATEWAY_TIMEOUT)
    if isinstance(error, NotEvaluated):
        return routing.refused(error, {"detail": str(error)}, HTTPStatus.BAD_REQUEST)
    return routing.fastapi_refusal(error)


async def evaluated(
    request: Request,
    service: Service,
    asked: SubmitRequest,
    code: str,
    language: str,
    cases: Sequence[Case],
    *,
    judge: Judge | None = None,
) -> Evaluation:
    """The completion's program on the cases; it ends with the first that fails unless all are to be run."""
    extra = asked.config.extra
    every, in_full = bool(extra.get("run_all_cases")), bool(extra.get("return_full_case"))
    if not code.strip():
        tests = [CaseResult(passed=False, exec_info=not_a_program("no code in the completion")) for _ in cases]
    else:
        runs = runs_of(service, code, language, cases, asked.config)
        # What a judge may yet find right is no failure to stop at.
        stops = not every and judge is None
        answers = await run_all(request, service, runs, seconds=EVALUATION_SECONDS, stop_on_failure=stops)
        second = {} if judge is None else await _judged(request, service, judge, cases, answers)
        tests = []
        for position, (case, answer) in enumerate(zip(cases, answers, strict=True)):
            result = case_result(service, language, case, answer, in_full)
            tests.append(result.model_copy(update={"passed": True}) if second.get(position) else result)
            if not tests[-1].passed and not every:
                break
    if not every:
        tests = tests[: 1 + next((i for i, test in enumerate(tests) if not test.passed), len(tests))]
    accepted = all(test.passed for test in tests)
    return Evaluation(id=asked.id, accepted=accepted, extracted_code=code, tests=tuple(tests))


async def _judged(
    request: Request, service: Service, judge: Judge, cases: Sequence[Case], answers: Sequence[Answer]
) -> Mapping[int, bool]:
    """Whether the judge finds right what was not as expected, each in a box without the program."""
    wrong = {
        position: answer.result.stdout
        for position, answer in enumerate(answers)
        if isinstance(answer, Ran) and answer.result and answer.verdict is Verdict.WRONG_ANSWER
    }
    runs = [
        Run(
            language=judge.language,
            source=judge.source,
            limits=own_limits(service.settings, JUDGE_SECONDS),
            files={
                "stdin.txt": _base64(cases[position].input.get("stdin", "")),
                "stdout.txt": _base64(cases[position].output.get("stdout", "")),
                "answer.txt": _base64(output),
            },
        )
        for position, output in wrong.items()
    ]
    opinions: dict[int, bool] = {}
    for position, answer in zip(wrong, await run_all(request, service, runs, seconds=EVALUATION_SECONDS), strict=True):
        ran = required(answer)
        if ran.is_ours:
            raise QueueUnavailable(ran.judgement.reason or "the judge failed")
        opinions[position] = ran.exited_well
    return opinions


def _base64(text: str) -> str:
    return base64.b64encode(text.encode()).decode()


def case_result(service: Service, language: str, case: Case, answer: Answer, in_full: bool) -> CaseResult:
    info: dict[str, JsonValue] = {
        "input": {name: _shown(text, in_full) for name, text in case.input.items()},
        "output": {name: _shown(text, in_full) for name, text in case.output.items()},
    }
    if isinstance(answer, BadRequest):
        return CaseResult(passed=False, exec_info=without_running(answer), test_info=info)
    ran = required(answer)
    if ran.is_ours:
        raise QueueUnavailable(ran.judgement.reason or "the judge failed")
    passed = ran.verdict is Verdict.ACCEPTED
    return CaseResult(passed=passed, exec_info=response_of(service, language, ran), test_info=info)


def without_running(error: BadRequest) -> RunResponse:
    if (error.field or "").endswith("source"):
        return not_a_program(str(error))
    return RunResponse(status=RunStatus.SANDBOX_ERROR, message=str(error))


def _shown(text: str, in_full: bool) -> str:
    if in_full or len(text) <= SHOWN_CHARACTERS:
        return text
    kept = (SHOWN_CHARACTERS - 3) // 2
    return f"{text[:kept]}...{text[-kept:]}"
