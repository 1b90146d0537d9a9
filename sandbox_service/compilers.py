"""Compiles a submission once, however often it comes."""

import codecs
import hashlib
import json
from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass

from sandbox_service.entry_points import EntryPoint
from sandbox_service.models import Compilation, Execution, Outcome, Submission
from sandbox_service.runners import Runner, toolchain_version
from sandbox_service.sandboxes.contract import Box, File

LOG_BYTES = 16 * 2**10

REASON_OF_OUTCOME = {
    Outcome.EXITED: None,
    Outcome.SIGNALLED: "the compiler crashed",
    Outcome.OUT_OF_TIME: "the compiler ran out of time",
    Outcome.OUT_OF_MEMORY: "the compiler ran out of memory",
    Outcome.OUT_OF_OUTPUT: "the compiler printed more than it may",
}


@dataclass(frozen=True, slots=True)
class Program:
    """What a submission was made into; there is nothing to run when its compilation failed."""

    files: Mapping[str, File]
    entry: EntryPoint
    compilation: Compilation | None
    code: bytes | None = None  # for a warm interpreter

    @property
    def runs(self) -> bool:
        return self.compilation is None or self.compilation.succeeded

    @property
    def size_bytes(self) -> int:
        log = len(self.compilation.log) if self.compilation else 0
        return log + len(self.code or b"") + sum(len(name) + len(file.content) for name, file in self.files.items())


class Compiler:
    """Compiles submissions, and keeps the programs used last by the digest of all that made them."""

    def __init__(self, memory_bytes: int = 256 * 2**20) -> None:
        self._memory_bytes = memory_bytes
        self._kept_bytes = 0
        self._kept: OrderedDict[str, Program] = OrderedDict()

    def compile(self, submission: Submission, runner: Runner, box: Box) -> Program:
        """The submission's program: the one made before, or a new one."""
        if runner.compile is None:
            entry = runner.find_entry_point(submission.source)
            return Program(runner.source_files(submission, entry), entry, None)
        digest = _digest(submission, runner)
        if digest in self._kept:
            self._kept.move_to_end(digest)
            return self._kept[digest]
        program, lasting = _compile(submission, runner, box)
        if lasting:
            self._keep(digest, program)
        return program

    def _keep(self, digest: str, program: Program) -> None:
        if program.size_bytes > self._memory_bytes:
            return
        self._kept[digest] = program
        self._kept_bytes += program.size_bytes
        while self._kept_bytes > self._memory_bytes:
            _, oldest = self._kept.popitem(last=False)
            self._kept_bytes -= oldest.size_bytes


def _compile(submission: Submission, runner: Runner, box: Box) -> tuple[Program, bool]:
    """The program, with whether compiling again would come to the same."""
    assert runner.compile is not None
    entry = runner.find_entry_point(submission.source)
    command = runner.compile_command(submission, entry)
    execution = box.run(command, runner.compile_limits(), collect=runner.collected())
    reason = REASON_OF_OUTCOME[execution.outcome]
    if execution.outcome is Outcome.EXITED and execution.exit_code == 0 and runner.compile.collect:
        reason = None if execution.files else "the compiler left no program behind"
    files = command.files
    if runner.compile.collect:
        files = {name: File(content, executable=True) for name, content in execution.files.items()}
    code = execution.files.get(runner.warm.code) if runner.warm else None
    program = Program(files, entry, _compilation(execution, reason), code)
    return program, execution.outcome is Outcome.EXITED


def _compilation(execution: Execution, reason: str | None) -> Compilation:
    log = execution.stderr + execution.stdout
    cut = len(log) > LOG_BYTES
    return Compilation(
        succeeded=execution.outcome is Outcome.EXITED and execution.exit_code == 0 and reason is None,
        exit_code=execution.exit_code,
        signal=execution.signal,
        cpu_seconds=execution.cpu_seconds,
        wall_seconds=execution.wall_seconds,
        memory_bytes=execution.memory_bytes,
        log=codecs.getincrementaldecoder("utf-8")("replace").decode(log[:LOG_BYTES], final=not cut),
        log_truncated=cut or execution.stdout_truncated or execution.stderr_truncated,
        reason=reason,
    )


def _digest(submission: Submission, runner: Runner) -> str:
    assert runner.compile is not None
    made_of = {
        "language": runner.name,
        "toolchain": toolchain_version(runner.version),
        "compile": runner.compile.model_dump(mode="json"),
        "options": runner.chosen(submission.options),
        "source": submission.source,
        "files": dict(submission.files),
    }
    return hashlib.sha256(json.dumps(made_of, sort_keys=True).encode()).hexdigest()
