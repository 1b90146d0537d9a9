"""GET /metrics: what Prometheus scrapes."""

from fastapi import APIRouter, Response

from sandbox_service import metrics
from sandbox_service.api.documentation import failures
from sandbox_service.api.service import ServiceOf

MEDIA_TYPE = "text/plain; version=0.0.4; charset=utf-8"

router = APIRouter(tags=["health"])


@router.get(
    "/metrics",
    summary="Counts for Prometheus",
    response_class=Response,
    responses={200: {"content": {"text/plain": {"schema": {"type": "string"}}}}, **failures(401, 503)},
)
async def show(service: ServiceOf) -> Response:
    """What the workers counted, which is the same at every API process, and this process's requests."""
    now = metrics.Now(
        queued_submissions=await service.queue.queued(),
        maximum_queued_submissions=service.settings.maximum_queued_submissions,
        workers=await service.roster.workers(),
        waiting_chunks=await service.queue.waiting_chunks(),
    )
    text = metrics.exposition(await service.queue.counters(), now) + service.requests.exposition()
    return Response(text, headers={"Content-Type": MEDIA_TYPE})
