"""How a submission is tried on a test, by what the test asks of it."""

from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Any

from sandbox_service import checkers
from sandbox_service.models import CheckerProgram, Problem, TestCase
from sandbox_service.runners import Runner
from sandbox_service.trials.checked import Checked
from sandbox_service.trials.contract import Contender, Trial
from sandbox_service.trials.interactive import Interactive
from sandbox_service.trials.printed import Printed

__all__ = ["Contender", "Trial", "build"]


def build(
    problem: Problem, tests: Sequence[TestCase], languages: Mapping[str, Runner] = MappingProxyType({})
) -> Trial[Any]:
    """The trial that the tests ask for; ``languages`` are those of the programs that a problem may bring along.

    Raises:
        BadRequest: the problem names a checker, or a language of a checker or an interactor, that cannot be.
    """
    if problem.interactor is not None:
        return Interactive.of(problem, tests, languages)
    if isinstance(problem.checker, CheckerProgram):
        return Checked.of(problem.checker, problem.passes, tests, languages)
    return Printed.of(tests, checkers.build(problem.checker))
