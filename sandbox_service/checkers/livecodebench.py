"""Equal by LiveCodeBench's rules for programs that read standard input."""

from decimal import Decimal, InvalidOperation
from itertools import zip_longest

from sandbox_service.checkers import pieces
from sandbox_service.checkers.contract import Checker


def livecodebench() -> Checker:
    """LiveCodeBench's comparison of standard output, answer for answer.

    White space (as Unicode has it) around the whole text and around each line is ignored; the number of
    lines must match; each line must be the same text, or both must be the same sequence of decimal
    numbers, without a tolerance. A number is what Python's ``Decimal`` takes: ``1.0`` is ``1.00`` and
    ``1e0``, ``1_000`` is ``1000``, ``Infinity`` is ``inf``; ``nan`` is no number's equal, not even its
    own. Bytes that are not UTF-8, which LiveCodeBench cannot meet, equal themselves only.
    """
    return _check


def _check(expected: bytes, output: bytes) -> float:
    if expected == output:
        return 1.0
    for wanted, found in zip_longest(pieces.stripped_lines(expected), pieces.stripped_lines(output)):
        if wanted is None or found is None:
            return 0.0
        if wanted != found and not _same_numbers(wanted, found):
            return 0.0
    return 1.0


def _same_numbers(expected: str, output: str) -> bool:
    try:
        return pieces.same(map(Decimal, pieces.words(expected)), map(Decimal, pieces.words(output)))
    except (InvalidOperation, ValueError):  # not a number, or a signalling nan, which cannot be compared
        return False
