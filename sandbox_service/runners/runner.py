"""A language: the commands by which its programs are compiled and run, and their limits."""

import base64
import re
from collections.abc import Iterator, Mapping
from dataclasses import replace
from functools import cached_property
from pathlib import Path
from typing import Annotated, Self

from pydantic import Field, model_validator

from sandbox_service.entry_points import DETECTORS, EntryPoint
from sandbox_service.errors import UnknownName
from sandbox_service.models import Execution, Frozen, Limits, Outcome, RequestedLimits, Submission
from sandbox_service.runners.sections import (
    Assertions,
    CallStep,
    CompileStep,
    DefaultLimits,
    Option,
    Overhead,
    Prepare,
    RunStep,
    Warm,
    Words,
)
from sandbox_service.runners.toolchains import find_executable
from sandbox_service.sandboxes.contract import SEARCH_PATH, Command, File, Step, Zygote

WALL_PER_CPU = 3  # a busy machine may take this much longer than an idle one
WALL_GRACE_SECONDS = 2
MIB = 2**20

_PLACEHOLDER = re.compile(r"\{([a-z_]+)\}")
_IMPORTED = re.compile(r"^[ \t]*(?:import|from)[ \t]+(\w+)", re.MULTILINE)
_ENVIRONMENT = {"PATH": ":".join(SEARCH_PATH), "LANG": "C.UTF-8", "HOME": "{box}"}


class Runner(Frozen):
    """How programs in one language are compiled and run."""

    name: str
    title: str
    aliases: Words = ()
    fences: Words = ()
    source: str
    entry_point: str | None = None
    version: Annotated[Words, Field(min_length=1)]
    executables: Mapping[str, str]
    options: Mapping[str, Option] = Field(default_factory=dict)
    limits: DefaultLimits
    overhead: Overhead = Overhead()
    compile: CompileStep | None = None
    run: RunStep
    prepare: tuple[Prepare, ...] = ()
    warm: Warm | None = None
    assertions: Assertions | None = None
    call: CallStep | None = None
    folder: Path

    @model_validator(mode="after")
    def _known_words(self) -> Self:
        if self.entry_point is not None and self.entry_point not in DETECTORS:
            raise ValueError(f"entry_point: unknown {self.entry_point!r}; available: {', '.join(DETECTORS)}")
        known = {"box", "source", "entry", "memory_mb", "linked", "with_tool", *self.options}
        known |= {"fast"} if self.prepare else set()
        steps: tuple[CompileStep | RunStep, ...] = (self.compile, self.run) if self.compile else (self.run,)
        words = " ".join(word for step in steps for word in (*step.argv, *step.environment.values()))
        words += " ".join((*self.call.argv, *self.call.compile)) if self.call else ""
        for name in _PLACEHOLDER.findall(words):
            if name not in known:
                raise ValueError(f"unknown placeholder {{{name}}}; available: {', '.join(sorted(known))}")
        return self

    @property
    def tags(self) -> frozenset[str]:
        """What models call the language at a fence."""
        return frozenset((self.name, *self.aliases, *self.fences))

    @property
    def is_only_checked(self) -> bool:
        """Whether its compile step finds errors of syntax, and no others."""
        return self.compile is None or not self.compile.collect

    def missing(self) -> Mapping[str, str]:
        """The executables this machine lacks, each with the way to get it."""
        return {name: hint for name, hint in self.executables.items() if find_executable(name) is None}

    def find_entry_point(self, source: str) -> EntryPoint:
        """The file to lay the source in, and the name to start it by."""
        if self.entry_point is None:
            return EntryPoint(self.source, self.source)
        return DETECTORS[self.entry_point](source)

    def zygote(self, submission: Submission) -> Zygote | None:
        """The warm interpreter that the program is to be a fork of.

        None with files beside it: one of them may be meant to stand for a module that is loaded already.
        """
        if self.warm is None or submission.files:
            return None
        imported = set(_IMPORTED.findall(submission.source)) if self.warm.packages else ()
        return self._zygotes[next((package for package in self.warm.packages if package in imported), None)]

    def zygotes(self) -> Iterator[Zygote]:
        """Every warm interpreter of the language."""
        yield from self._zygotes.values()

    @cached_property
    def _zygotes(self) -> Mapping[str | None, Zygote]:
        """By the package that each has loaded beside the rest."""
        return (
            {package: self._zygote(self.warm, package) for package in (None, *self.warm.packages)} if self.warm else {}
        )

    def _zygote(self, warm: Warm, package: str | None) -> Zygote:
        command = self._command(self.run, {}, {}, EntryPoint(self.source, self.source), 0)
        preload = (*warm.preload, package) if package else warm.preload
        harness = (self.folder / ((self.assertions and self.assertions.harness) or "harness")).resolve()
        return Zygote(command.argv, command.environment, str(self.folder / "zygote"), str(harness), preload)

    @cached_property
    def for_calls(self) -> Self:
        """The language as programs are compiled and run of which functions are called."""
        assert self.call is not None
        changes: dict[str, object] = {}
        if self.call.argv:
            changes["run"] = self.run.model_copy(update={"argv": self.call.argv})
        if self.compile is not None:
            own = {"argv": self.call.compile or self.compile.argv, "collect": self.compile.collect + self.call.collect}
            changes["compile"] = self.compile.model_copy(update=own)
        # Not a model_copy, which would have what was reckoned for the other.
        return type(self)(**{name: getattr(self, name) for name in type(self).model_fields} | changes)

    def check_options(self, options: Mapping[str, str]) -> None:
        """Raises UnknownName when an option or its value is not declared."""
        for name, value in options.items():
            if name not in self.options:
                raise UnknownName(f"option of {self.name}", name, self.options or ("none",), field=f"options.{name}")
            if value not in self.options[name].choices:
                choices = self.options[name].choices
                raise UnknownName(f"{name} of {self.name}", value, choices, field=f"options.{name}")

    def chosen(self, options: Mapping[str, str]) -> Mapping[str, str]:
        """The choice for every option: the caller's, or the default."""
        return {name: options.get(name, option.default) for name, option in self.options.items()}

    def ran_out_of_memory(self, execution: Execution) -> bool:
        """Whether the program ended as the language's runtime ends when its heap is full."""
        if execution.outcome is Outcome.SIGNALLED:
            return execution.signal in self.run.memory_exhausted_signals
        return execution.exit_code in self.run.memory_exhausted_exit_codes

    def resolve_limits(self, requested: RequestedLimits) -> Limits:
        """The caller's limits, completed by the language's own."""
        cpu_seconds = requested.cpu_seconds or self.limits.cpu_seconds
        return Limits(
            cpu_seconds=cpu_seconds,
            wall_seconds=requested.wall_seconds or _wall_seconds(cpu_seconds),
            memory_bytes=requested.memory_bytes or self.limits.memory_bytes,
            output_bytes=requested.output_bytes or self.limits.output_bytes,
            processes=requested.processes or self.limits.processes,
        )

    def box_limits(self, limits: Limits) -> Limits:
        """What the box is to hold the program to: its limits, and what its runtime takes for itself."""
        return replace(
            limits,
            memory_bytes=limits.memory_bytes + self.overhead.memory_bytes,
            processes=limits.processes + self.overhead.processes,
        )

    def compile_limits(self) -> Limits:
        """What the compiler may use."""
        own = (self.compile or self).limits
        return Limits(wall_seconds=_wall_seconds(own.cpu_seconds), **own.model_dump())

    def prepare_command(self, prepare: Prepare, options: Mapping[str, str]) -> Command:
        """The command that makes what compiling with these options is faster with."""
        files = {name: File(text.encode()) for name, text in prepare.files.items()}
        step = RunStep(argv=prepare.argv)
        return self._command(step, files, options, EntryPoint(self.source, self.source), 0)

    def source_files(self, submission: Submission, entry: EntryPoint) -> Mapping[str, File]:
        """The source where it belongs, and beside it what came with it."""
        return {**files_of(submission), entry.file: File(submission.source.encode())}

    def compile_command(self, submission: Submission, entry: EntryPoint, fast: Words = ()) -> Command:
        """The command that compiles the submission in an empty box; ``fast`` are the words of a preparation."""
        if self.compile is None:
            raise ValueError(f"{self.name} has no compile step")
        files = self.source_files(submission, entry)
        memory_bytes = self.compile_limits().memory_bytes
        command = self._command(self.compile, files, submission.options, entry, memory_bytes, fast)
        if self.warm is None:
            return command
        return replace(command, environment=self._command(self.run, {}, {}, entry, 0).environment, step=Step.COMPILE)

    def collected(self) -> Words:
        """What compiling leaves behind that is needed to run."""
        collect = self.compile.collect if self.compile else ()
        return (*collect, self.warm.code) if self.warm else collect

    def run_command(
        self,
        files: Mapping[str, File],
        options: Mapping[str, str],
        entry: EntryPoint,
        limits: Limits,
        code: bytes | None = None,
        fast: Words = (),
    ) -> Command:
        """The command that runs the program that the files make up; with its compiled code, a warm interpreter may.

        ``fast`` are the words of a preparation.
        """
        command = self._command(self.run, files, options, entry, limits.memory_bytes, fast)
        return command if code is None else replace(command, step=Step.RUN, code=code)

    def _command(
        self,
        step: CompileStep | RunStep,
        files: Mapping[str, File],
        options: Mapping[str, str],
        entry: EntryPoint,
        memory_bytes: int,
        fast: Words = (),
    ) -> Command:
        values: dict[str, Words] = {
            name: self.options[name].choices[choice] for name, choice in self.chosen(options).items()
        }
        values["fast"] = fast
        endings: Words = ()
        if isinstance(step, CompileStep):
            endings = step.linked
            values["with_tool"] = next((words for tool, words in step.with_tool.items() if find_executable(tool)), ())
        # A name may begin with a dash, and is no option for that.
        values["linked"] = tuple(f"./{name}" for name in sorted(files) if name != entry.file and name.endswith(endings))
        values |= {"source": (entry.file,), "entry": (entry.name,), "memory_mb": (str(max(1, memory_bytes // MIB)),)}
        argv = tuple(word for template in step.argv for word in _fill(template, values))
        environment = {
            name: " ".join(_fill(template, values)) for name, template in {**_ENVIRONMENT, **step.environment}.items()
        }
        return Command(argv, files, environment)


def files_of(submission: Submission) -> Mapping[str, File]:
    """What is laid beside the submission's source."""
    return {name: File(base64.b64decode(content)) for name, content in submission.files.items()}


def _wall_seconds(cpu_seconds: float) -> float:
    return WALL_PER_CPU * cpu_seconds + WALL_GRACE_SECONDS


def _fill(template: str, values: Mapping[str, Words]) -> Words:
    """The words a template stands for: ``{name}`` alone for as many as it has, within a word for one."""
    if "{" not in template:
        return (template,)
    if (alone := _PLACEHOLDER.fullmatch(template)) and alone[1] in values:
        return values[alone[1]]
    return (_PLACEHOLDER.sub(lambda found: " ".join(values.get(found[1], (found[0],))), template),)
