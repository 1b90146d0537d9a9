"""What every queue does, whatever carries it."""

from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol

from sandbox_service.models import Isolation, Job, Judgement, Outline, TestSet


class JobState(StrEnum):
    QUEUED = "queued"
    RUNNING = "running"
    FINISHED = "finished"
    CANCELLED = "cancelled"


@dataclass(frozen=True, slots=True)
class JobStatus:
    """How far a job is; ``judgements`` are those that are ready, in the order of the submissions.

    A cancelled job's submissions that never ran are ``total - done`` and get no judgement.
    """

    id: str
    state: JobState
    total: int
    done: int
    judgements: Sequence[Judgement]


@dataclass(frozen=True, slots=True)
class WorkerStatus:
    """A worker that was heard from within the last lease."""

    id: str
    languages: Sequence[str]
    isolation: Isolation
    judging: str | None
    lane: str = ""


class Queue(Protocol):
    """Takes jobs and gives their judgements back; all methods are for an asyncio program."""

    async def put_test_set(self, test_set: TestSet) -> str:
        """Keep the tests and answer their digest."""
        ...

    async def outline(self, digest: str) -> Outline:
        """What the tests of a set are, which is kept beside them.

        Raises:
            UnknownTestSet: nothing is kept under the digest.
        """
        ...

    async def submit(self, job: Job, *, idempotency_key: str | None = None, keep_seconds: int | None = None) -> str:
        """Queue the job and answer its id; the same key and body answer the same id again.

        ``keep_seconds`` says how long its judgements stay after the last one, if not as configured.

        Raises:
            UnknownTestSet: the problem names tests that are not kept.
            Conflict: the key came with another body before.
            QueueFull, QueueUnavailable: nothing was queued; try again later.
        """
        ...

    async def status(self, job_id: str) -> JobStatus:
        """Raises UnknownJob when the id is not known."""
        ...

    def watch(self, job_id: str) -> AsyncIterator[Judgement]:
        """Every judgement of the job, each once, as they become ready; ends with the job."""
        ...

    async def cancel(self, job_id: str) -> JobStatus:
        """Drop what has not started; what runs is finished and answered."""
        ...

    async def keep(self, name: str, text: str) -> None:
        """Keep a text beside the jobs, for as long as a job is kept."""
        ...

    async def kept(self, name: str) -> str | None:
        """The text that is kept under the name."""
        ...

    async def workers(self) -> Sequence[WorkerStatus]:
        """The workers that live."""
        ...

    async def queued(self) -> int:
        """How many submissions wait or run."""
        ...

    async def waiting_chunks(self) -> Mapping[str, int]:
        """How many chunks no worker has taken yet, by lane."""
        ...

    async def counters(self) -> Mapping[str, float]:
        """What the workers counted, by metric and labels."""
        ...

    async def close(self) -> None: ...
