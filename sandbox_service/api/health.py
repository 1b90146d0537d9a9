"""Whether the process lives, and whether there is somebody behind it who judges."""

import asyncio

from fastapi import APIRouter, Response

from sandbox_service.api.answers import Alive, Ready, json_answer
from sandbox_service.api.documentation import failures
from sandbox_service.api.service import ServiceOf
from sandbox_service.errors import QueueUnavailable

PATIENCE_SECONDS = 3.0

router = APIRouter(tags=["health"])


@router.get("/healthz", summary="The process answers", response_model=Alive)
async def healthz() -> Response:
    return json_answer(Alive())


@router.get("/readyz", summary="Redis answers and workers live", response_model=Ready, responses=failures(503))
async def readyz(service: ServiceOf) -> Response:
    """Ready when a job sent now would be judged; otherwise 503 that names what is missing."""
    if service.closing.is_set():
        raise QueueUnavailable("the service is being stopped")
    try:
        async with asyncio.timeout(PATIENCE_SECONDS):
            workers = await service.queue.workers()
            queued = await service.queue.queued()
    except TimeoutError:
        raise QueueUnavailable(f"Redis did not answer within {PATIENCE_SECONDS:.0f} s") from None
    if not workers:
        raise QueueUnavailable("no worker lives; start one with 'sandbox-service worker'")
    return json_answer(Ready(workers=len(workers), queued=queued))
