"""Reads problem packages as Kattis, the ICPC tools and DOMjudge have them."""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from sandbox_service.errors import BadRequest
from sandbox_service.models import Problem
from sandbox_service.packages.contract import (
    Expectation,
    Fault,
    Package,
    PackagedSubmission,
    Skipped,
    TestRule,
    Timing,
)
from sandbox_service.packages.files import Folder
from sandbox_service.packages.metadata import Metadata, checker_of, read_metadata
from sandbox_service.packages.scoring import full_score_of, scored
from sandbox_service.packages.submissions import read_submissions, sorted_out
from sandbox_service.packages.tests import PackagedTest, Tests, read_tests
from sandbox_service.packages.validators import NoValidator, read_validator

__all__ = [
    "Expectation",
    "Fault",
    "Package",
    "PackagedSubmission",
    "Skipped",
    "TestRule",
    "Timing",
    "packages_in",
    "read_package",
]


def packages_in(path: Path) -> Iterator[Path]:
    """The folder itself when it is a package, else those in it that are.

    Raises:
        BadRequest: there is none.
    """
    if _is_package(path):
        yield path
        return
    within = (
        [entry for entry in sorted(path.iterdir()) if entry.is_dir() and _is_package(entry)] if path.is_dir() else []
    )
    if not within:
        raise BadRequest(f"{path} is no problem package: it has no data/ and no problem.yaml, nor has a folder in it")
    yield from within


def read_package(path: Path, *, with_submissions: bool = True) -> Package:
    """All that can be read of the package; what cannot is in its ``faults``.

    Raises:
        BadRequest: it is no package at all.
    """
    if not _is_package(path):
        raise BadRequest(f"{path} is no problem package: it has no data/ and no problem.yaml")
    folder = Folder(path)
    metadata = read_metadata(folder)
    folder.constants = metadata.constants.put_into
    tests = read_tests(folder)
    problem, lacking = _problem(folder, metadata, tests) if tests.tests else (None, None)
    submissions, skipped = sorted_out(
        list(read_submissions(folder, is_new=metadata.is_new)) if with_submissions else ()
    )
    return Package(
        name=path.resolve().name,
        folder=path,
        problem=problem,
        test_names=tuple(test.name for test in tests.tests),
        timing=metadata.timing,
        submissions=submissions,
        skipped=skipped,
        faults=tuple(folder.faults),
        lacking=lacking,
    )


def _problem(folder: Folder, metadata: Metadata, tests: Tests) -> tuple[Problem, str | None]:
    """The problem, and what is lacking to judge by it."""
    found, parts = tests.tests, dict[str, Any]()
    full_score = 1.0
    if metadata.is_scoring:
        full_score = full_score_of(tests) if metadata.is_custom else 1.0
        found, parts["scoring"] = scored(tests, folder, is_domjudge=metadata.is_domjudge, full_score=full_score)
    lacking = None
    if metadata.is_custom or _has_validator(folder, metadata):
        try:
            parts |= read_validator(folder, metadata, full_score)
            found = tuple(map(_with_its_flags, found))
        except NoValidator as error:
            lacking = str(error)
    else:
        flags = _default_validator_flags(folder, metadata, tests)
        parts["checker"] = checker_of(flags, folder, folder.path / "problem.yaml")
    limits = metadata.limits.model_copy(update={"cpu_seconds": metadata.timing.limit_seconds})
    return Problem(tests=tuple(test.test for test in found), limits=limits, **parts), lacking


def _has_validator(folder: Folder, metadata: Metadata) -> bool:
    """In the format 2025-09 its being there says that it is to be used."""
    return metadata.is_new and (folder.path / "output_validator").is_dir()


def _is_package(path: Path) -> bool:
    return (path / "data").is_dir() or (path / "problem.yaml").is_file()


def _with_its_flags(packaged: PackagedTest) -> PackagedTest:
    """The test with those flags of the output validator that come on top of the problem's."""
    flags = _flags_of(packaged.settings)
    return replace(packaged, test=packaged.test.model_copy(update={"checker_arguments": flags})) if flags else packaged


def _default_validator_flags(folder: Folder, metadata: Metadata, tests: Tests) -> tuple[str, ...]:
    """The flags that hold for all tests; one that has others is noted, since a problem has one checker."""
    found = list(dict.fromkeys(_flags_of(test.settings) for test in tests.tests))
    if len(found) > 1:
        folder.note(
            folder.path / "data", "tests with different flags of the default validator; the first ones are taken"
        )
    return metadata.validator_flags + (found[0] if found else ())


def _flags_of(settings: Mapping[str, Any]) -> tuple[str, ...]:
    flags = settings.get("output_validator_args", settings.get("output_validator_flags"))
    if isinstance(flags, dict):
        flags = flags.get("flags")
    return tuple(map(str, flags)) if isinstance(flags, list) else tuple(str(flags or "").split())
