"""The vocabulary: what callers send, what a box reports, what the judge says; no I/O."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Annotated, Any, Self

from pydantic import (
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    JsonValue,
    StringConstraints,
    field_validator,
    model_validator,
)


def _without_nul(value: object) -> object:
    if isinstance(value, str) and "\0" in value:
        raise ValueError("must not contain NUL characters")
    return value


Text = Annotated[str, BeforeValidator(_without_nul)]
Name = Annotated[str, StringConstraints(min_length=1, max_length=200), BeforeValidator(_without_nul)]
Digest = Annotated[str, StringConstraints(pattern=r"^sha256:[0-9a-f]{64}$")]


# With less, a box dies before the program starts, and a runtime's heap is no whole number of MiB.
LEAST_MEMORY_BYTES = 4 * 2**20


class Frozen(BaseModel):
    """A value that never changes and knows all its fields."""

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)


# ---------------------------------------------------------------- what callers send


class TestCase(Frozen):
    """One input and the output that is expected of it; without one, the program is only run."""

    __test__ = False  # not a test class, whatever pytest makes of its name

    stdin: Text = ""
    expected: Text | None = None


class TestSet(Frozen):
    """The tests of a problem, named by the digest of their content."""

    __test__ = False

    tests: Annotated[tuple[TestCase, ...], Field(min_length=1)]

    def canonical(self) -> bytes:
        """The bytes the digest is taken of."""
        return self.model_dump_json().encode()

    def digest(self) -> str:
        return "sha256:" + hashlib.sha256(self.canonical()).hexdigest()


class RequestedLimits(Frozen):
    """The limits a caller names; what is left out comes from the language's runner."""

    cpu_seconds: Annotated[float, Field(gt=0)] | None = None
    wall_seconds: Annotated[float, Field(gt=0)] | None = None
    memory_bytes: Annotated[int, Field(ge=LEAST_MEMORY_BYTES, strict=True)] | None = None
    output_bytes: Annotated[int, Field(gt=0, strict=True)] | None = None
    processes: Annotated[int, Field(gt=0, strict=True)] | None = None


class Choice(Frozen):
    """A checker or a reward by name, with its parameters beside it."""

    model_config = ConfigDict(frozen=True, extra="allow")

    __pydantic_extra__: dict[str, JsonValue]

    name: Name

    @model_validator(mode="before")
    @classmethod
    def _from_bare_name(cls, value: Any) -> Any:
        return {"name": value} if isinstance(value, str) else value

    @property
    def parameters(self) -> Mapping[str, JsonValue]:
        return self.__pydantic_extra__


class Problem(Frozen):
    """The tests (inline, or uploaded before and named by digest), the limits and the checker."""

    tests: Annotated[tuple[TestCase, ...], Field(min_length=1)] | None = None
    test_set: Digest | None = None
    limits: RequestedLimits = RequestedLimits()
    checker: Choice = Choice(name="tokens")

    @model_validator(mode="after")
    def _one_source_of_tests(self) -> Self:
        if (self.tests is None) == (self.test_set is None):
            raise ValueError("give either 'tests' or 'test_set'")
        return self


class Submission(Frozen):
    """One program to be judged."""

    id: Name
    language: Name
    source: Text
    options: Mapping[Name, Text] = Field(default_factory=dict)


class Job(Frozen):
    """One problem and the submissions to judge against it."""

    problem: Problem
    submissions: Annotated[tuple[Submission, ...], Field(min_length=1)]
    stop_on_failure: bool = False
    reward: Choice | None = None
    returned_output_bytes: Annotated[int, Field(ge=0, strict=True)] | None = None

    @field_validator("submissions")
    @classmethod
    def _distinct_ids(cls, submissions: tuple[Submission, ...]) -> tuple[Submission, ...]:
        seen: set[str] = set()
        for submission in submissions:
            if submission.id in seen:
                raise ValueError(f"duplicate id {submission.id!r}")
            seen.add(submission.id)
        return submissions


# ---------------------------------------------------------------- what a box reports: facts


@dataclass(frozen=True, slots=True)
class Limits:
    """What one execution may use; every field is in force.

    ``processes`` counts threads too; ``file_bytes`` bounds one file, the box's scratch space as a
    whole and what is collected from it.
    """

    cpu_seconds: float
    wall_seconds: float
    memory_bytes: int
    output_bytes: int
    processes: int
    file_bytes: int = 128 * 2**20


class Outcome(StrEnum):
    """How an execution ended, as the kernel tells it."""

    EXITED = "exited"
    SIGNALLED = "signalled"
    OUT_OF_TIME = "out_of_time"
    OUT_OF_MEMORY = "out_of_memory"
    OUT_OF_OUTPUT = "out_of_output"


@dataclass(frozen=True, slots=True)
class Execution:
    """The facts of one run of one command in a box.

    ``stdout`` and ``stderr`` hold at most ``limits.output_bytes`` each; what came beyond was drained
    and the matching ``_truncated`` flag is set. ``memory_bytes`` is the peak of the whole tree.
    ``files`` are the regular files that were asked for and that the command left behind.
    """

    outcome: Outcome
    exit_code: int | None
    signal: int | None
    stdout: bytes
    stderr: bytes
    cpu_seconds: float
    wall_seconds: float
    memory_bytes: int
    stdout_truncated: bool = False
    stderr_truncated: bool = False
    files: Mapping[str, bytes] = field(default_factory=dict)


class Tier(StrEnum):
    """How strong a box is; the order is from the weakest to the strongest."""

    UNSAFE = "unsafe"
    LANDLOCK = "landlock"
    NAMESPACES = "namespaces"

    @property
    def strength(self) -> int:
        return list(Tier).index(self)


class Isolation(Frozen):
    """What separates a box from the machine, layer by layer, as found in force."""

    tier: Tier
    layers: Mapping[str, str]
    missing: Mapping[str, str] = Field(default_factory=dict)


# ---------------------------------------------------------------- what the judge says: opinions


class Verdict(StrEnum):
    """What we say of a test or of a submission; judge_error is our failure, never the program's."""

    ACCEPTED = "accepted"
    WRONG_ANSWER = "wrong_answer"
    RUNTIME_ERROR = "runtime_error"
    TIME_LIMIT_EXCEEDED = "time_limit_exceeded"
    MEMORY_LIMIT_EXCEEDED = "memory_limit_exceeded"
    OUTPUT_LIMIT_EXCEEDED = "output_limit_exceeded"
    COMPILE_ERROR = "compile_error"
    JUDGE_ERROR = "judge_error"


class Compilation(Frozen):
    """How the compiler fared; ``log`` is what it printed, capped."""

    succeeded: bool
    exit_code: int | None
    signal: int | None
    cpu_seconds: float
    wall_seconds: float
    memory_bytes: int
    log: str
    log_truncated: bool = False
    reason: str | None = None


class TestResult(Frozen):
    """The verdict on one test and the facts it rests on."""

    __test__ = False

    verdict: Verdict
    score: float
    cpu_seconds: float
    wall_seconds: float
    memory_bytes: int
    exit_code: int | None
    signal: int | None
    stdout: str
    stdout_truncated: bool
    stderr: str
    stderr_truncated: bool


class Judgement(Frozen):
    """The one answer to a submission; ``reward`` is null when none was asked for or when the failure is ours.

    ``results`` stand in the order of the tests; with stop_on_failure they end at the first failure.
    """

    id: str
    verdict: Verdict
    reward: float | None
    score: float | None
    passed: int
    total: int
    compilation: Compilation | None
    results: tuple[TestResult, ...]
    isolation: Tier | None
    reason: str | None = None
