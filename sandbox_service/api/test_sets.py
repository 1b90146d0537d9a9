"""PUT /v1/test-sets: tests that are uploaded once and then named by their digest."""

from fastapi import APIRouter, Response

from sandbox_service.api.answers import StoredTestSet, json_answer
from sandbox_service.api.documentation import TEST_SET_BODY, failures
from sandbox_service.api.requests import TestSetBody
from sandbox_service.api.service import ServiceOf

router = APIRouter(prefix="/v1", tags=["test sets"])


@router.put(
    "/test-sets",
    summary="Upload tests once",
    openapi_extra=TEST_SET_BODY,
    response_model=StoredTestSet,
    responses=failures(400, 401, 408, 413, 415, 422, 429, 503),
)
async def put_test_set(service: ServiceOf, test_set: TestSetBody) -> Response:
    """Keep the tests; a problem may then say `"test_set": DIGEST` instead of `"tests"`.

    The digest is taken of the tests alone: the same tests answer the same digest, whenever they are sent.
    """
    digest = await service.queue.put_test_set(test_set)
    return json_answer(StoredTestSet(digest=digest, tests=len(test_set.tests)))
