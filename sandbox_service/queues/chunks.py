"""A chunk: some submissions of one job, carried by one RQ job."""

import secrets
from collections.abc import Iterable
from dataclasses import astuple, dataclass

from redis import Redis
from redis.client import Pipeline
from rq import Queue as RqLibraryQueue
from rq.job import Job as RqJob
from rq.serializers import JSONSerializer

from sandbox_service.models import Submission

FUNCTION = "sandbox_service.worker.judge_chunk"  # what RQ's dashboards show; the worker never imports it from a payload

JOB_FIELD, INDICES_FIELD = "sandbox_job", "sandbox_indices"


@dataclass(frozen=True, slots=True)
class Part:
    """A share of one submission's tests; several workers run them at the same time."""

    number: int
    of: int

    def span(self, tests: int) -> slice:
        """Which of so many tests."""
        return slice(tests * self.number // self.of, tests * (self.number + 1) // self.of)


@dataclass(frozen=True, slots=True)
class Chunk:
    """Which submissions of which job, or which part of a single one, and how many workers died over them."""

    job_id: str
    indices: tuple[int, ...]
    deaths: int = 0
    part: Part | None = None

    @classmethod
    def carried_by(cls, rq_job: RqJob) -> "Chunk":
        """What an RQ job carries.

        Raises:
            ValueError: it is not one of ours.
        """
        if rq_job.func_name != FUNCTION:
            raise ValueError(f"an RQ job that is not a chunk: {rq_job.id}")
        job_id, indices, deaths, *part = rq_job.args
        return cls(
            str(job_id), tuple(int(index) for index in indices), int(deaths), Part(*map(int, part)) if part else None
        )


def rq_queue(redis: Redis, name: str) -> RqLibraryQueue:
    """RQ's queue of this name, with JSON for its payloads."""
    return RqLibraryQueue(name, connection=redis, serializer=JSONSerializer)


def enqueue(queue: RqLibraryQueue, chunks: Iterable[Chunk], pipeline: Pipeline, *, at_front: bool = False) -> None:
    """Add the chunks to a transaction; at the front they keep their order."""
    ordered = list(chunks)
    for chunk in reversed(ordered) if at_front else ordered:
        rq_job = queue.create_job(
            FUNCTION,
            args=(chunk.job_id, chunk.indices, chunk.deaths, *(astuple(chunk.part) if chunk.part else ())),
            timeout=-1,  # every execution in a box has limits of its own
            result_ttl=0,
            job_id=secrets.token_hex(16),
            # RQ's own description would print the arguments.
            description=f"{len(chunk.indices)} submissions of job {chunk.job_id}",
        )
        queue.enqueue_job(rq_job, pipeline=pipeline, at_front=at_front)
        # RQ's own payload says the same, in a way that no script in Redis can read.
        indices = ",".join(map(str, chunk.indices))
        pipeline.hset(rq_job.key, mapping={JOB_FIELD: chunk.job_id, INDICES_FIELD: indices})


def key_of(submission: Submission) -> str:
    """Equal for submissions that are the same but for their ids."""
    return submission.model_dump_json(exclude={"id"})
