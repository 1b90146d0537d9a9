"""Which of a problem's tests are run: the same ones for every program, whoever asks."""

import hashlib
from collections.abc import Iterable, Sequence

from sandbox_service.models import TestCase, TestChoice


def choose(choice: TestChoice | None, tests: Sequence[TestCase]) -> Sequence[TestCase]:
    """The chosen tests, in the order of the problem."""
    if choice is None or count(choice, len(tests)) == len(tests):
        return tests
    return [tests[position] for position in sorted(_positions(choice, tests)[: count(choice, len(tests))])]


def count(choice: TestChoice | None, tests: int) -> int:
    """How many of so many tests are run."""
    if choice is None:
        return tests
    return min(tests, choice.sample or choice.longest or choice.first or tests)


def _positions(choice: TestChoice, tests: Sequence[TestCase]) -> Sequence[int]:
    """The tests by their positions, those first that are wanted most."""
    positions = range(len(tests))
    if choice.longest is not None:
        return sorted(positions, key=lambda position: -tests[position].input_bytes)
    if choice.sample is not None:
        return _shuffled(positions, f"{0 if choice.seed is None else choice.seed}")
    return positions


def _shuffled(positions: Iterable[int], seed: str) -> Sequence[int]:
    # By digests and not by `random`, whose draws may differ between versions of Python.
    return sorted(positions, key=lambda position: hashlib.sha256(f"{seed}:{position}".encode()).digest())
