"""Equal in kind and in content, floating point numbers within a tolerance. The default for calls."""

import math
from collections.abc import Sequence
from functools import partial

from pydantic import JsonValue

from sandbox_service.checkers import parameters
from sandbox_service.checkers.values.codec import Value
from sandbox_service.checkers.values.contract import ValueChecker

DEFAULT_TOLERANCE = 1e-6


def strict(
    absolute: JsonValue = DEFAULT_TOLERANCE,
    relative: JsonValue = DEFAULT_TOLERANCE,
    numbers: JsonValue = "typed",
    sequences: JsonValue = "typed",
) -> ValueChecker:
    """Equal in kind and in content, at every depth.

    A boolean, a text and null equal themselves only. Where an integer is expected, the answer is that integer, and
    2.0 is not 2; with ``"numbers": "equal"`` it is. Where a number with a point or an exponent is expected, the answer
    is a number, integer or not, and one of the tolerances, ``absolute`` or ``relative``, holds; nan and infinity are
    never equal to it. Lists are equal item by item, and a tuple is no list unless ``"sequences": "equal"``; objects
    have the same keys, in any order.
    """
    return partial(
        _check,
        _Rules(
            parameters.tolerance("strict", "absolute", absolute, most=math.inf),
            parameters.tolerance("strict", "relative", relative, most=1.0),
            parameters.one_of("strict", "numbers", numbers, ("typed", "equal")) == "equal",
            parameters.one_of("strict", "sequences", sequences, ("typed", "equal")) == "equal",
        ),
    )


class _Rules:
    """What is equal to what."""

    __slots__ = ("absolute", "any_number", "any_sequence", "relative")

    def __init__(self, absolute: float, relative: float, any_number: bool, any_sequence: bool) -> None:
        self.absolute = absolute
        self.relative = relative
        self.any_number = any_number
        self.any_sequence = any_sequence


def _check(rules: _Rules, expected: JsonValue, answer: Value) -> float:
    return float(_same(rules, expected, answer))


def _same(rules: _Rules, expected: JsonValue, answer: Value) -> bool:
    if isinstance(expected, bool) or expected is None or isinstance(expected, str):
        return type(answer) is type(expected) and answer == expected
    if isinstance(expected, int):
        if type(answer) is int or (rules.any_number and type(answer) is float):
            return answer == expected
        return False
    if isinstance(expected, float):
        return _close(rules, expected, answer)
    if isinstance(expected, dict):
        if not isinstance(answer, dict) or answer.keys() != expected.keys():
            return False
        return all(_same(rules, value, answer[key]) for key, value in expected.items())
    if isinstance(answer, list) or (rules.any_sequence and isinstance(answer, tuple)):
        return len(answer) == len(expected) and _same_items(rules, expected, answer)
    return False


def _same_items(rules: _Rules, expected: Sequence[JsonValue], answer: Sequence[Value]) -> bool:
    return all(_same(rules, wanted, found) for wanted, found in zip(expected, answer, strict=True))


def _close(rules: _Rules, expected: float, answer: Value) -> bool:
    if type(answer) is not int and type(answer) is not float:
        return False
    try:
        return abs(answer - expected) <= max(rules.absolute, rules.relative * abs(expected))
    except OverflowError:  # an integer beyond every double
        return False
