"""What callers send: problems, submissions, and what is to be done with them."""

import hashlib
from collections.abc import Mapping
from enum import StrEnum
from typing import Annotated, Any, Protocol, Self, TypeVar

from pydantic import (
    AfterValidator,
    ConfigDict,
    Discriminator,
    Field,
    JsonValue,
    SerializerFunctionWrapHandler,
    StringConstraints,
    Tag,
    TypeAdapter,
    ValidationInfo,
    field_validator,
    model_serializer,
    model_validator,
)

from sandbox_service.models.calls import Call, plain
from sandbox_service.models.fields import (
    MAXIMUM_FILES,
    Digest,
    EntryPointName,
    FileName,
    Files,
    Frozen,
    Name,
    PositiveInt,
    Text,
    is_empty,
    is_none,
)
from sandbox_service.models.limits import RequestedLimits
from sandbox_service.models.problem_programs import (
    MOST_ARGUMENTS,
    MOST_PASSES,
    Argument,
    CheckerProgram,
    Interactor,
)
from sandbox_service.models.scoring import Scoring, Weight

MOST_RUNS = 32


class TestKind(StrEnum):
    """What a test asks of a program."""

    __test__ = False  # not a test class, whatever pytest makes of its name

    STDIN = "stdin"
    ASSERTIONS = "assertions"
    CALL = "call"


class AssertionMode(StrEnum):
    """Where test code runs: in a box of its own, or in the submission's process."""

    SPLIT = "split"
    SAME_PROCESS = "same_process"


class TestCase(Frozen):
    """One input and the output that is expected of it; without one, the program is only run.

    The input is ``stdin`` and the output a text, or the input is a ``call`` and the output any value, also null. Or
    there are ``assertions``: test code in the submission's language that fails unless the submission is right.
    """

    __test__ = False

    stdin: Text = ""
    call: Call | None = Field(None, exclude_if=is_none)
    assertions: Annotated[Text, StringConstraints(min_length=1)] | None = Field(None, exclude_if=is_none)
    entry_point: EntryPointName | None = Field(
        None, exclude_if=is_none, description="what `check(candidate)` is called with"
    )
    mode: Annotated[AssertionMode, Field(strict=False)] | None = Field(
        None, exclude_if=is_none, description="where the test code runs"
    )
    expected: JsonValue = None
    # Left out of what is written when there are none, so that a test set without them keeps its digest.
    arguments: tuple[Argument, ...] = Field(
        (), max_length=MOST_ARGUMENTS, exclude_if=is_empty, description="what the program is called with"
    )
    checker_arguments: tuple[Argument, ...] = Field(
        (),
        max_length=MOST_ARGUMENTS,
        exclude_if=is_empty,
        description="what the checker program or interactor is called with on this test, after its own arguments",
    )
    weight: Weight | None = Field(None, exclude_if=is_none, description="what it counts in the score; 1 if left out")
    group: Name | None = Field(None, exclude_if=is_none, description="the group of the scoring that it counts in")

    @field_validator("expected")
    @classmethod
    def _expected_of_its_kind(cls, expected: JsonValue, others: ValidationInfo) -> JsonValue:
        if others.data.get("call") is not None:
            return plain(expected)
        return _OPTIONAL_TEXT.validate_python(expected)

    @model_validator(mode="after")
    def _of_one_kind(self) -> Self:
        given = self.model_fields_set
        if self.assertions is None and (lonely := given & _FIELDS_OF_ASSERTIONS):
            raise ValueError(f"'{min(lonely)}' goes with 'assertions'")
        if self.kind is not TestKind.STDIN and (others := given & _FIELDS_OF_OTHERS[self.kind]):
            raise ValueError(f"a test has either '{self.kind}' or '{min(others)}'")
        return self

    @model_serializer(mode="wrap")
    def _what_its_kind_has(self, write: SerializerFunctionWrapHandler) -> dict[str, JsonValue]:
        written: dict[str, JsonValue] = write(self)
        for name in _NOT_WRITTEN[self.kind]:
            written.pop(name, None)
        if self.call is not None and not self.is_checked:
            written.pop("expected", None)
        return written

    def __hash__(self) -> int:  # of what can be hashed
        return hash((self.stdin, self.call, self.assertions))

    @property
    def kind(self) -> TestKind:
        if self.assertions is not None:
            return TestKind.ASSERTIONS
        return TestKind.STDIN if self.call is None else TestKind.CALL

    @property
    def is_checked(self) -> bool:
        """Whether something is expected; of a call, null may be."""
        return self.expected is not None or (self.call is not None and "expected" in self.model_fields_set)

    @property
    def expected_text(self) -> str | None:
        """What is expected to be printed; None of a call."""
        return self.expected if isinstance(self.expected, str) and self.call is None else None

    @property
    def input_bytes(self) -> int:
        """How long the input is."""
        return len(self.call.model_dump_json() if self.call is not None else (self.assertions or self.stdin).encode())

    @property
    def size_bytes(self) -> int:
        """About how long the whole test is."""
        if self.call is not None:
            return len(self.model_dump_json())
        return len(self.stdin) + len(self.expected_text or "") + len(self.assertions or "")


_OPTIONAL_TEXT = TypeAdapter[str | None](Text | None)
_FIELDS_OF_ASSERTIONS = frozenset({"entry_point", "mode"})
_FIELDS_OF_OTHERS: Mapping[TestKind, frozenset[str]] = {
    TestKind.ASSERTIONS: frozenset({"arguments", "call", "checker_arguments", "expected", "stdin"}),
    TestKind.CALL: frozenset({"arguments", "assertions", "checker_arguments", "stdin"}),
}
_NOT_WRITTEN: Mapping[TestKind, tuple[str, ...]] = {
    TestKind.STDIN: (),
    TestKind.CALL: ("stdin",),
    TestKind.ASSERTIONS: ("stdin", "expected"),
}


def _of_one_kind(tests: tuple[TestCase, ...]) -> tuple[TestCase, ...]:
    for position, test in enumerate(tests):
        if test.kind is not tests[0].kind:
            raise ValueError(f"test {position} is of kind {test.kind}, and test 0 of kind {tests[0].kind}")
    return tests


Tests = Annotated[tuple[TestCase, ...], Field(min_length=1), AfterValidator(_of_one_kind)]


class TestSet(Frozen):
    """The tests of a problem, named by the digest of their content."""

    __test__ = False

    tests: Tests

    def canonical(self) -> bytes:
        """The bytes the digest is taken of."""
        return self.model_dump_json().encode()

    def digest(self) -> str:
        return self.digest_of(self.canonical())

    @staticmethod
    def digest_of(canonical: bytes) -> str:
        return "sha256:" + hashlib.sha256(canonical).hexdigest()


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


def _kind_of_checker(value: Any) -> str:
    """In brackets, as what is no name of a field is told apart in pydantic's errors."""
    name = value.get("name") if isinstance(value, dict) else getattr(value, "name", value)
    return "[program]" if name == "program" else "[named]"


Checker = Annotated[
    Annotated[CheckerProgram, Tag("[program]")] | Annotated[Choice, Tag("[named]")], Discriminator(_kind_of_checker)
]


class Problem(Frozen):
    """The tests (inline, or uploaded before and named by digest), the limits, and who decides."""

    tests: Tests | None = None
    test_set: Digest | None = None
    limits: RequestedLimits = RequestedLimits()
    checker: Checker | None = Field(None, description="by default `tokens`, and for calls `strict`")
    interactor: Interactor | None = None
    passes: Annotated[int, Field(ge=1, le=MOST_PASSES, strict=True)] = Field(
        1, description="how often a program may be run on one test, each time on what the checker or interactor wrote"
    )
    scoring: Scoring | None = Field(
        None, exclude_if=is_none, description="how the tests make up the score; the mean of theirs if left out"
    )

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


class GenerateRequest(Frozen):
    """A program that writes files, and how often it is run: once for each seed, or for each list of arguments."""

    language: Name
    source: Text
    options: Mapping[Name, Text] = Field(default_factory=dict)
    files: Files = Field(default_factory=dict, description="base64 by relative name, laid beside the source")
    seeds: tuple[Annotated[int, Field(ge=-(2**63), lt=2**63, strict=True)], ...] | None = Field(
        None, min_length=1, max_length=MOST_RUNS, description="each is given as --seed N"
    )
    arguments: tuple[Annotated[tuple[Argument, ...], Field(max_length=MOST_ARGUMENTS)], ...] | None = Field(
        None, min_length=1, max_length=MOST_RUNS, description="what each run is called with"
    )
    fetch: tuple[FileName, ...] = Field(
        ("*.in",), min_length=1, max_length=MAXIMUM_FILES, description="patterns of the files to bring back"
    )
    limits: RequestedLimits = RequestedLimits()
    keep: bool = Field(False, description="whether the files become a test set, each the input of a test")

    @model_validator(mode="after")
    def _one_kind_of_runs(self) -> Self:
        if self.seeds is not None and self.arguments is not None:
            raise ValueError("give either 'seeds' or 'arguments'")
        return self
