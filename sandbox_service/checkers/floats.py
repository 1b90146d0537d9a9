"""Equal as sequences of tokens, numbers within a tolerance."""

import math
import re
from functools import partial

from pydantic import JsonValue

from sandbox_service.checkers import parameters, pieces
from sandbox_service.checkers.contract import Checker

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
        parameters.tolerance("floats", "absolute", absolute, most=math.inf),
        parameters.tolerance("floats", "relative", relative, most=1.0),
    )


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
