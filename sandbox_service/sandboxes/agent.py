"""The first process of a container: a native box in there, driven over stdin and stdout."""

import math
import os
import select
import sys
import tempfile
import time
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from pathlib import Path

from sandbox_service.errors import BoxBroken, SandboxUnavailable
from sandbox_service.models import Execution, Outcome, Tier
from sandbox_service.sandboxes import Box, frames, open_box
from sandbox_service.sandboxes.contract import Running
from sandbox_service.sandboxes.crossing import Crossing
from sandbox_service.sandboxes.frames import Talk

_MOST_BYTES = 2**32  # what the worker sends is trusted
_READ_BYTES = 2**20


class Hung(Exception):
    """The worker is gone."""


@dataclass(frozen=True, slots=True)
class _Link:
    """To the worker; nothing is read ahead, so what is not yet read can be waited for."""

    read_end: int
    write_end: int

    def receive(self, size: int) -> bytes:
        taken = bytearray()
        while len(taken) < size:
            piece = os.read(self.read_end, min(size - len(taken), _READ_BYTES))
            if not piece:
                raise Hung
            taken += piece
        return bytes(taken)

    def receive_frame(self) -> frames.Frame:
        return frames.unpack(self.receive, _MOST_BYTES)

    def send(self, frame: bytes) -> None:
        view = memoryview(frame)
        while view:
            view = view[os.write(self.write_end, view) :]


def main() -> None:
    """Serve one worker until it hangs up, with nothing of the link within reach of a box."""
    link = _Link(os.dup(0), os.dup(1))
    nothing = os.open(os.devnull, os.O_RDWR)
    os.dup2(nothing, 0)
    os.dup2(2, 1)
    try:
        _serve(link)
    except Hung:
        sys.exit(0)


def _serve(link: _Link) -> None:
    head, contents = link.receive_frame()
    with tempfile.TemporaryDirectory(prefix="zygote-") as folder:
        try:
            box = _open(head, contents, Path(folder))
        except SandboxUnavailable as error:
            link.send(frames.pack({"refused": str(error)}))
            return
        try:
            link.send(frames.pack({"isolation": box.isolation.model_dump(mode="json")}))
            _run_for_ever(box, link)
        finally:
            box.close()


def _open(head: frames.Head, contents: Sequence[bytes], folder: Path) -> Box:
    zygote = head["zygote"]
    if zygote is not None:
        for name, content in zip(zygote["files"], contents, strict=True):
            path = folder / name
            path.parent.mkdir(mode=0o755, exist_ok=True)
            path.write_bytes(content)
        folder.chmod(0o755)
    return open_box(
        minimum=Tier(head["minimum"]), zygote=None if zygote is None else frames.read_zygote(zygote, str(folder))
    )


def _run_for_ever(box: Box, link: _Link) -> None:
    before = None
    while True:
        frame = link.receive_frame()
        if "talk" in frame[0]:
            continue  # to a command that ended meanwhile
        asked = frames.read_command(frame, before)
        before = asked.command
        try:
            execution = _run(box, asked, link)
        except BoxBroken as error:
            link.send(frames.pack({"broken": str(error)}))
            return
        link.send(frames.pack_execution(execution))


def _run(box: Box, asked: frames.Asked, link: _Link) -> Execution:
    if asked.piped is None:
        return box.run(asked.command, asked.limits, stdin=asked.stdin, collect=asked.collect)
    return _run_piped(box, asked, asked.piped, link)


def _run_piped(box: Box, asked: frames.Asked, piped: Collection[str], link: _Link) -> Execution:
    """Run the command with pipes that go on over the link."""
    stdin, sink = _pipe() if "stdin" in piped else (None, None)
    source, stdout = _pipe() if "stdout" in piped else (None, None)
    for end in (source, sink):
        if end is not None:
            os.set_blocking(end, False)
    crossing = Crossing(source, sink, link.send)
    try:
        running = box.start(
            asked.command,
            asked.limits,
            stdin=asked.stdin if stdin is None else stdin,
            stdout=stdout,
            collect=asked.collect,
        )
    finally:
        for end in (stdin, stdout):
            if end is not None:
                os.close(end)
    try:
        while running.awaited:
            _get_on(running, crossing, link)
        link.send(frames.pack_talk(Talk.REST, crossing.take_rest()))
        return running.execution()
    finally:
        running.abandon()
        crossing.close()


def _pipe() -> tuple[int, int]:
    """Whatever uid the program has, it may open /dev/stdin and /dev/stdout."""
    ends = os.pipe2(os.O_CLOEXEC)
    os.fchmod(ends[0], 0o666)
    return ends


def _get_on(running: Running, crossing: Crossing, link: _Link) -> None:
    """Wait for anything to happen, and see to it."""
    poller = select.poll()
    for descriptor in (link.read_end, crossing.fileno(), *running.awaited):
        poller.register(descriptor, select.POLLIN)
    left = running.give_up_at - time.monotonic()
    if left <= 0:
        raise BoxBroken("no report in time")
    for descriptor, _ in poller.poll(None if left == math.inf else left * 1000):
        if descriptor == link.read_end:
            _hear(link.receive_frame(), running, crossing)
        elif descriptor == crossing.fileno():
            crossing.get_on()
        else:
            running.see_to(descriptor)


def _hear(frame: frames.Frame, running: Running, crossing: Crossing) -> None:
    if frame[0]["talk"] == Talk.STOP:
        running.stop(Outcome(frame[0]["outcome"]))
    else:
        crossing.hear(frame)


if __name__ == "__main__":
    main()
