"""Jobs: a problem, the submissions to judge against it, and who decides."""

from collections.abc import Mapping
from typing import Annotated, Any, Protocol, Self, TypeVar

from pydantic import AfterValidator, ConfigDict, Discriminator, Field, JsonValue, Tag, model_validator

from sandbox_service.models.fields import MAXIMUM_FILES, Digest, FileName, Files, Frozen, Name, Text, is_none
from sandbox_service.models.limits import RequestedLimits
from sandbox_service.models.problem_programs import MOST_PASSES, CheckerProgram, Interactor
from sandbox_service.models.scoring import Scoring
from sandbox_service.models.tests import TestChoice, Tests


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


def distinct_ids(items: tuple[_NamedItem, ...]) -> tuple[_NamedItem, ...]:
    seen: set[str] = set()
    for item in items:
        if item.id in seen:
            raise ValueError(f"duplicate id {item.id!r}")
        seen.add(item.id)
    return items


class Job(Frozen):
    """One problem and the submissions to judge against it."""

    problem: Problem
    submissions: Annotated[tuple[Submission, ...], Field(min_length=1), AfterValidator(distinct_ids)]
    tests: TestChoice | None = None
    stop_on_failure: bool = False
    reward: Choice | None = None
    returned_output_bytes: Annotated[int, Field(ge=0, strict=True)] | None = None
