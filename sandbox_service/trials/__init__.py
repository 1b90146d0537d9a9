"""How a submission is tried on a test, by what the test asks of it."""

from collections.abc import Callable, Mapping, Sequence
from types import MappingProxyType
from typing import Any

from sandbox_service import checkers
from sandbox_service.errors import BadRequest
from sandbox_service.models import CheckerProgram, Problem, TestCase, TestKind
from sandbox_service.runners import Runner
from sandbox_service.trials.assertions import Assertions
from sandbox_service.trials.calls import Calls
from sandbox_service.trials.checked import Checked
from sandbox_service.trials.contract import Contender, Trial
from sandbox_service.trials.interactive import Interactive
from sandbox_service.trials.printed import Printed

__all__ = ["Contender", "Trial", "build"]

Languages = Mapping[str, Runner]


def build(problem: Problem, tests: Sequence[TestCase], languages: Languages = MappingProxyType({})) -> Trial[Any]:
    """The trial that the tests ask for; ``languages`` are those of the programs that a problem may bring along.

    Raises:
        BadRequest: the problem names a checker, or a language of a checker or an interactor, that cannot be.
    """
    return _TRIALS[tests[0].kind](problem, tests, languages)


def _printed(problem: Problem, tests: Sequence[TestCase], languages: Languages) -> Trial[Any]:
    if problem.interactor is not None:
        return Interactive.of(problem, tests, languages)
    if isinstance(problem.checker, CheckerProgram):
        return Checked.of(problem.checker, problem.passes, tests, languages)
    return Printed.of(tests, checkers.build(problem.checker))


def _calls(problem: Problem, tests: Sequence[TestCase], _languages: Languages) -> Trial[Any]:
    if isinstance(problem.checker, CheckerProgram):
        raise BadRequest("problem.checker: a program does not go with tests that have 'call'", field="problem.checker")
    return Calls.of(tests, checkers.build_for_values(problem.checker))


def _assertions(_: Problem, tests: Sequence[TestCase], _languages: Languages) -> Trial[Any]:
    return Assertions(tests)


_TRIALS: Mapping[TestKind, Callable[[Problem, Sequence[TestCase], Languages], Trial[Any]]] = {
    TestKind.ASSERTIONS: _assertions,
    TestKind.CALL: _calls,
    TestKind.STDIN: _printed,
}
