"""The seam between the service and what follows a job through its processes."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from typing import Protocol

from sandbox_service.models import Job, Judgement, Submission

Answered = Callable[[str, int], None]
Judged = Callable[[Judgement], None]


class Traces(Protocol):
    """Tells somebody what began and ended, and what belongs together."""

    def answering(self, method: str, headers: Mapping[str, str]) -> AbstractContextManager[Answered]:
        """Around a request; what it gives is told the route and the status."""
        ...

    def queueing(self, job: Job) -> AbstractContextManager[str]:
        """Around a job's way into the queue; gives the text by which a worker goes on with it."""
        ...

    def judging(self, trace: str, job_id: str, submission: Submission) -> AbstractContextManager[Judged]:
        """Around the judging of one submission; what it gives is told the judgement."""
        ...

    def close(self) -> None:
        """Tell what is left to tell."""
        ...


class NoTraces:
    """Tells nobody."""

    @contextmanager
    def answering(self, method: str, headers: Mapping[str, str]) -> Iterator[Answered]:
        yield lambda route, status: None

    @contextmanager
    def queueing(self, job: Job) -> Iterator[str]:
        yield ""

    @contextmanager
    def judging(self, trace: str, job_id: str, submission: Submission) -> Iterator[Judged]:
        yield lambda judgement: None

    def close(self) -> None: ...
