"""The first process of a container: a native box in there, driven over stdin and stdout."""

import os
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

from sandbox_service.errors import BoxBroken, SandboxUnavailable
from sandbox_service.models import Tier
from sandbox_service.sandboxes import Box, frames, open_box

_MOST_BYTES = 2**32  # what the worker sends is trusted


class Hung(Exception):
    """The worker is gone."""


def main() -> None:
    """Serve one worker until it hangs up, with nothing of the link within reach of a box."""
    link_in, link_out = os.dup(0), os.dup(1)
    nothing = os.open(os.devnull, os.O_RDWR)
    os.dup2(nothing, 0)
    os.dup2(2, 1)
    try:
        with os.fdopen(link_in, "rb") as stdin, os.fdopen(link_out, "wb", buffering=0) as stdout:
            _serve(lambda size: _exactly(stdin.read(size), size), lambda frame: _write(stdout.fileno(), frame))
    except Hung:
        sys.exit(0)


def _exactly(read: bytes, size: int) -> bytes:
    if len(read) < size:
        raise Hung
    return read


def _write(descriptor: int, frame: bytes) -> None:
    view = memoryview(frame)
    while view:
        view = view[os.write(descriptor, view) :]


def _serve(receive: frames.Receive, send: frames.Send) -> None:
    head, contents = frames.unpack(receive, _MOST_BYTES)
    with tempfile.TemporaryDirectory(prefix="zygote-") as folder:
        try:
            box = _open(head, contents, Path(folder))
        except SandboxUnavailable as error:
            send(frames.pack({"refused": str(error)}))
            return
        try:
            send(frames.pack({"isolation": box.isolation.model_dump(mode="json")}))
            _run_for_ever(box, receive, send)
        finally:
            box.close()


def _open(head: frames.Head, contents: Sequence[bytes], folder: Path) -> Box:
    zygote = head["zygote"]
    if zygote is not None:
        for name, content in zip(zygote["files"], contents, strict=True):
            (folder / name).write_bytes(content)
        folder.chmod(0o755)
    return open_box(
        minimum=Tier(head["minimum"]), zygote=None if zygote is None else frames.read_zygote(zygote, str(folder))
    )


def _run_for_ever(box: Box, receive: frames.Receive, send: frames.Send) -> None:
    before = None
    while True:
        frame = frames.unpack(receive, _MOST_BYTES)
        before, limits, stdin, collect = frames.read_command(frame, before)
        try:
            execution = box.run(before, limits, stdin=stdin, collect=collect)
        except BoxBroken as error:
            send(frames.pack({"broken": str(error)}))
            return
        send(frames.pack_execution(execution))


if __name__ == "__main__":
    main()
