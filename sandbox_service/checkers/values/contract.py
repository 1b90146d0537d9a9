"""What every checker of values does, whatever it compares."""

from typing import Protocol

from pydantic import JsonValue

from sandbox_service.checkers.values.codec import Value


class ValueChecker(Protocol):
    """Compares a function's answer with the expected value and answers a score from 0 to 1; 1 is accepted.

    It never raises, and its time grows no faster than the answer.
    """

    def __call__(self, expected: JsonValue, answer: Value, /) -> float: ...
