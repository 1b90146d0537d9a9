"""RQ's worker loop around a slot: takes chunks, gives answers, hands back what it cannot finish."""

import math
import os
import signal
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from types import FrameType

from redis import Redis
from redis.client import Pipeline
from redis.exceptions import ConnectionError as RedisConnectionError
from redis.exceptions import RedisError
from redis.exceptions import TimeoutError as RedisTimeoutError
from rq import Queue as RqLibraryQueue
from rq import SimpleWorker, worker_registration
from rq.exceptions import StopRequested
from rq.job import Job as RqJob
from rq.serializers import JSONSerializer
from rq.utils import now
from rq.worker import WorkerStatus as RqWorkerStatus

from sandbox_service.queues.chunk_judge import Abandon, ChunkJudge
from sandbox_service.queues.chunks import Chunk
from sandbox_service.queues.contract import WorkerStatus
from sandbox_service.queues.journal import Journal, Redone, Taken
from sandbox_service.queues.slots import SharingSlot
from sandbox_service.queues.traces import NoTraces, Traces

DEQUEUE_SECONDS = 5
IDLE_SECONDS = 60.0
AWAY_SECONDS = 1.0  # between two tries to reach Redis, each of which is patient itself
STOP_SECONDS = 10.0
LEAVE_SECONDS = 3.0  # to hand back what is left


class Pulse(threading.Thread):
    """Says several times a lease that the worker lives, and hands on what dead workers left."""

    def __init__(self, journal: Journal, status: Callable[[], WorkerStatus], redone: Callable[[Redone], None]) -> None:
        super().__init__(name="pulse", daemon=True)
        self.chunk_id: str | None = None
        self._journal = journal
        self._status = status
        self._redone = redone
        self._stopped = threading.Event()

    def run(self) -> None:
        while not self._stopped.wait(self._journal.lease_ms / 3000):
            try:
                if self.beat():
                    for redone in self._journal.reap():
                        self._redone(redone)
            except RedisError:
                continue  # Redis is away; the lease lasts or another worker takes over

    def beat(self) -> bool:
        return self._journal.heartbeat(self._status(), self.chunk_id)

    def stop(self) -> None:
        """The worker goes in peace."""
        self._stopped.set()
        self.join(timeout=2)
        with suppress(RedisError):
            self._journal.leave(self._status().id)


class ChunkWorker(SimpleWorker):
    """An RQ worker that judges chunks in its own process.

    RQ brings the queue, the loop and the registration. Its executions, results and registries of failed
    jobs are left out: the journal's leases stand for them, and they recover in seconds. What it tells of the worker
    goes along with the question for the next chunk, so that a lone one is not kept waiting.
    """

    def __init__(
        self,
        slot: SharingSlot,
        journal: Journal,
        pulse_redis: Redis,
        *,
        name: str,
        report: Callable[[Journal], None] = lambda journal: None,
        redone: Callable[[Redone], None] = lambda redone: None,
        taken: Callable[[float, int], None] = lambda seconds, submissions: None,
        idle: Callable[[], None] = lambda: None,
        traces: Traces | None = None,
    ) -> None:
        """``idle`` is called once when nothing has come for ``IDLE_SECONDS``."""
        super().__init__(
            [journal.rq_queue.name],
            name=name,
            connection=journal.redis,
            serializer=JSONSerializer,
            worker_ttl=DEQUEUE_SECONDS + 15,  # RQ blocks for the ttl less 15 seconds
            log_job_description=False,
        )
        self.stopped_on_request = False
        self._slot = slot
        self._journal = journal
        self._judge = ChunkJudge(slot, journal, traces or NoTraces(), lambda: self._stop_requested)
        self._report = report
        self._taken = taken
        self._idle = idle
        self._held: Taken | None = None
        self._judging: str | None = None
        self._stop_asked_at = 0.0
        self._abandoned = False
        beats = Journal(pulse_redis, journal.keys.queue, journal.lease_ms / 1000, journal.lane)
        self._pulse = Pulse(beats, self._status, redone)

    def serve(self) -> None:
        """Judge until asked to stop."""
        self._pulse.beat()
        self._pulse.start()
        try:
            self.work(logging_level=None, with_scheduler=False)
        finally:
            self._pulse.stop()

    def execute_job(self, job: RqJob, queue: object) -> None:
        """Judge one chunk that is leased; nothing that RQ would import or call is taken from its payload."""
        try:
            chunk = Chunk.carried_by(job)
        except ValueError:
            self.log.exception("Worker %s: left out RQ job %s", self.name, job.id)
            self._journal.finish(job.id)
            return
        self._judging, self._pulse.chunk_id = chunk.job_id, job.id
        if job.enqueued_at is not None:
            # By the clocks of two machines, which may differ.
            self._taken(max((now() - job.enqueued_at).total_seconds(), 0.0), len(chunk.indices))
        try:
            self._judge.judge(self._held or Taken(job), chunk)
            self._report(self._journal)
        finally:
            self._judging, self._pulse.chunk_id = None, None

    def _status(self) -> WorkerStatus:
        languages, lane = tuple(self._slot.languages), self._journal.lane.name
        return WorkerStatus(self.name, languages, self._slot.isolation, self._judging, lane)

    # ------------------------------------------------------------ what RQ would do otherwise

    def request_stop(self, signum: int, frame: FrameType | None) -> None:
        """Finish the submission at hand within STOP_SECONDS; a second signal ends that time."""
        asked_at = time.monotonic()
        if self._stop_requested:
            # A terminal's Ctrl-C comes along with the supervisor's SIGTERM.
            if asked_at - self._stop_asked_at > 1 and not self._abandoned:
                self._hurry(signum, frame)
            return
        self._stop_asked_at = asked_at
        self._stop_requested = self.stopped_on_request = True
        signal.signal(signal.SIGALRM, self._hurry)
        idle = self._judging is None
        signal.setitimer(signal.ITIMER_REAL, LEAVE_SECONDS if idle else STOP_SECONDS, LEAVE_SECONDS)
        if idle:
            raise StopRequested

    def _hurry(self, signum: int, frame: FrameType | None) -> None:
        """Give the submission back; when even that takes too long, as without Redis, leave it to the lease."""
        if self._judging is None or self._abandoned:
            os._exit(1)
        self._abandoned = True
        raise Abandon

    def _install_signal_handlers(self) -> None:
        signal.signal(signal.SIGINT, self.request_stop)
        signal.signal(signal.SIGTERM, self.request_stop)

    def dequeue_job_and_maintain_ttl(
        self, timeout: int | None, max_idle_time: int | None = None
    ) -> tuple[RqJob, RqLibraryQueue] | None:
        """Wait for a chunk that is ours to judge."""
        idle_at = time.monotonic() + IDLE_SECONDS
        while True:
            if self.should_run_maintenance_tasks:
                self.clean_registries()
            try:
                taken = self._journal.take(timeout or DEQUEUE_SECONDS, self.name, self.key, self._tell)
            except (RedisConnectionError, RedisTimeoutError) as error:
                self.log.error("Worker %s: Redis does not answer: %s", self.name, error)
                time.sleep(AWAY_SECONDS)
                continue
            if taken is not None:
                self._held = taken
                return taken.rq_job, self.queues[0]
            if time.monotonic() >= idle_at:
                self._idle()
                idle_at = math.inf

    def _tell(self, pipeline: Pipeline) -> None:
        """What RQ's pages show of a worker."""
        self.set_state(RqWorkerStatus.IDLE, pipeline=pipeline)
        super().heartbeat(pipeline=pipeline)

    def heartbeat(self, timeout: int | None = None, pipeline: Pipeline | None = None) -> None:
        """Said along with what is said anyway; RQ would ask three times around each chunk."""

    def check_for_suspension(self, burst: bool) -> None:
        """As with commands: nobody who can write to Redis shall stop a worker."""

    def clean_registries(self) -> None:
        """Forget dead workers; the other registries stay empty."""
        for queue in self.queues:
            worker_registration.clean_worker_registry(queue)
        self.last_cleaned_at = now()  # type: ignore[assignment]  # RQ has None as its type

    def clean_group_registries(self) -> None:
        """There are no groups."""

    def subscribe(self) -> None:
        """Take no commands through Redis: whoever can write there shall not stop or steer a worker."""
