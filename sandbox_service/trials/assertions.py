"""A test of assertions: code in the submission's language that fails unless the submission is right."""

from collections.abc import Sequence

from sandbox_service.compilers import Compiler
from sandbox_service.models import AssertionMode, Submission, TestCase, TestResult
from sandbox_service.programs import Program
from sandbox_service.runners import Runner
from sandbox_service.sandboxes.contract import Box
from sandbox_service.trials.contract import Contender
from sandbox_service.trials.split import Split


class Assertions:
    """Runs each test's code against a submission, apart from it where the language allows."""

    def __init__(self, tests: Sequence[TestCase]) -> None:
        self.tests = tests
        self._ways: dict[AssertionMode, Split] = {}

    def compile(self, submission: Submission, runner: Runner, box: Box, compiler: Compiler) -> Program:
        program = compiler.compile(submission, runner, box)
        if program.runs and not self._ways:
            self._ways[AssertionMode.SPLIT] = Split.compiled(runner, box, compiler)
        return program

    def run(self, contender: Contender, test: TestCase) -> TestResult:
        return self._ways[test.mode or AssertionMode.SPLIT].run(contender, test)
