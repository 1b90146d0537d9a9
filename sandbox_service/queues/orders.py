"""A job as it is written to Redis."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from redis import Redis

from sandbox_service.models import Job, TestSet
from sandbox_service.queues import chunks, stored
from sandbox_service.queues.chunks import Chunk
from sandbox_service.queues.keys import Keys
from sandbox_service.queues.lanes import queue_name

ALONG_BYTES = 64 * 2**10  # a larger test set is not sent before Redis is known not to keep it
FIELDS_AT_ONCE = 1000  # Lua takes some thousand arguments


@dataclass(frozen=True, slots=True)
class Order:
    """A job made ready to be written; to write it twice does no harm.

    ``along`` is the text of tests that are sent without asking whether they are kept.
    """

    job_id: str
    job: Job
    digest: str
    tests: TestSet | None
    along: bytes | None
    reply: str
    keep_seconds: int
    trace: str = ""

    @classmethod
    def of(cls, job: Job, job_id: str, reply: str, keep_seconds: int, trace: str = "") -> "Order":
        if job.problem.tests is None:
            return cls(job_id, job, job.problem.test_set or "", None, None, reply, keep_seconds, trace)
        tests = TestSet.model_construct(tests=job.problem.tests)
        canonical = tests.canonical()
        digest = TestSet.digest_of(canonical)
        along = canonical if len(canonical) <= ALONG_BYTES else None
        return cls(job_id, job, digest, tests, along, reply, keep_seconds, trace)


def commands(
    order: Order, tests: int, pieces: Mapping[str, Sequence[Chunk]], redis: Redis, queue: str
) -> Iterator[tuple[Any, ...]]:
    """What writes the job and its chunks, by their lanes, as the words of Redis' commands."""
    keys = Keys(queue)
    submissions = order.job.submissions
    with redis.pipeline() as written:  # never carried out itself
        written.multi()  # as RQ wants it
        fields = stored.job_fields(
            order.job_id, order.job, order.digest, tests, order.reply, order.keep_seconds, order.trace
        )
        written.hset(keys.job(order.job_id), mapping=fields)
        for first in range(0, len(submissions), FIELDS_AT_ONCE):
            some = enumerate(submissions[first : first + FIELDS_AT_ONCE], first)
            texts: stored.Fields = {str(index): stored.write_submission(submission) for index, submission in some}
            written.hset(keys.submissions(order.job_id), mapping=texts)
        for lane, its_chunks in pieces.items():
            chunks.enqueue(chunks.rq_queue(redis, queue_name(queue, lane)), its_chunks, written)
        yield from (words for words, _ in written.command_stack)
