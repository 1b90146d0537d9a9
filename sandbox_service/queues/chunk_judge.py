"""One chunk after the other, judged by a slot and answered."""

from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress

from sandbox_service import chosen_tests
from sandbox_service.errors import Stopped, UnknownTestSet
from sandbox_service.models import Judgement, Submission, TestCase
from sandbox_service.queues.at_hand import AtHand
from sandbox_service.queues.chunks import Chunk, Part
from sandbox_service.queues.journal import Journal, Taken
from sandbox_service.queues.recent_tests import RecentTests
from sandbox_service.queues.slots import SharingSlot, judge_error
from sandbox_service.queues.stored import StoredJob
from sandbox_service.queues.traces import Traces

TEST_SETS_BYTES = 256 * 2**20


class Abandon(BaseException):
    """The time to stop in peace is over; what is being judged goes back to the queue."""


class ChunkJudge:
    """Judges chunks; what it does not come to goes back to the queue."""

    def __init__(self, slot: SharingSlot, journal: Journal, traces: Traces, stopping: Callable[[], bool]) -> None:
        self._slot = slot
        self._journal = journal
        self._traces = traces
        self._stopping = stopping
        self._tests: RecentTests = RecentTests(TEST_SETS_BYTES)

    def judge(self, taken: Taken, chunk: Chunk) -> None:
        """Answer every submission of a chunk that is leased, or hand it back."""
        chunk_id = taken.rq_job.id
        job = taken.job or self._journal.job(chunk.job_id)
        if job is None:
            self._journal.finish(chunk_id)
            return
        submissions = taken.submissions
        if submissions is None:
            submissions = self._journal.submissions(job.id, chunk.indices)
        at_hand = AtHand(self._journal, chunk_id, chunk, submissions)
        with suppress(Abandon, Stopped):
            if chunk.part is None:
                self._judge_each(taken, job, at_hand, submissions)
            else:
                self._judge_part(taken, job, at_hand, submissions, chunk.part)
        if at_hand.indices:
            self._journal.replace(chunk_id, [at_hand.chunk])
        else:
            self._journal.finish(chunk_id)

    def _judge_each(self, taken: Taken, job: StoredJob, at_hand: AtHand, submissions: Mapping[int, Submission]) -> None:
        """Answer one submission after the other; stop early when asked to."""
        answers: Mapping[int, Judgement] = {}
        judged = False
        while len(at_hand.indices) > judged and not self._stopping():
            index = at_hand.indices[judged]
            # One round trip answers the last submission and takes up this one.
            wanted = self._journal.turn(job, answers, index) if judged else self._take_up(taken, job, index)
            if judged:
                at_hand.done()
            answers = self._judged(index, submissions[index], job, at_hand) if wanted and index in submissions else {}
            judged = True
        if judged:
            self._journal.turn(job, answers, None)
            at_hand.done()

    def _judged(self, index: int, submission: Submission, job: StoredJob, at_hand: AtHand) -> Mapping[int, Judgement]:
        """The answer to a submission; none when others have some of its tests."""
        tests = self._tests_of(job)
        if tests is None:
            return {index: _without_tests(submission, job)}
        judgement = self._run(submission, job, tests, at_hand)
        if at_hand.chunk.part is None:
            return {index: judgement}
        self._give(index, submission, job, tests, at_hand.chunk.part, judgement)
        return {}

    def _judge_part(
        self, taken: Taken, job: StoredJob, at_hand: AtHand, submissions: Mapping[int, Submission], part: Part
    ) -> None:
        """Judge some tests of one submission."""
        (index,) = at_hand.indices
        if self._stopping():
            return
        if self._take_up(taken, job, index) and index in submissions:
            submission, tests = submissions[index], self._tests_of(job)
            if tests is None:
                self._journal.turn(job, {index: _without_tests(submission, job)}, None)
            elif job.job.stop_on_failure and self._journal.failed_before(job, index, part):
                self._give(index, submission, job, tests, part, None)
            else:
                judgement = self._run(submission, job, tests, at_hand)
                self._give(index, submission, job, tests, at_hand.chunk.part or part, judgement)
        at_hand.done()

    def _run(self, submission: Submission, job: StoredJob, tests: Sequence[TestCase], at_hand: AtHand) -> Judgement:
        share = at_hand.share(chosen_tests.count(job.job.tests, len(tests)))
        with self._traces.judging(job.trace, job.id, submission) as judged:
            judgement = self._slot.judge(submission, job.job, tests, job_id=job.id, share=share)
            judged(judgement)
        return judgement

    def _give(
        self,
        index: int,
        submission: Submission,
        job: StoredJob,
        tests: Sequence[TestCase],
        part: Part,
        judgement: Judgement | None,
    ) -> None:
        """Store what became of a part; whoever gives the last one answers for the whole."""
        total = chosen_tests.count(job.job.tests, len(tests))
        parts = self._journal.give_part(job, index, part, judgement, tests=total)
        if parts is not None:
            answer = self._slot.whole(submission, job.job, tests, parts, job_id=job.id)
            self._journal.turn(job, {index: answer}, None)
            self._journal.forget_parts(job, index)

    def _take_up(self, taken: Taken, job: StoredJob, first: int) -> bool:
        """Whether the first submission of the chunk is to be judged."""
        return self._journal.turn(job, {}, first) if taken.first_is_wanted is None else taken.first_is_wanted

    def _tests_of(self, job: StoredJob) -> Sequence[TestCase] | None:
        """The job's tests; None when they are not kept any more."""
        try:
            return self._tests.get(job.test_set, lambda: self._journal.tests(job.test_set))
        except UnknownTestSet:
            return None


def _without_tests(submission: Submission, job: StoredJob) -> Judgement:
    return judge_error(submission, 0, f"the test set {job.test_set} is not kept any more")
