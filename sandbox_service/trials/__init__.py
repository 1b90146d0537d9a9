"""How a submission is tried on a test, by what the test asks of it."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from sandbox_service import checkers
from sandbox_service.models import Problem, TestCase, TestKind
from sandbox_service.trials.calls import Calls
from sandbox_service.trials.contract import Contender, Trial
from sandbox_service.trials.printed import Printed

__all__ = ["Contender", "Trial", "build"]


def build(problem: Problem, tests: Sequence[TestCase]) -> Trial[Any]:
    """The trial that the tests ask for.

    Raises:
        BadRequest: the problem names a checker that cannot be.
    """
    return _TRIALS[tests[0].kind](problem, tests)


def _calls(problem: Problem, tests: Sequence[TestCase]) -> Trial[Any]:
    return Calls.of(tests, checkers.build_for_values(problem.checker))


def _printed(problem: Problem, tests: Sequence[TestCase]) -> Trial[Any]:
    return Printed.of(tests, checkers.build(problem.checker))


_TRIALS: Mapping[TestKind, Callable[[Problem, Sequence[TestCase]], Trial[Any]]] = {
    TestKind.CALL: _calls,
    TestKind.STDIN: _printed,
}
