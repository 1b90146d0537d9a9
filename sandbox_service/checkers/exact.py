"""Equal byte for byte."""

from sandbox_service.checkers.contract import Checker


def exact() -> Checker:
    """Equal byte for byte; output that is not UTF-8 equals nothing that was expected."""
    return _check


def _check(expected: bytes, output: bytes) -> float:
    return float(expected == output)
