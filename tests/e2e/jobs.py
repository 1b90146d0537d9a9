"""Jobs for scripted workers, and ways to wait for what becomes of them."""

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

from sandbox_service.models import Job, Judgement, Problem, Submission, TestCase
from sandbox_service.queues.rq import RqQueue
from sandbox_service.settings import Settings

ONE_TEST = (TestCase(stdin="2\n", expected="4\n"),)


def job(*sources: str, problem: Problem | None = None) -> Job:
    """One submission per source, with the ids s0, s1, …"""
    submissions = tuple(Submission(id=f"s{i}", language="scripted", source=source) for i, source in enumerate(sources))
    return Job(problem=problem or Problem(tests=ONE_TEST), submissions=submissions)


@asynccontextmanager
async def api(settings: Settings) -> AsyncIterator[RqQueue]:
    """The queue as one API process holds it."""
    queue = RqQueue(settings)
    await queue.start()
    try:
        yield queue
    finally:
        await queue.close()


async def answers(queue: RqQueue, job_id: str, *, seconds: float = 30) -> list[Judgement]:
    """All judgements of the job, as they came."""
    async with asyncio.timeout(seconds):
        return [judgement async for judgement in queue.watch(job_id)]


async def eventually(true: Callable[[], Awaitable[bool]], *, seconds: float = 20) -> None:
    """Wait until it is true."""
    deadline = time.monotonic() + seconds
    while not await true():
        assert time.monotonic() < deadline, "it did not come true in time"
        await asyncio.sleep(0.01)


def ids(judgements: list[Judgement]) -> list[str]:
    return sorted((judgement.id for judgement in judgements), key=lambda name: int(name[1:]))
