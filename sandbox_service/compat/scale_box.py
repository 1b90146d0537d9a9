"""ScaleBox: a completion evaluated on all of its tests in one request."""

from collections.abc import Mapping, Sequence

from fastapi import Request, Response
from pydantic import JsonValue, ValidationError

from sandbox_service.api.failures import bad_request_of
from sandbox_service.api.service import ServiceOf
from sandbox_service.compat import routing
from sandbox_service.compat.evaluations import Case, Judge, SubmitRequest, TestConfig, code_in, evaluated
from sandbox_service.compat.sandbox_fusion_runs import NotEvaluated, language_of, refuse

router = routing.router(refuse)


@router.post("/common_evaluate")
@router.post("/common_evaluate_batch")
async def common_evaluate(request: Request, service: ServiceOf) -> Response:
    """Both take both forms of tests: a list of tests, and a test of lists."""
    asked = await routing.read(request, service, SubmitRequest)
    if not asked.config.language:
        raise NotEvaluated("config.language field must exist, got None")
    language = language_of(asked.config.language)
    cases = _cases(asked.config)
    code = code_in(service, asked.completion, language, asked.config)
    judge = _judge(asked.config.extra)
    return routing.answer(await evaluated(request, service, asked, code, language, cases, judge=judge))


def _cases(config: TestConfig) -> Sequence[Case]:
    data = config.provided_data if isinstance(config.provided_data, dict) else {}
    tests = data.get("test_cases", data.get("test"))
    try:
        if isinstance(tests, dict):
            return _from_lists(tests)
        if isinstance(tests, list) and tests:
            return [_from_test(test) for test in tests]
    except ValidationError as error:
        raise bad_request_of(error) from None
    raise NotEvaluated("config.provided_data.test_cases must hold one test or more")


def _from_test(test: JsonValue) -> Case:
    if not isinstance(test, dict):
        raise NotEvaluated("a test must have an input and an output")
    _require_standard_input(test)
    if isinstance(test.get("input"), dict):
        return Case.model_validate(test)
    return Case.model_validate({"input": {"stdin": test.get("input")}, "output": {"stdout": test.get("output")}})


def _from_lists(tests: Mapping[str, JsonValue]) -> Sequence[Case]:
    _require_standard_input(tests)
    inputs, outputs = tests.get("input"), tests.get("output")
    if not isinstance(inputs, list) or not isinstance(outputs, list) or not 0 < len(inputs) == len(outputs):
        raise NotEvaluated("config.provided_data.test_cases must have as many inputs as outputs, and one or more")
    pairs = zip(inputs, outputs, strict=True)
    return [Case.model_validate({"input": {"stdin": given}, "output": {"stdout": wanted}}) for given, wanted in pairs]


def _require_standard_input(test: Mapping[str, JsonValue]) -> None:
    kind = test.get("type") or ("function_call" if test.get("fn_name") else "stdin_stdout")
    if kind != "stdin_stdout":
        raise NotEvaluated(f"tests of type {kind!r} would run within the program; available: stdin_stdout")


def _judge(extra: Mapping[str, JsonValue]) -> Judge | None:
    source = extra.get("special_judge_program")
    if not source:
        return None
    return Judge(language_of(str(extra.get("special_judge_language") or "python")), str(source))
