"""What a reward scheme is, and the kinds of parameters that schemes declare."""

from collections.abc import Callable, Sized
from typing import Annotated, TypeVar

from pydantic import AfterValidator, Field, ValidationInfo

from sandbox_service.models import Judgement, Outline

Reward = Callable[[Judgement], float]

# In the context that parameters are checked with.
OUTLINE = "outline"  # what the tests of the problem are
CHOSEN = "chosen"  # whether only some of them are run

Points = Annotated[float, Field(ge=-1e9, le=1e9)]
Fraction = Annotated[float, Field(ge=0, le=1)]

_Many = TypeVar("_Many", bound=Sized)


def _one_per_test(values: _Many, info: ValidationInfo) -> _Many:
    tests = _tests(info)
    if tests is not None and len(values) != tests:
        raise ValueError(f"must hold one number for each of the {tests} tests, not {len(values)}")
    return values


def _is_a_test(position: int, info: ValidationInfo) -> int:
    tests = _tests(info)
    if tests is not None and position >= tests:
        raise ValueError(f"there is no test {position}; the problem has {tests}, counted from 0")
    return position


def _tests(info: ValidationInfo) -> int | None:
    """How many tests there are, where it is known."""
    if (info.context or {}).get(CHOSEN):
        raise ValueError("speaks of all tests of the problem, so that 'tests' cannot choose some of them")
    outline = outline_in(info)
    return None if outline is None else outline.tests


def outline_in(info: ValidationInfo) -> Outline | None:
    """What the tests of the problem are, where it is known."""
    outline: Outline | None = (info.context or {}).get(OUTLINE)
    return outline


Weight = Annotated[float, Field(ge=0, le=1e9)]
Weights = Annotated[tuple[Weight, ...], Field(min_length=1), AfterValidator(_one_per_test)]
Position = Annotated[int, Field(ge=0), AfterValidator(_is_a_test)]
