"""The worker's side of the queue in Redis: leases on chunks, and the answers given for them."""

import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

from redis import Redis
from redis.client import Pipeline
from rq.exceptions import NoSuchJobError
from rq.job import Job as RqJob
from rq.serializers import JSONSerializer

from sandbox_service.errors import UnknownTestSet
from sandbox_service.models import Judgement, Submission, TestCase, Verdict
from sandbox_service.queues import chunks, scripts, stored
from sandbox_service.queues.chunks import Chunk, Part
from sandbox_service.queues.contract import WorkerStatus
from sandbox_service.queues.keys import Keys
from sandbox_service.queues.lanes import Lane, queue_name
from sandbox_service.queues.slots import judge_error
from sandbox_service.queues.stored import Stored, StoredJob

DRAIN_BUCKET_SECONDS = 10
MAXIMUM_DEATHS = 3
IDLE_LOOKED_AT = 16  # of the workers that wait
PARTS_KEPT_SECONDS = 86400  # each part that comes renews it

# Counted here, because it is not the worker itself that finds out.
LEASES_LOST = "leases_lost"
WORKERS_DIED = "judge_errors|WorkersDied"


@dataclass(frozen=True, slots=True)
class Taken:
    """A chunk that is leased to the caller; None is what could not be read along with it."""

    rq_job: RqJob
    job: StoredJob | None = None
    submissions: Mapping[int, Submission] | None = None
    first_is_wanted: bool | None = None


@dataclass(frozen=True, slots=True)
class Redone:
    """What became of a chunk whose worker died."""

    chunk: Chunk
    requeued: int
    given_up: int


class Journal:
    """Reads and writes what happens to the chunks of one lane of a queue."""

    def __init__(self, redis: Redis, queue: str, lease_seconds: float, lane: Lane = Lane()) -> None:  # noqa: B008  # frozen
        self.redis = redis
        self.lane = lane
        self.keys = Keys(queue, lane.name)
        self.rq_queue = chunks.rq_queue(redis, queue_name(queue, lane.name))
        self.lease_ms = int(lease_seconds * 1000)
        self._last_job: StoredJob | None = None
        self._turn = redis.register_script(scripts.TURN)
        self._heartbeat = redis.register_script(scripts.HEARTBEAT)
        self._reap = redis.register_script(scripts.REAP)
        self._report = redis.register_script(scripts.REPORT)
        self._idle = redis.register_script(scripts.IDLE)

    # ------------------------------------------------------------ chunks

    def take(self, seconds: int, worker_id: str, worker_key: str, tell: Callable[[Pipeline], None]) -> Taken | None:
        """Wait so long for a chunk, lease it and begin with it, all in one round trip; ``tell`` adds news to it.

        What Redis is sent behind the command that blocks, it carries out as soon as that one is done.
        """
        held = "" if self._last_job is None else self._last_job.id
        keys = [
            self.rq_queue.intermediate_queue_key,
            self.keys.leases,
            self.keys.popped,
            self.keys.idle,
            worker_key,
        ]
        args: list[str | int | bytes] = [self.lease_ms, RqJob.key_for(""), self.keys.job(""), held, worker_id]
        with self.redis.pipeline(transaction=False) as pipeline:
            tell(pipeline)
            pipeline.sadd(self.keys.idle, worker_id)
            pipeline.blmove(self.rq_queue.key, self.rq_queue.intermediate_queue_key, seconds)
            # Not by its digest: a Redis that was started anew would not know it, and the chunk would wait.
            pipeline.eval(scripts.TAKE, len(keys), *keys, *args)
            found = pipeline.execute()[-1]
        return None if found is None else self._taken(*found)

    def _taken(
        self,
        chunk_id: bytes,
        carried: Sequence[bytes],
        read: Sequence[bytes] = (),
        texts: Sequence[bytes] = (),
        first: int = 0,
    ) -> Taken | None:
        rq_job = RqJob(chunk_id.decode(), connection=self.redis, serializer=JSONSerializer)
        fields = dict(zip(carried[::2], carried[1::2], strict=True))
        try:
            rq_job.restore(fields)
        except NoSuchJobError:  # what is left of one that was deleted
            self.finish(rq_job.id)
            return None
        if not read:
            return Taken(rq_job)
        job_id, indices = (stored.text(fields[name.encode()]) for name in (chunks.JOB_FIELD, chunks.INDICES_FIELD))
        if self._last_job is None or self._last_job.id != job_id or not read[1]:
            self._remember(job_id, *read)
        return Taken(rq_job, self._last_job, self._read(map(int, indices.split(",")), texts), first == 1)

    def finish(self, chunk_id: str) -> None:
        """Nothing of the chunk is left to do."""
        with self.redis.pipeline() as pipeline:
            pipeline.multi()
            self._forget(chunk_id, pipeline)
            pipeline.execute()

    def replace(self, chunk_id: str, rest: Iterable[Chunk]) -> None:
        """Queue these in front, and the chunk is no more."""
        with self.redis.pipeline() as pipeline:
            pipeline.multi()
            chunks.enqueue(self.rq_queue, rest, pipeline, at_front=True)
            self._forget(chunk_id, pipeline)
            pipeline.execute()

    def hand_over(self, chunk_id: str, kept: Chunk, others: Iterable[Chunk]) -> bool:
        """Queue the others in front and keep the rest of the chunk; False when it is not the caller's any more."""
        key = RqJob.key_for(chunk_id)

        def cut(pipeline: Pipeline) -> None:
            if pipeline.exists(key):
                pipeline.multi()
                chunks.rewrite(self.rq_queue, chunk_id, kept, pipeline)
                chunks.enqueue(self.rq_queue, others, pipeline, at_front=True)

        return bool(self.redis.transaction(cut, key))

    def _forget(self, chunk_id: str, pipeline: "Redis") -> None:
        pipeline.zrem(self.keys.leases, chunk_id)
        pipeline.lrem(self.rq_queue.intermediate_queue_key, 0, chunk_id)
        pipeline.delete(RqJob.key_for(chunk_id))

    # ------------------------------------------------------------ jobs

    def job(self, job_id: str) -> StoredJob | None:
        """The job, or None when nothing is left to do for it.

        What a problem brings along may be large, and the chunks of a job come one after the other: it is read once.
        """
        if self._last_job is not None and self._last_job.id == job_id:
            return self._last_job if self.redis.hexists(self.keys.job(job_id), "test_set") else None
        self._remember(job_id, *self.redis.hmget(self.keys.job(job_id), "job", "test_set", "trace"))
        return self._last_job

    def _remember(self, job_id: str, job: Stored | None, test_set: Stored | None, trace: Stored | None) -> None:
        self._last_job = stored.read_job(job_id, job, test_set, trace) if job and test_set else None

    def submissions(self, job_id: str, indices: Sequence[int]) -> Mapping[int, Submission]:
        """Those of the submissions that are still kept."""
        found = self.redis.hmget(self.keys.submissions(job_id), [str(index) for index in indices])
        return self._read(indices, found)

    def _read(self, indices: Iterable[int], texts: Iterable[Stored | None]) -> Mapping[int, Submission]:
        return {index: stored.read_submission(text) for index, text in zip(indices, texts, strict=True) if text}

    def tests(self, digest: str) -> tuple[TestCase, ...]:
        """Raises UnknownTestSet when they are not kept any more."""
        text = self.redis.hget(self.keys.test_set(digest), "json")
        if text is None:
            raise UnknownTestSet(f"no test set {digest} is kept")
        return stored.read_tests(text)

    def turn(self, job: StoredJob, answers: Mapping[int, Judgement], next_index: int | None) -> bool:
        """Give the answers and take up the next submission; False means: leave that one out."""
        keys = [
            self.keys.job(job.id),
            self.keys.answers(job.id),
            self.keys.submissions(job.id),
            self.keys.started(job.id),
            self.keys.test_set(job.test_set),
            self.keys.queued,
            self.keys.drained(int(time.time()) // DRAIN_BUCKET_SECONDS),
        ]
        args: list[str | int | bytes] = ["" if next_index is None else next_index]
        for index, judgement in answers.items():
            args += [index, stored.write_judgement(judgement)]
        return bool(self._turn(keys=keys, args=args) == 1)

    # ------------------------------------------------------------ parts of a submission

    def failed_before(self, job: StoredJob, index: int, part: Part) -> bool:
        """Whether an earlier part of the submission has failed."""
        if part.first == 0:
            return False
        given = self.redis.hgetall(self.keys.parts(job.id, index))
        earlier = (text for name, text in given.items() if text and Part.named(name).end <= part.first)
        return any(stored.read_judgement(text).verdict is not Verdict.ACCEPTED for text in earlier)

    def give_part(
        self, job: StoredJob, index: int, part: Part, judgement: Judgement | None, *, tests: int
    ) -> Sequence[Judgement] | None:
        """Store what became of a part of so many tests; None as its judgement when it was not needed.

        Answers the judgements of all parts, in their order, once all are there. Two workers may both be told, and
        both answer: the first answer stays.
        """
        key = self.keys.parts(job.id, index)
        with self.redis.pipeline() as pipeline:
            pipeline.hset(key, part.name, b"" if judgement is None else stored.write_judgement(judgement))
            pipeline.expire(key, PARTS_KEPT_SECONDS)
            pipeline.hgetall(key)
            *_, given = pipeline.execute()
        by_part = {Part.named(name): text for name, text in given.items()}
        whole = chunks.one_after_the_other(by_part, tests)
        return None if whole is None else [stored.read_judgement(text) for part in whole if (text := by_part[part])]

    def forget_parts(self, job: StoredJob, index: int) -> None:
        """The submission has its answer."""
        self.redis.delete(self.keys.parts(job.id, index))

    # ------------------------------------------------------------ workers

    def heartbeat(self, status: WorkerStatus, chunk_id: str | None) -> bool:
        """Tell that the worker lives, and keep its chunk; answers whether it is its turn to reap."""
        keys = [
            self.keys.leases,
            self.keys.workers,
            self.keys.worker_statuses,
            self.keys.lanes,
            self.keys.looked,
        ]
        lane, languages = self.lane.name, " ".join(self.lane.languages)
        status_json = stored.write_status(status)
        args: list[str | int] = [status.id, self.lease_ms, status_json, chunk_id or "", lane, languages]
        return bool(self._heartbeat(keys=keys, args=args))

    def idle_workers(self) -> int:
        """How many workers of the lane wait for something to do, as far as a look at some of them tells."""
        keys = [self.keys.idle, self.keys.workers, self.rq_queue.key]
        return int(self._idle(keys=keys, args=[IDLE_LOOKED_AT]))

    def leave(self, worker_id: str) -> None:
        """The worker goes in peace."""
        self.redis.srem(self.keys.idle, worker_id)
        self.redis.zrem(self.keys.workers, worker_id)
        self.redis.hdel(self.keys.worker_statuses, worker_id)

    def report(self, test_seconds: Mapping[str, float], counts: Mapping[str, float]) -> None:
        """Add what was counted, and learn what tests cost."""
        args: list[str | float] = [len(counts)]
        for pair in (*counts.items(), *test_seconds.items()):
            args += pair
        self._report(keys=[self.keys.counters, self.keys.costs], args=args)

    # ------------------------------------------------------------ the janitor

    def reap(self) -> Sequence[Redone]:
        """Hand on the chunks of dead workers; workers take turns, and every API process does it all the time."""
        queue = self.rq_queue
        keys = [
            self.keys.leases,
            self.keys.popped,
            self.keys.workers,
            self.keys.worker_statuses,
            queue.intermediate_queue_key,
            queue.key,
            self.keys.idle,
        ]
        taken = self._reap(keys=keys, args=[self.lease_ms, RqJob.key_for("")])
        redone = [self._redo(chunk_id.decode()) for chunk_id in taken]
        return [one for one in redone if one is not None]

    def _redo(self, chunk_id: str) -> Redone | None:
        try:
            chunk = Chunk.carried_by(RqJob.fetch(chunk_id, connection=self.redis, serializer=JSONSerializer))
        except NoSuchJobError:
            self.finish(chunk_id)
            return None
        job = self.job(chunk.job_id)
        unanswered = self._unanswered(chunk)
        if job is None or not unanswered:
            self.finish(chunk_id)
            return None
        suspects, innocents = self._suspects(chunk, unanswered)
        deaths = chunk.deaths + 1
        if deaths >= MAXIMUM_DEATHS:
            self._give_up(job, suspects)
            rest = []
        else:
            rest = [Chunk(job.id, suspects, deaths, chunk.part)]
        if innocents:
            rest.append(Chunk(job.id, innocents, part=chunk.part))
        self.replace(chunk_id, rest)
        given_up = len(suspects) if deaths >= MAXIMUM_DEATHS else 0
        self.report({}, {LEASES_LOST: 1, WORKERS_DIED: given_up})
        return Redone(chunk, sum(len(one.indices) for one in rest), given_up)

    def _unanswered(self, chunk: Chunk) -> tuple[int, ...]:
        with self.redis.pipeline(transaction=False) as pipeline:
            for index in chunk.indices:
                pipeline.hexists(self.keys.answers(chunk.job_id), str(index))
            answered = pipeline.execute()
        return tuple(index for index, found in zip(chunk.indices, answered, strict=True) if not found)

    def _suspects(self, chunk: Chunk, unanswered: tuple[int, ...]) -> tuple[tuple[int, ...], tuple[int, ...]]:
        """What was being judged when the worker died, apart from the rest; all, if nothing was yet."""
        started = {int(index) for index in self.redis.smembers(self.keys.started(chunk.job_id))}
        suspects = tuple(index for index in unanswered if index in started) or unanswered
        return suspects, tuple(index for index in unanswered if index not in suspects)

    def _give_up(self, job: StoredJob, indices: tuple[int, ...]) -> None:
        tests = int(self.redis.hget(self.keys.job(job.id), "tests") or 0)
        reason = f"{MAXIMUM_DEATHS} workers died while they judged this submission"
        submissions = self.submissions(job.id, indices)
        answers = {index: judge_error(submission, tests, reason) for index, submission in submissions.items()}
        self.turn(job, answers, None)
