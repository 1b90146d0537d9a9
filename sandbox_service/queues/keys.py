"""The names of everything the queue keeps in Redis."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Keys:
    """The keys of one queue; two queues on one Redis share nothing."""

    queue: str
    lane: str = ""

    def _key(self, *parts: str) -> str:
        return ":".join(("sandbox", self.queue, *parts))

    def job(self, job_id: str) -> str:
        """Hash: state, total, pending, done, reply, test_set, tests, keep_seconds, trace and the job's JSON."""
        return self._key("job", job_id)

    def submissions(self, job_id: str) -> str:
        """Hash: index → submission JSON; gone when the job is finished."""
        return self._key("job", job_id, "submissions")

    def started(self, job_id: str) -> str:
        """Set: the indices that a worker took up and that have no answer yet."""
        return self._key("job", job_id, "started")

    def answers(self, job_id: str) -> str:
        """Hash: index → compressed judgement JSON; the first one stays."""
        return self._key("job", job_id, "answers")

    def parts(self, job_id: str, index: int) -> str:
        """Hash: part → compressed judgement JSON, empty when its tests were not needed; gone with the answer."""
        return self._key("job", job_id, "parts", str(index))

    def test_set(self, digest: str) -> str:
        """Hash: json, count, users (jobs that are not finished), keep_seconds after the last of them."""
        return self._key("test-set", digest)

    def idempotency(self, digest: str) -> str:
        """String: the job id and the digest of the body that came with an idempotency key."""
        return self._key("idempotency", digest)

    def text(self, name: str) -> str:
        """String: a text that the API keeps beside the jobs."""
        return self._key("text", name)

    def replies(self, reader: str) -> str:
        """Stream: which answers of the jobs that one reader waits for are ready, with small ones themselves."""
        return self._key("replies", reader)

    def drained(self, bucket: int) -> str:
        """String: how many submissions were answered within one span of time."""
        return self._key("drained", str(bucket))

    @property
    def queued(self) -> str:
        """String: how many submissions wait or run."""
        return self._key("queued")

    @property
    def leases(self) -> str:
        """Sorted set of a lane: chunk → when its lease runs out, in milliseconds."""
        return self._of_lane("leases")

    @property
    def popped(self) -> str:
        """Sorted set of a lane: chunk → when the janitor first saw it popped and not yet leased."""
        return self._of_lane("popped")

    @property
    def idle(self) -> str:
        """Set of a lane: the workers that wait for a chunk."""
        return self._of_lane("idle")

    @property
    def looked(self) -> str:
        """String of a lane: the worker that last looked for what dead ones left; gone when it is time again."""
        return self._of_lane("looked")

    def _of_lane(self, name: str) -> str:
        return self._key(name, self.lane) if self.lane else self._key(name)

    @property
    def lanes(self) -> str:
        """Hash: lane → the names of its languages, separated by spaces."""
        return self._key("lanes")

    @property
    def workers(self) -> str:
        """Sorted set: worker → when it counts as dead, in milliseconds."""
        return self._key("workers")

    @property
    def worker_statuses(self) -> str:
        """Hash: worker → its status JSON."""
        return self._key("worker-statuses")

    @property
    def costs(self) -> str:
        """Hash: language → seconds a test takes, as the workers find it."""
        return self._key("costs")

    @property
    def counters(self) -> str:
        """Hash: what the workers counted, by metric and labels."""
        return self._key("counters")
