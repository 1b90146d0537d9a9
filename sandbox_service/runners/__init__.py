"""Languages as data: a folder each below runners/."""

from sandbox_service.runners.reading import (
    Example,
    available,
    check_limits,
    examples,
    find,
    read_runners,
    require_available,
    runners_directory,
)
from sandbox_service.runners.runner import Runner, files_of
from sandbox_service.runners.sections import Assertions, CallStep, CompileStep, Given, Prepare, Words
from sandbox_service.runners.toolchains import find_executable, toolchain_version

__all__ = [
    "Assertions",
    "CallStep",
    "CompileStep",
    "Example",
    "Given",
    "Prepare",
    "Runner",
    "Words",
    "available",
    "check_limits",
    "examples",
    "files_of",
    "find",
    "find_executable",
    "read_runners",
    "require_available",
    "runners_directory",
    "toolchain_version",
]
