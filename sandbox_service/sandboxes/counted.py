"""A box that counts what it runs."""

from collections.abc import Sequence
from dataclasses import dataclass

from sandbox_service.models import Execution, Isolation, Limits
from sandbox_service.sandboxes.contract import Box, Command, Running


@dataclass(slots=True)
class BoxCounts:
    """What became of the boxes of one thread; every run ends with the box made as new."""

    opened: int = 0
    runs: int = 0
    forks: int = 0


class CountedBox:
    """The box itself, in all else; with a zygote, its warm steps are forks of it."""

    def __init__(self, box: Box, counts: BoxCounts) -> None:
        counts.opened += 1
        self._box = box
        self._counts = counts

    @property
    def isolation(self) -> Isolation:
        return self._box.isolation

    @property
    def takes_steps(self) -> bool:
        return self._box.takes_steps

    def run(self, command: Command, limits: Limits, *, stdin: bytes = b"", collect: Sequence[str] = ()) -> Execution:
        self._count(command)
        return self._box.run(command, limits, stdin=stdin, collect=collect)

    def start(
        self,
        command: Command,
        limits: Limits,
        *,
        stdin: bytes | int = b"",
        stdout: int | None = None,
        collect: Sequence[str] = (),
    ) -> Running:
        self._count(command)
        return self._box.start(command, limits, stdin=stdin, stdout=stdout, collect=collect)

    def _count(self, command: Command) -> None:
        self._counts.runs += 1
        if self.takes_steps and command.step is not None:
            self._counts.forks += 1

    def close(self) -> None:
        self._box.close()
