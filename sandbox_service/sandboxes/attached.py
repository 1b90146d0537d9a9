"""A box somewhere else, driven through an agent there over a link."""

import math
import os
import time
from collections.abc import Collection, Mapping, Sequence
from pathlib import Path
from typing import Protocol

from sandbox_service.errors import BoxBroken, SandboxUnavailable
from sandbox_service.models import Execution, Isolation, Limits, Outcome, Tier
from sandbox_service.sandboxes import frames
from sandbox_service.sandboxes.contract import Command, Zygote, longest_wall_seconds
from sandbox_service.sandboxes.crossing import REST_BYTES, Crossing
from sandbox_service.sandboxes.frames import Talk

_START_SECONDS = 60.0
_PATIENCE_SECONDS = 30.0  # beyond the wall limit, until the agent is taken for dead
_BROKEN = (OSError, ValueError, KeyError, TypeError, IndexError)  # what an agent that is broken can lead to


class Link(Protocol):
    """To an agent and back."""

    def fileno(self) -> int:
        """What is readable when something came."""
        ...

    def send(self, frame: bytes, seconds: float) -> None:
        """Send the frame, or raise OSError; so long is waited then, too, for what is received."""
        ...

    def receive(self, size: int) -> bytes:
        """Exactly as much, or OSError."""
        ...

    @property
    def has_more(self) -> bool:
        """Whether something came that was not received yet, though nothing more may come."""
        ...

    def take_in(self) -> None:
        """Take what came, once it is readable."""
        ...

    def close(self) -> None: ...


class AttachedBox:
    """The worker's end of a box behind a link."""

    def __init__(self, link: Link, zygote: Zygote | None, minimum: Tier) -> None:
        """Have the box opened.

        Raises:
            SandboxUnavailable: it cannot be had there.
            OSError: nobody answers.
            ValueError: it is no agent who answers.
        """
        self._link = link
        self.takes_steps = zygote is not None
        self._before: Command | None = None
        head, contents = (None, ()) if zygote is None else frames.pack_zygote(zygote, _contents(zygote))
        link.send(frames.pack({"minimum": minimum, "zygote": head}, contents), _START_SECONDS)
        answer, _ = frames.unpack(link.receive, 0)
        if "refused" in answer:
            raise SandboxUnavailable(answer["refused"])
        self.isolation = Isolation.model_validate(answer["isolation"])

    def run(self, command: Command, limits: Limits, *, stdin: bytes = b"", collect: Sequence[str] = ()) -> Execution:
        try:
            self._send(command, limits, stdin, collect, None)
            return _execution(frames.unpack(self._link.receive, _most_bytes(limits)))
        except _BROKEN as error:
            raise BoxBroken(f"the agent of the box did not answer: {error}") from error

    def start(
        self,
        command: Command,
        limits: Limits,
        *,
        stdin: bytes | int = b"",
        stdout: int | None = None,
        collect: Sequence[str] = (),
    ) -> "AttachedRun":
        piped = [name for name, end in (("stdin", stdin), ("stdout", stdout)) if isinstance(end, int)]
        try:
            running = AttachedRun(self._link, limits, stdin if isinstance(stdin, int) else None, stdout)
            try:
                self._send(command, limits, b"" if isinstance(stdin, int) else stdin, collect, piped)
            except BaseException:
                running.abandon()
                raise
        except _BROKEN as error:
            raise BoxBroken(f"the agent of the box could not be told: {error}") from error
        return running

    def _send(
        self, command: Command, limits: Limits, stdin: bytes, collect: Sequence[str], piped: Sequence[str] | None
    ) -> None:
        before = self._before
        as_before = before is not None and before.files is command.files and before.code is command.code
        frame = frames.pack_command(command, limits, stdin, collect, files_as_before=as_before, piped=piped)
        self._link.send(frame, longest_wall_seconds(limits) + _PATIENCE_SECONDS)
        self._before = command

    def close(self) -> None:
        self._link.close()


def _contents(zygote: Zygote) -> Mapping[str, bytes]:
    """What its folders hold, by names that begin with the folder's."""
    folders = (Path(zygote.folder), Path(zygote.harness))
    paths = [path for folder in folders for path in sorted(folder.glob("*")) if path.is_file()]
    return {f"{path.parent.name}/{path.name}": path.read_bytes() for path in paths}


def _most_bytes(limits: Limits) -> int:
    return 2 * limits.output_bytes + 2 * limits.file_bytes  # what it printed; the code it compiled, and what it left


def _execution(frame: frames.Frame) -> Execution:
    if "broken" in frame[0]:
        raise BoxBroken(str(frame[0]["broken"]))
    return frames.read_execution(frame)


class AttachedRun:
    """Carries what is written and read between the descriptors it was given and the agent, until the command is over.

    It is over when its execution came and all that it said is written.
    """

    def __init__(self, link: Link, limits: Limits, stdin: int | None, stdout: int | None) -> None:
        self._give_up_at = time.monotonic() + longest_wall_seconds(limits) + _PATIENCE_SECONDS
        self._link = link
        self._most_bytes = _most_bytes(limits) + REST_BYTES
        self._execution: Execution | None = None
        # Opened anew, so that the caller's own goes on blocking.
        flags = os.O_WRONLY | os.O_NONBLOCK | os.O_CLOEXEC
        sink = None if stdout is None else os.open(f"/proc/self/fd/{stdout}", flags)
        source = None if stdin is None else os.dup(stdin)
        self._crossing = Crossing(source, sink, lambda frame: link.send(frame, _PATIENCE_SECONDS))

    @property
    def awaited(self) -> Collection[int]:
        if self._execution is None:
            return (self._link.fileno(), self._crossing.fileno())
        return () if self._crossing.has_said_all else (self._crossing.fileno(),)

    @property
    def give_up_at(self) -> float:
        """Whether the rest of what was said is read is no more this box's affair."""
        return self._give_up_at if self._execution is None else math.inf

    def see_to(self, descriptor: int) -> None:
        try:
            if descriptor == self._crossing.fileno():
                self._crossing.get_on()
                return
            self._link.take_in()
            while self._link.has_more and self._execution is None:
                self._hear(frames.unpack(self._link.receive, self._most_bytes))
        except _BROKEN as error:
            raise BoxBroken(f"the agent of the box did not answer: {error}") from error

    def _hear(self, frame: frames.Frame) -> None:
        if "talk" in frame[0]:
            self._crossing.hear(frame)
        else:
            self._execution = _execution(frame)
            self._crossing.close_source()
            self._crossing.end()

    def stop(self, outcome: Outcome) -> None:
        if self._execution is None:
            try:
                self._link.send(frames.pack_talk(Talk.STOP, outcome=outcome), _PATIENCE_SECONDS)
            except OSError as error:
                raise BoxBroken(f"the agent of the box could not be told: {error}") from error

    def execution(self) -> Execution:
        assert self._execution is not None
        return self._execution

    def abandon(self) -> None:
        self._crossing.close()
        if self._execution is None:
            self._link.close()  # what it would still say must not be taken for what the next command did
