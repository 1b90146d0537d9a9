"""Compiled programs by the digest of all that made them: the latest in memory, those that took long on disk too."""

import contextlib
import hashlib
import json
import os
import secrets
from collections import OrderedDict
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import NamedTuple

from sandbox_service.entry_points import EntryPoint
from sandbox_service.models import Compilation, Compiled, Execution
from sandbox_service.runners import Runner, Words
from sandbox_service.sandboxes.contract import File

MEMORY_BYTES = 256 * 2**20
DISK_BYTES = 2 * 2**30
KEPT_FRACTION = 0.8  # of the disk, after it was full
DIGEST_BYTES = 32


@dataclass(frozen=True, slots=True)
class Program:
    """What a submission was made into; there is nothing to run when its compilation failed.

    One that is ``late`` is compiled by its first run.
    """

    files: Mapping[str, File]
    entry: EntryPoint
    compilation: Compilation | None
    code: bytes | None = None  # for a warm interpreter
    runner: Runner | None = None  # the language as it runs this program, where that is not as usual; never written down
    late: "Late | None" = None
    fast: Words = ()  # what its command has of the preparation that its compiler used

    @property
    def runs(self) -> bool:
        return self.compilation is None or self.compilation.succeeded

    @property
    def size_bytes(self) -> int:
        log = len(self.compilation.log) if self.compilation else 0
        return log + len(self.code or b"") + sum(len(name) + len(file.content) for name, file in self.files.items())


class Late(NamedTuple):
    """What a program that is not compiled yet becomes."""

    compiled_by: Callable[[Compiled, Execution], Program]  # when its first run has compiled it
    compile_now: Callable[[], Program]


class RecentPrograms:
    """The programs used last, up to a number of bytes."""

    def __init__(self, memory_bytes: int = MEMORY_BYTES) -> None:
        self._memory_bytes = memory_bytes
        self._kept_bytes = 0
        self._kept: OrderedDict[str, Program] = OrderedDict()

    def get(self, digest: str) -> Program | None:
        program = self._kept.get(digest)
        if program is not None:
            self._kept.move_to_end(digest)
        return program

    def put(self, digest: str, program: Program) -> None:
        if program.size_bytes > self._memory_bytes:
            return
        self._kept[digest] = program
        self._kept_bytes += program.size_bytes
        while self._kept_bytes > self._memory_bytes:
            _, oldest = self._kept.popitem(last=False)
            self._kept_bytes -= oldest.size_bytes


class SharedPrograms:
    """A folder that the workers of a machine share, and no box sees; what is not whole there is as not there."""

    def __init__(self, folder: Path, disk_bytes: int = DISK_BYTES) -> None:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        self._folder = folder
        self._disk_bytes = disk_bytes

    def get(self, digest: str) -> Program | None:
        path = self._folder / digest
        try:
            written = path.read_bytes()
            os.utime(path)  # the least recently used go first
        except OSError:
            return None
        seal, body = written[:DIGEST_BYTES], written[DIGEST_BYTES:]
        return _read(body) if hashlib.sha256(body).digest() == seal else None

    def put(self, digest: str, program: Program) -> None:
        body = _write(program)
        temporary = self._folder / f".{secrets.token_hex(8)}"
        try:
            temporary.write_bytes(hashlib.sha256(body).digest() + body)
            temporary.rename(self._folder / digest)
        except OSError:  # a full disk costs time and nothing else
            temporary.unlink(missing_ok=True)
        self._make_room()

    def _make_room(self) -> None:
        entries = []
        for entry in os.scandir(self._folder):
            with contextlib.suppress(FileNotFoundError):  # another worker makes room too
                entries.append((entry.stat().st_mtime, entry.stat().st_size, entry.path))
        held = sum(size for _, size, _ in entries)
        if held <= self._disk_bytes:
            return
        for _, size, path in sorted(entries):
            Path(path).unlink(missing_ok=True)
            held -= size
            if held <= KEPT_FRACTION * self._disk_bytes:
                return


def _write(program: Program) -> bytes:
    head = {
        "files": [(name, len(file.content), file.executable) for name, file in program.files.items()],
        "entry": asdict(program.entry),
        "compilation": program.compilation and program.compilation.model_dump(mode="json"),
        "code_bytes": None if program.code is None else len(program.code),
        "fast": program.fast,
    }
    contents = [file.content for file in program.files.values()]
    return b"".join([json.dumps(head).encode(), b"\n", *contents, program.code or b""])


def _read(body: bytes) -> Program:
    end = body.index(b"\n")
    head, offset = json.loads(body[:end]), end + 1
    files = {}
    for name, size, executable in head["files"]:
        files[name] = File(body[offset : offset + size], executable)
        offset += size
    return Program(
        files=files,
        entry=EntryPoint(**head["entry"]),
        compilation=None if head["compilation"] is None else Compilation.model_validate(head["compilation"]),
        code=None if head["code_bytes"] is None else body[offset : offset + head["code_bytes"]],
        fast=tuple(head.get("fast", ())),
    )
