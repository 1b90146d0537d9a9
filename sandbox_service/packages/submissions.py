"""The example submissions of a package: a file, or a folder of files, each with what it is said to get."""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from sandbox_service.models import Submission
from sandbox_service.packages.contract import PackagedSubmission, Skipped
from sandbox_service.packages.expectations import NoExpectation, expectation
from sandbox_service.packages.files import Folder, Unreadable
from sandbox_service.packages.programs import NoProgram, made_of, read_files

NOTES = ("expected_result.txt",)
CODES = {"python": "python3"}  # where the formats have another name for a language


@dataclass(frozen=True, slots=True)
class Listed:
    """What the package says of its submissions beside their folders."""

    rules: Mapping[str, Any]
    entry_points: Mapping[str, str]
    is_new: bool


def read_submissions(folder: Folder, *, is_new: bool) -> Iterator[PackagedSubmission | Skipped]:
    """Every submission with an expectation, and what else lies there."""
    listed = _listed(folder, is_new=is_new)
    for place in folder.below(folder.path / "submissions"):
        if place.is_dir():
            for path in folder.below(place):
                try:
                    yield _read(folder, path, place.name, listed)
                except (NoProgram, NoExpectation) as skip:
                    yield Skipped(folder.name_of(path), str(skip))
                except (Unreadable, ValidationError) as error:
                    folder.note(path, _words(error))


def _listed(folder: Folder, *, is_new: bool) -> Listed:
    rules = folder.settings(folder.path / "submissions" / "submissions.yaml")
    entry_points = {
        str(pattern): said["entrypoint"]
        for pattern, said in rules.items()
        if isinstance(said, dict) and isinstance(said.get("entrypoint"), str)
    }
    path = folder.path / "submissions.json"  # DOMjudge's
    if path.exists():
        try:
            for name, said in json.loads(folder.text(path)).items():
                if isinstance(said, dict) and isinstance(said.get("entry_point"), str):
                    entry_points[name.strip("/").removeprefix("submissions/")] = said["entry_point"]
        except (Unreadable, ValueError, AttributeError, RecursionError) as error:
            folder.note(path, f"cannot be read: {error}")
    return Listed(rules, entry_points, is_new)


def _read(folder: Folder, path: Path, place: str, listed: Listed) -> PackagedSubmission:
    name = path.relative_to(folder.path / "submissions").as_posix()
    files = read_files(folder, path)
    sources = [content.decode(errors="replace") for content in files.values()]
    said = expectation(place, name, sources, listed.rules, new=listed.is_new)
    program = made_of(
        {file: content for file, content in files.items() if file not in NOTES},
        listed.entry_points.get(name),
        lambda language: _included(folder, language),
    )
    if program.language == "python2":
        raise NoProgram("a Python 2 program; the Python here is 3")
    submission = Submission(id=name, language=program.language, source=program.source, files=program.files)
    return PackagedSubmission(submission, said, sets_time_limit=place == "accepted")


def _included(folder: Folder, language: str) -> Mapping[str, bytes]:
    """What is laid beside every submission of the language, else beside those of all."""
    for name in (CODES.get(language, language), "default"):
        if (folder.path / "include" / name).is_dir():
            return read_files(folder, folder.path / "include" / name)
    return {}


def _words(error: Exception) -> str:
    if isinstance(error, ValidationError):
        return str(error.errors()[0]["msg"]).removeprefix("Value error, ")
    return str(error)


def sorted_out(
    found: Sequence[PackagedSubmission | Skipped],
) -> tuple[tuple[PackagedSubmission, ...], tuple[Skipped, ...]]:
    """What is judged, and what is not."""
    return (
        tuple(each for each in found if isinstance(each, PackagedSubmission)),
        tuple(each for each in found if isinstance(each, Skipped)),
    )
