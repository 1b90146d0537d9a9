"""What a worker and the agent in a container say to each other over a stream: JSON heads with bytes beside them.

worker → agent    an Open, once; then a Run each time
agent → worker    an Opened or a Refused; then an Ended or a Broken each time
both              between a Run whose streams are piped and its Ended, what ``Talk`` lists; later the agent ignores it
"""

import json
import os
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, fields
from enum import StrEnum
from typing import Any, NamedTuple

from sandbox_service.models import Compiled, Execution, Limits, Outcome
from sandbox_service.sandboxes.contract import Command, File, Step, Zygote

Receive = Callable[[int], bytes]
Send = Callable[[bytes], None]
Head = Mapping[str, Any]
Frame = tuple[Any, list[bytes]]


class Talk(StrEnum):
    """What is said while a command talks."""

    SAYS = "says"  # with what was read, at most a block; with nothing, at the end
    TAKEN = "taken"  # the block was written, and the next may come
    UNREAD = "unread"  # nobody reads any more what is said
    REST = "rest"  # from the agent: all that the command had still said, and the end
    STOP = "stop"  # to the agent: with the outcome that the execution is to have


class Asked(NamedTuple):
    """What is to be run; ``piped`` are the streams that go on over the link, and without it, it cannot be stopped."""

    command: Command
    limits: Limits
    stdin: bytes
    collect: tuple[str, ...]
    piped: tuple[str, ...] | None


_LENGTH_BYTES = 4
_MOST_HEAD_BYTES = 2**22


def pack(head: Mapping[str, Any], contents: Sequence[bytes] = ()) -> bytes:
    """A head and its contents as one frame."""
    text = json.dumps({**head, "sizes": [len(content) for content in contents]}).encode()
    return b"".join([len(text).to_bytes(_LENGTH_BYTES, "big"), text, *contents])


def unpack(receive: Receive, most_bytes: int) -> Frame:
    """The next frame; ``receive`` gives exactly as many bytes as it is asked for.

    Raises:
        ValueError: it is not a frame, or holds more than ``most_bytes``.
    """
    length = int.from_bytes(receive(_LENGTH_BYTES), "big")
    if length > _MOST_HEAD_BYTES:
        raise ValueError("a frame's head is too long")
    head = json.loads(receive(length))
    sizes = [int(size) for size in head.pop("sizes")]
    if min(sizes, default=0) < 0 or sum(sizes) > most_bytes:
        raise ValueError("a frame holds more than it may")
    return head, [receive(size) for size in sizes]


# ---------------------------------------------------------------- commands


def pack_command(
    command: Command,
    limits: Limits,
    stdin: bytes,
    collect: Sequence[str],
    *,
    files_as_before: bool,
    piped: Sequence[str] | None = None,
) -> bytes:
    """What to run; files and code that the agent has already do not travel again."""
    files = {} if files_as_before else command.files
    head = {
        "argv": command.argv,
        "environment": dict(command.environment),
        "step": command.step,
        "files_as_before": files_as_before,
        "files": [(name, file.executable) for name, file in files.items()],
        "limits": asdict(limits),
        "collect": list(collect),
        "piped": piped,
    }
    code = b"" if files_as_before else command.code
    return pack(head, [stdin, code, *(file.content for file in files.values())])


def read_command(frame: Frame, before: Command | None) -> Asked:
    """The command with all that belongs to it."""
    head, (stdin, code, *contents) = frame
    names = zip(head["files"], contents, strict=True)
    files: Mapping[str, File] = {name: File(content, executable) for (name, executable), content in names}
    if head["files_as_before"]:
        if before is None:
            raise ValueError("there was no command before")
        files, code = before.files, before.code
    step = Step(head["step"]) if head["step"] else None
    command = Command(tuple(head["argv"]), files, head["environment"], step, code)
    piped = None if head["piped"] is None else tuple(head["piped"])
    return Asked(command, Limits(**head["limits"]), stdin, tuple(head["collect"]), piped)


def pack_talk(talk: Talk, content: bytes = b"", *, outcome: Outcome | None = None) -> bytes:
    return pack({"talk": talk, "outcome": outcome}, [content])


# ---------------------------------------------------------------- executions


def pack_execution(execution: Execution) -> bytes:
    beside = ("stdout", "stderr", "files", "compiled")
    facts = {field.name: getattr(execution, field.name) for field in fields(execution) if field.name not in beside}
    compiled = execution.compiled
    head = {
        "execution": facts,
        "files": list(execution.files),
        "compiled": compiled and [compiled.cpu_seconds, compiled.wall_seconds],
    }
    code = compiled.code if compiled else b""
    return pack(head, [execution.stdout, execution.stderr, code, *execution.files.values()])


def read_execution(frame: Frame) -> Execution:
    """Raises ValueError, KeyError or TypeError when the frame holds something else."""
    head, (stdout, stderr, code, *contents) = frame
    facts = head["execution"]
    return Execution(
        **{**facts, "outcome": Outcome(facts["outcome"])},
        stdout=stdout,
        stderr=stderr,
        files=dict(zip(head["files"], contents, strict=True)),
        compiled=Compiled(code, *head["compiled"]) if head["compiled"] else None,
    )


# ---------------------------------------------------------------- zygotes


def pack_zygote(zygote: Zygote, files: Mapping[str, bytes]) -> tuple[Mapping[str, Any], Sequence[bytes]]:
    """A zygote with its files, named by their folders: the container need not have the same."""
    head = {
        "folder": os.path.basename(zygote.folder),
        "harness": os.path.basename(zygote.harness),
        "argv": zygote.argv,
        "environment": dict(zygote.environment),
        "preload": zygote.preload,
        "files": list(files),
    }
    return head, list(files.values())


def read_zygote(head: Mapping[str, Any], place: str) -> Zygote:
    """The zygote whose files lie at that place by their names."""
    folder, harness = (os.path.join(place, head[name]) for name in ("folder", "harness"))
    return Zygote(tuple(head["argv"]), head["environment"], folder, harness, tuple(head["preload"]))
