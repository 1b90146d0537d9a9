"""What a package says of its problem: limits, validation, how it is scored."""

import configparser
import math
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from sandbox_service.models import Choice, RequestedLimits
from sandbox_service.packages.constants import Constants, read_constants
from sandbox_service.packages.contract import Timing
from sandbox_service.packages.files import MOST_SETTINGS_BYTES, Folder, Unreadable

# What Kattis' format calls the typical defaults of a system.
MEMORY_MIB = 2048
OUTPUT_MIB = 8
VALIDATION_SECONDS = 60.0
PASSES = 2

FLAGS = ("case_sensitive", "space_change_sensitive")
TOLERANCES = ("float_tolerance", "float_absolute_tolerance", "float_relative_tolerance")
DOMJUDGE_FILES = ("domjudge-problem.ini", ".timelimit")


@dataclass(frozen=True, slots=True)
class Metadata:
    """problem.yaml and what stands beside it."""

    limits: RequestedLimits
    validation_limits: RequestedLimits
    timing: Timing
    is_scoring: bool
    is_custom: bool
    is_interactive: bool
    passes: int | None
    validator_flags: tuple[str, ...]
    is_domjudge: bool
    is_new: bool
    constants: Constants


def read_metadata(folder: Folder) -> Metadata:
    """What is missing has its default; what cannot be is noted."""
    path = folder.path / "problem.yaml"
    found = folder.settings(path)
    if not path.exists():
        folder.note(path, "is missing; the defaults are taken")
    limits = found.get("limits")
    limits = limits if isinstance(limits, dict) else {}
    listed = _listed_by_contest(folder.path)
    kinds = _words(found.get("type")) + _words(found.get("validation"))
    of_domjudge = listed is not None or any((folder.path / name).exists() for name in DOMJUDGE_FILES)
    return Metadata(
        limits=_limits(limits, folder, path),
        validation_limits=_validation_limits(limits, folder, path),
        timing=_timing(limits, folder, path, listed, is_new=str(found.get("problem_format_version"))[:2] == "20"),
        is_scoring="scoring" in kinds,
        is_custom="custom" in kinds or "interactive" in kinds or "multi-pass" in kinds,
        is_interactive="interactive" in kinds,
        passes=int(number(limits.get("validation_passes"), folder, path) or PASSES) if "multi-pass" in kinds else None,
        validator_flags=_words(found.get("validator_flags")),
        is_domjudge=of_domjudge,
        is_new="2025" in str(found.get("problem_format_version")),
        constants=read_constants(found.get("constants"), folder, path),
    )


def number(value: object, folder: Folder, path: Path, *, least: float = 0.0) -> float | None:
    """A finite number of at least so much; None, and noted, for what is none."""
    if value is None:
        return None
    try:
        read = float(value) if isinstance(value, str | int | float) and not isinstance(value, bool) else math.nan
    except (ValueError, OverflowError):
        read = math.nan
    if math.isfinite(read) and read >= least:
        return read
    folder.note(path, f"{str(value)[:100]!r} is no number that can be")
    return None


def checker_of(flags: tuple[str, ...], folder: Folder, path: Path) -> Choice:
    """The default validator with these flags; with none it is ours by the same name."""
    parameters: dict[str, Any] = {}
    left = list(flags)
    while left:
        flag = left.pop(0)
        if flag in FLAGS:
            parameters[flag] = True
        elif flag in TOLERANCES and left:
            parameters[flag] = number(left.pop(0), folder, path)
        else:
            folder.note(path, f"the default validator has no flag {flag!r}")
    return Choice.model_validate({"name": "kattis", **parameters})


def _words(value: object) -> tuple[str, ...]:
    if isinstance(value, list):
        return tuple(str(word) for word in value)
    return tuple(value.split()) if isinstance(value, str) else ()


def _limits(found: Mapping[str, Any], folder: Folder, path: Path) -> RequestedLimits:
    memory = number(found.get("memory"), folder, path, least=4) or MEMORY_MIB
    output = number(found.get("output"), folder, path, least=1 / 1024) or OUTPUT_MIB
    return RequestedLimits(memory_bytes=int(memory * 2**20), output_bytes=int(output * 2**20))


def _validation_limits(found: Mapping[str, Any], folder: Folder, path: Path) -> RequestedLimits:
    seconds = number(found.get("validation_time"), folder, path, least=0.001) or VALIDATION_SECONDS
    memory = number(found.get("validation_memory"), folder, path, least=4) or MEMORY_MIB
    output = number(found.get("validation_output"), folder, path, least=1 / 1024) or OUTPUT_MIB
    return RequestedLimits(cpu_seconds=seconds, memory_bytes=int(memory * 2**20), output_bytes=int(output * 2**20))


def _timing(found: Mapping[str, Any], folder: Folder, path: Path, listed: float | None, *, is_new: bool) -> Timing:
    multipliers = found.get("time_multipliers")
    multipliers = multipliers if isinstance(multipliers, dict) else {}
    wanted = {
        "multiplier": multipliers.get("ac_to_time_limit", found.get("time_multiplier", 2.0 if is_new else 5.0)),
        "safety_margin": multipliers.get("time_limit_to_tle", found.get("time_safety_margin", 1.5 if is_new else 2.0)),
        "resolution_seconds": found.get("time_resolution", 1.0),
    }
    numbers = {name: number(value, folder, path) for name, value in wanted.items()}
    limit = _of_domjudge(folder)
    if limit is None:
        limit = number(found.get("time_limit"), folder, path)
    return Timing(limit or listed, **{name: value for name, value in numbers.items() if value})


def _of_domjudge(folder: Folder) -> float | None:
    """The limit as DOMjudge writes it: in domjudge-problem.ini, or alone in .timelimit."""
    path = folder.path / "domjudge-problem.ini"
    if path.exists():
        parser = configparser.ConfigParser(interpolation=None, strict=False)
        try:
            parser.read_string("[problem]\n" + folder.text(path, MOST_SETTINGS_BYTES))
        except (configparser.Error, Unreadable) as error:
            folder.note(path, f"cannot be read: {' '.join(str(error).split())}")
        else:
            if found := parser["problem"].get("timelimit"):
                return number(found.strip("'\" "), folder, path)
    path = folder.path / ".timelimit"
    if path.exists():
        try:
            return number(folder.text(path, MOST_SETTINGS_BYTES).strip(), folder, path)
        except Unreadable as error:
            folder.note(path, str(error))
    return None


def _listed_by_contest(path: Path) -> float | None:
    """The limit that the contest's problems.yaml, beside the package, has for it."""
    try:
        listed = yaml.safe_load(_text(path.resolve().parent / "problems.yaml"))
    except (yaml.YAMLError, ValueError, RecursionError):
        return None
    for problem in listed if isinstance(listed, list) else ():
        if isinstance(problem, dict) and problem.get("id") == path.resolve().name:
            limit = problem.get("time_limit")
            if isinstance(limit, int | float) and 0 < limit < 1e6:
                return float(limit)
    return None


def _text(path: Path) -> str:
    try:
        with path.open("rb") as file:
            return file.read(MOST_SETTINGS_BYTES).decode(errors="replace")
    except OSError:
        return ""
