"""A test whose output a program of the problem's looks at."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Self

from sandbox_service.compilers import Compiler
from sandbox_service.errors import ProblemProgramFailed
from sandbox_service.models import CheckerProgram, Execution, Submission, TestCase, TestResult, Verdict
from sandbox_service.programs import Program
from sandbox_service.runners import Runner
from sandbox_service.sandboxes.contract import Box
from sandbox_service.trials import executions, protocols
from sandbox_service.trials.contract import Contender
from sandbox_service.trials.printed import PrintedTest, encoded
from sandbox_service.trials.problem_programs import COLLECTED, Material, ReadyProgram
from sandbox_service.trials.protocols import ANSWER, FEEDBACK, INPUT, NEXT_INPUT, OUTPUT, Ending, Opinion


class ProgramChecker:
    """A checker program, asked for its opinion on one output after the other."""

    def __init__(self, checker: CheckerProgram, languages: Mapping[str, Runner]) -> None:
        """Raises BadRequest when its language cannot be."""
        self._program = ReadyProgram("checker", checker, languages)
        self._protocol = protocols.OF_CHECKERS[checker.protocol]

    def make_ready(self, contender: Contender) -> None:
        self._program.make_ready(contender)

    def opinion(
        self, contender: Contender, test: PrintedTest, output: bytes, feedback: Material
    ) -> tuple[Opinion, Material]:
        """What it thinks of an output, and the feedback that it left, to which it may add in a further pass.

        Raises:
            ProblemProgramFailed: it crashed, ran out of something or said what the protocol does not know.
            BoxBroken: the box could not report.
        """
        on_stdin = self._protocol.output_on_stdin
        material = {INPUT: test.stdin, ANSWER: test.expected or b"", **feedback}
        if not on_stdin:
            material[OUTPUT] = output
        execution = self._program.box(contender).run(
            self._program.command(self._protocol.arguments, material, test.checker_arguments),
            self._program.limits(material),
            stdin=output if on_stdin else b"",
            collect=COLLECTED,
        )
        opinion = Ending(self._program.role, execution, self._program.full_score).opinion(self._protocol)
        return opinion, execution.files


class Passes:
    """The inputs of one test after the first: each is what the checker or interactor left for the next run."""

    def __init__(self, role: str, most: int) -> None:
        self._role = role
        self._left = most
        self.feedback: Material = {}

    def next_input(self, opinion: Opinion, left_behind: Material) -> bytes | None:
        """The input of the next run, if there is to be one.

        Raises:
            ProblemProgramFailed: there may be no further run.
        """
        self._left -= 1
        self.feedback = {name: text for name, text in left_behind.items() if name != NEXT_INPUT}
        if NEXT_INPUT not in left_behind:
            return None
        name = NEXT_INPUT.removeprefix(FEEDBACK)
        if opinion.score == 0:
            raise ProblemProgramFailed(f"the problem's {self._role} refused and wrote {name}")
        if not self._left:
            raise ProblemProgramFailed(f"the problem's {self._role} wrote {name} after the last of the 'passes'")
        return left_behind[NEXT_INPUT]


def slower(execution: Execution, before: Execution | None) -> Execution:
    """A further run of the same test, with the figures of the one that took the most."""
    if before is None:
        return execution
    return replace(
        execution,
        cpu_seconds=max(execution.cpu_seconds, before.cpu_seconds),
        wall_seconds=max(execution.wall_seconds, before.wall_seconds),
        memory_bytes=max(execution.memory_bytes, before.memory_bytes),
    )


class Checked:
    """Lets a checker program decide, in as many passes as the problem has."""

    def __init__(self, tests: Sequence[PrintedTest], checker: ProgramChecker, passes: int) -> None:
        self.tests = tests
        self._checker = checker
        self._passes = passes

    @classmethod
    def of(
        cls, checker: CheckerProgram, passes: int, tests: Sequence[TestCase], languages: Mapping[str, Runner]
    ) -> Self:
        """Raises BadRequest when the checker's language cannot be."""
        return cls(encoded(tests), ProgramChecker(checker, languages), passes)

    def compile(self, submission: Submission, runner: Runner, box: Box, compiler: Compiler) -> Program:
        return compiler.compile(submission, runner, box, late=True)

    def run(self, contender: Contender, test: PrintedTest) -> TestResult:
        # First, so that a checker that does not compile is the same failure for every submission.
        self._checker.make_ready(contender)
        contender = contender.called_with(test.arguments)
        passes = Passes("checker", self._passes)
        given, execution = test, None
        while True:
            execution = slower(executions.run(contender, given.stdin), execution)
            failure = executions.failure(execution, contender)
            if failure is not None:
                return executions.result(contender, execution, failure, 0.0)
            opinion, left_behind = self._checker.opinion(contender, given, execution.stdout, passes.feedback)
            next_input = passes.next_input(opinion, left_behind)
            if next_input is None:
                verdict = Verdict.ACCEPTED if opinion.score >= 1 else Verdict.WRONG_ANSWER
                return executions.result(contender, execution, verdict, opinion.score, message=opinion.message)
            given = replace(test, stdin=next_input)
