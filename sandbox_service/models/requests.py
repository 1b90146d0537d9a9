"""What callers send beside jobs: completions to reward, a matrix to fill, files to generate."""

from collections.abc import Mapping
from enum import StrEnum
from typing import Annotated, Self

from pydantic import AfterValidator, Field, model_validator

from sandbox_service.models.fields import MAXIMUM_FILES, FileName, Files, Frozen, Name, Text
from sandbox_service.models.jobs import Choice, Problem, Submission, distinct_ids
from sandbox_service.models.limits import RequestedLimits
from sandbox_service.models.problem_programs import MOST_ARGUMENTS, Argument
from sandbox_service.models.tests import TestChoice

MOST_RUNS = 32


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

    items: Annotated[tuple[Completion, ...], Field(min_length=1), AfterValidator(distinct_ids)]
    problem: Problem | None = None
    language: Name | None = None
    options: Mapping[Name, Text] = Field(default_factory=dict)
    extract: Annotated[ExtractionRule, Field(strict=False)] = ExtractionRule.LAST_FENCE
    tests: TestChoice | None = None
    stop_on_failure: bool = False
    reward: Choice = Choice(name="all_or_nothing")


class MatrixRequest(Frozen):
    """Solutions to run on inputs, each on each once; nothing is expected of the outputs."""

    solutions: Annotated[tuple[Submission, ...], Field(min_length=1), AfterValidator(distinct_ids)]
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
