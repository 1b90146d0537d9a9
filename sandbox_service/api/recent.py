"""The latest judgements that went through this process, for people who look on."""

import time
from collections import OrderedDict
from collections.abc import AsyncGenerator, AsyncIterator, Mapping, Sequence
from typing import NamedTuple

from sandbox_service.models import (
    Frozen,
    Guarantee,
    Job,
    Judgement,
    Outline,
    TestKind,
    TestResult,
    TestSet,
    Verdict,
)
from sandbox_service.queues.contract import JobState, JobStatus, Queue, WorkerStatus

KEPT_JUDGEMENTS = 100
KEPT_JOBS = 1000
KEPT_TESTS = 100  # of a judgement
MOST_PER_SECOND = 20  # nobody reads faster, and a flood shall not pay for it
JOB_CHARACTERS = 8  # enough to tell jobs apart, too few to ask for one


class TestSummary(Frozen):
    """A test's verdict and costs, without anything that was printed or answered."""

    __test__ = False

    verdict: Verdict
    score: float
    skipped: bool
    reason: str | None
    guarantee: Guarantee | None
    cpu_seconds: float
    wall_seconds: float
    memory_bytes: int
    exit_code: int | None
    signal: int | None


class JudgementSummary(Frozen):
    """A judgement in one line; ``job`` is the beginning of the job's id."""

    number: int
    seen_at: float
    job: str
    submission: str
    language: str
    kind: TestKind
    verdict: Verdict
    reward: float | None
    passed: int
    total: int
    cpu_seconds: float
    memory_bytes: int
    reason: str | None


class JudgementDetails(JudgementSummary):
    """The same with its first tests."""

    tests: tuple[TestSummary, ...]


class KnownJob(NamedTuple):
    """What is not told with the answers: the languages, one or by submission, and what the tests ask, if known."""

    languages: Mapping[str, str] | str = ""
    kind: TestKind | None = None

    @classmethod
    def of(cls, job: Job) -> "KnownJob":
        first = job.submissions[0].language
        alike = all(submission.language == first for submission in job.submissions)
        languages = first if alike else {s.id: s.language for s in job.submissions}
        return cls(languages, job.problem.tests[0].kind if job.problem.tests else None)

    def language(self, submission: str) -> str:
        return self.languages if isinstance(self.languages, str) else self.languages.get(submission, "")

    def kind_of(self, results: Sequence[TestResult]) -> TestKind:
        """As the job says, and for an uploaded test set as the answers do."""
        if self.kind is not None:
            return self.kind
        if any(result.guarantee is not None or result.detail is not None for result in results):
            return TestKind.ASSERTIONS
        return TestKind.CALL if any(result.returned is not None for result in results) else TestKind.STDIN


class RecentJudgements:
    """A bounded memory; of what comes faster than anybody can read, a part is left out."""

    def __init__(self) -> None:
        self._jobs: OrderedDict[str, KnownJob] = OrderedDict()
        self._unseen: set[str] = set()
        self._kept: OrderedDict[tuple[str, str], JudgementDetails] = OrderedDict()
        self._number = 0
        self._second = 0
        self._in_second = 0

    def queued(self, job_id: str, job: Job) -> None:
        """Remember what is not told with the answers."""
        self._jobs[job_id] = KnownJob.of(job)
        self._unseen.add(job_id)
        while len(self._jobs) > KEPT_JOBS:
            oldest, _ = self._jobs.popitem(last=False)
            self._unseen.discard(oldest)

    def finished(self, job_id: str, judgements: Sequence[Judgement]) -> None:
        """The job was asked for at its end; what nobody saw on the way is seen now."""
        if job_id in self._unseen:
            for judgement in judgements[:MOST_PER_SECOND]:
                self.judged(job_id, judgement)

    def judged(self, job_id: str, judgement: Judgement) -> None:
        self._unseen.discard(job_id)
        key = (job_id, judgement.id)
        if key in self._kept:
            return
        now = time.time()
        if int(now) != self._second:
            self._second, self._in_second = int(now), 0
        self._in_second += 1
        if self._in_second > MOST_PER_SECOND:
            return
        self._number += 1
        self._kept[key] = _details(self._number, now, job_id, self._jobs.get(job_id, KnownJob()), judgement)
        if len(self._kept) > KEPT_JUDGEMENTS:
            self._kept.popitem(last=False)

    def latest(self) -> Sequence[JudgementSummary]:
        """The latest first."""
        return tuple(reversed(self._kept.values()))

    def details(self, number: int) -> JudgementDetails | None:
        return next((judgement for judgement in self._kept.values() if judgement.number == number), None)


def _details(number: int, seen_at: float, job_id: str, known: KnownJob, judgement: Judgement) -> JudgementDetails:
    results = judgement.results
    return JudgementDetails.model_construct(
        number=number,
        seen_at=seen_at,
        job=job_id[:JOB_CHARACTERS],
        submission=judgement.id[:100],
        language=known.language(judgement.id),
        kind=known.kind_of(results),
        verdict=judgement.verdict,
        reward=judgement.reward,
        passed=judgement.passed,
        total=judgement.total,
        cpu_seconds=sum(result.cpu_seconds for result in results),
        memory_bytes=max((result.memory_bytes for result in results), default=0),
        reason=judgement.reason,
        tests=tuple(
            TestSummary.model_construct(
                verdict=result.verdict,
                score=result.score,
                skipped=result.skipped,
                reason=result.reason,
                guarantee=result.guarantee,
                cpu_seconds=result.cpu_seconds,
                wall_seconds=result.wall_seconds,
                memory_bytes=result.memory_bytes,
                exit_code=result.exit_code,
                signal=result.signal,
            )
            for result in results[:KEPT_TESTS]
        ),
    )


class WatchedQueue:
    """A queue in all else; what is awaited of it is remembered for a while."""

    def __init__(self, queue: Queue, recent: RecentJudgements) -> None:
        self._queue = queue
        self._recent = recent

    async def submit(self, job: Job, *, idempotency_key: str | None = None, keep_seconds: int | None = None) -> str:
        job_id = await self._queue.submit(job, idempotency_key=idempotency_key, keep_seconds=keep_seconds)
        self._recent.queued(job_id, job)
        return job_id

    async def status(self, job_id: str) -> JobStatus:
        status = await self._queue.status(job_id)
        if status.state is JobState.FINISHED:
            self._recent.finished(job_id, status.judgements)
        return status

    async def watch(self, job_id: str) -> AsyncIterator[Judgement]:
        judgements = self._queue.watch(job_id)
        try:
            async for judgement in judgements:
                self._recent.judged(job_id, judgement)
                yield judgement
        finally:
            if isinstance(judgements, AsyncGenerator):
                await judgements.aclose()

    # ------------------------------------------------------------ as it is

    async def put_test_set(self, test_set: TestSet) -> str:
        return await self._queue.put_test_set(test_set)

    async def outline(self, digest: str) -> Outline:
        return await self._queue.outline(digest)

    async def cancel(self, job_id: str) -> JobStatus:
        return await self._queue.cancel(job_id)

    async def keep(self, name: str, text: str) -> None:
        await self._queue.keep(name, text)

    async def kept(self, name: str) -> str | None:
        return await self._queue.kept(name)

    async def workers(self) -> Sequence[WorkerStatus]:
        return await self._queue.workers()

    async def queued(self) -> int:
        return await self._queue.queued()

    async def waiting_chunks(self) -> Mapping[str, int]:
        return await self._queue.waiting_chunks()

    async def counters(self) -> Mapping[str, float]:
        return await self._queue.counters()

    async def close(self) -> None:
        await self._queue.close()
