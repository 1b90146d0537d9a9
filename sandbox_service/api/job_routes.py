"""The routes of what is queued now and asked for later; what there is of that is told by its ``Kind``."""

from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Annotated, Any, Generic, Protocol, TypeVar

from fastapi import APIRouter, Depends, Request, Response
from fastapi.responses import StreamingResponse
from pydantic import BaseModel

from sandbox_service.api.answers import Accepted, AcceptedList, End, JobReport, RewardJobReport, json_answer
from sandbox_service.api.documentation import failures
from sandbox_service.api.events import events_of, stream
from sandbox_service.api.requests import IdempotencyKey, JobId
from sandbox_service.api.service import Service, ServiceOf

Asked = TypeVar("Asked")


class Queued(Protocol):
    """Something that was queued."""

    async def report(self) -> JobReport | RewardJobReport:
        """How far it is."""
        ...

    def watch(self) -> AsyncIterator[BaseModel]:
        """Every answer of it, from its beginning."""
        ...

    async def cancel(self) -> None:
        """Drop what has not run."""
        ...


@dataclass(frozen=True)
class Kind(Generic[Asked]):
    """What is queued: how it is read, queued and found again, and the words about it.

    Attributes:
        read: the dependency that reads the body and lets it in.
        submit: queue what was read, under the caller's key if there is one.
        find: what was queued under the id; raises UnknownJob.
        event: what an answer is called in a stream.
        thing: what it is called in the documentation.
    """

    read: Callable[..., Awaitable[Asked]]
    submit: Callable[[Service, Asked, str | None], Awaitable[Accepted | AcceptedList]]
    find: Callable[[Service, str], Awaitable[Queued]]
    event: str
    thing: str
    summary: str
    body: dict[str, Any]
    accepted: Any
    report: type[JobReport] | type[RewardJobReport]
    events: Mapping[str, Any]


def job_routes(path: str, tag: str, kind: Kind[Any]) -> APIRouter:
    """The four routes below the path."""
    router = APIRouter(prefix=path, tags=[tag])

    @router.post(
        "",
        summary=kind.summary,
        status_code=202,
        openapi_extra=kind.body,
        response_model=kind.accepted,
        responses=failures(400, 401, 404, 408, 409, 413, 415, 422, 429, 503),
    )
    async def submit(service: ServiceOf, asked: Annotated[Any, Depends(kind.read)], key: IdempotencyKey) -> Response:
        """Queue what was sent and answer at once; of a list, all are checked before any is queued."""
        accepted = await kind.submit(service, asked, key)
        headers = {"Location": f"{path}/{accepted.id}"} if isinstance(accepted, Accepted) else {}
        return json_answer(accepted, 202, **headers)

    @router.get(
        "/{job_id}",
        summary=f"How far a {kind.thing} is, and what is ready of it",
        response_model=kind.report,
        responses=failures(401, 404, 503),
    )
    async def status(service: ServiceOf, job_id: JobId) -> Response:
        return json_answer(await (await kind.find(service, job_id)).report())

    @router.get(
        "/{job_id}/events",
        summary=f"Each {kind.event} as it is ready",
        response_class=StreamingResponse,
        responses={200: dict(kind.events), **failures(401, 404, 503)},
    )
    async def events(request: Request, service: ServiceOf, job_id: JobId) -> Response:
        """A stream of server-sent events, or of JSON lines when Accept says application/x-ndjson.

        It always tells from the beginning; a caller who comes back knows answers by their ids.
        """
        queued = await kind.find(service, job_id)
        await queued.report()  # a job that is gone is told by the status, which a stream has sent already

        async def ending() -> End:
            report = await queued.report()
            return End(state=report.state, total=report.total, done=report.done)

        return stream(request, events_of(service, kind.event, queued.watch(), ending))

    @router.delete(
        "/{job_id}",
        summary="Drop what has not run",
        response_model=kind.report,
        responses=failures(401, 404, 503),
    )
    async def cancel(service: ServiceOf, job_id: JobId) -> Response:
        """What runs is finished and answered; what waits is dropped."""
        queued = await kind.find(service, job_id)
        await queued.cancel()
        return json_answer(await queued.report())

    return router
