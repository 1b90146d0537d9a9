"""Reads files of a package, and nothing outside of it."""

import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import yaml

from sandbox_service.packages.contract import Fault

MOST_BYTES = 256 * 2**20
MOST_SETTINGS_BYTES = 2**20


class Unreadable(Exception):
    """A file of the package that cannot be had; the text says why."""


class Folder:
    """A package's folder; what could not be read of it is noted in ``faults``."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.faults: list[Fault] = []
        self.constants: Callable[[bytes], bytes] = bytes  # puts the package's own into a file
        self._root = path.resolve()

    def note(self, path: Path, what: str) -> None:
        self.faults.append(Fault(self.name_of(path), what))

    def name_of(self, path: Path) -> str:
        return path.relative_to(self.path).as_posix()

    def read(self, path: Path, most_bytes: int = MOST_BYTES) -> bytes:
        """The content of a regular file of the package; a link may lead to another file of it.

        Raises:
            Unreadable: there is none, or it lies outside.
        """
        try:
            real = path.resolve(strict=True)
            if not real.is_relative_to(self._root):
                raise Unreadable("leads out of the package")
            # Not blocking, so that nobody waits at a named pipe.
            with open(os.open(real, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC), "rb") as file:
                if not real.is_file():
                    raise Unreadable("is no regular file")
                content = file.read(most_bytes + 1)
        except (OSError, RuntimeError) as error:  # RuntimeError: links in a circle
            raise Unreadable(getattr(error, "strerror", None) or str(error)) from None
        if len(content) > most_bytes:
            raise Unreadable(f"is larger than {most_bytes} bytes")
        return content

    def completed(self, path: Path) -> bytes:
        """The same with the constants of the package in their places. Raises Unreadable."""
        return self.constants(self.read(path))

    def text(self, path: Path, most_bytes: int = MOST_BYTES) -> str:
        """Raises Unreadable also when it is not UTF-8."""
        try:
            return self.read(path, most_bytes).decode()
        except UnicodeDecodeError as error:
            raise Unreadable(f"is not UTF-8: {error.reason} at byte {error.start}") from None

    def settings(self, path: Path, *, completed: bool = False) -> dict[str, Any]:
        """What a YAML file says; nothing when there is none, and noted when it cannot be read."""
        if not path.exists() and not path.is_symlink():
            return {}
        try:
            text = self.text(path, MOST_SETTINGS_BYTES)
            found = yaml.safe_load(self.constants(text.encode()).decode() if completed else text)
        except (Unreadable, yaml.YAMLError, ValueError, RecursionError) as error:
            self.note(path, f"cannot be read: {' '.join(str(error).split())}")
            return {}
        if found is None:
            return {}
        if not isinstance(found, dict):
            self.note(path, "is no mapping")
            return {}
        return {str(key): value for key, value in found.items()}

    def below(self, path: Path) -> Iterator[Path]:
        """What the directory holds, in the order of the names; what begins with a point is no part of a package."""
        try:
            inside = path.resolve(strict=True).is_relative_to(self._root)
            entries = sorted(path.iterdir()) if inside else []
        except (OSError, RuntimeError):
            return
        if not inside:
            self.note(path, "leads out of the package")
        yield from (entry for entry in entries if not entry.name.startswith("."))
