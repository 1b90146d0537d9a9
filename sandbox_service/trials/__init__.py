"""How a submission is tried on a test, by what the test asks of it."""

from collections.abc import Sequence
from typing import Any

from sandbox_service import checkers
from sandbox_service.models import Problem, TestCase
from sandbox_service.trials.contract import Contender, Trial
from sandbox_service.trials.printed import Printed

__all__ = ["Contender", "Trial", "build"]


def build(problem: Problem, tests: Sequence[TestCase]) -> Trial[Any]:
    """The trial that the tests ask for.

    Raises:
        BadRequest: the problem names a checker that cannot be.
    """
    return Printed.of(tests, checkers.build(problem.checker))
