"""AReaL: function calls, that is programs with their test cases."""

import json
from collections.abc import Sequence
from dataclasses import replace
from itertools import islice

from fastapi import Request, Response
from pydantic import Field, JsonValue

from sandbox_service.api.service import ServiceOf
from sandbox_service.client.rows import problem_of
from sandbox_service.compat import routing
from sandbox_service.compat.limits import limits
from sandbox_service.compat.routing import Foreign
from sandbox_service.compat.runs import Answer, Run, run_all
from sandbox_service.errors import BadRequest
from sandbox_service.models import Choice, Verdict

WAIT_SECONDS = 90  # its client waits 100
SYSTEM_ERROR = "SystemError"  # after which the client tries again
MIB = 2**20

router = routing.router(routing.fastapi_refusal)


class Case(Foreign):
    """An input and an output; of a function's call, JSON: an argument on each line, and the value."""

    input: JsonValue = ""
    expectedOutput: JsonValue = ""  # noqa: N815  # as AReaL spells the field


class FunctionCall(Foreign):
    uid: str = ""
    language: str
    code: str
    entryFunction: str = ""  # noqa: N815  # as AReaL spells the field
    isFastFail: bool = True  # noqa: N815  # as AReaL spells the field
    testcases: tuple[Case, ...] = Field(min_length=1)
    timeout: float = Field(6, gt=0)
    memory: int = Field(0, ge=0)
    query_index: int | None = None


@router.post("/apis/functioncalls")
async def function_call(request: Request, service: ServiceOf) -> Response:
    asked = await routing.read(request, service, FunctionCall)
    own = limits(service.settings, seconds=asked.timeout)
    if asked.memory:
        own = own.model_copy(update={"memory_bytes": asked.memory * MIB})
    one = Run(language=asked.language.lower(), source=asked.code, limits=own, checker=Choice(name="tokens"))
    runs = [_runs_of(case, asked.entryFunction, one) for case in asked.testcases]
    flat = [run for each in runs for run in each]
    stops = asked.isFastFail and len(flat) == len(runs)
    answers = iter(await run_all(request, service, flat, seconds=WAIT_SECONDS, stop_on_failure=stops))
    told = [[_result(answer) for answer in islice(answers, len(each))] for each in runs]
    results = [next((result for result in each if result["success"]), each[0]) for each in told]
    if asked.isFastFail:
        results = results[: 1 + next((i for i, result in enumerate(results) if not result["success"]), len(results))]
    success = all(result["success"] for result in results)
    body = {"uid": asked.uid, "query_index": asked.query_index, "success": success, "results": results}
    return routing.answer(body)


def _runs_of(case: Case, function: str, one: Run) -> Sequence[Run]:
    """The program on the case; any of them may be right."""
    if not function:
        return [replace(one, stdin=_text(case.input), expected=_text(case.expectedOutput))]
    row = {"fn_name": function, "inputs": [case.input], "outputs": [case.expectedOutput]}
    (test,) = problem_of(row).tests or ()
    called = replace(one, call=test.call, expected=test.expected, checker=Choice(name="livecodebench"))
    # Some data sets have the value in a list of its own, and nothing says which do.
    if isinstance(test.expected, list) and len(test.expected) == 1:
        return [called, replace(called, expected=test.expected[0])]
    return [called]


def _text(value: JsonValue) -> str:
    return value if isinstance(value, str) else json.dumps(value)


def _result(answer: Answer) -> dict[str, object]:
    if isinstance(answer, BadRequest):
        if (answer.field or "").endswith("source"):
            return {"success": False, "errorType": "CompileError", "reason": str(answer)}
        raise answer
    if answer is None or answer.is_ours:
        reason = "no worker came to it in time" if answer is None else answer.judgement.reason
        return {"success": False, "errorType": SYSTEM_ERROR, "reason": reason}
    if answer.verdict is Verdict.ACCEPTED:
        return {"success": True, "errorType": None, "reason": ""}
    words = str(answer.verdict).split("_")
    return {"success": False, "errorType": "".join(word.capitalize() for word in words), "reason": " ".join(words)}
