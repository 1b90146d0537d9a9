"""What the worker and a box's init say to each other: one JSON message a packet, files as descriptors.

worker → init   Setup, once; then per run a Run with its descriptors, and ``b"stop"`` to end it early
init → worker   a Ready or a Failure; then one Report a run, with a bundle of the collected files
"""

import array
import json
import os
import socket
from typing import Any, TypedDict

OWN_PID = 0x7EADBEEF  # stands in a BPF program for the pid of the process that installs it
MESSAGE_BYTES = 1 << 18
_MOST_DESCRIPTORS = 16


class Setup(TypedDict):
    """How the box is to be made; see ``worlds`` for the parts."""

    tier: str
    seccomp: str
    landlock_abi: int
    uid: int | None
    directory: str
    readable: list[str]
    processes_elsewhere: int


class Run(TypedDict):
    """One command; the descriptors are [bundle, stdin, stdout, stderr, cpu usage?, cgroup joins…]."""

    argv: list[str]
    environment: dict[str, str]
    cpu_seconds: float
    wall_seconds: float
    memory_bytes: int
    processes: int
    file_bytes: int
    collect: list[str]
    most_files: int
    has_cgroup: bool


class Report(TypedDict):
    """How the run ended: the wait status of the main process and what the tree used."""

    wait_status: int
    stopped: str | None
    cpu_seconds: float
    wall_seconds: float
    memory_bytes: int


def send(link: socket.socket, message: Any, descriptors: list[int] | None = None) -> None:
    payload = json.dumps(message).encode()
    rights = array.array("i", descriptors or [])
    ancillary = [(socket.SOL_SOCKET, socket.SCM_RIGHTS, rights)] if rights else []
    link.sendmsg([payload], ancillary)


def receive(link: socket.socket) -> tuple[Any, list[int]]:
    """The next message; None when the other side is gone."""
    rights = array.array("i")
    payload, ancillary, _, _ = link.recvmsg(MESSAGE_BYTES, socket.CMSG_SPACE(_MOST_DESCRIPTORS * rights.itemsize))
    for level, kind, data in ancillary:
        if level == socket.SOL_SOCKET and kind == socket.SCM_RIGHTS:
            rights.frombytes(data[: len(data) - len(data) % rights.itemsize])
    for descriptor in rights:
        os.set_inheritable(descriptor, False)
    return (json.loads(payload) if payload else None), list(rights)


# ---------------------------------------------------------------- bundles: many files in one descriptor


def pack(names: list[tuple[str, int, bool]]) -> bytes:
    """The head of a bundle: (name, size, executable) of each file whose content follows."""
    head = json.dumps(names).encode()
    return len(head).to_bytes(8, "little") + head


def unpack(descriptor: int) -> tuple[list[tuple[str, int, bool]], int]:
    """The files of a bundle, and where their contents begin."""
    length = int.from_bytes(os.pread(descriptor, 8, 0), "little")
    return [tuple(entry) for entry in json.loads(os.pread(descriptor, length, 8))], 8 + length
