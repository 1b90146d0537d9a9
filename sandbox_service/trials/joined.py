"""Test code in the submission's process: proof of its end where the language allows, else its exit code."""

import base64
import json
import secrets
from dataclasses import dataclass, replace
from typing import Self

from sandbox_service import harnesses
from sandbox_service.compilers import Compiler
from sandbox_service.harnesses import Part
from sandbox_service.models import Guarantee, Reason, Submission, TestCase, TestResult, Verdict
from sandbox_service.programs import Program
from sandbox_service.runners import Runner, files_of
from sandbox_service.sandboxes.contract import Box, Command, File
from sandbox_service.trials import executions, verdicts
from sandbox_service.trials.contract import Contender
from sandbox_service.trials.joins import join

_PROOF_FILE = "completed"


class SameProcess:
    """Runs one and then the other, in a language that has a harness for it."""

    def run(self, contender: Contender, test: TestCase) -> TestResult:
        mark = secrets.token_hex(16)
        like, runner = contender.command, contender.runner
        order = File(json.dumps({"assertions": test.assertions, "entry_point": test.entry_point or ""}).encode())
        command = harnesses.part_command(Part.SAME_PROCESS, runner, like, {**like.files, "order.json": order})
        collect = (*contender.fetch, verdicts.OUTCOME_FILE)
        execution = executions.run(replace(contender, command=command, fetch=collect), mark.encode())
        return verdicts.judged(contender, execution, verdicts.Ending.read(execution, mark), Guarantee.COMPLETION)


@dataclass(frozen=True, slots=True)
class Appended:
    """A program that the submission and the test code make up together."""

    submission: Submission
    program: Program
    proves: bool

    @classmethod
    def compiled(cls, submission: Submission, test: TestCase, runner: Runner, box: Box, compiler: Compiler) -> Self:
        assert runner.assertions is not None
        source, proves = join(submission.source, test.assertions or "", runner.assertions)
        whole = submission.model_copy(update={"source": source})
        laid = {name: base64.b64encode(text.encode()).decode() for name, text in runner.assertions.files.items()}
        together = whole.model_copy(update={"files": {**submission.files, **laid}})
        program = compiler.compile(together, runner, box)
        return cls(whole, program, proves)

    def run(self, contender: Contender, test: TestCase) -> TestResult:
        guarantee = Guarantee.COMPLETION if self.proves else Guarantee.EXIT_CODE
        if not self.program.runs:
            return _not_compiled(self.program, guarantee)
        mark = secrets.token_hex(16).encode()
        collect = (*contender.fetch, _PROOF_FILE) if self.proves else contender.fetch
        execution = executions.run(replace(contender, command=self._command(contender), fetch=collect), mark)
        proven = not self.proves or execution.files.get(_PROOF_FILE, b"").strip() == mark
        files = {name: content for name, content in execution.files.items() if name != _PROOF_FILE}
        ending = verdicts.Ending(verdicts.COMPLETED, "") if proven else None
        return verdicts.judged(contender, replace(execution, files=files), ending, guarantee)

    def _command(self, contender: Contender) -> Command:
        runner, limits = contender.runner, contender.limits
        own = replace(limits, memory_bytes=limits.memory_bytes - runner.overhead.memory_bytes)
        files = {**files_of(self.submission), **self.program.files}
        command = runner.run_command(
            files, self.submission.options, self.program.entry, own, self.program.code, self.program.fast
        )
        assert runner.assertions is not None
        return replace(command, argv=(*command.argv, *runner.assertions.arguments))


def _not_compiled(program: Program, guarantee: Guarantee) -> TestResult:
    """The result of a test whose code does not compile together with the submission."""
    compilation = program.compilation
    assert compilation is not None
    return TestResult(
        verdict=Verdict.COMPILE_ERROR,
        score=0.0,
        cpu_seconds=compilation.cpu_seconds,
        wall_seconds=compilation.wall_seconds,
        memory_bytes=compilation.memory_bytes,
        exit_code=compilation.exit_code,
        signal=compilation.signal,
        stdout="",
        stdout_truncated=False,
        stderr=compilation.log,
        stderr_truncated=compilation.log_truncated,
        guarantee=guarantee,
        reason=compilation.reason or Reason.COMPILE_ERROR,
    )
