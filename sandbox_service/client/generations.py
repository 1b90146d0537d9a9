"""What a generator made, as the client answers it."""

import base64
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sandbox_service.models import Generation, Verdict


@dataclass(frozen=True, slots=True)
class GeneratedFiles:
    """One run of a generator, its files by their names."""

    arguments: tuple[str, ...]
    verdict: Verdict
    files: Mapping[str, bytes]
    stdout: str
    stderr: str


@dataclass(frozen=True, slots=True)
class Generated:
    """All runs; ``test_set`` is the digest of the files as tests, and ``tests`` their names."""

    verdict: Verdict
    reason: str | None
    runs: Sequence[GeneratedFiles]
    test_set: str | None
    tests: tuple[str, ...]


def generated(generation: Generation) -> Generated:
    """The answer with the files' contents."""
    runs = [
        GeneratedFiles(
            run.arguments,
            run.verdict,
            {name: base64.b64decode(content) for name, content in run.files.items()},
            run.stdout,
            run.stderr,
        )
        for run in generation.runs
    ]
    log = generation.compilation.log if generation.compilation and not generation.compilation.succeeded else None
    return Generated(generation.verdict, generation.reason or log, runs, generation.test_set, generation.tests)
