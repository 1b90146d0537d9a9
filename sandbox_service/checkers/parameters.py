"""Checks the parameters that checkers take."""

import math
from collections.abc import Sequence

from pydantic import JsonValue

from sandbox_service.errors import BadRequest


def tolerance(checker: str, name: str, value: JsonValue, *, most: float) -> float:
    """A finite number from 0 to ``most``.

    Raises:
        BadRequest: it is none.
    """
    if isinstance(value, int | float) and not isinstance(value, bool):
        try:
            number = float(value)
        except OverflowError:  # an integer beyond every double
            number = math.inf
        if 0 <= number < math.inf and number <= most:
            return number
    possible = "a finite number of at least 0" if most == math.inf else f"a number from 0 to {most:g}"
    raise BadRequest(f"checker {checker!r}: {name} must be {possible}", field=f"problem.checker.{name}")


def one_of(checker: str, name: str, value: JsonValue, possible: Sequence[str]) -> str:
    """One of some words.

    Raises:
        BadRequest: it is none.
    """
    if isinstance(value, str) and value in possible:
        return value
    raise BadRequest(
        f"checker {checker!r}: {name} must be one of {', '.join(possible)}", field=f"problem.checker.{name}"
    )
