"""Reads a folder of tests: each NAME.in with NAME.ans or NAME.out beside it, at any depth."""

import re
from dataclasses import dataclass
from pathlib import Path

from pydantic import ValidationError

from sandbox_service.errors import BadRequest
from sandbox_service.models import TestCase

ANSWER_SUFFIXES = (".ans", ".out")


@dataclass(frozen=True, slots=True)
class NamedTest:
    """A test and its name: its path below the folder, without the suffix."""

    name: str
    test: TestCase


def read_tests(folder: Path) -> tuple[NamedTest, ...]:
    """The folder's tests in the order of their names, sample before secret, 2 before 10.

    Raises:
        BadRequest: there are none, or one is not text.
    """
    inputs = sorted(folder.rglob("*.in"), key=lambda path: _natural(path.relative_to(folder)))
    if not inputs:
        raise BadRequest(f"no tests below {folder}: expected NAME.in with NAME.ans or NAME.out")
    return tuple(_read_test(path, folder) for path in inputs)


def _read_test(path: Path, folder: Path) -> NamedTest:
    answers = [path.with_suffix(suffix) for suffix in ANSWER_SUFFIXES]
    answer = next((candidate for candidate in answers if candidate.is_file()), None)
    try:
        test = TestCase(stdin=read_text(path), expected=None if answer is None else read_text(answer))
    except ValidationError as error:
        raise BadRequest(f"{path}: {error.errors()[0]['msg'].removeprefix('Value error, ')}") from None
    return NamedTest(str(path.relative_to(folder).with_suffix("")), test)


def read_text(path: Path) -> str:
    """The file as UTF-8, its line ends as they are.

    Raises:
        BadRequest: it is not UTF-8, or it cannot be read.
    """
    try:
        return path.read_bytes().decode()
    except UnicodeDecodeError as error:
        raise BadRequest(f"{path} is not UTF-8: {error.reason} at byte {error.start}") from None
    except OSError as error:
        raise BadRequest(f"{path}: {error.strerror}") from None


def _natural(path: Path) -> list[tuple[int, int, str]]:
    parts = re.findall(r"\d+|\D+", str(path), re.ASCII)
    return [(0, int(part), "") if part.isdecimal() else (1, 0, part) for part in parts]
