"""What goes into a frame comes out of it, and no more than may."""

import io

import pytest

from sandbox_service.models import Execution, Limits, Outcome
from sandbox_service.sandboxes import frames
from sandbox_service.sandboxes.contract import Command, File, Step

LIMITS = Limits(cpu_seconds=1, wall_seconds=3, memory_bytes=2**28, output_bytes=1000, processes=4)
COMMAND = Command(
    ("python3", "main.py"),
    {"main.py": File(b"\x00\xff"), "run": File(b"", executable=True)},
    {"A": "b"},
    Step.RUN,
    b"code",
)


def receive(frame: bytes) -> frames.Receive:
    return io.BytesIO(frame).read


def test_a_command_travels_whole():
    frame = frames.pack_command(COMMAND, LIMITS, b"in", ["out/*"], files_as_before=False, piped=["stdout"])

    read = frames.read_command(frames.unpack(receive(frame), 100), None)

    assert read == frames.Asked(COMMAND, LIMITS, b"in", ("out/*",), ("stdout",))


def test_files_that_are_there_already_do_not_travel_again():
    frame = frames.pack_command(COMMAND, LIMITS, b"", [], files_as_before=True)

    command, *_ = frames.read_command(frames.unpack(receive(frame), 0), COMMAND)

    assert command == COMMAND
    assert command.files is COMMAND.files


def test_an_execution_travels_whole():
    execution = Execution(
        Outcome.SIGNALLED, None, 11, b"a", b"b", 0.5, 1.5, 4096, stdout_truncated=True, files={"f": b"c"}
    )

    assert frames.read_execution(frames.unpack(receive(frames.pack_execution(execution)), 3)) == execution


@pytest.mark.parametrize(
    "frame",
    [
        frames.pack({}, [b"too much"]),
        b"\xff\xff\xff\xff",
        b"\x00\x00\x00\x0e" + b'{"sizes":[-1]}',
        b"\x00\x00\x00\x01x",
    ],
)
def test_what_is_too_large_or_no_frame_is_refused(frame: bytes):
    with pytest.raises(ValueError, match=r"frame|Expecting value"):
        frames.unpack(receive(frame), 3)
