"""A test of assertions: code in the submission's language that fails unless the submission is right."""

from collections.abc import Mapping, Sequence
from typing import Protocol

from sandbox_service.compilers import Compiler
from sandbox_service.errors import BadRequest
from sandbox_service.models import AssertionMode, Submission, TestCase, TestResult
from sandbox_service.programs import Program
from sandbox_service.runners import Runner
from sandbox_service.sandboxes.contract import Box
from sandbox_service.trials.contract import Contender
from sandbox_service.trials.joined import Appended, SameProcess
from sandbox_service.trials.split import Split


class Way(Protocol):
    """How one test's code is brought together with the submission that was compiled last."""

    def run(self, contender: Contender, test: TestCase) -> TestResult: ...


class Assertions:
    """Runs each test's code against a submission, apart from it where the language allows."""

    def __init__(self, tests: Sequence[TestCase]) -> None:
        self.tests = tests
        self._ways: dict[TestCase, Way] = {}

    def compile(self, submission: Submission, runner: Runner, box: Box, compiler: Compiler) -> Program:
        rule = runner.assertions
        if rule is None:
            raise BadRequest(f"test code cannot be run in {runner.name}", field="language")
        self._ways = {}
        if rule.harness is None:
            return self._append(submission, runner, box, compiler)
        program = compiler.compile(submission, runner, box)
        if program.runs:
            kinds: Mapping[AssertionMode, Way] = {
                AssertionMode.SPLIT: Split(),
                AssertionMode.SAME_PROCESS: SameProcess(),
            }
            self._ways = {test: kinds[test.mode or AssertionMode.SPLIT] for test in self.tests}
        return program

    def _append(self, submission: Submission, runner: Runner, box: Box, compiler: Compiler) -> Program:
        """The program of the first test; each has one of its own."""
        if any(test.mode is AssertionMode.SPLIT for test in self.tests):
            raise BadRequest(f"mode: {runner.name} has no 'split', only 'same_process'", field="problem.tests")
        programs = [Appended.compiled(submission, test, runner, box, compiler) for test in self.tests]
        self._ways = dict(zip(self.tests, programs, strict=True))
        return programs[0].program

    def run(self, contender: Contender, test: TestCase) -> TestResult:
        return self._ways[test].run(contender, test)
