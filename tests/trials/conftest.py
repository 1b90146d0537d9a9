"""A slot with real boxes, as a worker has one."""

from collections.abc import Callable, Iterator, Mapping
from typing import Any

import pytest

from sandbox_service import runners
from sandbox_service.compilers import Compiler
from sandbox_service.models import Job, Judgement
from sandbox_service.runners import Runner
from sandbox_service.sandboxes import Boxes, open_box
from sandbox_service.settings import Settings
from sandbox_service.worker import JudgingSlot

Judge = Callable[..., Judgement]


@pytest.fixture(scope="session")
def languages() -> Mapping[str, Runner]:
    return runners.available(runners.read_runners(Settings()))


@pytest.fixture(scope="session")
def slot(languages: Mapping[str, Runner]) -> Iterator[JudgingSlot]:
    slot = JudgingSlot(languages, Boxes(lambda zygote: open_box(zygote=zygote)), Compiler())
    yield slot
    slot.close()


@pytest.fixture
def judged(slot: JudgingSlot, request: pytest.FixtureRequest) -> Judge:
    """What comes of a program with a problem; each call is a job of its own."""
    numbers = iter(range(1000))

    def judge(source: str, problem: Mapping[str, Any], *, language: str = "python") -> Judgement:
        submission = {"id": "s", "language": language, "source": source}
        limited = {"limits": {"cpu_seconds": 1, "wall_seconds": 3}, **problem}
        job = Job.model_validate({"problem": limited, "submissions": [submission], "reward": "fraction_passed"})
        assert job.problem.tests is not None
        job_id = f"{request.node.nodeid}-{next(numbers)}"
        return slot.judge(job.submissions[0], job, job.problem.tests, job_id=job_id)

    return judge
