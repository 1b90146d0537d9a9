"""Puts around a program what calls its functions: the texts come from the language's folder ``call``."""

import base64
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from sandbox_service.errors import BadRequest
from sandbox_service.models import Submission
from sandbox_service.runners import Runner


@dataclass(frozen=True, slots=True)
class Harnessed:
    """A submission with its harness, and its language as that is compiled and run."""

    submission: Submission
    runner: Runner


def harnessed(submission: Submission, runner: Runner, functions: Sequence[str]) -> Harnessed:
    """The submission so that its functions can be called.

    Raises:
        BadRequest: functions are not called in its language.
    """
    if runner.call is None:
        raise BadRequest(f"functions cannot be called in {runner.name}", field="language")
    files = {**submission.files, **_texts(runner.folder / "call")}
    return Harnessed(submission.model_copy(update={"files": files}), runner.for_calls())


@lru_cache(maxsize=64)
def _texts(folder: Path) -> Mapping[str, str]:
    """The harness's files, as base64 by their names."""
    return {
        path.name: base64.b64encode(path.read_bytes()).decode() for path in sorted(folder.iterdir()) if path.is_file()
    }
