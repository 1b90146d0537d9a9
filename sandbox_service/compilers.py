"""Compiles a submission once, however often it comes."""

import codecs
import hashlib
import json
from collections import Counter
from dataclasses import replace
from enum import StrEnum
from pathlib import Path
from typing import Self

from sandbox_service.models import Compilation, Compiled, Execution, Outcome, Submission
from sandbox_service.preparations import Preparations, Ready
from sandbox_service.programs import Late, Program, RecentPrograms, SharedPrograms
from sandbox_service.runners import CompileStep, Prepare, Runner, toolchain_version
from sandbox_service.sandboxes.contract import Box, File

LOG_BYTES = 16 * 2**10
LATE_CHARACTERS = 16 * 2**10

REASON_OF_OUTCOME = {
    Outcome.EXITED: None,
    Outcome.SIGNALLED: "the compiler crashed",
    Outcome.OUT_OF_TIME: "the compiler ran out of time",
    Outcome.OUT_OF_MEMORY: "the compiler ran out of memory",
    Outcome.OUT_OF_OUTPUT: "the compiler printed more than it may",
}


class Found(StrEnum):
    """Where a program came from."""

    IN_MEMORY = "in_memory"
    ON_DISK = "on_disk"
    NOWHERE = "nowhere"


class Compiler:
    """Compiles submissions, and keeps the programs used last by the digest of all that made them."""

    def __init__(
        self,
        recent: RecentPrograms | None = None,
        shared: SharedPrograms | None = None,
        preparations: Preparations | None = None,
    ) -> None:
        self._recent = recent or RecentPrograms()
        self._shared = shared
        self._preparations = preparations
        self._found: Counter[tuple[str, Found]] = Counter()
        self._ways: dict[tuple[int, int], tuple[CompileStep | None, tuple[Prepare, ...], str]] = {}

    @classmethod
    def with_folder(cls, folder: Path | None, *, prepares: bool = True) -> Self:
        """A compiler that shares its work with the others of this machine, if there is a folder for it.

        It ``prepares`` what makes compiling faster where boxes can see that folder.
        """
        if folder is None:
            return cls()
        preparations = Preparations(prepared_folder(folder)) if prepares else None
        return cls(shared=SharedPrograms(folder / "programs"), preparations=preparations)

    def prepare(self, runner: Runner, box: Box) -> None:
        """Make ready what most submissions of the language will want."""
        if self._preparations is not None:
            self._preparations.prepare(runner, box)

    def compile(self, submission: Submission, runner: Runner, box: Box, *, late: bool = False) -> Program:
        """The submission's program: the one made before, or a new one; with ``late``, its first run may compile it."""
        if runner.compile is None:
            entry = runner.find_entry_point(submission.source)
            return Program(runner.source_files(submission, entry), entry, None)
        digest = _digest(submission, runner, self._ways_of(runner))
        program = self._recent.get(digest)
        if program is not None:
            self._found[runner.name, Found.IN_MEMORY] += 1
        elif late and _may_be_late(submission, runner, box):
            self._found[runner.name, Found.NOWHERE] += 1
            program = self._late(digest, submission, runner, box)
        else:
            program, lasting = self._find_or_make(digest, submission, runner, box)
            if lasting:
                self._recent.put(digest, program)
        return program

    def _late(self, digest: str, submission: Submission, runner: Runner, box: Box) -> Program:
        """A program that its first run compiles, which saves a process of its own for it."""
        entry = runner.find_entry_point(submission.source)
        program = Program(runner.source_files(submission, entry), entry, None)

        def compiled_by(compiled: Compiled, first: Execution) -> Program:
            made = replace(program, compilation=_compilation_in(first, compiled), code=compiled.code)
            self._recent.put(digest, made)
            return made

        def compile_now() -> Program:
            made, lasting = _compile(submission, runner, box, Ready())
            if lasting:
                self._recent.put(digest, made)
            return made

        return replace(program, late=Late(compiled_by, compile_now))

    def _ways_of(self, runner: Runner) -> str:
        """How the language compiles, in words, which are the same for as long as its sections are these very ones."""
        sections = (runner.compile, runner.prepare)
        key = (id(sections[0]), id(sections[1]))
        if key not in self._ways:
            each = [section and section.model_dump(mode="json") for section in (sections[0], *sections[1])]
            words = json.dumps(each, sort_keys=True)
            self._ways[key] = (*sections, words)  # which keeps the sections, so that nothing else gets their ids
        return self._ways[key][-1]

    def take_found(self) -> Counter[tuple[str, Found]]:
        """Where the programs of each language came from, since the last call."""
        found, self._found = self._found, Counter()
        return found

    def _find_or_make(self, digest: str, submission: Submission, runner: Runner, box: Box) -> tuple[Program, bool]:
        """The program, with whether making it again would come to the same."""
        assert runner.compile is not None
        # What is only checked is checked sooner than found.
        shared = self._shared if runner.compile.collect else None
        found = shared.get(digest) if shared else None
        self._found[runner.name, Found.NOWHERE if found is None else Found.ON_DISK] += 1
        if found is not None:
            return found, True
        program, lasting = self._make(submission, runner, box)
        if lasting and shared:
            shared.put(digest, program)
        return program, lasting

    def _make(self, submission: Submission, runner: Runner, box: Box) -> tuple[Program, bool]:
        """The program, with whether compiling again would come to the same."""
        if self._preparations is not None:
            for ready in self._preparations.find(runner, submission.options, submission.source, box):
                program, lasting = _compile(submission, runner, box, ready)
                if program.runs or ready.is_all or not lasting:
                    return program, lasting
        return _compile(submission, runner, box, Ready())


def prepared_folder(folder: Path) -> Path:
    """Where, in the folder of a machine's workers, those things are that boxes may read."""
    return folder / "prepared"


def _may_be_late(submission: Submission, runner: Runner, box: Box) -> bool:
    """Whether compiling it is so little that it does no harm within the limits of a test."""
    return runner.warm is not None and box.takes_steps and len(submission.source) <= LATE_CHARACTERS


def _compile(submission: Submission, runner: Runner, box: Box, ready: Ready) -> tuple[Program, bool]:
    """The program, with whether compiling again would come to the same."""
    assert runner.compile is not None
    entry = runner.find_entry_point(submission.source)
    command = runner.compile_command(submission, entry, ready.to_compile)
    execution = box.run(command, runner.compile_limits(), collect=runner.collected())
    reason = REASON_OF_OUTCOME[execution.outcome]
    if execution.outcome is Outcome.EXITED and execution.exit_code == 0 and runner.compile.collect:
        reason = None if execution.files else "the compiler left no program behind"
    files = command.files
    if runner.compile.collect:
        files = {name: File(content, executable=True) for name, content in execution.files.items()}
    code = execution.files.get(runner.warm.code) if runner.warm else None
    program = Program(files, entry, _compilation(execution, reason), code, fast=ready.to_run)
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


def _compilation_in(first: Execution, compiled: Compiled) -> Compilation:
    """Of a program that its first run has compiled; its memory is that of the whole run."""
    return Compilation(
        succeeded=True,
        exit_code=0,
        signal=None,
        cpu_seconds=compiled.cpu_seconds,
        wall_seconds=compiled.wall_seconds,
        memory_bytes=first.memory_bytes,
        log="",
    )


def _digest(submission: Submission, runner: Runner, ways: str) -> str:
    made_of = {
        "language": runner.name,
        "toolchain": toolchain_version(runner.version),
        "ways": ways,
        "options": runner.chosen(submission.options),
        "source": submission.source,
        "files": dict(submission.files),
    }
    return hashlib.sha256(json.dumps(made_of, sort_keys=True).encode()).hexdigest()
