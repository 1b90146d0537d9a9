"""Many workers that sleep instead of judging: threads of a few processes, so that a thousand fit on a small machine."""

import os
import secrets
import signal
import sys
import threading
import time
from collections.abc import Sequence

from sandbox_service import logs
from sandbox_service.inside import kernel
from sandbox_service.metrics import QUEUE_WAIT_SECONDS, Tally
from sandbox_service.models import Isolation, Job, Judgement, Submission, TestCase, TestResult, Tier, Verdict
from sandbox_service.queues import connections
from sandbox_service.queues.consumer import ChunkWorker
from sandbox_service.queues.journal import Journal
from sandbox_service.queues.lanes import COMMON, label_of
from sandbox_service.settings import Settings, read_settings
from sandbox_service.shares import Share

PROCESSES = 4
STACK_BYTES = 2**20  # a worker has two threads, of which one would be given 8 MiB of address space each
TEST_SECONDS = 0.0025  # what a light test takes a real worker
RESULT = TestResult(
    verdict=Verdict.ACCEPTED,
    score=1.0,
    cpu_seconds=0.0013,
    wall_seconds=0.0019,
    memory_bytes=2_293_760,
    exit_code=0,
    signal=None,
    stdout="",
    stdout_truncated=False,
    stderr="",
    stderr_truncated=False,
)


class NoopSlot:
    """Accepts everything after as long as a real one takes, and counts it as that does."""

    languages: Sequence[str] = ("python",)
    isolation = Isolation(tier=Tier.UNSAFE, layers={})

    def __init__(self) -> None:
        self.tally = Tally()

    def judge(
        self,
        submission: Submission,
        job: Job,
        tests: Sequence[TestCase],
        *,
        job_id: str,
        share: Share | None = None,
    ) -> Judgement:
        if share is not None:
            tests = tests[share.first : share.end]
        seconds = TEST_SECONDS * len(tests)
        time.sleep(seconds)
        judgement = Judgement.model_construct(
            id=submission.id,
            verdict=Verdict.ACCEPTED,
            reward=1.0,
            score=1.0,
            passed=len(tests),
            total=len(tests),
            compilation=None,
            results=(RESULT,) * len(tests),
            isolation=Tier.UNSAFE,
        )
        self.tally.judged("python", judgement, seconds)
        return judgement

    def whole(
        self, submission: Submission, job: Job, tests: Sequence[TestCase], parts: Sequence[Judgement], *, job_id: str
    ) -> Judgement:
        return self.judge(submission, job, tests, job_id=job_id)

    def report(self, journal: Journal) -> None:
        journal.report({"python": TEST_SECONDS}, self.tally.take())

    def taken(self, seconds: float, submissions: int) -> None:
        self.tally.observe(QUEUE_WAIT_SECONDS, label_of(COMMON), value=seconds, times=submissions)

    def close(self) -> None: ...


class ThreadWorker(ChunkWorker):
    """One of many in a process: it ends with that, and leaves signals alone."""

    def _install_signal_handlers(self) -> None: ...


def work(settings: Settings) -> None:
    assert settings.redis_url is not None
    url = settings.redis_url.get_secret_value()
    journal = Journal(connections.patient(url), settings.queue, settings.lease_seconds)
    slot, name = NoopSlot(), secrets.token_hex(8)
    ThreadWorker(slot, journal, connections.impatient(url), name=name, report=slot.report, taken=slot.taken).serve()


def main(number: int) -> None:
    """Start so many workers, and end with the process that asked for them."""
    settings = read_settings()
    logs.configure("error")
    threading.stack_size(STACK_BYTES)
    for process in range(PROCESSES):
        if not os.fork():
            kernel.prctl(kernel.PR_SET_PDEATHSIG, signal.SIGKILL)
            for _ in range(number * process // PROCESSES, number * (process + 1) // PROCESSES):
                threading.Thread(target=work, args=[settings], daemon=True).start()
            break
    signal.pause()


if __name__ == "__main__":
    main(int(sys.argv[1]))
