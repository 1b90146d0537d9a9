"""A test of what a program prints: its input on stdin, a checker for its stdout."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Self

from sandbox_service.checkers import Checker
from sandbox_service.compilers import Compiler
from sandbox_service.models import Submission, TestCase, TestResult, Verdict
from sandbox_service.programs import Program
from sandbox_service.runners import Runner
from sandbox_service.sandboxes.contract import Box
from sandbox_service.trials import executions
from sandbox_service.trials.contract import Contender


@dataclass(frozen=True, slots=True)
class PrintedTest:
    """An input and the output that is expected of it; None when the program is only to be run."""

    stdin: bytes
    expected: bytes | None
    arguments: tuple[str, ...] = ()
    checker_arguments: tuple[str, ...] = ()


def encoded(tests: Sequence[TestCase]) -> Sequence[PrintedTest]:
    """The tests as bytes."""
    return tuple(
        PrintedTest(
            test.stdin.encode(), None if text is None else text.encode(), test.arguments, test.checker_arguments
        )
        for test, text in ((test, test.expected_text) for test in tests)
    )


@dataclass(frozen=True, slots=True)
class Printed:
    """Compares what a program prints with what is expected."""

    tests: Sequence[PrintedTest]
    checker: Checker

    @classmethod
    def of(cls, tests: Sequence[TestCase], checker: Checker) -> Self:
        return cls(encoded(tests), checker)

    def compile(self, submission: Submission, runner: Runner, box: Box, compiler: Compiler) -> Program:
        return compiler.compile(submission, runner, box, late=True)

    def run(self, contender: Contender, test: PrintedTest) -> TestResult:
        execution = executions.run(contender.called_with(test.arguments), test.stdin)
        is_checked = test.expected is not None
        failure = executions.failure(execution, contender)
        if failure is not None:
            return executions.result(contender, execution, failure, 0.0, is_checked=is_checked)
        score = 1.0 if test.expected is None else self.checker(test.expected, execution.stdout)
        verdict = Verdict.ACCEPTED if score >= 1 else Verdict.WRONG_ANSWER
        return executions.result(contender, execution, verdict, score, is_checked=is_checked)
