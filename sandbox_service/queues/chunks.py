"""A chunk: some submissions of one job, carried by one RQ job."""

import secrets
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from redis import Redis
from redis.client import Pipeline
from rq import Queue as RqLibraryQueue
from rq.job import Job as RqJob
from rq.serializers import JSONSerializer

from sandbox_service.models import Submission

FUNCTION = "sandbox_service.worker.judge_chunk"  # what RQ's dashboards show; the worker never imports it from a payload
GUESSED_TEST_SECONDS = 0.02
LEAST_SUBMISSION_SECONDS = 0.001
MAXIMUM_SUBMISSIONS = 256
MAXIMUM_SOURCE_BYTES = 4 * 2**20


@dataclass(frozen=True, slots=True)
class Chunk:
    """Which submissions of which job, and how many workers died over them."""

    job_id: str
    indices: tuple[int, ...]
    deaths: int = 0

    @classmethod
    def carried_by(cls, rq_job: RqJob) -> "Chunk":
        """What an RQ job carries.

        Raises:
            ValueError: it is not one of ours.
        """
        if rq_job.func_name != FUNCTION:
            raise ValueError(f"an RQ job that is not a chunk: {rq_job.id}")
        job_id, indices, deaths = rq_job.args
        return cls(str(job_id), tuple(int(index) for index in indices), int(deaths))


def rq_queue(redis: Redis, name: str) -> RqLibraryQueue:
    """RQ's queue of this name, with JSON for its payloads."""
    return RqLibraryQueue(name, connection=redis, serializer=JSONSerializer)


def enqueue(queue: RqLibraryQueue, chunks: Iterable[Chunk], pipeline: Pipeline, *, at_front: bool = False) -> None:
    """Add the chunks to a transaction; at the front they keep their order."""
    ordered = list(chunks)
    for chunk in reversed(ordered) if at_front else ordered:
        rq_job = queue.create_job(
            FUNCTION,
            args=(chunk.job_id, chunk.indices, chunk.deaths),
            timeout=-1,  # every execution in a box has limits of its own
            result_ttl=0,
            job_id=secrets.token_hex(16),
            # RQ's own description would print the arguments.
            description=f"{len(chunk.indices)} submissions of job {chunk.job_id}",
        )
        queue.enqueue_job(rq_job, pipeline=pipeline, at_front=at_front)


def submission_seconds(submission: Submission, tests: int, test_seconds: Mapping[str, float]) -> float:
    """How long judging one submission may take."""
    return max(test_seconds.get(submission.language, GUESSED_TEST_SECONDS) * tests, LEAST_SUBMISSION_SECONDS)


def cut(
    submissions: Sequence[Submission],
    tests: int,
    test_seconds: Mapping[str, float],
    *,
    workers: int,
    chunk_seconds: float,
) -> Iterator[tuple[int, ...]]:
    """Indices in groups worth about ``chunk_seconds``, and fewer when workers would stand idle.

    Identical submissions stand together, as a worker runs them once.
    """
    first: dict[str, int] = {}
    firsts = [first.setdefault(key_of(submission), index) for index, submission in enumerate(submissions)]
    seconds = [
        submission_seconds(submission, tests, test_seconds) if firsts[index] == index else 0.0
        for index, submission in enumerate(submissions)
    ]
    target = min(chunk_seconds, sum(seconds) / max(workers, 1))
    group: list[int] = []
    group_seconds, group_bytes = 0.0, 0
    for index in sorted(range(len(submissions)), key=lambda index: (firsts[index], index)):
        size = len(submissions[index].source)
        full = len(group) >= MAXIMUM_SUBMISSIONS or group_bytes + size > MAXIMUM_SOURCE_BYTES
        # Half a submission over the target is nearer to it than half a submission under it.
        enough = firsts[index] == index and group_seconds + seconds[index] / 2 > target
        if group and (full or enough):
            yield tuple(group)
            group, group_seconds, group_bytes = [], 0.0, 0
        group.append(index)
        group_seconds += seconds[index]
        group_bytes += size
    if group:
        yield tuple(group)


def key_of(submission: Submission) -> str:
    """Equal for submissions that are the same but for their ids."""
    return submission.model_dump_json(exclude={"id"})
