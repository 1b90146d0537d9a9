"""Remembers which examples came out as expected, each by a digest of all that it depends on."""

import hashlib
import json
import os
from collections.abc import Iterable
from functools import lru_cache
from pathlib import Path

import sandbox_service
from sandbox_service.models import Isolation
from sandbox_service.runners import Example, Runner, find_executable, toolchain_version

MOST = 4096  # a few hundred examples, with several toolchains and tiers
_PACKAGE = Path(sandbox_service.__file__).parent


class Remembered:
    """The digests of the examples that came out as expected, in a file; without a directory nothing is kept."""

    def __init__(self, directory: Path | None) -> None:
        self._file = None if directory is None else directory / "examples.json"
        self._digests = dict.fromkeys(self._read())

    def __contains__(self, digest: str) -> bool:
        return digest in self._digests

    def add(self, digests: Iterable[str]) -> None:
        """Keep these too; the oldest go when there are too many."""
        self._digests |= dict.fromkeys(digests)
        if self._file is not None:
            kept = list(self._digests)[-MOST:]
            new = self._file.with_suffix(".new")
            new.write_text(json.dumps(kept))
            os.replace(new, self._file)

    def _read(self) -> list[str]:
        try:
            found = json.loads(self._file.read_bytes()) if self._file is not None else []
        except (OSError, ValueError):  # not there yet, or cut short by a full disk: all is judged anew
            return []
        return [digest for digest in found if isinstance(digest, str)] if isinstance(found, list) else []


def digest(example: Example, runner: Runner, isolation: Isolation) -> str:
    """Of the example and the runner, the toolchain, the box, the kernel and our own sources."""
    depends_on = {
        "runner": runner.model_dump(mode="json"),
        "submission": example.submission.model_dump(mode="json"),
        "verdict": example.verdict,
        "problem": example.problem.model_dump(mode="json"),
        "toolchain": toolchain_version(runner.version),
        "executables": [_identity(name) for name in runner.executables],
        "tier": isolation.tier,
        "layers": [sorted(isolation.layers), sorted(isolation.missing)],
        "kernel": os.uname().release,
        "service": _own_sources(),
        "zygote": _sources(runner.folder / "zygote"),
    }
    return hashlib.sha256(json.dumps(depends_on, sort_keys=True).encode()).hexdigest()


def _identity(executable: str) -> list[str | int]:
    """What changes when another build of the same version is installed."""
    found = find_executable(executable)
    if found is None:
        return []
    status = os.stat(found)
    return [os.path.realpath(found), status.st_size, status.st_mtime_ns]


@lru_cache(maxsize=1)
def _own_sources() -> str:
    return sandbox_service.__version__ + _sources(_PACKAGE)


def _sources(folder: Path) -> str:
    sources = hashlib.sha256()
    for path in sorted(folder.rglob("*.py")):
        sources.update(str(path.relative_to(folder)).encode() + b"\0" + path.read_bytes())
    return sources.hexdigest()
