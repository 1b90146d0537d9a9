"""The seam between a queue and what judges: a slot takes one submission at a time."""

from collections.abc import Sequence
from typing import Protocol

from sandbox_service.models import Isolation, Job, Judgement, Submission, TestCase, Verdict
from sandbox_service.shares import Share


class Slot(Protocol):
    """One place where submissions are judged, one after the other."""

    @property
    def languages(self) -> Sequence[str]: ...

    @property
    def isolation(self) -> Isolation: ...

    def judge(self, submission: Submission, job: Job, tests: Sequence[TestCase], *, job_id: str) -> Judgement:
        """The answer to one submission of the job, whatever happens; ``job`` says all but the submissions."""
        ...

    def close(self) -> None:
        """Give everything back; safe to call twice."""
        ...


class SharingSlot(Slot, Protocol):
    """A slot that can share the tests of one submission with others."""

    def judge(
        self,
        submission: Submission,
        job: Job,
        tests: Sequence[TestCase],
        *,
        job_id: str,
        share: Share | None = None,
    ) -> Judgement:
        """The answer to one submission, or what became of the share of its tests that is less than all."""
        ...

    def whole(
        self, submission: Submission, job: Job, tests: Sequence[TestCase], parts: Sequence[Judgement], *, job_id: str
    ) -> Judgement:
        """The answer to a submission from the judgements of its parts."""
        ...


def judge_error(submission: Submission, tests: int, reason: str) -> Judgement:
    """Our failure: no reward, and a reason that the caller may read."""
    return Judgement(
        id=submission.id,
        verdict=Verdict.JUDGE_ERROR,
        reward=None,
        score=None,
        passed=0,
        total=tests,
        compilation=None,
        results=(),
        isolation=None,
        reason=reason,
    )
