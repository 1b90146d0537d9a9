"""A program that a problem brings along: compiled once, and run in a box beside the submission's."""

from collections.abc import Mapping
from dataclasses import replace

from sandbox_service import runners
from sandbox_service.errors import BadRequest, ProblemProgramFailed
from sandbox_service.models import Limits, ProblemProgram, Submission
from sandbox_service.programs import Program
from sandbox_service.runners import Runner, files_of
from sandbox_service.sandboxes.contract import Box, Command, File
from sandbox_service.trials.contract import Contender
from sandbox_service.trials.protocols import FEEDBACK

Material = Mapping[str, bytes]
COLLECTED = (f"{FEEDBACK}*",)
_FEEDBACK_EXISTS = {f"{FEEDBACK}.begun": File(b"")}  # a directory is only made for a file in it


class ReadyProgram:
    """The program with all that it takes to run it; ``role`` is what it is to the problem."""

    def __init__(self, role: str, program: ProblemProgram, languages: Mapping[str, Runner]) -> None:
        """Raises BadRequest when its language cannot be, or has no such option."""
        self.role = role
        self.full_score = program.full_score
        try:
            self._runner = runners.find(languages, program.language)
            self._runner.check_options(program.options)
        except BadRequest as error:
            error.field = f"problem.{role}.{error.field}"
            raise
        self._submission = Submission(
            id=role, language=program.language, source=program.source, options=program.options, files=program.files
        )
        self._arguments = program.arguments
        self._limits = self._runner.resolve_limits(program.limits)
        self._compiled: Program | None = None

    def make_ready(self, contender: Contender) -> None:
        """Compile it, unless that was done before with success; what fails for good, the compiler remembers.

        Raises:
            ProblemProgramFailed: it does not compile; the same for every submission.
            BoxBroken: the box could not report.
        """
        if self._compiled is None or not self._compiled.runs:
            self._compiled = contender.compiler.compile(self._submission, self._runner, self.box(contender))
        if not self._compiled.runs:
            compilation = self._compiled.compilation
            assert compilation is not None
            reason = f" ({compilation.reason})" if compilation.reason else ""
            raise ProblemProgramFailed(f"the problem's {self.role} does not compile{reason}", compilation.log)

    def box(self, contender: Contender) -> Box:
        """A box beside the one that the submission is in, and never that one."""
        return contender.boxes.beside.of(self._runner.zygote(self._submission))

    def command(self, arguments: tuple[str, ...], material: Material, of_the_test: tuple[str, ...]) -> Command:
        """The command that runs it on the material, which is laid beside it; between the arguments come its own."""
        assert self._compiled is not None
        program = self._compiled
        files = {**files_of(self._submission), **program.files, **_FEEDBACK_EXISTS}
        files |= {name: File(content) for name, content in material.items()}
        command = self._runner.run_command(
            files, self._submission.options, program.entry, self._limits, program.code, program.fast
        )
        return replace(command, argv=(*command.argv, *arguments, *self._arguments, *of_the_test))

    def limits(self, material: Material) -> Limits:
        """The program's own; what is laid for it counts neither against its disk nor against its memory."""
        limits, laid_bytes = self._runner.box_limits(self._limits), sum(map(len, material.values()))
        return replace(limits, file_bytes=limits.file_bytes + laid_bytes, memory_bytes=limits.memory_bytes + laid_bytes)
