"""What every box does, whatever holds it."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Protocol

from sandbox_service.inside import protocol
from sandbox_service.models import Execution, Isolation, Limits, Outcome

SEARCH_PATH = ("/usr/local/bin", "/usr/bin", "/bin")
COLLECTED_FILES = 1000


def longest_wall_seconds(limits: Limits) -> float:
    """How long a run may take: while the machine has no CPU for the program, its wall time does not pass."""
    return protocol.WALL_STRETCH * limits.wall_seconds


@dataclass(frozen=True, slots=True)
class File:
    """A regular file to lay into a box before a command runs."""

    content: bytes
    executable: bool = False


@dataclass(frozen=True, slots=True)
class Zygote:
    """An interpreter to keep warm in a box: started once by its command, it becomes each program in a fork.

    ``folder`` holds the few lines that let it wait, which the interpreter finds through PYTHONPATH, and ``harness``
    what calls and tests programs; what ``preload`` names is imported once, as far as it is installed.
    """

    argv: tuple[str, ...]
    environment: Mapping[str, str] = field(hash=False)
    folder: str
    harness: str
    preload: tuple[str, ...]


class Step(StrEnum):
    """What a warm interpreter is to do with the source in its scratch directory."""

    COMPILE = "compile"
    RUN = "run"
    FIRST_RUN = "first_run"  # both: the program's limits hold for both, and the code comes back with the execution


@dataclass(frozen=True, slots=True)
class Command:
    """What to run in a box: an argument vector, no shell; the environment is all the command gets.

    The working directory is the box's own scratch directory, where ``files`` are laid under their
    relative names (``Main.class``, ``classes/pkg/A.class``). ``{box}`` in an argument or in an
    environment value stands for that directory's absolute path. The first argument is looked up on
    ``SEARCH_PATH`` unless it holds a slash. ``{prepared}`` in an argument stands for the folder of
    preparations, where the box has one. A box with a zygote does the ``step`` in a fork of it instead
    of starting anything; to run, it takes the ``code`` that compiling left behind.
    """

    argv: tuple[str, ...]
    files: Mapping[str, File] = field(default_factory=dict)
    environment: Mapping[str, str] = field(default_factory=dict)
    step: Step | None = None
    code: bytes = b""


class Running(Protocol):
    """A command on its way in a box; it gets on as far as somebody waits for its descriptors and sees to them."""

    @property
    def awaited(self) -> Collection[int]:
        """The descriptors to wait for, until one is readable; none when the command is over."""
        ...

    @property
    def give_up_at(self) -> float:
        """When, on the monotonic clock, its box must be taken for broken."""
        ...

    def see_to(self, descriptor: int) -> None:
        """Take what came by one of the awaited descriptors.

        Raises:
            BoxBroken: the box could not report; nothing may be concluded about the command.
        """
        ...

    def stop(self, outcome: Outcome) -> None:
        """Kill the command unless it is over; this is what its execution will say of it.

        Raises:
            BoxBroken: the box could not be told to.
        """
        ...

    def execution(self) -> Execution:
        """The facts, once it is over; then the box is free for the next command."""
        ...

    def abandon(self) -> None:
        """Give back what it holds, whatever it has come to; its box has to be thrown away unless it was over."""
        ...


class Box(Protocol):
    """A place that runs one command at a time, each as from nothing.

    Nothing a command leaves behind (process, file, shared memory) is there for the next one.
    """

    @property
    def isolation(self) -> Isolation:
        """What is in force in this box."""
        ...

    @property
    def takes_steps(self) -> bool:
        """Whether it has a zygote, which does what a command's ``step`` says."""
        ...

    def run(self, command: Command, limits: Limits, *, stdin: bytes = b"", collect: Sequence[str] = ()) -> Execution:
        """Run the command to its end and report the facts.

        ``collect`` holds patterns (``main``, ``classes/**``) for the regular files below the scratch
        directory to bring back by their relative names: at most ``COLLECTED_FILES`` of them and
        ``limits.file_bytes`` together; links are left out, and so is what exceeds that, which is reported.

        Raises:
            BoxBroken: the box could not report; nothing may be concluded about the command.
        """
        ...

    def start(
        self,
        command: Command,
        limits: Limits,
        *,
        stdin: bytes | int = b"",
        stdout: int | None = None,
        collect: Sequence[str] = (),
    ) -> Running:
        """The same for who has more than one command to wait for.

        A number is a descriptor that the command itself gets, such as an end of a pipe; the caller keeps his own.
        What is written to it is neither kept nor bounded.

        Raises:
            BoxBroken: the box could not be told to.
        """
        ...

    def close(self) -> None:
        """Kill what runs and give everything back; safe to call twice."""
        ...
