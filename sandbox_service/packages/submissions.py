"""The example submissions of a package: a file, or a folder of files, each with what it is said to get."""

import base64
import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from sandbox_service.models import Submission
from sandbox_service.packages.contract import PackagedSubmission, Skipped
from sandbox_service.packages.expectations import NoExpectation, expectation
from sandbox_service.packages.files import Folder, Unreadable
from sandbox_service.packages.languages import language_of, starts

MOST_FILES = 100
NOTES = ("expected_result.txt",)


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
                except _Skip as skip:
                    yield Skipped(folder.name_of(path), str(skip))
                except (Unreadable, ValidationError) as error:
                    folder.note(path, _words(error))


class _Skip(Exception):
    """Something that is no submission that can be judged here."""


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
    files = dict(_files(folder, path))
    sources = {file: _text(content) for file, content in files.items()}
    main, language = _main(sources, listed.entry_points.get(name))
    try:
        said = expectation(place, name, list(sources.values()), listed.rules, new=listed.is_new)
    except NoExpectation as error:
        raise _Skip(str(error)) from None
    if language == "python2":
        raise _Skip("a Python 2 program; the Python here is 3")
    submission = Submission(
        id=name,
        language=language,
        source=_source(folder, path if path.is_file() else path / main),
        files={
            file: base64.b64encode(content).decode()
            for file, content in files.items()
            if file != main and file not in NOTES
        },
    )
    return PackagedSubmission(submission, said, sets_time_limit=place == "accepted")


def _files(folder: Folder, path: Path) -> Iterator[tuple[str, bytes]]:
    if not path.is_dir():
        yield path.name, folder.read(path)
        return
    found = 0
    pending = [path]
    while pending:
        for entry in folder.below(pending.pop(0)):
            if entry.is_dir():
                pending.append(entry)
                continue
            found += 1
            if found > MOST_FILES:
                raise Unreadable(f"has more than {MOST_FILES} files")
            yield entry.relative_to(path).as_posix(), folder.read(entry)


def _main(sources: Mapping[str, str], entry_point: str | None) -> tuple[str, str]:
    """The file in which the program begins, and its language."""
    languages = {
        name: language for name, source in sources.items() if (language := language_of(Path(name).suffix, source))
    }
    if entry_point in languages:
        return entry_point, languages[entry_point]
    candidates = [name for name in languages if starts(languages[name], Path(name).stem, sources[name])]
    if len(languages) == 1:
        candidates = list(languages)
    if not languages:
        raise _Skip(f"no language is known for {_endings(sources)}")
    if len(candidates) > 1:  # a file called main goes before one that has a function of that name
        candidates = [name for name in candidates if Path(name).stem.lower() in ("main", "__main__")] or candidates
    name = (candidates or sorted(languages))[0]
    return name, languages[name]


def _endings(sources: Mapping[str, str]) -> str:
    return ", ".join(sorted({Path(name).suffix or "files without an ending" for name in sources})) or "an empty folder"


def _text(content: bytes) -> str:
    return content.decode(errors="replace")


def _source(folder: Folder, path: Path) -> str:
    """The source as text; an old one may be in Latin-1, which its compilers took as it came."""
    content = folder.read(path)
    try:
        return content.decode()
    except UnicodeDecodeError:
        if re.search(rb"[\x00-\x08\x0e-\x1a\x1c-\x1f\x7f]", content):
            raise _Skip("not the text of a program") from None
        return content.decode("latin-1")


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
