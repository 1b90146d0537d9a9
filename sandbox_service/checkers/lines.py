"""Equal line for line, trailing white space forgiven."""

from collections.abc import Iterator

from sandbox_service.checkers import pieces
from sandbox_service.checkers.contract import Checker


def lines() -> Checker:
    """Equal line for line, byte for byte, but for ASCII white space at the ends of lines and blank lines at the end.

    Output that is not UTF-8 equals nothing that was expected.
    """
    return _check


def _check(expected: bytes, output: bytes) -> float:
    return float(expected == output or pieces.same(_lines(expected), _lines(output)))


def _lines(text: bytes) -> Iterator[bytes]:
    return map(bytes.rstrip, pieces.lines(text.rstrip()))
