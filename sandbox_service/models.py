"""The vocabulary: what callers send, what a box reports, what the judge says; no I/O."""

import binascii
import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Annotated, Any, Protocol, Self, TypeVar

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    JsonValue,
    StringConstraints,
    model_validator,
)


def _without_nul(value: object) -> object:
    if isinstance(value, str) and "\0" in value:
        raise ValueError("must not contain NUL characters")
    return value


Text = Annotated[str, BeforeValidator(_without_nul)]
Name = Annotated[str, StringConstraints(min_length=1, max_length=200), BeforeValidator(_without_nul)]
Digest = Annotated[str, StringConstraints(pattern=r"^sha256:[0-9a-f]{64}$")]
PositiveInt = Annotated[int, Field(gt=0, strict=True)]


MAXIMUM_FILES = 100
MAXIMUM_FILES_BYTES = 16 * 2**20


def _below_the_program(name: str) -> str:
    parts = name.split("/")
    if name.startswith("/") or any(part in ("", ".", "..") for part in parts) or any(len(p) > 255 for p in parts):
        raise ValueError(f"{name!r} is not a relative name without '.' and '..'")
    return name


def _base64(content: str) -> str:
    try:
        binascii.a2b_base64(content, strict_mode=True)
    except ValueError as error:
        raise ValueError(f"is not base64: {error}") from None
    return content


def _bounded(files: Mapping[str, str]) -> Mapping[str, str]:
    bytes_in_all = sum(len(content) * 3 // 4 for content in files.values())
    if bytes_in_all > MAXIMUM_FILES_BYTES:
        raise ValueError(f"the files hold more than {MAXIMUM_FILES_BYTES} bytes together")
    return files


FileName = Annotated[
    str,
    StringConstraints(min_length=1, max_length=1000),
    BeforeValidator(_without_nul),
    AfterValidator(_below_the_program),
]
Base64 = Annotated[str, AfterValidator(_base64)]
Files = Annotated[Mapping[FileName, Base64], Field(max_length=MAXIMUM_FILES), AfterValidator(_bounded)]


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
    output_bytes: PositiveInt | None = None
    processes: PositiveInt | None = None


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


class TestChoice(Frozen):
    """Some of a problem's tests, the same for every program that is judged against it."""

    __test__ = False

    sample: PositiveInt | None = Field(None, description="so many, drawn by the seed")
    seed: Annotated[int, Field(ge=-(2**63), lt=2**63)] | Name | None = None
    longest: PositiveInt | None = Field(None, description="so many, those with the longest input")
    first: PositiveInt | None = Field(None, description="so many from the beginning")

    @model_validator(mode="after")
    def _one_rule(self) -> Self:
        if sum(count is not None for count in (self.sample, self.longest, self.first)) != 1:
            raise ValueError("give one of 'sample', 'longest' and 'first'")
        if self.seed is not None and self.sample is None:
            raise ValueError("a 'seed' goes with 'sample'")
        return self


class Submission(Frozen):
    """One program to be judged."""

    id: Name
    language: Name
    source: Text
    options: Mapping[Name, Text] = Field(default_factory=dict)
    files: Files = Field(
        default_factory=dict, description="base64 by relative name, laid beside the source in every box of the program"
    )
    fetch: tuple[FileName, ...] = Field(
        (), max_length=MAXIMUM_FILES, description="patterns of the files to bring back from each run, such as out/*.txt"
    )


class _Named(Protocol):
    @property
    def id(self) -> str: ...


_NamedItem = TypeVar("_NamedItem", bound=_Named)


def _distinct_ids(items: tuple[_NamedItem, ...]) -> tuple[_NamedItem, ...]:
    seen: set[str] = set()
    for item in items:
        if item.id in seen:
            raise ValueError(f"duplicate id {item.id!r}")
        seen.add(item.id)
    return items


class Job(Frozen):
    """One problem and the submissions to judge against it."""

    problem: Problem
    submissions: Annotated[tuple[Submission, ...], Field(min_length=1), AfterValidator(_distinct_ids)]
    tests: TestChoice | None = None
    stop_on_failure: bool = False
    reward: Choice | None = None
    returned_output_bytes: Annotated[int, Field(ge=0, strict=True)] | None = None


class ExtractionRule(StrEnum):
    """Which part of a completion is the program."""

    LAST_FENCE = "last_fence"
    FIRST_FENCE = "first_fence"
    LIVECODEBENCH = "livecodebench"
    WHOLE = "whole"


class Completion(Frozen):
    """What a model answered to a prompt; ``problem`` and ``language`` only where they differ from the request's."""

    id: Name
    completion: str
    problem: Problem | None = None
    language: Name | None = None


class RewardRequest(Frozen):
    """Completions, and by what to reward them."""

    items: Annotated[tuple[Completion, ...], Field(min_length=1), AfterValidator(_distinct_ids)]
    problem: Problem | None = None
    language: Name | None = None
    options: Mapping[Name, Text] = Field(default_factory=dict)
    extract: Annotated[ExtractionRule, Field(strict=False)] = ExtractionRule.LAST_FENCE
    tests: TestChoice | None = None
    stop_on_failure: bool = False
    reward: Choice = Choice(name="all_or_nothing")


class MatrixRequest(Frozen):
    """Solutions to run on inputs, each on each once; nothing is expected of the outputs."""

    solutions: Annotated[tuple[Submission, ...], Field(min_length=1), AfterValidator(_distinct_ids)]
    inputs: Annotated[tuple[Text, ...], Field(min_length=1)]
    limits: RequestedLimits = RequestedLimits()
    returned_output_bytes: Annotated[int, Field(ge=0, strict=True)] = 2**16


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


class Reason(StrEnum):
    """Why a completion did not pass; finer than a verdict."""

    NO_CODE = "no_code"
    INCOMPLETE_CODE = "incomplete_code"
    CODE_TOO_LARGE = "code_too_large"
    SYNTAX_ERROR = "syntax_error"
    COMPILE_ERROR = "compile_error"
    SIGNATURE_MISMATCH = "signature_mismatch"
    WRONG_ANSWER = "wrong_answer"
    RUNTIME_ERROR = "runtime_error"
    TIME_LIMIT_EXCEEDED = "time_limit_exceeded"
    MEMORY_LIMIT_EXCEEDED = "memory_limit_exceeded"
    OUTPUT_LIMIT_EXCEEDED = "output_limit_exceeded"
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
    files: Mapping[str, str] = Field(default_factory=dict, description="what was fetched, base64 by relative name")


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

    @property
    def has_no_code(self) -> bool:
        """Whether there was nothing to compile, because a completion held no whole program."""
        return self.reason in (Reason.NO_CODE, Reason.INCOMPLETE_CODE)


class CompletionReward(Frozen):
    """The one answer to a completion; ``reward`` is null when the failure is ours.

    ``verdicts`` stand in the order of the tests that were run; ``code`` is what ran, null when there was none.
    """

    id: str
    reward: float | None
    verdict: Verdict
    reason: Reason | None = Field(description="what went wrong; null when every test was passed")
    passed: int
    total: int
    verdicts: tuple[Verdict, ...]
    code: str | None
    detail: str | None = Field(None, description="the same in words: what the compiler said, or how we failed")


class Cell(Frozen):
    """One solution's run on one input; ``output`` names the text, and is null when the program did not run."""

    verdict: Verdict
    output: Digest | None
    truncated: bool
    cpu_seconds: float


class Row(Frozen):
    """One solution's runs, in the order of the inputs; ``verdict`` is accepted when every run ended well."""

    id: str
    verdict: Verdict
    reason: str | None
    cells: tuple[Cell, ...]


class Matrix(Frozen):
    """What solutions did with inputs; ``outputs`` has every different text once, by its digest."""

    outputs: Mapping[Digest, str]
    rows: tuple[Row, ...]
