"""A job queued and waited for within one request."""

from collections.abc import Sequence

from fastapi import Request

from sandbox_service.api.failures import JobCancelled
from sandbox_service.api.service import Service
from sandbox_service.api.waiting import KEEP_SECONDS, first_of, require_workers
from sandbox_service.models import Job, Judgement


async def judged(request: Request, service: Service, job: Job, key: str | None) -> tuple[Judgement, ...]:
    """One judgement for each submission, in the order sent.

    When the caller goes away, what has not run is dropped, unless a key lets it come back.

    Raises:
        QueueUnavailable: no worker lives, or the process ends.
        JobCancelled: somebody cancelled the job.
    """
    await require_workers(service)
    # Without a key nobody can ask for the answers again.
    job_id = await service.queue.submit(job, idempotency_key=key, keep_seconds=KEEP_SECONDS if key is None else None)
    answered = False
    try:
        judgements = await first_of(request, service, _collect(service, job_id))
        answered = True
    finally:
        if not answered and key is None:
            await service.queue.cancel(job_id)
    return _in_order(job, judgements)


async def _collect(service: Service, job_id: str) -> Sequence[Judgement]:
    return [judgement async for judgement in service.queue.watch(job_id)]


def _in_order(job: Job, judgements: Sequence[Judgement]) -> tuple[Judgement, ...]:
    by_id = {judgement.id: judgement for judgement in judgements}
    missing = [submission.id for submission in job.submissions if submission.id not in by_id]
    if missing:
        raise JobCancelled(f"the job was cancelled; {len(missing)} of {len(job.submissions)} submissions never ran")
    return tuple(by_id[submission.id] for submission in job.submissions)
