"""How a completion does on its tests, for SandboxFusion and its relatives."""

import base64
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Protocol

from fastapi import Request
from pydantic import Field, JsonValue, ValidationError

from sandbox_service.api.door import check_kind
from sandbox_service.api.failures import bad_request_of
from sandbox_service.api.service import Service
from sandbox_service.compat.routing import Foreign
from sandbox_service.compat.runs import Answer, Ran, Run, required, run_all
from sandbox_service.compat.sandbox_fusion_runs import (
    COMPILED,
    PYTHON,
    Language,
    NotEvaluated,
    RunResponse,
    not_a_program,
    own_limits,
    response_of,
    tested_response_of,
    without_running,
)
from sandbox_service.errors import BadRequest, QueueUnavailable
from sandbox_service.extraction import blocks, without_thinking
from sandbox_service.models import Choice, Outline, Verdict

EVALUATION_SECONDS = 3600
JUDGE_SECONDS = 20
SHOWN_CHARACTERS = 1000
_PYTHON_CODE = re.compile(r"\s*(?:async def|class|def|from|import|@)\b")


class Tested(Protocol):
    """One test of a completion's program."""

    def of(self, run: Run) -> Run:
        """The program on this test.

        Raises:
            BadRequest: it is no test that is had here.
        """

    def told(self, in_full: bool) -> dict[str, JsonValue]:
        """The test, as it is told with its result."""


class Case(Foreign):
    """One test of a program that reads standard input, with names of streams for keys."""

    input: Mapping[str, str]
    output: Mapping[str, str]

    def of(self, run: Run) -> Run:
        if set(self.input) - {"stdin"} or set(self.output) - {"stdout"}:
            raise BadRequest("only stdin and stdout are tests here, not files", field="test")
        return replace(run, stdin=self.input.get("stdin", ""), expected=self.output.get("stdout", ""))

    def told(self, in_full: bool) -> dict[str, JsonValue]:
        return {
            "input": {name: _shown(text, in_full) for name, text in self.input.items()},
            "output": {name: _shown(text, in_full) for name, text in self.output.items()},
        }


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
    is_fewshot: bool | None = None
    custom_extract_logic: str | None = None
    provided_data: dict[str, JsonValue] | list[JsonValue] | None = None
    extra: Mapping[str, JsonValue] = Field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Judge:
    """A program that says with its exit code whether an output is right that is not as expected."""

    language: Language
    source: str


class SubmitRequest(Foreign):
    dataset: str = ""
    id: int | str = 0
    completion: str
    config: TestConfig


def code_in(service: Service, completion: str, language: Language, config: TestConfig) -> str:
    """The first block in the language, or what stands behind an opening fence; nothing if there is no code."""
    if config.custom_extract_logic:
        raise BadRequest("code to extract code is not run here", field="config.custom_extract_logic")
    tags = service.runners[language.name].tags
    found = [block for block in blocks(without_thinking(completion), tags) if block.code.strip()]
    # Who samples up to the closing fence never gets to see it.
    for closed in (True, False):
        for wanted in (tags, ("",)):
            for block in found:
                if block.closed is closed and block.tag in wanted:
                    return block.code
    whole = without_thinking(completion)
    # Without any fence, what begins as Python does is Python.
    return whole if language == PYTHON and not found and "```" not in whole and _PYTHON_CODE.match(whole) else ""


def runs_of(
    service: Service,
    code: str,
    language: Language,
    cases: Sequence[Tested],
    config: TestConfig,
    checker: str = "common_oj",
) -> Sequence[Run]:
    """One run for each case.

    Raises:
        BadRequest: one of them is no test that is had here.
    """
    one = Run(
        language=language.name,
        options=language.options,
        source=code,
        limits=own_limits(service.settings, config.run_timeout or (10 if language.name in COMPILED else 20)),
        checker=Choice(name=checker),
    )
    runs = [case.of(one) for case in cases]
    require_kind(service, runs[0])
    return runs


def require_kind(service: Service, run: Run) -> None:
    """Refuse a kind of test that the language has no way for.

    Raises:
        NotEvaluated: it has none.
    """
    try:
        check_kind(Outline.of((run.test,)), service.runners[run.language], service, "config.language")
    except ValidationError as error:
        raise NotEvaluated(str(bad_request_of(error))) from None
    except BadRequest as error:
        raise NotEvaluated(str(error)) from None


async def evaluated(
    request: Request,
    service: Service,
    asked: SubmitRequest,
    code: str,
    language: Language,
    cases: Sequence[Tested],
    *,
    judge: Judge | None = None,
) -> Evaluation:
    """The completion's program on the cases; it ends with the first that fails unless all are to be run."""
    extra = asked.config.extra
    every, in_full = bool(extra.get("run_all_cases")), bool(extra.get("return_full_case"))
    runs = runs_of(service, code, language, cases, asked.config)
    if not code.strip():
        tests = [CaseResult(passed=False, exec_info=not_a_program("no code in the completion")) for _ in cases]
    else:
        # What a judge may yet find right is no failure to stop at.
        stops = not every and judge is None
        answers = await run_all(request, service, runs, seconds=EVALUATION_SECONDS, stop_on_failure=stops)
        second = {} if judge is None else await _judged(request, service, judge, runs, answers)
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
    request: Request, service: Service, judge: Judge, judged: Sequence[Run], answers: Sequence[Answer]
) -> Mapping[int, bool]:
    """Whether the judge finds right what was not as expected, each in a box without the program."""
    wrong = {
        position: answer.result.stdout
        for position, answer in enumerate(answers)
        if isinstance(answer, Ran) and answer.result and answer.verdict is Verdict.WRONG_ANSWER
    }
    runs = [
        Run(
            language=judge.language.name,
            options=judge.language.options,
            source=judge.source,
            limits=own_limits(service.settings, JUDGE_SECONDS),
            files={
                "stdin.txt": _base64(judged[position].stdin),
                "stdout.txt": _base64(str(judged[position].expected)),
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


def case_result(service: Service, language: Language, case: Tested, answer: Answer, in_full: bool) -> CaseResult:
    info = case.told(in_full)
    if isinstance(answer, BadRequest):
        return CaseResult(passed=False, exec_info=without_running(answer), test_info=info)
    ran = required(answer)
    if ran.is_ours:
        raise QueueUnavailable(ran.judgement.reason or "the judge failed")
    passed = ran.verdict is Verdict.ACCEPTED
    told = response_of if isinstance(case, Case) else tested_response_of
    return CaseResult(passed=passed, exec_info=told(service, language, ran), test_info=info)


def _shown(text: str, in_full: bool) -> str:
    if in_full or len(text) <= SHOWN_CHARACTERS:
        return text
    kept = (SHOWN_CHARACTERS - 3) // 2
    return f"{text[:kept]}...{text[-kept:]}"
