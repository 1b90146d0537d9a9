"""The API over a queue that lives in this process."""

import asyncio
from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from typing import Any

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient

from sandbox_service.api import create_app
from sandbox_service.errors import Conflict, QueueFull, QueueUnavailable, UnknownJob, UnknownTestSet
from sandbox_service.models import Isolation, Job, Judgement, Outline, TestSet, Tier, Verdict
from sandbox_service.queues.contract import JobState, JobStatus, WorkerStatus
from sandbox_service.runners import read_runners
from sandbox_service.settings import Settings

KEPT = "sha256:" + "0" * 64

THREE = TestSet.model_validate({"tests": [{"stdin": "1\n"}, {"stdin": "2\n"}, {"stdin": "3\n"}]})


def accepts(submission_id: str) -> Judgement:
    return Judgement(
        id=submission_id,
        verdict=Verdict.ACCEPTED,
        reward=None,
        score=1.0,
        passed=1,
        total=1,
        compilation=None,
        results=(),
        isolation=Tier.NAMESPACES,
    )


def living(worker: str = "w0", languages: Sequence[str] = ("c", "cpp", "python")) -> WorkerStatus:
    return WorkerStatus(worker, languages, Isolation(tier=Tier.NAMESPACES, layers={"network": "namespace"}), None)


class FakeQueue:
    """Accepts everything, last submission first; ``holds`` keeps it from answering, ``broken`` is what it raises."""

    def __init__(self) -> None:
        self.jobs: dict[str, Job] = {}
        self.keys: dict[str, tuple[str, Job]] = {}
        self.texts: dict[str, str] = {}
        self.cancelled: set[str] = set()
        self.alive: list[WorkerStatus] = [living()]
        self.broken: QueueUnavailable | None = None
        self.room = 1000
        self.holds = False
        self.keep_seconds: int | None = None
        self.test_sets = {KEPT: THREE}

    async def put_test_set(self, test_set: TestSet) -> str:
        self._works()
        digest = test_set.digest()
        self.test_sets[digest] = test_set
        return digest

    async def outline(self, digest: str) -> Outline:
        self._works()
        if digest not in self.test_sets:
            raise UnknownTestSet(f"no test set {digest} is kept")
        return Outline.of(self.test_sets[digest].tests)

    async def submit(self, job: Job, *, idempotency_key: str | None = None, keep_seconds: int | None = None) -> str:
        self._works()
        if idempotency_key in self.keys:
            job_id, known = self.keys[idempotency_key]
            if known != job:
                raise Conflict("the idempotency key was used before with another body", field="Idempotency-Key")
            return job_id
        if len(self.jobs) >= self.room:
            raise QueueFull("full", retry_after_seconds=3.2)
        job_id = f"job-{len(self.jobs)}"
        self.keep_seconds = keep_seconds
        self.jobs[job_id] = job
        if idempotency_key is not None:
            self.keys[idempotency_key] = (job_id, job)
        return job_id

    async def status(self, job_id: str) -> JobStatus:
        self._works()
        job = self._job(job_id)
        if job_id in self.cancelled:
            return JobStatus(job_id, JobState.CANCELLED, len(job.submissions), 0, ())
        if self.holds:
            return JobStatus(job_id, JobState.RUNNING, len(job.submissions), 0, ())
        ready = tuple(accepts(submission.id) for submission in job.submissions)
        return JobStatus(job_id, JobState.FINISHED, len(ready), len(ready), ready)

    async def watch(self, job_id: str) -> AsyncIterator[Judgement]:
        for submission in reversed(self._job(job_id).submissions):
            while self.holds and job_id not in self.cancelled:
                await asyncio.sleep(0.005)
            if job_id in self.cancelled:
                return
            yield accepts(submission.id)

    async def cancel(self, job_id: str) -> JobStatus:
        self._job(job_id)
        self.cancelled.add(job_id)
        return await self.status(job_id)

    async def keep(self, name: str, text: str) -> None:
        self._works()
        self.texts[name] = text

    async def kept(self, name: str) -> str | None:
        self._works()
        return self.texts.get(name)

    async def workers(self) -> Sequence[WorkerStatus]:
        self._works()
        return self.alive

    async def queued(self) -> int:
        self._works()
        return len(self.jobs)

    async def waiting_chunks(self) -> Mapping[str, int]:
        self._works()
        return {"": len(self.jobs)}

    async def counters(self) -> Mapping[str, float]:
        self._works()
        return {"submissions|python|accepted": 3.0}

    async def close(self) -> None:
        pass

    def _works(self) -> None:
        if self.broken is not None:
            raise self.broken

    def _job(self, job_id: str) -> Job:
        if job_id not in self.jobs:
            raise UnknownJob(f"no job {job_id} is known")
        return self.jobs[job_id]


@pytest.fixture
def settings() -> Settings:
    return Settings(
        maximum_request_bytes=100_000,
        maximum_tests=5,
        maximum_submissions=4,
        maximum_source_bytes=1000,
        maximum_cpu_seconds=10,
        maximum_memory_bytes=2**30,
    )


@pytest.fixture
def queue() -> FakeQueue:
    return FakeQueue()


@pytest.fixture
def app(settings: Settings, queue: FakeQueue) -> FastAPI:
    return create_app(settings, queue, read_runners(settings))


@pytest.fixture
def client(app: FastAPI) -> Iterator[TestClient]:
    with TestClient(app, raise_server_exceptions=False) as client:
        yield client


@pytest.fixture
def job() -> dict[str, Any]:
    return {
        "problem": {"tests": [{"stdin": "2\n", "expected": "4\n"}]},
        "submissions": [
            {"id": "r0", "language": "python", "source": "print(4)"},
            {"id": "r1", "language": "cpp", "source": "int main() {}"},
        ],
    }
