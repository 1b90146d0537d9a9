"""A program of a package: a file, or a folder of files in which one is where it begins."""

import base64
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from sandbox_service.packages.files import Folder, Unreadable
from sandbox_service.packages.languages import is_entry_point, language_of, starts

MOST_FILES = 100

Included = Callable[[str], Mapping[str, bytes]]


class NoProgram(Exception):
    """Something that is no program that can be run here; the text says why."""


@dataclass(frozen=True, slots=True)
class PackagedProgram:
    """Its language by our name, its source, and what lies beside it, base64 by relative name."""

    language: str
    source: str
    files: Mapping[str, str]


def read_files(folder: Folder, path: Path) -> Mapping[str, bytes]:
    """What the file or folder holds, by relative names.

    Raises:
        Unreadable: one of them cannot be had, or they are too many.
    """
    if not path.is_dir():
        return {path.name: folder.completed(path)}
    found = dict(_below(folder, path))
    return {name: found[name] for name in sorted(found)}


def made_of(
    files: Mapping[str, bytes], entry_point: str | None = None, included: Included = lambda _language: {}
) -> PackagedProgram:
    """The program that the files make up, with what is ``included`` in those of its language; it may begin there.

    Raises:
        NoProgram: none of them is in a language that is known, or the one that should be is no text.
    """
    sources = {name: content.decode(errors="replace") for name, content in files.items()}
    main, language = _main(sources, entry_point)
    more = included(language)
    main = next((name for name in more if is_entry_point(language, Path(name))), main)
    files = {**files, **more}
    beside = {name: base64.b64encode(content).decode() for name, content in files.items() if name != main}
    return PackagedProgram(language, _text(files[main]), beside)


def _below(folder: Folder, path: Path) -> Iterator[tuple[str, bytes]]:
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
            yield entry.relative_to(path).as_posix(), folder.completed(entry)


def _main(sources: Mapping[str, str], entry_point: str | None) -> tuple[str, str]:
    """The file in which the program begins, and its language."""
    languages = {
        name: language for name, source in sources.items() if (language := language_of(Path(name).suffix, source))
    }
    if not languages:
        raise NoProgram(f"no language is known for {_endings(sources)}")
    if entry_point in languages:
        return entry_point, languages[entry_point]
    candidates = [name for name in languages if starts(languages[name], Path(name).stem, sources[name])]
    if len(candidates) > 1:  # a file called main goes before one that has a function of that name
        candidates = [name for name in candidates if Path(name).stem.lower() in ("main", "__main__")] or candidates
    name = (candidates or sorted(languages))[0]
    return name, languages[name]


def _endings(sources: Mapping[str, str]) -> str:
    return ", ".join(sorted({Path(name).suffix or "files without an ending" for name in sources})) or "an empty folder"


def _text(content: bytes) -> str:
    """The source as text; an old one may be in Latin-1, which its compilers took as it came."""
    try:
        text = content.decode()
    except UnicodeDecodeError:
        text = content.decode("latin-1")
    if "\0" in text:
        raise NoProgram("not the text of a program")
    return text
