"""A chunk: some submissions of one job, carried by one RQ job."""

import itertools
import secrets
from collections.abc import Iterable, Sequence
from dataclasses import astuple, dataclass

from redis import Redis
from redis.client import Pipeline
from rq import Queue as RqLibraryQueue
from rq.job import Job as RqJob
from rq.serializers import JSONSerializer

from sandbox_service.models import Submission
from sandbox_service.queues.stored import Fields

FUNCTION = "sandbox_service.worker.judge_chunk"  # what RQ's dashboards show; the worker never imports it from a payload

JOB_FIELD, INDICES_FIELD = "sandbox_job", "sandbox_indices"


@dataclass(frozen=True, slots=True)
class Part:
    """One submission's tests from ``first`` to before ``end``; other workers run the others at the same time."""

    first: int
    end: int

    @property
    def name(self) -> str:
        return f"{self.first}-{self.end}"

    @classmethod
    def named(cls, name: str | bytes) -> "Part":
        first, end = map(int, (name.decode() if isinstance(name, bytes) else name).split("-"))
        return cls(first, end)

    def cut(self, number: int) -> Sequence["Part"]:
        """In so many parts of nearly the same length, or as many as there are tests."""
        length = self.end - self.first
        number = max(min(number, length), 1)
        cuts = [self.first + length * cut // number for cut in range(number + 1)]
        return [Part(first, end) for first, end in itertools.pairwise(cuts)]


def one_after_the_other(parts: Iterable[Part], tests: int) -> Sequence[Part] | None:
    """Those of the parts that are all of so many tests, each once; None while some are missing.

    When a chunk was judged by two workers, as after a lease was lost, they may have cut it in different places.
    """
    ways: dict[int, Sequence[Part]] = {0: ()}
    for part in sorted(parts, key=lambda part: (part.first, part.end)):
        if part.first in ways:
            ways[part.end] = (*ways[part.first], part)
    return ways.get(tests)


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
        rq_job = _carrying(queue, chunk, secrets.token_hex(16))
        queue.enqueue_job(rq_job, pipeline=pipeline, at_front=at_front)
        pipeline.hset(rq_job.key, mapping=_readable(chunk))


def rewrite(queue: RqLibraryQueue, chunk_id: str, chunk: Chunk, pipeline: Pipeline) -> None:
    """Have the RQ job carry another chunk."""
    rq_job = _carrying(queue, chunk, chunk_id)
    pipeline.hset(rq_job.key, mapping={"data": rq_job.to_dict()["data"], **_readable(chunk)})


def _carrying(queue: RqLibraryQueue, chunk: Chunk, chunk_id: str) -> RqJob:
    return queue.create_job(
        FUNCTION,
        args=(chunk.job_id, chunk.indices, chunk.deaths, *(astuple(chunk.part) if chunk.part else ())),
        timeout=-1,  # every execution in a box has limits of its own
        result_ttl=0,
        job_id=chunk_id,
        # RQ's own description would print the arguments.
        description=f"{len(chunk.indices)} submissions of job {chunk.job_id}",
    )


def _readable(chunk: Chunk) -> Fields:
    """What RQ's own payload says too, in a way that no script in Redis can read."""
    return {JOB_FIELD: chunk.job_id, INDICES_FIELD: ",".join(map(str, chunk.indices))}


def key_of(submission: Submission) -> str:
    """Equal for submissions that are the same but for their ids."""
    return submission.model_dump_json(exclude={"id"})
