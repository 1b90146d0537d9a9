"""Tests: what a program is given, what is expected of it, and which of a problem's tests are chosen."""

import hashlib
from collections.abc import Mapping
from enum import StrEnum
from typing import Annotated, Self

from pydantic import (
    AfterValidator,
    Field,
    JsonValue,
    SerializerFunctionWrapHandler,
    StringConstraints,
    TypeAdapter,
    ValidationInfo,
    field_validator,
    model_serializer,
    model_validator,
)

from sandbox_service.models.calls import Call, plain
from sandbox_service.models.fields import EntryPointName, Frozen, Name, PositiveInt, Text, is_empty, is_none
from sandbox_service.models.problem_programs import MOST_ARGUMENTS, Argument
from sandbox_service.models.scoring import Weight


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
