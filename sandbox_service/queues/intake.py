"""How jobs and test sets get into Redis, and what is read back of them."""

import hashlib
import json
import math
import time
from collections import OrderedDict
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from itertools import chain
from typing import Any

from redis import Redis
from redis.exceptions import RedisError

from sandbox_service import chosen_tests
from sandbox_service.errors import Conflict, QueueFull, QueueUnavailable, UnknownJob, UnknownTestSet
from sandbox_service.models import Job, Outline, Submission, TestSet
from sandbox_service.queues import chunks, cutting, scripts, stored
from sandbox_service.queues.chunks import Chunk
from sandbox_service.queues.contract import JobState, JobStatus, WorkerStatus
from sandbox_service.queues.journal import DRAIN_BUCKET_SECONDS
from sandbox_service.queues.keys import Keys
from sandbox_service.queues.lanes import COMMON, Lanes, queue_name
from sandbox_service.queues.orders import Order, commands
from sandbox_service.settings import Settings

INLINE_TESTS_KEPT_SECONDS = 600  # after the last job that uses them: enough for the next of a trainer's step
TEST_SET_HELD_SECONDS = 3600  # longer than any submit takes between looking a test set up and using it
SURVEY_SECONDS = 3.0  # the janitor takes a new one every second; good enough for what is not cut
FRESH_SECONDS = 0.1
DRAIN_BUCKETS = 3
OUTLINES_KEPT = 10_000  # of test sets, by digest
RETRY_SECONDS = (1.0, 60.0)


@contextmanager
def answering() -> Iterator[None]:
    """Turns what Redis fails with into what callers are told."""
    try:
        yield
    except RedisError as error:
        raise QueueUnavailable(f"the queue does not answer ({type(error).__name__})") from error


@dataclass(frozen=True, slots=True)
class Survey:
    """What cutting needs to know: the lanes with their workers, and what a test costs."""

    lanes: Lanes
    test_seconds: dict[str, float]


class Intake:
    """Blocking calls; the asyncio side runs them in threads."""

    def __init__(self, redis: Redis, settings: Settings) -> None:
        self._redis = redis
        self._settings = settings
        self._keys = Keys(settings.queue)
        self._cancel = redis.register_script(scripts.CANCEL)
        self._workers = redis.register_script(scripts.WORKERS)
        self._take_in_script = redis.register_script(scripts.TAKE_IN)
        self._survey: tuple[float, Survey] | None = None
        self._outlines: OrderedDict[str, Outline] = OrderedDict()

    # ------------------------------------------------------------ test sets

    def put_test_set(self, test_set: TestSet) -> str:
        """Keep the tests; their time runs anew."""
        digest, keep_seconds = test_set.digest(), self._settings.test_set_ttl_seconds
        key = self._keys.test_set(digest)
        with answering(), self._redis.pipeline() as pipeline:
            fields = stored.test_set_fields(test_set.canonical(), Outline.of(test_set.tests), keep_seconds)
            pipeline.hset(key, mapping=fields)
            pipeline.expire(key, keep_seconds)
            pipeline.execute()
        return digest

    def outline(self, digest: str) -> Outline:
        """Raises UnknownTestSet."""
        with answering():
            outline = self._held_tests(digest)
        if outline is None:
            raise _unknown(digest)
        return outline

    def _held_tests(self, digest: str) -> Outline | None:
        """What tests are kept, for long enough to use them now."""
        key = self._keys.test_set(digest)
        with self._redis.pipeline(transaction=False) as pipeline:
            pipeline.hget(key, "outline")
            pipeline.expire(key, TEST_SET_HELD_SECONDS, gt=True)
            outline, _ = pipeline.execute()
        return self._remember(digest, stored.read_outline(outline))

    def _remember(self, digest: str, outline: Outline | None) -> Outline | None:
        if outline is not None:
            self._outlines[digest] = outline
        while len(self._outlines) > OUTLINES_KEPT:
            self._outlines.popitem(last=False)
        return outline

    # ------------------------------------------------------------ jobs

    def job_id_for(self, idempotency_key: str, job: Job, new_job_id: str) -> str:
        """The id that goes with the key: the new one, or the one given out before.

        Raises:
            Conflict: the key came with another job before.
        """
        key = self._keys.idempotency(hashlib.sha256(idempotency_key.encode()).hexdigest())
        body = hashlib.sha256(job.model_dump_json().encode()).hexdigest()
        value = json.dumps({"job": new_job_id, "body": body})
        with answering():
            if self._redis.set(key, value, nx=True, ex=self._settings.job_ttl_seconds):
                return new_job_id
            before = json.loads(self._redis.get(key) or value)
        if before["body"] != body:
            raise Conflict("this idempotency key came with another request before")
        return str(before["job"])

    def write(self, order: Order, *, maximum_queued: float = math.inf) -> None:
        """Put the job and its chunks into Redis at once, unless it is there already.

        Raises:
            UnknownTestSet: the problem names tests that are not kept.
            QueueFull: with it there would be more than the maximum; an empty queue takes any job.
        """
        with answering():
            became, *numbers = self._take_in(order, maximum_queued, order.along)
            if became == b"no tests" and order.tests is not None:
                became, *numbers = self._take_in(order, maximum_queued, order.tests.canonical())
        if became == b"no tests":
            raise _unknown(order.digest)
        if became == b"full":
            raise self._full(*numbers, excess=numbers[0] + len(order.job.submissions) - maximum_queued)

    def _full(self, queued: int, drained: int, *, excess: float) -> QueueFull:
        rate = drained / (DRAIN_BUCKETS * DRAIN_BUCKET_SECONDS)
        least, most = RETRY_SECONDS
        seconds = min(max(excess / rate, least), most) if rate else most
        return QueueFull(f"{queued} submissions are queued; try again later", retry_after_seconds=seconds)

    def _take_in(self, order: Order, maximum_queued: float, test_set: bytes | None) -> Any:
        bucket = int(time.time()) // DRAIN_BUCKET_SECONDS
        keys = [
            self._keys.job(order.job_id),
            self._keys.test_set(order.digest),
            self._keys.queued,
            *(self._keys.drained(bucket - age) for age in range(DRAIN_BUCKETS)),
        ]
        tests = self._number_of_tests(order)
        kept: stored.Fields = {}
        if test_set is not None and order.tests is not None:
            kept = stored.test_set_fields(test_set, Outline.of(order.tests.tests), INLINE_TESTS_KEPT_SECONDS)
        args: list[Any] = [len(order.job.submissions), maximum_queued, 2 * len(kept), *chain(*kept.items())]
        for words in commands(order, tests, self._pieces(order, tests), self._redis, self._settings.queue):
            args += (len(words), *words)
        return self._take_in_script(keys=keys, args=args)

    def _number_of_tests(self, order: Order) -> int:
        """Tests of a digest never change; whether they are kept is looked at when the job is taken in."""
        if order.tests is not None:
            return len(order.tests.tests)
        outline = self._outlines.get(order.digest) or self._held_tests(order.digest)
        if outline is None:
            raise _unknown(order.digest)
        return outline.tests

    def _pieces(self, order: Order, tests: int) -> Mapping[str, Sequence[Chunk]]:
        """The job's chunks, by their lanes."""
        submissions, chosen = order.job.submissions, chosen_tests.count(order.job.tests, tests)
        survey = self._survey_for(submissions, chosen)
        by_lane: dict[str, list[int]] = {}
        for index, submission in enumerate(submissions):
            by_lane.setdefault(survey.lanes.lane_for(submission.language), []).append(index)
        pieces: dict[str, Sequence[Chunk]] = {}
        for lane, indices in by_lane.items():
            its_own = [submissions[index] for index in indices]
            # Chunks that wait already keep as many workers busy: only for the others it pays to cut finer.
            busy = 0 if cutting.is_one(its_own, chosen, survey.test_seconds) else self._waiting_chunks(lane)
            cut = cutting.cut(
                order.job_id,
                its_own,
                chosen,
                survey.test_seconds,
                workers=survey.lanes.living.get(lane, 0) - busy,
                chunk_seconds=self._settings.chunk_seconds,
            )
            pieces[lane] = [
                replace(chunk, indices=tuple(indices[position] for position in chunk.indices)) for chunk in cut
            ]
        return pieces

    def _waiting_chunks(self, lane: str) -> int:
        return self._redis.llen(chunks.rq_queue(self._redis, queue_name(self._settings.queue, lane)).key)

    def _survey_for(self, submissions: Sequence[Submission], tests: int) -> Survey:
        """What is known already, if it tells where the submissions go and there is nothing to cut."""
        survey = self.survey(SURVEY_SECONDS)
        known = survey.lanes.has(submissions[0].language)
        return survey if known and cutting.is_one(submissions, tests, survey.test_seconds) else self.survey()

    def survey(self, age_seconds: float = FRESH_SECONDS) -> Survey:
        """How things stand, or stood so long ago."""
        if self._survey is None or self._survey[0] < time.monotonic() - age_seconds:
            return self.look()
        return self._survey[1]

    def look(self) -> Survey:
        """How things stand."""
        with answering():
            costs = self._redis.hgetall(self._keys.costs)
        test_seconds = {stored.text(language): float(seconds) for language, seconds in costs.items()}
        survey = Survey(self.lanes(), test_seconds)
        self._survey = (time.monotonic(), survey)
        return survey

    def lanes(self) -> Lanes:
        """Every lane that a worker ever stood in."""
        with answering():
            found = self._redis.hgetall(self._keys.lanes)
        languages = {stored.text(lane): frozenset(stored.text(names).split()) for lane, names in found.items()}
        return Lanes.of(languages, self.workers())

    def status(self, job_id: str) -> JobStatus:
        """Raises UnknownJob."""
        with answering(), self._redis.pipeline() as pipeline:
            pipeline.hmget(self._keys.job(job_id), "state", "total", "done")
            pipeline.hgetall(self._keys.answers(job_id))
            (state, total, done), answers = pipeline.execute()
        if state is None:
            raise UnknownJob(f"no job {job_id!r}")
        ready = sorted((int(index), text) for index, text in answers.items())
        judgements = tuple(stored.read_judgement(text) for _, text in ready)
        return JobStatus(job_id, JobState(state.decode()), int(total), int(done), judgements)

    def cancel(self, job_id: str) -> None:
        """Drop what no worker took up. Raises UnknownJob."""
        with answering():
            test_set = self._redis.hget(self._keys.job(job_id), "test_set")
            keys = [
                self._keys.job(job_id),
                self._keys.answers(job_id),
                self._keys.submissions(job_id),
                self._keys.started(job_id),
                self._keys.test_set(stored.text(test_set)),
                self._keys.queued,
            ]
            if test_set is None or int(self._cancel(keys=keys, args=[])) < 0:
                raise UnknownJob(f"no job {job_id!r}")

    def keep(self, name: str, text: str) -> None:
        """Keep a text beside the jobs."""
        with answering():
            self._redis.set(self._keys.text(name), text, ex=self._settings.job_ttl_seconds)

    def kept(self, name: str) -> str | None:
        """The text that is kept under the name."""
        with answering():
            found = self._redis.get(self._keys.text(name))
        return None if found is None else stored.text(found)

    # ------------------------------------------------------------ what there is

    def workers(self) -> Sequence[WorkerStatus]:
        with answering():
            found = self._workers(keys=[self._keys.workers, self._keys.worker_statuses], args=[])
        return tuple(stored.read_status(text) for text in found if text)

    def queued(self) -> int:
        with answering():
            return int(self._redis.get(self._keys.queued) or 0)

    def waiting_chunks(self) -> dict[str, int]:
        """By lane, every one that a worker ever stood in."""
        with answering():
            lanes = sorted({COMMON, *map(stored.text, self._redis.hkeys(self._keys.lanes))})
            return {lane: self._waiting_chunks(lane) for lane in lanes}

    def counters(self) -> dict[str, float]:
        """What the workers counted."""
        with answering():
            found = self._redis.hgetall(self._keys.counters)
        return {stored.text(name): float(count) for name, count in found.items()}

    def run_id(self) -> str:
        """Names this life of the Redis server."""
        with answering():
            return str(self._redis.info("server")["run_id"])


def _unknown(digest: str) -> UnknownTestSet:
    return UnknownTestSet(f"no test set {digest} is kept; upload it again", field="problem.test_set")
