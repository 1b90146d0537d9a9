"""What makes compilers faster, made once a machine: precompiled headers, archives of a compiler's own classes."""

import fcntl
import hashlib
import json
import os
import shutil
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple, Self

from sandbox_service.models import Outcome
from sandbox_service.runners import Prepare, Runner, Words, toolchain_version
from sandbox_service.sandboxes.contract import Box


class Ready(NamedTuple):
    """The words for ``{fast}``, and whether a source that does not compile with them does not compile at all."""

    to_compile: Words = ()
    to_run: Words = ()
    is_all: bool = True

    @classmethod
    def of(cls, section: Prepare, name: str) -> Self:
        def filled(words: Words) -> Words:
            return tuple(word.replace("{prepared}", "{prepared}/" + name) for word in words)

        return cls(filled(section.use), filled(section.use_to_run), not section.unless)


class Preparations:
    """A folder that boxes can read; it holds nothing that comes of a submission."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        folder.chmod(0o755)
        self.folder = folder
        self._refused: set[str] = set()

    def find(self, runner: Runner, options: Mapping[str, str], source: str, box: Box) -> Iterator[Ready]:
        """What was prepared for such a source, the fastest first; made now unless it is there.

        Nothing where nothing is to be prepared, or where it is being made by another worker, or cannot be made: then
        compiling takes longer.
        """
        for section in runner.prepare:
            name = self._made(section, runner, options, box) if section.is_for(source) else None
            if name is not None:
                yield Ready.of(section, name)

    def prepare(self, runner: Runner, box: Box) -> None:
        """Make it for the default options."""
        for section in runner.prepare:
            self._made(section, runner, {}, box)

    def _made(self, section: Prepare, runner: Runner, options: Mapping[str, str], box: Box) -> str | None:
        """The name, below the folder, of what was made; None where it is not to be had."""
        command = runner.prepare_command(section, options)
        made_of = [toolchain_version(runner.version), *command.argv, *sorted(section.files.items())]
        name = hashlib.sha256(json.dumps(made_of).encode()).hexdigest()[:32]
        place = self.folder / name
        if place.is_dir():
            return name
        if name in self._refused:
            return None
        with self._alone(name) as alone:
            if not alone:
                return None
            if not place.is_dir():
                execution = box.run(command, runner.compile_limits(), collect=section.collect)
                if execution.outcome is not Outcome.EXITED or execution.exit_code != 0 or not execution.files:
                    self._refused.add(name)
                    return None
                self._lay(place, execution.files)
        return name

    @contextmanager
    def _alone(self, name: str) -> Iterator[bool]:
        """Whether nobody else makes the same now."""
        lock = os.open(self.folder / f".{name}.lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                yield False
            else:
                yield True
        finally:
            os.close(lock)

    def _lay(self, place: Path, files: Mapping[str, bytes]) -> None:
        temporary = Path(tempfile.mkdtemp(prefix=".", dir=self.folder))
        temporary.chmod(0o755)
        try:
            for name, content in files.items():
                path = temporary / name
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_bytes(content)
            temporary.rename(place)
        except OSError:
            shutil.rmtree(temporary, ignore_errors=True)
            raise
