"""The output validator that a package brings along, as the program that a problem brings along."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from sandbox_service.models import CheckerProgram, CheckerProtocol, Interactor, InteractorProtocol
from sandbox_service.packages.files import Folder, Unreadable
from sandbox_service.packages.metadata import Metadata
from sandbox_service.packages.programs import NoProgram, PackagedProgram, made_of, read_files

SCRIPTS = ("build", "run")


class NoValidator(Exception):
    """The validator that there should be cannot be had; the text says why."""


def read_validator(folder: Folder, metadata: Metadata, full_score: float) -> dict[str, Any]:
    """What a problem has instead of a checker by name.

    Raises:
        NoValidator: it is missing, or cannot be run here.
    """
    path, files = _found(folder)
    program = _program(folder, path, files)
    common = {
        "language": program.language,
        "source": program.source,
        "files": program.files,
        "arguments": metadata.validator_flags,
        "limits": metadata.validation_limits,
        "full_score": full_score,
    }
    passes = {} if metadata.passes is None else {"passes": metadata.passes}
    try:
        if metadata.is_interactive:
            return {"interactor": Interactor(protocol=InteractorProtocol.KATTIS, **common), **passes}
        return {"checker": CheckerProgram(protocol=CheckerProtocol.KATTIS, **common), **passes}
    except ValidationError as error:
        raise NoValidator(f"{folder.name_of(path)}: {error.errors()[0]['msg'].removeprefix('Value error, ')}") from None


def _found(folder: Folder) -> tuple[Path, Mapping[str, bytes]]:
    """One program in output_validator/, or in output_validators/, where each file or folder is one."""
    path = folder.path / "output_validator"
    try:
        if path.is_dir():
            return path, _unwrapped(read_files(folder, path))
        path = folder.path / "output_validators"
        entries = list(folder.below(path))
        folders = [entry for entry in entries if entry.is_dir()]
        if len(folders) == 1:
            return folders[0], read_files(folder, folders[0])
        if folders:
            raise NoValidator("several output validators are not supported")
        return path, {entry.name: folder.completed(entry) for entry in entries}
    except Unreadable as error:
        raise NoValidator(f"{folder.name_of(path)}: {error}") from None


def _unwrapped(files: Mapping[str, bytes]) -> Mapping[str, bytes]:
    """Without the one folder that all of them are in, if there is one."""
    tops = {name.partition("/")[0] for name in files}
    if len(tops) == 1 and all("/" in name for name in files):
        return {name.partition("/")[2]: content for name, content in files.items()}
    return files


def _program(folder: Folder, path: Path, files: Mapping[str, bytes]) -> PackagedProgram:
    if not files:
        raise NoValidator("there is no output validator in output_validators/ or output_validator/")
    if any(name in files for name in SCRIPTS):
        raise NoValidator(f"{folder.name_of(path)} is made by scripts of its own, which is not supported")
    try:
        program = made_of(files)
    except NoProgram as error:
        raise NoValidator(f"{folder.name_of(path)}: {error}") from None
    if program.language == "python2":
        raise NoValidator(f"{folder.name_of(path)} is a Python 2 program; the Python here is 3")
    return program
