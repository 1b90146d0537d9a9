"""/v1/jobs: jobs that are queued now and asked for later."""

from collections.abc import AsyncIterator
from contextlib import aclosing

from fastapi import APIRouter, Request, Response
from fastapi.responses import StreamingResponse

from sandbox_service.api.answers import Accepted, AcceptedList, JobReport, json_answer, report_of
from sandbox_service.api.documentation import EVENTS, JOB_OR_JOBS_BODY, failures
from sandbox_service.api.events import WRITERS, events_of, media_type_of
from sandbox_service.api.requests import IdempotencyKey, JobId, JobOrJobsBody
from sandbox_service.api.service import Service, ServiceOf
from sandbox_service.errors import QueueUnavailable
from sandbox_service.models import Job

router = APIRouter(prefix="/v1/jobs", tags=["jobs"])


@router.post(
    "",
    summary="Queue a job, or a list of jobs",
    status_code=202,
    openapi_extra=JOB_OR_JOBS_BODY,
    response_model=Accepted | AcceptedList,
    responses=failures(400, 401, 404, 408, 409, 413, 415, 422, 429, 503),
)
async def submit(service: ServiceOf, job: JobOrJobsBody, key: IdempotencyKey) -> Response:
    """Queue what was sent and answer at once; of a list, all are checked before any is queued."""
    if isinstance(job, Job):
        job_id = await service.queue.submit(job, idempotency_key=key)
        return json_answer(Accepted(id=job_id), 202, Location=f"/v1/jobs/{job_id}")
    return json_answer(AcceptedList(ids=await _submit_all(service, job, key)), 202)


@router.get(
    "/{job_id}",
    summary="How far a job is, and what is ready of it",
    response_model=JobReport,
    responses=failures(401, 404, 503),
)
async def status(service: ServiceOf, job_id: JobId) -> Response:
    return json_answer(report_of(await service.queue.status(job_id)))


@router.get(
    "/{job_id}/events",
    summary="Each judgement as it is ready",
    response_class=StreamingResponse,
    responses={200: EVENTS, **failures(401, 404, 503)},
)
async def events(request: Request, service: ServiceOf, job_id: JobId) -> Response:
    """A stream of server-sent events, or of JSON lines when Accept says application/x-ndjson.

    It always tells the job from its beginning; a caller who comes back knows judgements by their ids.
    """
    await service.queue.status(job_id)  # an unknown id is told by the status, which a stream has sent already
    media_type = media_type_of(request.headers.get("accept", ""))
    return StreamingResponse(
        _lines(service, job_id, media_type),
        media_type=media_type,
        headers={"Cache-Control": "no-store", "X-Accel-Buffering": "no"},
    )


@router.delete(
    "/{job_id}",
    summary="Drop what has not run",
    response_model=JobReport,
    responses=failures(401, 404, 503),
)
async def cancel(service: ServiceOf, job_id: JobId) -> Response:
    """What runs is finished and answered; what waits is dropped."""
    return json_answer(report_of(await service.queue.cancel(job_id)))


async def _submit_all(service: Service, jobs: tuple[Job, ...], key: str | None) -> tuple[str, ...]:
    """Queue all or none: when one cannot be queued, those before it are dropped, unless a key lets them be found."""
    ids: list[str] = []
    try:
        for position, job in enumerate(jobs):
            # A space cannot be in a caller's key, so the keys of a list never meet a key that was sent.
            ids.append(await service.queue.submit(job, idempotency_key=key and f"{key} {position}"))
    except QueueUnavailable:
        if key is None:
            for job_id in ids:
                await service.queue.cancel(job_id)
        raise
    return tuple(ids)


async def _lines(service: Service, job_id: str, media_type: str) -> AsyncIterator[bytes]:
    write = WRITERS[media_type]
    async with aclosing(events_of(service, job_id)) as stream:
        async for event in stream:
            yield write(event)
