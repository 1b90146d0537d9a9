"""Equal by LiveCodeBench's rules for functions."""

from pydantic import JsonValue

from sandbox_service.checkers.values.codec import Value
from sandbox_service.checkers.values.contract import ValueChecker


def livecodebench() -> ValueChecker:
    """LiveCodeBench's comparison of what a function answers, answer for answer: Python's own equality.

    True is 1 and 1 is 1.0, without a tolerance; a tuple is the list of its items, but within another value it is not.
    """
    return _check


def _check(expected: JsonValue, answer: Value) -> float:
    return float((list(answer) if isinstance(answer, tuple) else answer) == expected)
