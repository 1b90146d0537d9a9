"""Several jobs as one: queued all or none, watched together."""

import asyncio
from collections.abc import AsyncGenerator, Sequence

from sandbox_service.api.tasks import end
from sandbox_service.errors import QueueUnavailable
from sandbox_service.models import Job, Judgement
from sandbox_service.queues.contract import JobState, JobStatus, Queue


async def submit_all(
    queue: Queue, jobs: Sequence[Job], key: str | None, *, keep_seconds: int | None = None
) -> tuple[str, ...]:
    """Queue all or none: when one cannot be queued, those before it are dropped, unless a key lets them be found."""
    ids: list[str] = []
    try:
        for position, job in enumerate(jobs):
            # A space cannot be in a caller's key, so the keys of a list never meet a key that was sent.
            own = key and f"{key} {position}"
            ids.append(await queue.submit(job, idempotency_key=own, keep_seconds=keep_seconds))
    except QueueUnavailable:
        if key is None:
            await cancel_all(queue, ids)
        raise
    return tuple(ids)


async def cancel_all(queue: Queue, job_ids: Sequence[str]) -> None:
    for job_id in job_ids:
        await queue.cancel(job_id)


async def watch_all(queue: Queue, job_ids: Sequence[str]) -> AsyncGenerator[Judgement, None]:
    """Every judgement of the jobs, as they become ready; ends with the last job."""
    ready: asyncio.Queue[Judgement | Exception | None] = asyncio.Queue()

    async def follow(job_id: str) -> None:
        try:
            async for judgement in queue.watch(job_id):
                ready.put_nowait(judgement)
            ready.put_nowait(None)
        except Exception as error:  # told to whoever watches, below
            ready.put_nowait(error)

    following = [asyncio.create_task(follow(job_id)) for job_id in job_ids]
    left = len(following)
    try:
        while left:
            news = await ready.get()
            if isinstance(news, Exception):
                raise news
            if news is None:
                left -= 1
            else:
                yield news
    finally:
        await end(*following)


def state_of(statuses: Sequence[JobStatus]) -> JobState:
    """The state of the whole; of nothing it is that it is finished."""
    states = {status.state for status in statuses}
    if JobState.CANCELLED in states:
        return JobState.CANCELLED
    if states <= {JobState.FINISHED}:
        return JobState.FINISHED
    return JobState.QUEUED if states == {JobState.QUEUED} else JobState.RUNNING
