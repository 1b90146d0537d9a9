"""SandboxFusion: a program run once, or a completion evaluated on the tests that come with it."""

import json
import posixpath
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace

from fastapi import Request, Response
from pydantic import Field, JsonValue, ValidationError

from sandbox_service.api.failures import bad_request_of
from sandbox_service.api.service import Service, ServiceOf
from sandbox_service.client.rows import problem_of
from sandbox_service.compat import routing
from sandbox_service.compat.asserted import Asserted, evaluated_by_assertions, of_auto_eval, of_human_eval, of_mbpp
from sandbox_service.compat.evaluations import (
    EVALUATION_SECONDS,
    Case,
    CaseResult,
    Evaluation,
    SubmitRequest,
    case_result,
    code_in,
    evaluated,
    runs_of,
)
from sandbox_service.compat.routing import Foreign
from sandbox_service.compat.runs import Run, run_all, run_one
from sandbox_service.compat.sandbox_fusion_runs import (
    PYTHON,
    NotEvaluated,
    RunResponse,
    RunStatus,
    language_of,
    not_a_program,
    own_limits,
    refuse,
    response_of,
    without_running,
)
from sandbox_service.errors import BadRequest

WAIT_SECONDS = 8  # beyond a program's own time: verl's client waits 10, and one that is told in time tries again

# The classes whose tests are programs' inputs and outputs, by the names that a request may give them.
STDIO = frozenset({"CommonOJDataset", "code_contests"})
LIVECODEBENCH = frozenset({"LiveCodeBenchDataset", "live_code_bench_v1"})
# And those whose tests are code.
_AUTO_EVAL = ("AutoEvalDataset", "AutoEvalV4Dataset", "AutoEvalV5Dataset", "AutoEvalV6Dataset")
ASSERTED: Mapping[str, Callable[[Service, SubmitRequest, Mapping[str, JsonValue]], Asserted]] = {
    **dict.fromkeys(_AUTO_EVAL, of_auto_eval),
    "HumanEvalDataset": of_human_eval,
    "MultiPLEDataset": of_human_eval,
    "MBPPDataset": of_mbpp,
    "mbpp": of_mbpp,
}
AVAILABLE = "CommonOJDataset, LiveCodeBenchDataset, AutoEvalDataset, HumanEvalDataset, MultiPLEDataset, MBPPDataset"

router = routing.router(refuse)


class RunCodeRequest(Foreign):
    compile_timeout: float = Field(10, gt=0)
    run_timeout: float = Field(10, gt=0)
    memory_limit_MB: int = -1  # noqa: N815 - the field's name
    code: str
    stdin: str | None = None
    language: str
    files: Mapping[str, str | None] = Field(default_factory=dict)
    fetch_files: tuple[str, ...] = ()


@router.get("/")
async def root() -> Response:
    page = '<!DOCTYPE html>\n<html lang="en"><title>sandbox service</title><a href="/docs">the API</a></html>\n'
    return Response(page, media_type="text/html")


@router.get("/v1/ping")
async def ping() -> Response:
    return routing.answer("pong")


@router.post("/run_code")
async def run_code(request: Request, service: ServiceOf) -> Response:
    asked = await routing.read(request, service, RunCodeRequest)
    try:
        language = language_of(asked.language)
    except BadRequest as error:
        if str(error).startswith("unknown"):
            raise
        return routing.answer(RunResponse(status=RunStatus.SANDBOX_ERROR, message=str(error)))
    names = {_normal(name): name for name in asked.fetch_files if _is_below(name)}
    run = Run(
        language=language.name,
        options=language.options,
        source=asked.code,
        stdin=asked.stdin or "",
        limits=own_limits(service.settings, asked.run_timeout, asked.memory_limit_MB),
        files={_normal(name): content for name, content in asked.files.items() if content is not None},
        fetch=tuple(names),
    )
    try:
        ran = await run_one(request, service, run, seconds=asked.compile_timeout + asked.run_timeout + WAIT_SECONDS)
    except BadRequest as error:
        return routing.answer(without_running(error))
    response = response_of(service, language, ran)
    fetched = {names[name]: content for name, content in response.files.items() if name in names}
    return routing.answer(response.model_copy(update={"files": fetched}))


@router.post("/run_jupyter")
async def run_jupyter(request: Request, service: ServiceOf) -> Response:
    await routing.read(request, service, Foreign)
    answer = {"status": RunStatus.SANDBOX_ERROR, "message": "notebooks are not run here", "cells": [], "files": {}}
    return routing.answer(answer)


@router.get("/list_datasets")
async def list_datasets() -> Response:
    return routing.answer([])


@router.post("/list_ids")
@router.post("/get_prompts")
@router.post("/get_prompt_by_id")
@router.post("/get_metrics")
@router.post("/get_metrics_function")
async def other_data() -> Response:
    raise NotEvaluated("no data set is kept here; send its rows as config.provided_data to /submit")


@router.post("/submit")
async def submit(request: Request, service: ServiceOf) -> Response:
    asked = await routing.read(request, service, SubmitRequest)
    kind = _kind(asked)
    if kind in STDIO:
        return routing.answer(await _evaluated_on_cases(request, service, asked))
    if kind in LIVECODEBENCH:
        return routing.answer(await _evaluated_as_livecodebench(request, service, asked))
    if kind in ASSERTED:
        asserted = ASSERTED[kind](service, asked, _row(asked))
        return routing.answer(await evaluated_by_assertions(request, service, asked, asserted))
    raise NotEvaluated(f"{kind or asked.dataset!r} is not evaluated here; available: {AVAILABLE}")


def _kind(asked: SubmitRequest) -> str:
    """The class of the data set; its own name says which, or the configuration does."""
    if asked.dataset in STDIO | LIVECODEBENCH | set(ASSERTED):
        return asked.dataset
    if asked.dataset.startswith(("humaneval_", "multiple_")):
        return "HumanEvalDataset"
    return asked.config.dataset_type or ""


async def _evaluated_on_cases(request: Request, service: Service, asked: SubmitRequest) -> Evaluation:
    config = asked.config
    if not config.language:
        raise NotEvaluated("config.language field must exist for CommonOJDataset, got None")
    language = language_of(config.language)
    tests = _decoded(_row(asked), "test")
    cases = _cases(tests)
    code = code_in(service, asked.completion, language, config)
    return await evaluated(request, service, asked, code, language, cases)


async def _evaluated_as_livecodebench(request: Request, service: Service, asked: SubmitRequest) -> Evaluation:
    tests = _decoded(_row(asked), "test")
    told = tests.get("input_output") if isinstance(tests, dict) else None
    told = _decoded({"input_output": told}, "input_output")
    inputs, outputs = (told.get("inputs"), told.get("outputs")) if isinstance(told, dict) else (None, None)
    if not isinstance(inputs, list) or not isinstance(outputs, list) or not 0 < len(inputs) == len(outputs):
        raise NotEvaluated("provided_data.test must hold input_output with as many inputs as outputs")
    pairs = zip(inputs, outputs, strict=True)
    cases = [Case(input={"stdin": str(given)}, output={"stdout": str(wanted)}) for given, wanted in pairs]
    code = code_in(service, asked.completion, PYTHON, asked.config)
    if not code.strip():
        response = not_a_program("no code in the completion")
        tests_told = (CaseResult(passed=False, exec_info=response),)
        return Evaluation(id=asked.id, accepted=False, extracted_code=code, full_code=code, tests=tests_told)
    config = asked.config.model_copy(update={"run_timeout": asked.config.run_timeout or 6})
    runs = runs_of(service, code, PYTHON, cases, config, checker="livecodebench")
    if isinstance(told, dict) and told.get("fn_name"):
        called = problem_of(told).tests or ()
        runs = [replace(run, call=test.call, expected=test.expected) for run, test in zip(runs, called, strict=True)]
    answers = await run_all(request, service, runs, seconds=EVALUATION_SECONDS, stop_on_failure=True)
    results: list[CaseResult] = []
    for case, answer in zip(cases, answers, strict=True):
        results.append(case_result(service, PYTHON, case, answer, in_full=False))
        if not results[-1].passed:
            break
    # That dataset has one result for all of its inputs: the first that failed.
    last = results[-1].model_copy(update={"test_info": None})
    return Evaluation(id=asked.id, accepted=last.passed, extracted_code=code, full_code=code, tests=(last,), extra=None)


def _row(asked: SubmitRequest) -> Mapping[str, JsonValue]:
    data = asked.config.provided_data
    if data is None:
        raise NotEvaluated("no data set is kept here; send its row as config.provided_data")
    if not isinstance(data, dict):
        raise NotEvaluated("config.provided_data should be a dict")
    return data


def _decoded(row: Mapping[str, JsonValue], name: str) -> JsonValue:
    if name not in row:
        raise NotEvaluated(f"config.provided_data lacks {name!r}")
    value = row[name]
    if not isinstance(value, str):
        return value
    try:
        decoded: JsonValue = json.loads(value, strict=False)
    except ValueError:
        # A pickle is a program, and is not run outside of a box.
        raise NotEvaluated(f"config.provided_data.{name} is not JSON") from None
    return decoded


def _cases(tests: JsonValue) -> Sequence[Case]:
    if not isinstance(tests, list) or not tests:
        raise NotEvaluated("config.provided_data.test must be a list of one test or more")
    try:
        return [Case.model_validate(test) for test in tests]
    except ValidationError as error:
        raise bad_request_of(error) from None


def _normal(name: str) -> str:
    return posixpath.normpath(name)


def _is_below(name: str) -> bool:
    return not posixpath.isabs(name) and not _normal(name).startswith("..") and _normal(name) != "."
