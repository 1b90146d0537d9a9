"""How jobs, submissions and judgements are written down in Redis."""

import zlib
from dataclasses import dataclass

from pydantic import TypeAdapter, ValidationError

from sandbox_service.models import Job, Judgement, Outline, Submission, TestCase, TestSet
from sandbox_service.queues.contract import WorkerStatus

WORKER_STATUS = TypeAdapter(WorkerStatus)

# A judgement of twenty tests says the same field names twenty times: it shrinks to a tenth.
COMPRESSION_LEVEL = 1

Stored = bytes | str  # redis-py cannot tell which; ours are bytes
Fields = dict[bytes | bytearray | memoryview | str | int | float, bytes | bytearray | memoryview | str | int | float]

# Stands where a job must have a submission: they are kept apart.
NO_SUBMISSION = Submission(id="-", language="-", source="")


@dataclass(frozen=True, slots=True)
class StoredJob:
    """What a worker must know of a job; its submissions are kept apart."""

    id: str
    job: Job
    test_set: str
    trace: str = ""


def job_fields(
    job_id: str, job: Job, digest: str, tests: int, reply: str, keep_seconds: int, trace: str = ""
) -> Fields:
    """The hash of a job that was just taken in."""
    problem = job.problem.model_copy(update={"tests": None, "test_set": digest})
    lean = job.model_copy(update={"problem": problem, "submissions": (NO_SUBMISSION,)})
    return {
        "id": job_id,
        "state": "queued",
        "total": len(job.submissions),
        "pending": len(job.submissions),
        "done": 0,
        "tests": tests,
        "test_set": digest,
        "reply": reply,
        "keep_seconds": keep_seconds,
        "job": lean.model_dump_json(),
        **({"trace": trace} if trace else {}),
    }


def text(value: Stored | None) -> str:
    """A string that Redis kept; the empty one when there is none."""
    return value.decode() if isinstance(value, bytes) else value or ""


def read_job(job_id: str, job: Stored, test_set: Stored, trace: Stored | None = None) -> StoredJob:
    return StoredJob(job_id, Job.model_validate_json(job), text(test_set), text(trace))


def write_submission(submission: Submission) -> str:
    return submission.model_dump_json()


def read_submission(stored: Stored) -> Submission:
    return Submission.model_validate_json(stored)


def write_judgement(judgement: Judgement) -> bytes:
    return zlib.compress(judgement.model_dump_json().encode(), COMPRESSION_LEVEL)


def read_judgement(stored: Stored) -> Judgement:
    assert isinstance(stored, bytes)
    return Judgement.model_validate_json(zlib.decompress(stored))


def test_set_fields(canonical: bytes, outline: Outline, keep_seconds: int) -> Fields:
    return {"json": canonical, "outline": outline.model_dump_json(), "keep_seconds": keep_seconds}


def read_outline(stored: Stored | None) -> Outline | None:
    """What is kept of a set beside its tests; one that another version wrote is none, so that it is uploaded again."""
    if stored is None:
        return None
    try:
        return Outline.model_validate_json(stored)
    except ValidationError:
        return None


def read_tests(stored: Stored) -> tuple[TestCase, ...]:
    return TestSet.model_validate_json(stored).tests


def write_status(status: WorkerStatus) -> str:
    return WORKER_STATUS.dump_json(status).decode()


def read_status(stored: Stored) -> WorkerStatus:
    return WORKER_STATUS.validate_json(stored)
