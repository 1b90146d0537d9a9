"""ScaleBox: a completion evaluated on all of its tests in one request."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace

from fastapi import Request, Response
from pydantic import JsonValue, ValidationError

from sandbox_service.api.failures import bad_request_of
from sandbox_service.api.service import ServiceOf
from sandbox_service.client.rows import problem_of
from sandbox_service.compat import routing
from sandbox_service.compat.asserted import evaluated_by_assertions, of_human_eval
from sandbox_service.compat.evaluations import (
    Case,
    Judge,
    SubmitRequest,
    TestConfig,
    Tested,
    code_in,
    evaluated,
)
from sandbox_service.compat.routing import Foreign
from sandbox_service.compat.runs import Run
from sandbox_service.compat.sandbox_fusion_runs import NotEvaluated, language_of, refuse
from sandbox_service.errors import BadRequest
from sandbox_service.models import Choice

ASSERT, FUNCTION_CALL, STDIN_STDOUT = "assert", "function_call", "stdin_stdout"
_JAVA_IMPORTS = re.compile(r"(?:\s*import\b[^;]*;)*")
_JAVA_TYPE = re.compile(r"\b(?:class|interface|enum|record)\s+\w")

router = routing.router(refuse)


class CallCase(Foreign):
    """One call of a function: its arguments, and a list of the one value that is right."""

    type: str = FUNCTION_CALL
    fn_name: str
    input: JsonValue
    output: JsonValue

    def of(self, run: Run) -> Run:
        """Texts hold JSON: an argument on each line, and the value."""
        try:
            problem = problem_of({"fn_name": self.fn_name, "inputs": [self.input], "outputs": [self.output]})
        except BadRequest as error:
            raise NotEvaluated(str(error)) from None
        (test,) = problem.tests or ()
        source = run.source
        if run.language == "java" and not _JAVA_TYPE.search(source):
            imports = _JAVA_IMPORTS.match(source)
            place = imports.end() if imports else 0
            source = f"{source[:place]}public class Main {{ {source[place:]}\n}}"
        return replace(run, source=source, call=test.call, expected=test.expected, checker=Choice(name="livecodebench"))

    def told(self, in_full: bool) -> dict[str, JsonValue]:
        return self.model_dump()


@router.post("/common_evaluate")
@router.post("/common_evaluate_batch")
async def common_evaluate(request: Request, service: ServiceOf) -> Response:
    """Both take both forms of tests: a list of tests, and a test of lists."""
    asked = await routing.read(request, service, SubmitRequest)
    if not asked.config.language:
        raise NotEvaluated("config.language field must exist, got None")
    language = language_of(asked.config.language)
    if (row := _test_code(asked.config)) is not None:
        freeform = {**asked.config.extra, "is_freeform": True}
        told = asked.config.model_copy(update={"extra": freeform})
        named = asked.model_copy(update={"config": told})
        return routing.answer(
            await evaluated_by_assertions(request, service, named, of_human_eval(service, named, row))
        )
    cases = _cases(asked.config)
    code = code_in(service, asked.completion, language, asked.config)
    judge = _judge(asked.config.extra)
    return routing.answer(await evaluated(request, service, asked, code, language, cases, judge=judge))


def _cases(config: TestConfig) -> Sequence[Tested]:
    data = config.provided_data if isinstance(config.provided_data, dict) else {}
    tests = data.get("test_cases", data.get("test"))
    try:
        if isinstance(tests, dict):
            return [_case(test) for test in _unfolded(tests)]
        if isinstance(tests, list) and tests:
            return [_case(test) for test in tests]
    except ValidationError as error:
        raise bad_request_of(error) from None
    raise NotEvaluated("config.provided_data.test_cases must hold one test or more")


def _test_code(config: TestConfig) -> Mapping[str, JsonValue] | None:
    """The row of tests that are code, if they are."""
    tests = config.provided_data.get("test_cases") if isinstance(config.provided_data, dict) else None
    return tests if isinstance(tests, dict) and tests.get("type") == ASSERT else None


def _unfolded(tests: Mapping[str, JsonValue]) -> Sequence[JsonValue]:
    inputs, outputs = tests.get("input"), tests.get("output")
    if not isinstance(inputs, list) or not isinstance(outputs, list) or not 0 < len(inputs) == len(outputs):
        raise NotEvaluated("config.provided_data.test_cases must have as many inputs as outputs, and one or more")
    return [{**tests, "input": given, "output": wanted} for given, wanted in zip(inputs, outputs, strict=True)]


def _case(test: JsonValue) -> Tested:
    if not isinstance(test, dict):
        raise NotEvaluated("a test must have an input and an output")
    kind = test.get("type") or (FUNCTION_CALL if test.get("fn_name") else STDIN_STDOUT)
    if kind == FUNCTION_CALL:
        return CallCase.model_validate(test)
    if kind != STDIN_STDOUT:
        raise NotEvaluated(f"tests of type {kind!r} are not had; available: {ASSERT}, {FUNCTION_CALL}, {STDIN_STDOUT}")
    if isinstance(test.get("input"), dict):
        return Case.model_validate(test)
    return Case.model_validate({"input": {"stdin": test.get("input")}, "output": {"stdout": test.get("output")}})


def _judge(extra: Mapping[str, JsonValue]) -> Judge | None:
    source = extra.get("special_judge_program")
    if not source:
        return None
    return Judge(language_of(str(extra.get("special_judge_language") or "python")), str(source))
