"""Equal as sequences of whitespace-separated tokens. The default."""

from functools import partial

from sandbox_service.checkers import pieces
from sandbox_service.checkers.contract import Checker
from sandbox_service.errors import BadRequest


def tokens(ignore_case: bool = False) -> Checker:
    """Equal as sequences of tokens, byte for byte; ASCII white space separates and is otherwise ignored.

    With ``ignore_case``, as Kattis has it by default, ASCII letters are equal in both cases. Output that is not
    UTF-8 is split like any other and equals nothing that was expected.
    """
    if not isinstance(ignore_case, bool):
        raise BadRequest("ignore_case is true or false", field="problem.checker.ignore_case")
    return partial(_check, ignore_case)


def _check(ignore_case: bool, expected: bytes, output: bytes) -> float:
    if ignore_case:
        expected, output = expected.lower(), output.lower()  # of bytes: ASCII alone
    return float(expected == output or pieces.same(pieces.tokens(expected), pieces.tokens(output)))
