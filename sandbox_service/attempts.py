"""The runs of one submission, of which the first may have to compile it."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from sandbox_service.models import Execution, Outcome, TestResult
from sandbox_service.programs import Late, Program
from sandbox_service.sandboxes.contract import Step
from sandbox_service.trials import Contender, Trial


class DoesNotCompile(Exception):
    """There is nothing to run; what the compiler said is in the attempt's program."""


class _NothingConcluded(Exception):
    """From a first run: the program is to be compiled by itself, or run again."""


class Attempt:
    """A program on its way through its tests."""

    def __init__(self, program: Program, contend: Callable[[Program], Contender], trial: Trial[Any]) -> None:
        self.program = program
        self._contend = contend
        self._contender = contend(program)
        self._trial = trial

    def result(self, position: int) -> TestResult:
        """Of the test at that position.

        Raises:
            DoesNotCompile: the program turned out not to.
            BoxBroken, ProblemProgramFailed: as the trial does.
        """
        if self.program.late is not None:
            result = self._first_result(self.program.late, position)
            if result is not None:
                return result
        return self._trial.run(self._contender, self._trial.tests[position])

    def _first_result(self, late: Late, position: int) -> TestResult | None:
        """None when the run came to nothing, and the program, compiled now, is to be run as any other."""
        executions: list[Execution] = []

        def note(execution: Execution) -> None:
            executions.append(execution)
            # Of what the two took together it cannot be said who took too much.
            if execution.compiled is None or execution.outcome is Outcome.OUT_OF_MEMORY:
                raise _NothingConcluded

        command = replace(self._contender.command, step=Step.FIRST_RUN)
        result = None
        try:
            test = self._trial.tests[position]
            result = self._trial.run(replace(self._contender, command=command, noted=note), test)
        except _NothingConcluded:
            pass
        compiled = executions[0].compiled
        program = late.compile_now() if compiled is None else late.compiled_by(compiled, executions[0])
        self.program = replace(program, runner=self.program.runner)
        if not self.program.runs:
            raise DoesNotCompile
        self._contender = self._contend(self.program)
        return result
