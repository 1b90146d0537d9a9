"""POST /v1/judge: a job in, its judgements out, in one request."""

from fastapi import APIRouter, Request, Response

from sandbox_service.api.answers import Judgements, json_answer
from sandbox_service.api.documentation import JOB_BODY, failures
from sandbox_service.api.judged import judged
from sandbox_service.api.requests import IdempotencyKey, JobBody
from sandbox_service.api.service import ServiceOf

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
    return json_answer(Judgements.model_construct(judgements=await judged(request, service, job, key)))
