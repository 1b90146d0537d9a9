"""The shapes of the answers; they are built without a second validation and written in one go."""

from typing import Any

from fastapi import Response
from pydantic import BaseModel, Field

from sandbox_service.models import CompletionReward, Frozen, Isolation, Judgement, Limits, Tier
from sandbox_service.queues.contract import JobState, JobStatus


class Judgements(Frozen):
    """One judgement for each submission, in the order they were sent."""

    judgements: tuple[Judgement, ...]


class Accepted(Frozen):
    """The job is queued under this id."""

    id: str = Field(examples=["job-7c3f0e0a5b0e4b0c8f0f5f3f6d1c2a9e"])


class AcceptedList(Frozen):
    """The jobs are queued under these ids, in the order they were sent."""

    ids: tuple[str, ...]


class JobReport(Frozen):
    """How far a job is; ``judgements`` are those that are ready, in the order of the submissions."""

    id: str
    state: JobState
    total: int
    done: int
    judgements: tuple[Judgement, ...]


class Rewards(Frozen):
    """One answer for each completion, in the order they were sent."""

    rewards: tuple[CompletionReward, ...]


class RewardJobReport(Frozen):
    """How far a reward job is; ``rewards`` are those that are ready, in the order of the items."""

    id: str
    state: JobState
    total: int
    done: int
    rewards: tuple[CompletionReward, ...]


class End(Frozen):
    """The last event of a job's stream."""

    state: JobState
    total: int
    done: int


class StoredTestSet(Frozen):
    """The tests are kept under this digest."""

    digest: str = Field(examples=["sha256:9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"])
    tests: int


class OptionReport(Frozen):
    """What a submission may say for an option, and what holds when it says nothing."""

    choices: tuple[str, ...]
    default: str


class LanguageReport(Frozen):
    """A language, what can be chosen in it and who judges it."""

    name: str
    title: str
    aliases: tuple[str, ...]
    options: dict[str, OptionReport]
    version: str | None = Field(description="what its toolchain on the API's machine says of itself, if it is there")
    limits: Limits = Field(description="what holds when a problem names none")
    workers: tuple[str, ...] = Field(description="the live workers that have its toolchain")


class Languages(Frozen):
    """Every language of this service."""

    languages: tuple[LanguageReport, ...]


class WorkerIsolation(Frozen):
    """What separates the programs that a worker runs from its machine."""

    id: str
    isolation: Isolation


class IsolationReport(Frozen):
    """The weakest tier that is allowed, and what is in force at each live worker."""

    minimum: Tier
    workers: tuple[WorkerIsolation, ...]


class Alive(Frozen):
    """The process answers."""

    status: str = "ok"


class Ready(Frozen):
    """The queue answers and workers live."""

    status: str = "ready"
    workers: int
    queued: int


def report_of(status: JobStatus) -> JobReport:
    """What callers are told of a job; the judgements were validated when they were read."""
    return JobReport.model_construct(
        id=status.id,
        state=status.state,
        total=status.total,
        done=status.done,
        judgements=tuple(status.judgements),
    )


def json_answer(body: BaseModel, status_code: int = 200, **headers: Any) -> Response:
    """The model as JSON, written by pydantic itself."""
    return Response(
        body.model_dump_json(), status_code=status_code, headers=headers or None, media_type="application/json"
    )
