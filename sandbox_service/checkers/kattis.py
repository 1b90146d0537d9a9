"""Equal by the rules of Kattis' default output validator."""

from functools import partial

from pydantic import JsonValue

from sandbox_service.checkers import pieces
from sandbox_service.checkers.contract import Checker
from sandbox_service.checkers.floats import number
from sandbox_service.errors import BadRequest


def kattis(
    case_sensitive: JsonValue = False,
    space_change_sensitive: JsonValue = False,
    float_tolerance: JsonValue = None,
    float_absolute_tolerance: JsonValue = None,
    float_relative_tolerance: JsonValue = None,
) -> Checker:
    """The default output validator of Kattis' problem package format, with its flags as parameters.

    Tokens are compared without regard to the case of ASCII letters, unless ``case_sensitive``. With a tolerance, an
    expected token that is a number is compared as one: the output's must be within the absolute or the relative
    tolerance; ``float_tolerance`` stands for both. With ``space_change_sensitive`` all white space must be the same
    too. Output that is not UTF-8 is split like any other.
    """
    both = _tolerance("float_tolerance", float_tolerance)
    absolute = _tolerance("float_absolute_tolerance", float_absolute_tolerance)
    relative = _tolerance("float_relative_tolerance", float_relative_tolerance)
    equal = partial(
        _equal,
        not _flag("case_sensitive", case_sensitive),
        both if absolute is None else absolute,
        both if relative is None else relative,
    )
    return partial(_check, equal, _flag("space_change_sensitive", space_change_sensitive))


def _flag(name: str, value: JsonValue) -> bool:
    if not isinstance(value, bool):
        raise BadRequest(f"checker 'kattis': {name} is true or false", field=f"problem.checker.{name}")
    return value


def _tolerance(name: str, value: JsonValue) -> float | None:
    if value is None:
        return None
    if isinstance(value, int | float) and not isinstance(value, bool) and 0 <= value <= 1e300:
        return float(value)
    raise BadRequest(f"checker 'kattis': {name} must be a number of at least 0", field=f"problem.checker.{name}")


def _check(equal: "partial[bool]", with_space: bool, expected: bytes, output: bytes) -> float:
    if expected == output:
        return 1.0
    if with_space and not pieces.same(pieces.spaces(expected), pieces.spaces(output)):
        return 0.0
    return float(pieces.same(pieces.tokens(expected), pieces.tokens(output), equal=equal))


def _equal(folds: bool, absolute: float | None, relative: float | None, expected: object, output: object) -> bool:
    if expected == output:
        return True
    if not isinstance(expected, bytes) or not isinstance(output, bytes):  # one side has ended
        return False
    wanted = number(expected) if absolute is not None or relative is not None else None
    if wanted is None:
        return folds and expected.lower() == output.lower()
    found = number(output)
    if found is None:
        return False
    difference = abs(wanted - found)
    return difference <= (absolute or 0.0) or difference <= (relative or 0.0) * abs(wanted)
