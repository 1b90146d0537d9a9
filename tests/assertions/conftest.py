"""Test code against submissions, in the boxes that this machine has."""

from collections.abc import Callable, Iterator
from itertools import count

import pytest

from sandbox_service.equipment import boxes_of, compiler_of
from sandbox_service.models import Job, Judgement
from sandbox_service.runners import Runner, read_runners
from sandbox_service.settings import Settings
from sandbox_service.worker import JudgingSlot

Judge = Callable[..., Judgement]

SETTINGS = Settings()
_job_numbers = count()
RUNNERS = read_runners(SETTINGS)


def needs(runner: Runner) -> None:
    if missing := runner.missing():
        pytest.skip(f"{runner.title} is not installed here; " + "; ".join(missing.values()))


@pytest.fixture(scope="session")
def slot() -> Iterator[JudgingSlot]:
    slot = JudgingSlot(RUNNERS, boxes_of(SETTINGS), compiler_of(SETTINGS))
    yield slot
    slot.close()


@pytest.fixture
def judge(slot: JudgingSlot) -> Judge:
    return judge_by(slot)


def judge_by(slot: JudgingSlot) -> Judge:
    """Judge a source by test code; keywords are fields of the test, ``limits``, ``files``, ``fetch`` those of their owners."""

    def judged(
        source: str,
        assertions: str,
        *,
        language: str = "python",
        limits: object = None,
        files: object = None,
        options: object = None,
        fetch: object = (),
        reward: object = "all_or_nothing",
        **fields: object,
    ) -> Judgement:
        problem = {"tests": [{"assertions": assertions, **fields}], "limits": limits or {"cpu_seconds": 2}}
        submission = {"id": "s", "language": language, "source": source, "files": files or {}, "fetch": fetch}
        submission["options"] = options or {}
        job = Job.model_validate({"problem": problem, "submissions": [submission], "reward": reward})
        assert job.problem.tests is not None
        return slot.judge(job.submissions[0], job, job.problem.tests, job_id=str(next(_job_numbers)))

    return judged
