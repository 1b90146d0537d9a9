"""The queue within one process, without Redis: threads with a slot each; what it holds dies with it."""

import asyncio
import secrets
import threading
import time
from collections import deque
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from concurrent.futures import Future
from dataclasses import dataclass, field

from sandbox_service.errors import Conflict, QueueFull, SandboxServiceError, Stopped, UnknownJob, UnknownTestSet
from sandbox_service.models import Job, Judgement, Outline, TestCase, TestSet
from sandbox_service.queues.contract import JobState, JobStatus, WorkerStatus
from sandbox_service.queues.lanes import COMMON
from sandbox_service.queues.slots import Slot
from sandbox_service.settings import Settings

RETRY_AFTER_SECONDS = 1.0


@dataclass(eq=False)
class HeldJob:
    """A job and what is known of it; to be touched with the queue's lock held."""

    id: str
    job: Job
    tests: Sequence[TestCase]
    keep_seconds: float
    answers: dict[int, Judgement] = field(default_factory=dict)
    running: int = 0
    cancelled: bool = False
    finished_at: float | None = None

    @property
    def state(self) -> JobState:
        if self.cancelled:
            return JobState.CANCELLED
        if self.finished_at is not None:
            return JobState.FINISHED
        return JobState.RUNNING if self.running or self.answers else JobState.QUEUED


class InlineQueue:
    """A Queue for one event loop; ``open_slot`` is called once in each thread that judges."""

    def __init__(self, settings: Settings, open_slot: Callable[[], Slot]) -> None:
        self._settings = settings
        self._open_slot = open_slot
        self._changed = threading.Condition()
        self._news = asyncio.Condition()
        self._waiting: deque[tuple[HeldJob, int]] = deque()
        self._jobs: dict[str, HeldJob] = {}
        self._keys: dict[str, tuple[str, Job]] = {}
        self._test_sets: dict[str, TestSet] = {}
        self._texts: dict[str, tuple[float, str]] = {}
        self._statuses: dict[str, WorkerStatus] = {}
        self._threads: list[threading.Thread] = []
        self._loop: asyncio.AbstractEventLoop | None = None
        self._closing = False

    async def start(self) -> None:
        """Open the slots; needs the loop that the queue is for.

        Raises:
            ConfigurationError: a slot cannot be opened.
        """
        if self._threads:
            return
        self._loop = asyncio.get_running_loop()
        opened = [Future[None]() for _ in range(self._settings.workers)]
        self._threads = [
            threading.Thread(target=self._judge_for_ever, args=[f"inline-{number}", future])
            for number, future in enumerate(opened)
        ]
        for thread in self._threads:
            thread.start()
        await asyncio.gather(*map(asyncio.wrap_future, opened))

    async def close(self) -> None:
        with self._changed:
            self._closing = True
            self._changed.notify_all()
        for thread in self._threads:
            await asyncio.to_thread(thread.join)

    # ------------------------------------------------------------ the contract

    async def put_test_set(self, test_set: TestSet) -> str:
        digest = test_set.digest()
        self._test_sets[digest] = test_set
        return digest

    async def outline(self, digest: str) -> Outline:
        return Outline.of(self._tests(digest))

    def _tests(self, digest: str) -> Sequence[TestCase]:
        if digest not in self._test_sets:
            raise UnknownTestSet(f"no test set {digest} is kept; upload it first", field="problem.test_set")
        return self._test_sets[digest].tests

    async def submit(self, job: Job, *, idempotency_key: str | None = None, keep_seconds: int | None = None) -> str:
        await self.start()
        tests = job.problem.tests or self._tests(job.problem.test_set or "")
        kept = self._settings.job_ttl_seconds if keep_seconds is None else keep_seconds
        with self._changed:
            self._forget_old_jobs()
            if idempotency_key in self._keys:
                job_id, before = self._keys[idempotency_key]
                if before != job:
                    raise Conflict("this idempotency key came with another request before")
                return job_id
            queued = self._queued()
            if queued and queued + len(job.submissions) > self._settings.maximum_queued_submissions:
                message = f"{queued} submissions are queued; try again later"
                raise QueueFull(message, retry_after_seconds=RETRY_AFTER_SECONDS)
            held = HeldJob(secrets.token_hex(16), job, tests, kept)
            self._jobs[held.id] = held
            if idempotency_key is not None:
                self._keys[idempotency_key] = (held.id, job)
            self._waiting.extend((held, index) for index in range(len(job.submissions)))
            self._changed.notify_all()
        return held.id

    async def status(self, job_id: str) -> JobStatus:
        held = self._held(job_id)
        with self._changed:
            judgements = tuple(held.answers[index] for index in sorted(held.answers))
            return JobStatus(job_id, held.state, len(held.job.submissions), len(judgements), judgements)

    async def watch(self, job_id: str) -> AsyncIterator[Judgement]:
        held = self._held(job_id)
        seen: set[int] = set()
        while True:
            async with self._news:
                await self._news.wait_for(lambda: len(held.answers) > len(seen) or held.finished_at is not None)
            with self._changed:
                new = {index: answer for index, answer in held.answers.items() if index not in seen}
                finished = held.finished_at is not None
            seen.update(new)
            for judgement in new.values():
                yield judgement
            if finished:
                return

    async def cancel(self, job_id: str) -> JobStatus:
        held = self._held(job_id)
        with self._changed:
            if held.finished_at is None:
                held.cancelled = True
                self._waiting = deque(entry for entry in self._waiting if entry[0] is not held)
                self._finish_if_done(held)
        await self._tell()
        return await self.status(job_id)

    async def keep(self, name: str, text: str) -> None:
        oldest = time.monotonic() - self._settings.job_ttl_seconds
        self._texts = {known: held for known, held in self._texts.items() if held[0] > oldest}
        self._texts[name] = (time.monotonic(), text)

    async def kept(self, name: str) -> str | None:
        return self._texts[name][1] if name in self._texts else None

    async def workers(self) -> Sequence[WorkerStatus]:
        return tuple(self._statuses.values())

    async def queued(self) -> int:
        with self._changed:
            return self._queued()

    async def waiting_chunks(self) -> Mapping[str, int]:
        """A chunk is one submission here."""
        with self._changed:
            return {COMMON: len(self._waiting)}

    async def counters(self) -> Mapping[str, float]:
        """Nothing is counted without workers of their own."""
        return {}

    # ------------------------------------------------------------ behind it

    def _held(self, job_id: str) -> HeldJob:
        held = self._jobs.get(job_id)
        if held is None:
            raise UnknownJob(f"no job {job_id!r}")
        return held

    def _queued(self) -> int:
        return len(self._waiting) + sum(held.running for held in self._jobs.values())

    def _forget_old_jobs(self) -> None:
        now = time.monotonic()
        old = {h.id for h in self._jobs.values() if h.finished_at is not None and h.finished_at + h.keep_seconds < now}
        for job_id in old:
            del self._jobs[job_id]
        self._keys = {key: value for key, value in self._keys.items() if value[0] not in old}

    def _judge_for_ever(self, name: str, opened: "Future[None]") -> None:
        try:
            slot = self._open_slot()
        except SandboxServiceError as error:
            opened.set_exception(error)
            return
        self._statuses[name] = WorkerStatus(name, tuple(slot.languages), slot.isolation, None)
        opened.set_result(None)
        try:
            while True:
                self._statuses[name] = WorkerStatus(name, tuple(slot.languages), slot.isolation, None)
                with self._changed:
                    self._changed.wait_for(lambda: self._waiting or self._closing)
                    if self._closing:
                        return
                    held, index = self._waiting.popleft()
                    held.running += 1
                self._statuses[name] = WorkerStatus(name, tuple(slot.languages), slot.isolation, held.id)
                self._answer(slot, held, index)
        finally:
            self._statuses.pop(name, None)
            slot.close()

    def _answer(self, slot: Slot, held: HeldJob, index: int) -> None:
        try:
            judgement = slot.judge(held.job.submissions[index], held.job, held.tests, job_id=held.id)
        except Stopped:
            with self._changed:
                held.running -= 1
                self._waiting.appendleft((held, index))
            return
        with self._changed:
            held.running -= 1
            held.answers[index] = judgement
            self._finish_if_done(held)
        assert self._loop is not None
        asyncio.run_coroutine_threadsafe(self._tell(), self._loop)

    def _finish_if_done(self, held: HeldJob) -> None:
        if not held.running and (held.cancelled or len(held.answers) == len(held.job.submissions)):
            held.finished_at = time.monotonic()

    async def _tell(self) -> None:
        async with self._news:
            self._news.notify_all()
