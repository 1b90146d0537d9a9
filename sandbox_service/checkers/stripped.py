"""Equal but for white space around the whole."""

from sandbox_service.checkers.contract import Checker


def stripped() -> Checker:
    """Equal character for character, but for white space (as Unicode has it) before and behind the whole text.

    Bytes that are not UTF-8 equal themselves only.
    """
    return _check


def _check(expected: bytes, output: bytes) -> float:
    return float(expected == output or _text(expected) == _text(output))


def _text(output: bytes) -> str:
    return output.decode(errors="surrogateescape").strip()
