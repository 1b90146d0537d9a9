"""The queue on RQ and Redis, as the API holds it."""

import asyncio
import secrets
import time
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from typing import TypeVar

from sandbox_service.errors import ConfigurationError, QueueUnavailable
from sandbox_service.models import Job, Judgement, Outline, TestSet
from sandbox_service.queues import connections
from sandbox_service.queues.answers import AnswerReader
from sandbox_service.queues.contract import JobStatus, WorkerStatus
from sandbox_service.queues.intake import Intake, answering
from sandbox_service.queues.journal import Journal
from sandbox_service.queues.keys import Keys
from sandbox_service.queues.lanes import COMMON, Lane
from sandbox_service.queues.orders import Order
from sandbox_service.queues.rerouting import reroute
from sandbox_service.queues.traces import NoTraces, Traces
from sandbox_service.settings import Settings

T = TypeVar("T")

THREADS = 8
TICK_SECONDS = 1.0
REMEMBERED_SECONDS = 5.0  # with appendfsync everysec, Redis may forget what it took within the last second or two


class RqQueue:
    """A Queue; give it a running loop with ``start`` and take it away with ``close``."""

    def __init__(self, settings: Settings, traces: Traces | None = None) -> None:
        if settings.redis_url is None:
            raise ConfigurationError("no Redis is configured: set SANDBOX_REDIS_URL, or use `sandbox-service serve`")
        url = settings.redis_url.get_secret_value()
        self._settings = settings
        self._traces = traces or NoTraces()
        self._redis = connections.impatient(url)
        self._async_redis = connections.impatient_async(url)
        self._intake = Intake(self._redis, settings)
        self._reader = AnswerReader(self._async_redis, Keys(settings.queue), self._is_remembered)
        self._threads = ThreadPoolExecutor(THREADS, thread_name_prefix="queue")
        self._remembered: dict[str, tuple[float, Callable[[], None]]] = {}
        self._run_id: str | None = None
        self._journals: dict[str, Journal] = {}
        self._janitor: asyncio.Task[None] | None = None

    async def start(self) -> None:
        """Begin to read answers and to hand on what dead workers left."""
        self._reader.start()
        if self._janitor is None:
            self._janitor = asyncio.create_task(self._tick_for_ever(), name="janitor")

    async def close(self) -> None:
        if self._janitor is not None:
            self._janitor.cancel()
            with suppress(asyncio.CancelledError):
                await self._janitor
        await self._reader.close()
        await self._async_redis.aclose()
        self._threads.shutdown(wait=True)
        self._redis.close()

    async def put_test_set(self, test_set: TestSet) -> str:
        return await self._run(lambda: self._intake.put_test_set(test_set))

    async def outline(self, digest: str) -> Outline:
        return await self._run(lambda: self._intake.outline(digest))

    async def submit(self, job: Job, *, idempotency_key: str | None = None, keep_seconds: int | None = None) -> str:
        """Queue the job; ``keep_seconds`` says how long its answers stay after the last one."""
        await self.start()
        kept = self._settings.job_ttl_seconds if keep_seconds is None else keep_seconds
        with self._traces.queueing(job) as trace:
            order = await self._run(lambda: self._submit(job, idempotency_key, kept, trace))
        self._remembered[order.job_id] = (time.monotonic(), lambda: self._intake.write(order))
        return order.job_id

    def _submit(self, job: Job, idempotency_key: str | None, keep_seconds: int, trace: str) -> Order:
        job_id = secrets.token_hex(16)
        if idempotency_key is not None:
            job_id = self._intake.job_id_for(idempotency_key, job, job_id)
        order = Order.of(job, job_id, self._reader.stream, max(keep_seconds, 1), trace)
        self._intake.write(order, maximum_queued=self._settings.maximum_queued_submissions)
        return order

    async def status(self, job_id: str) -> JobStatus:
        return await self._run(lambda: self._intake.status(job_id))

    def watch(self, job_id: str) -> AsyncIterator[Judgement]:
        return self._reader.follow(job_id)

    async def cancel(self, job_id: str) -> JobStatus:
        await self._run(lambda: self._intake.cancel(job_id))
        return await self.status(job_id)

    async def keep(self, name: str, text: str) -> None:
        await self._run(lambda: self._intake.keep(name, text))
        self._remembered[name] = (time.monotonic(), lambda: self._intake.keep(name, text))

    async def kept(self, name: str) -> str | None:
        return await self._run(lambda: self._intake.kept(name))

    async def workers(self) -> Sequence[WorkerStatus]:
        return await self._run(self._intake.workers)

    async def queued(self) -> int:
        return await self._run(self._intake.queued)

    async def waiting_chunks(self) -> Mapping[str, int]:
        return await self._run(self._intake.waiting_chunks)

    async def counters(self) -> Mapping[str, float]:
        """What the workers counted, by metric and labels."""
        return await self._run(self._intake.counters)

    async def _run(self, call: Callable[[], T]) -> T:
        return await asyncio.get_running_loop().run_in_executor(self._threads, call)

    # ------------------------------------------------------------ the janitor

    def _is_remembered(self, job_id: str) -> bool:
        return job_id in self._remembered

    async def _tick_for_ever(self) -> None:
        while True:
            with suppress(QueueUnavailable):
                await self._run(self._tick)
            await asyncio.sleep(TICK_SECONDS)

    def _tick(self) -> None:
        """Hand on what dead workers left, and put back what a restarted Redis forgot."""
        run_id = self._intake.run_id()
        if self._run_id not in (None, run_id):
            for _, write_again in list(self._remembered.values()):
                write_again()
        self._run_id = run_id
        oldest = time.monotonic() - REMEMBERED_SECONDS
        for job_id, (written, _) in list(self._remembered.items()):
            if written < oldest:
                self._remembered.pop(job_id, None)
        lanes = self._intake.look().lanes
        with answering():
            for lane in lanes.names():
                self._journal(lane).reap()
            reroute(self._redis, self._settings.queue, lanes)

    def _journal(self, lane: str = COMMON) -> Journal:
        """The journal of a lane, made once: it registers its scripts."""
        if lane not in self._journals:
            settings = self._settings
            self._journals[lane] = Journal(self._redis, settings.queue, settings.lease_seconds, Lane(lane))
        return self._journals[lane]
