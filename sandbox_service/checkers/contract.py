"""What every checker does, whatever it compares."""

from typing import Protocol


class Checker(Protocol):
    """Compares an output with the expected one and answers a score from 0 to 1; 1 is accepted.

    Whatever the output holds, a checker answers: it never raises, and its time grows no faster than
    the output.
    """

    def __call__(self, expected: bytes, output: bytes, /) -> float: ...
