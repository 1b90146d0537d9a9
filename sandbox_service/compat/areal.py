"""AReaL: function calls, that is programs with their test cases."""

from fastapi import Request, Response
from pydantic import Field

from sandbox_service.api.service import ServiceOf
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
    input: str = ""
    expectedOutput: str = ""  # noqa: N815 - the field's name


class FunctionCall(Foreign):
    uid: str = ""
    language: str
    code: str
    entryFunction: str = ""  # noqa: N815 - the field's name
    isFastFail: bool = True  # noqa: N815 - the field's name
    testcases: tuple[Case, ...] = Field(min_length=1)
    timeout: float = Field(6, gt=0)
    memory: int = Field(0, ge=0)
    query_index: int | None = None


@router.post("/apis/functioncalls")
async def function_call(request: Request, service: ServiceOf) -> Response:
    asked = await routing.read(request, service, FunctionCall)
    if asked.entryFunction:
        raise BadRequest("calls of a function are not judged here yet", field="entryFunction")
    own = limits(service.settings, seconds=asked.timeout)
    if asked.memory:
        own = own.model_copy(update={"memory_bytes": asked.memory * MIB})
    runs = [
        Run(
            language=asked.language.lower(),
            source=asked.code,
            stdin=case.input,
            expected=case.expectedOutput,
            limits=own,
            checker=Choice(name="tokens"),
        )
        for case in asked.testcases
    ]
    answers = await run_all(request, service, runs, seconds=WAIT_SECONDS, stop_on_failure=asked.isFastFail)
    results = []
    for answer in answers:
        results.append(_result(answer))
        if asked.isFastFail and not results[-1]["success"]:
            break
    success = len(results) == len(runs) and all(result["success"] for result in results)
    body = {"uid": asked.uid, "query_index": asked.query_index, "success": success, "results": results}
    return routing.answer(body)


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
