"""What every trial does, whatever a test asks of a submission."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Protocol, Self, TypeVar

from sandbox_service.compilers import Compiler
from sandbox_service.models import Execution, Limits, Submission, TestResult
from sandbox_service.programs import Program
from sandbox_service.runners import Runner
from sandbox_service.sandboxes import Boxes
from sandbox_service.sandboxes.contract import Box, Command

TestType = TypeVar("TestType")


@dataclass(frozen=True, slots=True)
class Contender:
    """A compiled submission, ready to run in its box; ``boxes`` and ``compiler`` are for what runs beside it.

    ``limits`` are the box's: the caller's, with what the language's runtime takes for itself. ``noted`` is told of
    each execution before anything is concluded from it.
    """

    command: Command
    runner: Runner
    limits: Limits
    box: Box
    boxes: Boxes
    compiler: Compiler
    fetch: Sequence[str]
    returned_output_bytes: int | None
    noted: Callable[[Execution], None] | None = None

    def called_with(self, arguments: tuple[str, ...]) -> Self:
        """The same, with arguments behind what starts it."""
        if not arguments:
            return self
        return replace(self, command=replace(self.command, argv=(*self.command.argv, *arguments)))


class Trial(Protocol[TestType]):
    """One way to try submissions; it belongs to one job, and serves all its submissions."""

    @property
    def tests(self) -> Sequence[TestType]:
        """The chosen tests, as a box and a checker want them."""
        ...

    def compile(self, submission: Submission, runner: Runner, box: Box, compiler: Compiler) -> Program:
        """Make the submission into what ``run`` runs.

        Raises:
            BadRequest: the language cannot be tried so.
            BoxBroken: the box could not report.
        """
        ...

    def run(self, contender: Contender, test: TestType) -> TestResult:
        """Run one test and decide.

        Raises:
            BoxBroken: a box could not report; nothing is concluded.
            ProblemProgramFailed: the problem's own checker or interactor failed; nothing is concluded.
        """
        ...
