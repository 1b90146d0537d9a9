"""What the worker and a box say to each other: one message a packet, most in JSON, files as descriptors.

worker → keeper   Setup, once; then per run a Run with its descriptors, and ``stop`` to end it early
keeper → worker   a Ready or a Failure; then one Report a run, with a bundle of the collected files
keeper → zygote   the Run as an order, with what the program is to inherit
zygote → keeper   how the program ended
"""

from __future__ import annotations

import array
import json
import os
import socket
import struct
from typing import Any, NamedTuple, TypedDict

OWN_PID = 0x7EADBEEF  # stands in a BPF program for the pid of the process that installs it
MESSAGE_BYTES = 1 << 18
STEPS_WITH_CODE = ("run", "first_run")
CODE_HEAD = struct.Struct("=Qdd")  # size of the code that follows it, CPU and wall seconds that compiling it took
# How many times its wall time a run may take as long as it is the machine that has no CPU for it.
WALL_STRETCH = 4

_MOST_DESCRIPTORS = 16
_CLOSE_ON_EXEC = 0x40000000  # MSG_CMSG_CLOEXEC, which not every interpreter names
_REPORT = struct.Struct("=ci16sddQ")
_BUFFER = memoryview(bytearray(MESSAGE_BYTES))
_ROOM = socket.CMSG_SPACE(_MOST_DESCRIPTORS * array.array("i").itemsize)


class Setup(TypedDict):
    """How the box is to be made; see ``worlds`` for the parts.

    ``forker`` is the compiled library that forks for the zygote; where there is none, Python does.
    Descriptors where ``cpu_group`` says so: the CPU counter of the box, and the file by which its zygote joins it.
    """

    tier: str
    seccomp: str
    landlock_abi: int
    uid: int | None
    directory: str
    readable: list[str]
    processes_elsewhere: int
    cpu_group: bool
    preload: list[str]
    prepared: str
    forker: str


class Run(TypedDict):
    """One command; the descriptors are [bundle, stdin, stdout, stderr, code?, CPU counter?, cgroup joins…].

    ``files`` are (name, size, executable) of those whose contents the bundle holds, one after the other.

    ``step`` says what a fork of a warm interpreter is to do instead of starting ``argv``: "compile"; "run", which
    comes with the compiled code; or "first_run", which compiles it into the empty file that it comes with, and goes on
    as "run" would. Empty, it starts ``argv``.
    """

    argv: list[str]
    environment: dict[str, str]
    files: list[tuple[str, int, bool]]
    step: str
    code_bytes: int
    cpu_seconds: float
    wall_seconds: float
    memory_bytes: int
    processes: int
    file_bytes: int
    collect: list[str]
    most_files: int
    has_counter: bool
    has_cgroup: bool


class Report(NamedTuple):
    """How the run ended: the wait status of the main process and what the tree used.

    It comes once a test, and is packed and read in a tenth of the time that JSON takes.
    """

    wait_status: int
    stopped: str | None
    cpu_seconds: float
    wall_seconds: float
    memory_bytes: int

    def packed(self) -> bytes:
        return _REPORT.pack(b"R", self.wait_status, (self.stopped or "").encode(), *self[2:])

    @classmethod
    def read(cls, message: bytes) -> Report | None:
        """None of a message that is something else, which is a failure."""
        if len(message) != _REPORT.size or message[:1] != b"R":
            return None
        _, wait_status, stopped, *used = _REPORT.unpack(message)
        return cls(wait_status, stopped.rstrip(b"\0").decode() or None, *used)


def send(link: socket.socket, message: Any, descriptors: list[int] | None = None) -> None:
    forward(link, json.dumps(message).encode(), descriptors or [])


def forward(link: socket.socket, payload: bytes, descriptors: list[int]) -> None:
    """A message that is bytes already."""
    rights = array.array("i", descriptors)
    ancillary = [(socket.SOL_SOCKET, socket.SCM_RIGHTS, rights)] if rights else []
    link.sendmsg([payload], ancillary)


def receive(link: socket.socket, buffer: memoryview = _BUFFER) -> tuple[Any, list[int]]:
    """The next message; None when the other side is gone. Threads need a buffer each."""
    payload, descriptors = receive_raw(link, buffer)
    return (json.loads(payload) if payload else None), descriptors


def receive_raw(link: socket.socket, buffer: memoryview = _BUFFER) -> tuple[bytes, list[int]]:
    """The next message as it came; empty when the other side is gone."""
    rights = array.array("i")
    size, ancillary, _, _ = link.recvmsg_into([buffer], _ROOM, _CLOSE_ON_EXEC)
    for level, kind, data in ancillary:
        if level == socket.SOL_SOCKET and kind == socket.SCM_RIGHTS:
            rights.frombytes(data[: len(data) - len(data) % rights.itemsize])
    return bytes(buffer[:size]), list(rights)


# ---------------------------------------------------------------- bundles: many files in one descriptor


LEFT_OUT = -1


def pack(names: list[tuple[str, int, bool]]) -> bytes:
    """The head of a bundle: (name, size, executable) of each file whose content follows; of one left out, LEFT_OUT."""
    head = json.dumps(names).encode()
    return len(head).to_bytes(8, "little") + head


def unpack(descriptor: int) -> tuple[list[tuple[str, int, bool]], int]:
    """The files of a bundle, and where their contents begin."""
    length = int.from_bytes(os.pread(descriptor, 8, 0), "little")
    return [tuple(entry) for entry in json.loads(os.pread(descriptor, length, 8))], 8 + length
