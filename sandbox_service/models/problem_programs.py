"""The programs that a problem brings along: they judge, and are never judged."""

from collections.abc import Mapping
from enum import StrEnum
from typing import Annotated, Literal

from pydantic import AfterValidator, Field, StringConstraints

from sandbox_service.models.fields import Files, Frozen, Name, Text
from sandbox_service.models.limits import RequestedLimits

MOST_ARGUMENTS = 100
MOST_PASSES = 100

MATERIAL = "judging"  # the folder in which such a program finds what it is to judge by


def _not_among_the_material(files: Mapping[str, str]) -> Mapping[str, str]:
    for name in files:
        if name.split("/")[0] == MATERIAL:
            raise ValueError(f"{name!r}: the folder {MATERIAL!r} is for the input, the output and the answer")
    return files


Argument = Annotated[Text, StringConstraints(max_length=1000)]


class CheckerProtocol(StrEnum):
    """How a checker is called, and how it says what it thinks."""

    TESTLIB = "testlib"
    KATTIS = "kattis"
    SCORE = "score"


class InteractorProtocol(StrEnum):
    """The same for an interactor."""

    TESTLIB = "testlib"
    KATTIS = "kattis"


class ProblemProgram(Frozen):
    """A program of the problem's; ``arguments`` come after those that its protocol gives it.

    A score of its own, if it says one, is worth that part of ``full_score``.
    """

    language: Name
    source: Text
    options: Mapping[Name, Text] = Field(default_factory=dict)
    files: Annotated[Files, AfterValidator(_not_among_the_material)] = Field(
        default_factory=dict, description="base64 by relative name, laid beside the source"
    )
    arguments: tuple[Argument, ...] = Field((), max_length=MOST_ARGUMENTS)
    limits: RequestedLimits = RequestedLimits()
    full_score: Annotated[float, Field(gt=0)] = 1.0


class CheckerProgram(ProblemProgram):
    """Looks at what a submission printed, in a box of its own."""

    name: Literal["program"] = "program"
    protocol: Annotated[CheckerProtocol, Field(strict=False)]


class Interactor(ProblemProgram):
    """Talks with a submission, from a box of its own: each reads what the other writes."""

    protocol: Annotated[InteractorProtocol, Field(strict=False)]
