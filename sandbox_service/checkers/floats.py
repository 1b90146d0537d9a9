"""Equal as sequences of tokens, numbers within a tolerance."""

import math
import re
from functools import partial

from pydantic import JsonValue

from sandbox_service.checkers import pieces
from sandbox_service.checkers.contract import Checker
from sandbox_service.errors import BadRequest

DEFAULT_TOLERANCE = 1e-6

_NUMBER = re.compile(rb"[+-]?(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)(?:[eE][+-]?[0-9]+)?")


def floats(absolute: JsonValue = DEFAULT_TOLERANCE, relative: JsonValue = DEFAULT_TOLERANCE) -> Checker:
    """Equal token by token; two numbers are equal when one of the tolerances, absolute or relative, holds.

    ``absolute`` bounds their difference, ``relative`` the same as a fraction of the expected number. A
    number is a decimal literal in ASCII, with or without sign, point and exponent, that a double can
    hold; numbers compare as doubles. Every other token is a word and must be the same byte for byte:
    ``nan``, ``inf``, ``0x10``, ``1_000``, ``1e400``, other scripts' digits and what is not UTF-8 equal
    themselves only, and never a number.
    """
    return partial(
        _check,
        _tolerance("absolute", absolute, most=math.inf),
        _tolerance("relative", relative, most=1.0),
    )


def _tolerance(name: str, value: JsonValue, *, most: float) -> float:
    if isinstance(value, int | float) and not isinstance(value, bool):
        try:
            tolerance = float(value)
        except OverflowError:  # an integer beyond every double
            tolerance = math.inf
        if 0 <= tolerance < math.inf and tolerance <= most:
            return tolerance
    possible = "a finite number of at least 0" if most == math.inf else f"a number from 0 to {most:g}"
    raise BadRequest(f"checker 'floats': {name} must be {possible}", field=f"problem.checker.{name}")


def _check(absolute: float, relative: float, expected: bytes, output: bytes) -> float:
    if expected == output:
        return 1.0
    close = partial(_close, absolute, relative)
    return float(pieces.same(pieces.tokens(expected), pieces.tokens(output), equal=close))


def _close(absolute: float, relative: float, expected: object, output: object) -> bool:
    if expected == output:
        return True
    wanted, found = number(expected), number(output)
    if wanted is None or found is None:
        return False
    return abs(wanted - found) <= max(absolute, relative * abs(wanted))


def number(token: object) -> float | None:
    """What the token says as a decimal literal that a double can hold."""
    if not isinstance(token, bytes) or not _NUMBER.fullmatch(token):
        return None
    number = float(token)
    return number if math.isfinite(number) else None
