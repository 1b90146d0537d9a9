"""POST /v1/matrix: solutions and inputs in, what each did with each out."""

from fastapi import APIRouter, Request, Response

from sandbox_service.api.answers import json_answer
from sandbox_service.api.documentation import MATRIX_BODY, failures
from sandbox_service.api.judged import judged
from sandbox_service.api.matrices import job_of, matrix_of
from sandbox_service.api.requests import IdempotencyKey, MatrixBody
from sandbox_service.api.service import ServiceOf
from sandbox_service.models import Matrix

router = APIRouter(prefix="/v1", tags=["matrix"])


@router.post(
    "/matrix",
    summary="Run solutions on inputs, each on each once",
    openapi_extra=MATRIX_BODY,
    response_model=Matrix,
    responses=failures(400, 401, 404, 408, 409, 413, 415, 422, 429, 503),
)
async def matrix(request: Request, service: ServiceOf, asked: MatrixBody, key: IdempotencyKey) -> Response:
    """What each solution printed for each input, and how it ended; every different output is told once.

    Solutions that are the same, and inputs that are, are run once.
    """
    job = job_of(asked)
    return json_answer(matrix_of(asked, job, await judged(request, service, job, key)))
