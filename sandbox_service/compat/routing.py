"""Routers that answer our failures in the words of the API they stand in for."""

import json
import math
from collections.abc import Callable, Mapping
from http import HTTPStatus
from typing import Any, TypeVar

from fastapi import APIRouter, Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.routing import APIRoute
from pydantic import BaseModel, ConfigDict

from sandbox_service.api.bodies import parse, read_body
from sandbox_service.api.failures import MalformedBody, failure_of, headers_of, status_of
from sandbox_service.api.service import Service
from sandbox_service.errors import BadRequest, QueueUnavailable, SandboxServiceError

Refusal = Callable[[SandboxServiceError], Response]


class Foreign(BaseModel):
    """What a foreign client sends or reads: never changed, and what we do not know of it is ignored."""

    model_config = ConfigDict(frozen=True, extra="ignore")


Asked = TypeVar("Asked", bound=Foreign)


def router(refuse: Refusal) -> APIRouter:
    """A router whose failures, also a key that is missing, are answered by ``refuse``."""

    class Route(APIRoute):
        def get_route_handler(self) -> Callable[[Request], Any]:
            handle = super().get_route_handler()

            async def handle_or_refuse(request: Request) -> Response:
                try:
                    answer: Response = await handle(request)
                    return answer
                except SandboxServiceError as error:
                    return refuse(error)
                except RequestValidationError as error:  # of what stands in the URL
                    first = error.errors()[0]
                    return refuse(BadRequest(f"{first['loc'][-1]}: {first['msg']}", field=str(first["loc"][-1])))

            return handle_or_refuse

    return APIRouter(route_class=Route, include_in_schema=False)


async def read(request: Request, service: Service, kind: type[Asked]) -> Asked:
    """The body as what it must be.

    Raises:
        BadRequest: it is not; ``field`` says where.
    """
    body = await read_body(request, service.settings.maximum_request_bytes)
    return parse(kind.model_validate_json, body)


def answer(body: object, status: int = 200, headers: Mapping[str, str] | None = None) -> Response:
    """The body as JSON."""
    text = body.model_dump_json() if isinstance(body, BaseModel) else json.dumps(body)
    return Response(text, status_code=status, headers=dict(headers or {}), media_type="application/json")


def refused(error: SandboxServiceError, body: object, status: int | None = None) -> Response:
    """A failure with the given body, and with the status and headers that it has everywhere if no other is given."""
    headers = dict(headers_of(error))
    if isinstance(error, QueueUnavailable):
        headers["Retry-After"] = str(max(1, math.ceil(error.retry_after_seconds)))
    return answer(body, status or status_of(error), headers)


def fastapi_refusal(error: SandboxServiceError) -> Response:
    """As services made with FastAPI say it: a list of what is wrong with the body, otherwise a sentence."""
    failure = failure_of(error)
    if isinstance(error, MalformedBody):
        fault = {"type": "json_invalid", "loc": ["body"], "msg": failure.message}
        return refused(error, {"detail": [fault]}, HTTPStatus.UNPROCESSABLE_ENTITY)
    if status_of(error) != HTTPStatus.UNPROCESSABLE_ENTITY:
        return refused(error, {"detail": failure.message})
    place = ["body", *(failure.field or "").split(".")] if isinstance(error, BadRequest) and failure.field else ["body"]
    return refused(error, {"detail": [{"type": failure.code, "loc": place, "msg": failure.message}]})
