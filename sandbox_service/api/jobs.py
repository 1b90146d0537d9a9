"""/v1/jobs: jobs that are queued now and asked for later."""

from fastapi import APIRouter, Request, Response
from fastapi.responses import StreamingResponse

from sandbox_service.api.answers import Accepted, AcceptedList, End, JobReport, json_answer, report_of
from sandbox_service.api.batches import submit_all
from sandbox_service.api.documentation import EVENTS, JOB_OR_JOBS_BODY, failures
from sandbox_service.api.events import events_of, stream
from sandbox_service.api.requests import IdempotencyKey, JobId, JobOrJobsBody
from sandbox_service.api.service import ServiceOf
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
    return json_answer(AcceptedList(ids=await submit_all(service.queue, job, key)), 202)


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

    async def ending() -> End:
        status = await service.queue.status(job_id)
        return End(state=status.state, total=status.total, done=status.done)

    return stream(request, events_of(service, "judgement", service.queue.watch(job_id), ending))


@router.delete(
    "/{job_id}",
    summary="Drop what has not run",
    response_model=JobReport,
    responses=failures(401, 404, 503),
)
async def cancel(service: ServiceOf, job_id: JobId) -> Response:
    """What runs is finished and answered; what waits is dropped."""
    return json_answer(report_of(await service.queue.cancel(job_id)))
