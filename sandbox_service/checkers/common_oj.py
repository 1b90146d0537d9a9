"""Equal by the rules of SandboxFusion's online judge."""

import math

from sandbox_service.checkers import pieces
from sandbox_service.checkers.contract import Checker

RELATIVE = 1e-5
LEAST = 1e-10


def common_oj() -> Checker:
    """SandboxFusion's comparison of standard output, which ScaleBox has too.

    White space around the whole text and around each line is ignored, and so is upper and lower case; the
    number of lines must match; a line that is one number may differ from the expected one by a part in
    100,000. Bytes that are not UTF-8 equal themselves only.
    """
    return _check


def _check(expected: bytes, output: bytes) -> float:
    return float(
        expected == output
        or pieces.same(
            map(str.lower, pieces.stripped_lines(expected)), map(str.lower, pieces.stripped_lines(output)), _same_line
        )
    )


def _same_line(expected: object, output: object) -> bool:
    if not isinstance(expected, str) or not isinstance(output, str):  # a side has ended, or both have
        return expected is output
    return expected == output or _nearly(expected, output)


def _nearly(expected: str, output: str) -> bool:
    try:
        wanted, found = float(expected), float(output)
    except ValueError:
        return False
    # Two infinities have no difference, and nothing is near to what is not a number.
    return math.isfinite(found) and abs(found - wanted) / max(abs(wanted), LEAST) < RELATIVE
