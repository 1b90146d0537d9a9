"""POST /v1/judge: a job in, its judgements out, in one request."""

from collections.abc import Sequence

from fastapi import APIRouter, Request, Response

from sandbox_service.api.answers import Judgements, json_answer
from sandbox_service.api.documentation import JOB_BODY, failures
from sandbox_service.api.failures import JobCancelled
from sandbox_service.api.requests import IdempotencyKey, JobBody
from sandbox_service.api.service import Service, ServiceOf
from sandbox_service.api.waiting import KEEP_SECONDS, first_of, require_workers
from sandbox_service.models import Job, Judgement

router = APIRouter(prefix="/v1", tags=["judging"])


@router.post(
    "/judge",
    summary="Judge submissions and wait for the judgements",
    openapi_extra=JOB_BODY,
    response_model=Judgements,
    responses=failures(400, 401, 404, 408, 409, 413, 415, 422, 429, 503),
)
async def judge(request: Request, service: ServiceOf, job: JobBody, key: IdempotencyKey) -> Response:
    """Queue the job, wait for it, and answer one judgement per submission in the order sent.

    When the caller goes away, what has not run is dropped, unless an Idempotency-Key lets it come back.
    """
    await require_workers(service)
    job_id = await service.queue.submit(job, idempotency_key=key, keep_seconds=KEEP_SECONDS if key is None else None)
    answered = False
    try:
        judgements = await first_of(request, service, _collect(service, job_id))
        answered = True
    finally:
        if not answered and key is None:
            await service.queue.cancel(job_id)
    return json_answer(Judgements.model_construct(judgements=_in_order(job, judgements)))


async def _collect(service: Service, job_id: str) -> Sequence[Judgement]:
    return [judgement async for judgement in service.queue.watch(job_id)]


def _in_order(job: Job, judgements: Sequence[Judgement]) -> tuple[Judgement, ...]:
    by_id = {judgement.id: judgement for judgement in judgements}
    missing = [submission.id for submission in job.submissions if submission.id not in by_id]
    if missing:
        raise JobCancelled(f"the job was cancelled; {len(missing)} of {len(job.submissions)} submissions never ran")
    return tuple(by_id[submission.id] for submission in job.submissions)
