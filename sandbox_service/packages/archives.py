"""Unpacks a zipped package, and nothing beside it."""

import zipfile
from pathlib import Path, PurePosixPath

from sandbox_service.errors import BadRequest

MOST_FILES = 20_000
MOST_BYTES = 2 * 2**30
ENDINGS = (".zip", ".kpp")


def unpack(archive: Path, directory: Path) -> Path:
    """The package's folder, laid into the empty directory; a link in the archive becomes a file with its target's name.

    Raises:
        BadRequest: it is no archive, or holds a name that leads out of it, or too much.
    """
    try:
        with zipfile.ZipFile(archive) as opened:
            _check(opened.infolist())
            opened.extractall(directory)
    except (zipfile.BadZipFile, NotImplementedError, RuntimeError, OSError, EOFError) as error:
        raise BadRequest(f"{archive} cannot be unpacked: {error}") from None
    entries = list(directory.iterdir())
    is_wrapped = len(entries) == 1 and entries[0].is_dir() and entries[0].name != "data"
    return entries[0] if is_wrapped else directory


def _check(entries: list[zipfile.ZipInfo]) -> None:
    for entry in entries:
        path = PurePosixPath(entry.filename.replace("\\", "/"))
        if path.is_absolute() or ".." in path.parts or ":" in (path.parts or ("",))[0]:
            raise BadRequest(f"the archive holds {entry.filename!r}, which leads out of it")
    # What a directory of the archive says of sizes is held to when it is unpacked: zipfile stops there.
    if len(entries) > MOST_FILES or sum(entry.file_size for entry in entries) > MOST_BYTES:
        raise BadRequest(f"the archive holds more than {MOST_FILES} files or {MOST_BYTES} bytes")
