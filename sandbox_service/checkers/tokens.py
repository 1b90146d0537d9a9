"""Equal as sequences of whitespace-separated tokens. The default."""

from sandbox_service.checkers import pieces
from sandbox_service.checkers.contract import Checker


def tokens() -> Checker:
    """Equal as sequences of tokens, byte for byte; ASCII white space separates and is otherwise ignored.

    Output that is not UTF-8 is split like any other and equals nothing that was expected.
    """
    return _check


def _check(expected: bytes, output: bytes) -> float:
    return float(expected == output or pieces.same(pieces.tokens(expected), pieces.tokens(output)))
