"""The tests of a package, in the order in which a judge takes them, each with what its folders say of it."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from sandbox_service.models import TestCase
from sandbox_service.packages.files import Folder, Unreadable

PLACES = ("sample", "secret")
ANSWER_ENDINGS = (".ans", ".out")
GROUP_FILES = ("test_group.yaml", "testdata.yaml")


@dataclass(frozen=True, slots=True)
class Directory:
    """A folder of tests: its own settings, and those that it has from the folders around it too."""

    name: str
    own: Mapping[str, Any] = field(default_factory=dict)
    inherited: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class PackagedTest:
    """A test, its name below data/, and the settings that hold for it."""

    name: str
    test: TestCase
    settings: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Tests:
    """All tests that can be read, and the folders that they stand in."""

    __test__ = False

    tests: tuple[PackagedTest, ...]
    directories: tuple[Directory, ...]


def read_tests(folder: Folder) -> Tests:
    """The tests below data/sample and data/secret; one without an answer, or that is no text, is noted and left out."""
    data = folder.path / "data"
    directories = [_directory(folder, data, Directory("", {}))]
    tests = list[PackagedTest]()
    for place in PLACES:
        tests.extend(_below(folder, data / place, directories[0], directories))
    if not tests:
        folder.note(data, "holds no test that can be judged")
    return Tests(tuple(tests), tuple(directories))


def _directory(folder: Folder, path: Path, around: Directory) -> Directory:
    own = dict[str, Any]()
    for name in GROUP_FILES:
        own |= folder.settings(path / name, completed=True)
    name = path.relative_to(folder.path / "data").as_posix()
    return Directory("" if name == "." else name, own, {**around.inherited, **own})


def _below(folder: Folder, path: Path, around: Directory, directories: list[Directory]) -> Iterator[PackagedTest]:
    entries = list(folder.below(path))
    if not entries:
        return
    directory = _directory(folder, path, around)
    directories.append(directory)
    stems = {entry.name.removesuffix(".in") for entry in entries if entry.name.endswith(".in")}
    for entry in entries:
        stem = entry.name.removesuffix(".ans")
        if entry.name.endswith(".ans") and stem not in stems:
            folder.note(entry.with_suffix(".in"), "is missing")
    for entry in sorted(entries, key=lambda entry: entry.name.removesuffix(".in")):
        if entry.is_dir() and not entry.name.endswith(".files"):
            yield from _below(folder, entry, directory, directories)
        elif entry.name.endswith(".in") and (found := _read(folder, entry, directory)):
            yield found


def _read(folder: Folder, path: Path, directory: Directory) -> PackagedTest | None:
    stem = path.name.removesuffix(".in")
    beside = [path.with_name(stem + ending) for ending in ANSWER_ENDINGS]
    answer = next((candidate for candidate in beside if candidate.exists() or candidate.is_symlink()), None)
    if answer is None:
        folder.note(beside[0], "is missing; the test is left out")
        return None
    if path.with_name(f"{stem}.files").is_dir():
        folder.note(
            path.with_name(f"{stem}.files"), "files beside a test's input are not supported; the test is left out"
        )
        return None
    reading = path
    try:
        stdin = folder.text(path)
        reading = answer
        expected = folder.text(answer)
        reading = path
        settings = {**directory.inherited, **folder.settings(path.with_name(f"{stem}.yaml"))}
        test = TestCase(stdin=stdin, expected=expected, arguments=_arguments(settings))
    except Unreadable as error:
        folder.note(reading, f"{error}; the test is left out")
        return None
    except ValidationError as error:
        folder.note(reading, f"{error.errors()[0]['msg'].removeprefix('Value error, ')}; the test is left out")
        return None
    name = path.relative_to(folder.path / "data").as_posix().removesuffix(".in")
    return PackagedTest(name, test, settings)


def _arguments(settings: Mapping[str, Any]) -> tuple[str, ...]:
    found = settings.get("args")
    return tuple(map(str, found)) if isinstance(found, list) else ()


def with_group(test: PackagedTest, group: str, weight: float | None) -> PackagedTest:
    """The same test, counted in a group."""
    return replace(test, test=test.test.model_copy(update={"group": group, "weight": weight}))
