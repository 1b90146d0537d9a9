"""Equal as collections of lines, in any order."""

from collections import Counter
from collections.abc import Iterator

from sandbox_service.checkers import pieces
from sandbox_service.checkers.contract import Checker


def unordered() -> Checker:
    """Equal as collections of lines in any order; each line counts as often as it occurs.

    ASCII white space at the end of a line and blank lines are ignored. Output that is not UTF-8 equals
    nothing that was expected.
    """
    return _check


def _check(expected: bytes, output: bytes) -> float:
    return float(expected == output or _same_collection(expected, output))


def _same_collection(expected: bytes, output: bytes) -> bool:
    # Only the expected lines are kept: an output with millions of others ends at the first of them.
    missing = Counter(_lines(expected))
    for line in _lines(output):
        count = missing[line]  # a Counter answers 0 for what it does not hold, and does not keep it
        if count == 0:
            return False
        if count == 1:
            del missing[line]
        else:
            missing[line] = count - 1
    return not missing


def _lines(text: bytes) -> Iterator[bytes]:
    return filter(None, map(bytes.rstrip, pieces.lines(text)))
