"""POST /v1/generate: a program in, the files that it writes out."""

from fastapi import APIRouter, Request, Response

from sandbox_service.api.answers import json_answer
from sandbox_service.api.documentation import GENERATE_BODY, failures
from sandbox_service.api.generations import generation_of, job_of, kept
from sandbox_service.api.judged import judged
from sandbox_service.api.requests import GenerateBody, IdempotencyKey
from sandbox_service.api.service import ServiceOf
from sandbox_service.models import Generation

router = APIRouter(prefix="/v1", tags=["generating"])


@router.post(
    "/generate",
    summary="Run a program that writes files, and bring them back",
    openapi_extra=GENERATE_BODY,
    response_model=Generation,
    responses=failures(400, 401, 404, 408, 409, 413, 415, 422, 429, 503),
)
async def generate(request: Request, service: ServiceOf, asked: GenerateBody, key: IdempotencyKey) -> Response:
    """Run the program once for each seed or list of arguments, and answer how each run ended and what it left.

    Regular files alone come back, never through a link. With `keep` they are a test set too, named by its digest.
    """
    (judgement,) = await judged(request, service, job_of(asked), key)
    generation = generation_of(asked, judgement)
    if asked.keep:
        test_set, generation = kept(generation)
        if test_set is not None:
            digest = await service.queue.put_test_set(test_set)
            generation = generation.model_copy(update={"test_set": digest})
    return json_answer(generation)
