"""Our failures as HTTP answers: one shape, one table from error to status."""

import math
from collections.abc import Mapping
from http import HTTPStatus
from typing import cast

from fastapi import FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from pydantic import Field, ValidationError
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect

from sandbox_service.errors import (
    BadRequest,
    Conflict,
    QueueFull,
    QueueUnavailable,
    SandboxServiceError,
    UnknownJob,
    UnknownName,
    UnknownTestSet,
)
from sandbox_service.models import Frozen

MAXIMUM_FIELD_CHARACTERS = 200
MAXIMUM_MESSAGE_CHARACTERS = 2000


class MalformedBody(BadRequest):
    """A body that is not JSON, not UTF-8 or not the gzip it says it is."""


class BodyTooLarge(BadRequest):
    """A body above the configured size, as sent or as inflated."""


class UnsupportedBody(BadRequest):
    """A body of a type or an encoding that is not taken."""


class BodyTooSlow(BadRequest):
    """A body of which nothing came for too long."""


class Unauthorized(BadRequest):
    """No API key, or none that is known."""


class JobCancelled(BadRequest):
    """The job was cancelled while its answer was awaited."""


class Failure(Frozen):
    """What went wrong, and where."""

    code: str = Field(description="what went wrong, for programs", examples=["unknown_name"])
    message: str = Field(
        description="what went wrong, for people", examples=["unknown language 'pyhton'; available: …"]
    )
    field: str | None = Field(
        None, description="the part of the request that is to blame", examples=["submissions.0.language"]
    )


class FailureBody(Frozen):
    """The body of every answer with a status of 400 and above."""

    error: Failure


# The first row that an error is an instance of counts.
ANSWERS: Mapping[type[SandboxServiceError], tuple[HTTPStatus, str]] = {
    MalformedBody: (HTTPStatus.BAD_REQUEST, "malformed_body"),
    Unauthorized: (HTTPStatus.UNAUTHORIZED, "unauthorized"),
    UnknownJob: (HTTPStatus.NOT_FOUND, "unknown_job"),
    UnknownTestSet: (HTTPStatus.NOT_FOUND, "unknown_test_set"),
    BodyTooSlow: (HTTPStatus.REQUEST_TIMEOUT, "body_too_slow"),
    Conflict: (HTTPStatus.CONFLICT, "idempotency_conflict"),
    JobCancelled: (HTTPStatus.CONFLICT, "job_cancelled"),
    BodyTooLarge: (HTTPStatus.REQUEST_ENTITY_TOO_LARGE, "body_too_large"),
    UnsupportedBody: (HTTPStatus.UNSUPPORTED_MEDIA_TYPE, "unsupported_body"),
    UnknownName: (HTTPStatus.UNPROCESSABLE_ENTITY, "unknown_name"),
    BadRequest: (HTTPStatus.UNPROCESSABLE_ENTITY, "invalid_request"),
    QueueFull: (HTTPStatus.TOO_MANY_REQUESTS, "queue_full"),
    QueueUnavailable: (HTTPStatus.SERVICE_UNAVAILABLE, "unavailable"),
    SandboxServiceError: (HTTPStatus.INTERNAL_SERVER_ERROR, "internal_error"),
}

HEADERS: Mapping[type[SandboxServiceError], Mapping[str, str]] = {
    Unauthorized: {"WWW-Authenticate": 'Bearer realm="sandbox-service"'},
    UnsupportedBody: {"Accept-Encoding": "gzip"},
}

CODES_OF_STATUS = {404: "not_found", 405: "method_not_allowed"}


def answer_to(error: SandboxServiceError) -> Response:
    """The HTTP answer to one of our errors."""
    status, code = next(answer for kind, answer in ANSWERS.items() if isinstance(error, kind))
    headers = dict(headers_of(error))
    if isinstance(error, QueueUnavailable):
        headers["Retry-After"] = str(max(1, math.ceil(error.retry_after_seconds)))
    return _answer(status, failure_of(error, code), headers)


def status_of(error: SandboxServiceError) -> int:
    """The status that the error has wherever it is answered."""
    return next(status for kind, (status, _) in ANSWERS.items() if isinstance(error, kind))


def headers_of(error: SandboxServiceError) -> Mapping[str, str]:
    """What goes with it in the head of the answer."""
    return HEADERS.get(type(error), {})


def failure_of(error: SandboxServiceError, code: str | None = None) -> Failure:
    """The error as callers see it; of an error that is no concern of theirs they see only that it was."""
    status, known_code = next(answer for kind, answer in ANSWERS.items() if isinstance(error, kind))
    if status == HTTPStatus.INTERNAL_SERVER_ERROR:
        return INTERNAL
    field = getattr(error, "field", None)
    return Failure(
        code=code or known_code,
        message=str(error)[:MAXIMUM_MESSAGE_CHARACTERS],
        field=None if field is None else field[:MAXIMUM_FIELD_CHARACTERS],
    )


INTERNAL = Failure(code="internal_error", message="the service failed; the fault is in its log", field=None)


def bad_request_of(error: ValidationError) -> BadRequest:
    """The first thing that is wrong with a body, in the words of this service."""
    details = error.errors(include_url=False, include_context=False, include_input=False)
    first = details[0]
    # Of a list whose only item is bad, pydantic says too that it is empty.
    details = [each for each in details if each is first or each["loc"] != first["loc"][: len(each["loc"])]]
    message = first["msg"].removeprefix("Value error, ")
    if first["type"] == "json_invalid":
        return MalformedBody(message)
    # In brackets pydantic names what is no field: the key of a mapping, the kind of a checker.
    field = ".".join(part for part in map(str, first["loc"]) if not part.startswith("[")) or None
    more = f" (and {len(details) - 1} more)" if len(details) > 1 else ""
    where = "" if field is None else f"{field[:MAXIMUM_FIELD_CHARACTERS]}: "
    return BadRequest(f"{where}{message}{more}", field=field)


def install(app: FastAPI) -> None:
    """Answer every error of the app in the one shape."""
    app.add_exception_handler(SandboxServiceError, _on_ours)
    app.add_exception_handler(RequestValidationError, _on_parameters)
    app.add_exception_handler(HTTPException, _on_http)
    app.add_exception_handler(ClientDisconnect, _on_disconnect)
    app.add_exception_handler(Exception, _on_unforeseen)


async def _on_ours(_request: Request, error: Exception) -> Response:
    return answer_to(cast(SandboxServiceError, error))


async def _on_parameters(_request: Request, error: Exception) -> Response:
    first = cast(RequestValidationError, error).errors()[0]
    field = str(first["loc"][-1])
    return answer_to(BadRequest(f"{field}: {first['msg']}", field=field))


async def _on_http(request: Request, error: Exception) -> Response:
    error = cast(HTTPException, error)
    code = CODES_OF_STATUS.get(error.status_code, "refused")
    failure = Failure(code=code, message=str(error.detail), field=None)
    headers = dict(error.headers or {})
    if error.status_code == HTTPStatus.METHOD_NOT_ALLOWED:
        headers.update(_allowed_methods(request))
    return _answer(error.status_code, failure, headers)


def _allowed_methods(request: Request) -> Mapping[str, str]:
    """All methods of the path: Starlette knows only those of the first route that has it."""
    path = getattr(request.scope.get("route"), "path", None)
    methods = request.app.openapi()["paths"].get(path, {})
    return {"Allow": ", ".join(method.upper() for method in methods)} if methods else {}


async def _on_disconnect(_request: Request, _error: Exception) -> Response:
    # Nobody is there to read it.
    return Response(status_code=HTTPStatus.BAD_REQUEST)


async def _on_unforeseen(_request: Request, _error: Exception) -> Response:
    return _answer(HTTPStatus.INTERNAL_SERVER_ERROR, INTERNAL, {})


def _answer(status: int, failure: Failure, headers: dict[str, str]) -> Response:
    return Response(
        FailureBody(error=failure).model_dump_json(), status_code=status, headers=headers, media_type="application/json"
    )
