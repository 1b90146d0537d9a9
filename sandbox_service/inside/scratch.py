"""The scratch directory of a run: files laid into it, files brought back, all of it removed."""

from __future__ import annotations

import errno
import fnmatch
import os
import stat
from collections.abc import Iterator

from sandbox_service.inside import protocol

MOST_FILES = 16_384
_DEEPEST = 32
_MOST_VISITED = 20_000
_BLOCK = 1 << 20


def lay(bundle: int, files: list[tuple[str, int, bool]], directory: str, owner: int | None) -> None:
    """Write the files whose contents the bundle holds below the directory."""
    offset = 0
    for name, size, executable in files:
        path = f"{directory}/{name}"
        if "/" in name:
            _make_parents(directory, name, owner)
        target = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o755 if executable else 0o644)
        try:
            end = offset + size
            while offset < end:
                offset += os.sendfile(target, bundle, offset, end - offset)
            if owner is not None:
                os.fchown(target, owner, owner)
        finally:
            os.close(target)


def _make_parents(directory: str, name: str, owner: int | None) -> None:
    path = directory
    for part in name.split("/")[:-1]:
        path = os.path.join(path, part)
        try:
            os.mkdir(path, 0o755)
        except FileExistsError:
            continue
        if owner is not None:
            os.chown(path, owner, owner)


def open_directory(directory: str) -> int:
    """A descriptor of the directory itself, whatever its name may lead to later."""
    return os.open(directory, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC)


def collect(directory: int, patterns: list[str], most_files: int, most_bytes: int) -> int:
    """A bundle of the regular files that match; only called when no process is left that could race.

    One that does not fit stands in the head with a negative size, the first of them in place of all.

    ``directory`` was opened before the program ran, which may since have put a link in its place. Links
    are never followed: a file is opened by its directory's descriptor with O_NOFOLLOW, and what it is
    gets asked of the descriptor.
    """
    found: dict[int, tuple[str, int, bool]] = {}
    left_out: list[tuple[str, int, bool]] = []
    try:
        for name, opened in _regular_files(directory):
            if opened is None:
                left_out = left_out or [(name, protocol.LEFT_OUT, False)]
                continue
            descriptor, status = opened
            fits = len(found) < most_files and status.st_size <= most_bytes
            wanted = any(fnmatch.fnmatchcase(name, pattern) for pattern in patterns)
            if wanted and not fits and not left_out:
                left_out.append((name, protocol.LEFT_OUT, False))
            if wanted and fits:
                most_bytes -= status.st_size
                found[descriptor] = (name, status.st_size, bool(status.st_mode & stat.S_IXUSR))
            else:
                os.close(descriptor)
        bundle = os.memfd_create("bundle", os.MFD_CLOEXEC)
        os.write(bundle, protocol.pack([*found.values(), *left_out]))
        for descriptor, (_, size, _) in found.items():
            _copy(descriptor, bundle, size)
        return bundle
    finally:
        for descriptor in found:
            os.close(descriptor)


def _copy(source: int, target: int, size: int) -> None:
    offset = 0
    while offset < size:
        sent = os.sendfile(target, source, offset, min(_BLOCK, size - offset))
        if not sent:
            os.write(target, bytes(size - offset))  # it shrank under us: keep the bundle's arithmetic right
            return
        offset += sent


def _regular_files(directory: int) -> Iterator[tuple[str, tuple[int, os.stat_result] | None]]:
    """Each with its descriptor; None for what cannot be opened because too much is open already."""
    visited = 0
    pending = ["."]
    while pending:
        below = pending.pop()
        flags = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC
        try:
            opened = os.open(below, flags, dir_fd=directory)
        except OSError as error:
            if error.errno == errno.EMFILE:
                yield below, None
            continue
        try:
            for name in os.listdir(opened):
                visited += 1
                if visited > _MOST_VISITED:
                    yield name, None
                    return
                path = name if below == "." else f"{below}/{name}"
                mode = os.stat(name, dir_fd=opened, follow_symlinks=False).st_mode
                if stat.S_ISDIR(mode) and path.count("/") < _DEEPEST:
                    pending.append(path)
                elif stat.S_ISREG(mode) and _is_plain_text(path):
                    try:
                        file = os.open(name, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC, dir_fd=opened)
                    except OSError as error:
                        if error.errno == errno.EMFILE:
                            yield path, None
                        continue
                    yield path, (file, os.fstat(file))
        finally:
            os.close(opened)


def _is_plain_text(path: str) -> bool:
    return path.isprintable()  # a name that is no UTF-8 holds surrogates, which are not


def use(directory: str) -> tuple[int, int]:
    """The bytes on disk and the number of files below, as far as they can be seen while programs run there."""
    held = files = 0
    pending = [directory]
    while pending and files <= MOST_FILES:
        path = pending.pop()
        try:
            with os.scandir(path) as entries:
                for entry in entries:
                    files += 1
                    held += entry.stat(follow_symlinks=False).st_blocks * 512
                    if entry.is_dir(follow_symlinks=False) and entry.path.count("/") < _DEEPEST:
                        pending.append(entry.path)
        except OSError:  # it went away, or its rights were taken from us
            continue
    return held, files


def remove(directory: str) -> None:
    """Remove the directory and all below it, however deep, however its permissions were set.

    One descriptor is held at a time and never a path built, so that neither depth nor length matters.
    """
    parent, name = os.path.split(directory)
    here = os.open(parent or "/", os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    entered: list[str] = []
    subdirectories: list[list[str]] = [[name]]
    try:
        while subdirectories:
            if subdirectories[-1]:
                child = subdirectories[-1].pop()
                try:
                    below = _enter(here, child)
                except FileNotFoundError:
                    continue
                os.close(here)
                here = below
                entered.append(child)
                subdirectories.append(_unlink_files(here))
            else:
                subdirectories.pop()
                if entered:
                    above = os.open("..", os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC, dir_fd=here)
                    os.close(here)
                    here = above
                    os.rmdir(entered.pop(), dir_fd=here)
    finally:
        os.close(here)


def _enter(here: int, name: str) -> int:
    flags = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC
    try:
        below = os.open(name, flags, dir_fd=here)
        if os.fstat(below).st_mode & 0o700 != 0o700:
            os.fchmod(below, 0o700)
        return below
    except PermissionError:
        # No process is left to race with, and the parent's entry was just seen to be a directory.
        os.chmod(name, 0o700, dir_fd=here)
        return os.open(name, flags, dir_fd=here)


def _unlink_files(here: int) -> list[str]:
    """Unlink all that is no directory and answer the directories."""
    directories = []
    with os.scandir(here) as entries:
        listed = [(entry.name, entry.is_dir(follow_symlinks=False)) for entry in entries]
    for name, is_directory in listed:
        if is_directory:
            directories.append(name)
        else:
            os.unlink(name, dir_fd=here)
    return directories
