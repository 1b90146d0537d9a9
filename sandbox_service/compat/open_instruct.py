"""open-instruct: a program on tests of its standard input, or on assertions."""

import asyncio
import base64
import binascii
import io
import json
import math
import pickle
import zlib
from collections.abc import Mapping, Sequence
from dataclasses import replace

from fastapi import Request, Response
from pydantic import Field, JsonValue, TypeAdapter, ValidationError

from sandbox_service.api.failures import bad_request_of
from sandbox_service.api.service import ServiceOf
from sandbox_service.compat import routing
from sandbox_service.compat.limits import limits
from sandbox_service.compat.routing import Foreign
from sandbox_service.compat.runs import Answer, Run, run_all
from sandbox_service.errors import BadRequest, QueueUnavailable
from sandbox_service.models import Choice, Verdict

LEAST_WAIT_SECONDS, LONGEST_WAIT_SECONDS = 28, 290  # its client waits 30 to 300 s, ten times a test's limit
FAILED = -1.0  # the run time of a test that was not passed

router = routing.router(routing.fastapi_refusal)


class Case(Foreign):
    input: str
    output: str


class TestRequest(Foreign):
    __test__ = False  # not a test class, whatever pytest makes of its name

    program: str
    tests: JsonValue
    max_execution_time: float = Field(1.0, gt=0)


_CASES = TypeAdapter(tuple[Case, ...])
_ASSERTIONS = TypeAdapter(tuple[str, ...])


@router.get("/health")
async def health() -> Response:
    return routing.answer({"status": "healthy"})


@router.post("/test_program")
async def test_program(request: Request, service: ServiceOf) -> Response:
    asked = await routing.read(request, service, TestRequest)
    tests = await asyncio.to_thread(_decoded, asked.tests, service.settings.maximum_request_bytes)
    try:
        assertions = _ASSERTIONS.validate_python(tests)
    except ValidationError as error:
        raise bad_request_of(error) from None
    return await _judged(request, service, asked, [{"assertions": each} for each in assertions])


@router.post("/test_program_stdio")
async def test_program_stdio(request: Request, service: ServiceOf) -> Response:
    asked = await routing.read(request, service, TestRequest)
    tests = await asyncio.to_thread(_decoded, asked.tests, service.settings.maximum_request_bytes)
    try:
        cases = _CASES.validate_python(tests)
    except ValidationError as error:
        raise bad_request_of(error) from None
    return await _judged(request, service, asked, [{"stdin": case.input, "expected": case.output} for case in cases])


async def _judged(
    request: Request, service: ServiceOf, asked: TestRequest, tests: Sequence[Mapping[str, str]]
) -> Response:
    """Each test by itself: 1 or 0, and how long it took."""
    allowed = limits(service.settings, seconds=math.ceil(asked.max_execution_time))
    one = Run(language="python", source=asked.program, limits=allowed, checker=Choice(name="livecodebench"))
    runs = [replace(one, **test) for test in tests]  # type: ignore[arg-type]  # each names fields that are texts
    seconds = min(max(LEAST_WAIT_SECONDS, 10 * asked.max_execution_time), LONGEST_WAIT_SECONDS)
    told = [_told(answer) for answer in await run_all(request, service, runs, seconds=seconds)]
    return routing.answer({"results": [int(t >= 0) for t in told], "runtimes": told})


def _told(answer: Answer) -> float:
    """How long a test took that was passed."""
    if isinstance(answer, BadRequest):
        if (answer.field or "").endswith("source"):
            return FAILED
        raise answer
    if answer is None or answer.is_ours:
        raise QueueUnavailable("we failed at it; send it again")
    return answer.result.wall_seconds if answer.result and answer.verdict is Verdict.ACCEPTED else FAILED


def _decoded(tests: JsonValue, maximum_bytes: int) -> object:
    """The list of tests: itself, or as JSON, or as a pickle that was packed and written in base64."""
    if not isinstance(tests, str):
        return tests
    if not tests:
        return []
    try:
        return json.loads(tests)
    except ValueError:
        pass
    try:
        inflater = zlib.decompressobj()
        content = inflater.decompress(base64.b64decode(tests), maximum_bytes + 1)
    except (binascii.Error, zlib.error):
        raise BadRequest("tests: neither a list nor its JSON nor its packed pickle", field="tests") from None
    if len(content) > maximum_bytes:
        raise BadRequest("tests: larger than a request may be", field="tests")
    return _unpickled(content)


class _OnlyPlainValues(pickle._Unpickler):  # written in Python: a hostile pickle cannot make it take memory
    """Makes lists, dictionaries, texts and numbers, and refuses all that a pickle could call."""

    def find_class(self, module: str, name: str) -> object:
        raise pickle.UnpicklingError(f"{module}.{name} is not plain data")


def _unpickled(content: bytes) -> object:
    try:
        return _OnlyPlainValues(io.BytesIO(content)).load()
    except Exception:  # a broken pickle may raise anything
        raise BadRequest("tests: not the pickle of plain data", field="tests") from None
