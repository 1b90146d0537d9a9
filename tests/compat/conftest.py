"""Foreign APIs over a queue within this process: with real boxes, or with a slot that does what a test says."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager

import pytest
from fastapi.testclient import TestClient

from sandbox_service.api import create_app
from sandbox_service.compat import foreign_apis
from sandbox_service.models import Isolation, Job, Judgement, Submission, TestCase, Tier
from sandbox_service.queues.inline import InlineQueue
from sandbox_service.queues.slots import Slot, judge_error
from sandbox_service.runners import read_runners
from sandbox_service.settings import Settings
from sandbox_service.worker import open_slot

Serve = Callable[..., TestClient]


class BrokenSlot:
    """Fails at everything as often as it is told, and passes it on afterwards."""

    def __init__(self, slot: Slot, failures: int) -> None:
        self._slot = slot
        self._left = failures
        self.languages: Sequence[str] = slot.languages
        self.isolation = Isolation(tier=Tier.NAMESPACES, layers={})

    def judge(self, submission: Submission, job: Job, tests: Sequence[TestCase], *, job_id: str) -> Judgement:
        if self._left > 0:
            self._left -= 1
            return judge_error(submission, len(tests), "the sandbox failed 3 times")
        return self._slot.judge(submission, job, tests, job_id=job_id)

    def close(self) -> None:
        self._slot.close()


@contextmanager
def serving(settings: Settings, open_a_slot: Callable[[], Slot] | None = None) -> Iterator[TestClient]:
    queue = InlineQueue(settings, open_a_slot or (lambda: open_slot(settings)))
    app = create_app(settings, queue, read_runners(settings), foreign_apis(settings))
    with TestClient(app, raise_server_exceptions=False) as client:
        assert client.portal is not None
        client.portal.call(queue.start)
        try:
            yield client
        finally:
            client.portal.call(queue.close)


@pytest.fixture(scope="session")
def client() -> Iterator[TestClient]:
    """The service as it is configured by default."""
    with serving(Settings(workers=2)) as client:
        yield client


@pytest.fixture
def broken_client(request: pytest.FixtureRequest) -> Iterator[TestClient]:
    """A service that fails at as many submissions as the test's parameter says, all without one."""
    failures = getattr(request, "param", 1_000_000)
    settings = Settings(workers=1)
    with serving(settings, lambda: BrokenSlot(open_slot(settings), failures)) as client:
        yield client
