"""Finds in a source which file name its compiler asks for, with the name its runtime starts it by."""

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

NAME_BYTES = 200  # with its suffix, a longer name may be no file name


@dataclass(frozen=True, slots=True)
class EntryPoint:
    """The file a source is to be laid in, as its compiler wants it, and the name to start it by."""

    file: str
    name: str


@dataclass(slots=True)
class _Type:
    name: str
    public: bool
    has_main: bool = False


# One match per token and no repetition inside another: the time is linear, whatever the source.
_JAVA_TOKEN = re.compile(
    r"""
    //[^\n]* | /\*.*?(?:\*/|\Z)
    | \"\"\".*?(?:\"\"\"|\Z) | "(?:\\.|[^"\\\n])*"? | '(?:\\.|[^'\\\n])*'?
    | (?P<token>[{};] | [\w$]+(?:\.[\w$]+)*)
    """,
    re.DOTALL | re.VERBOSE,
)
_JAVA_TYPE_WORDS = frozenset({"class", "interface", "enum", "record"})


def java(source: str) -> EntryPoint:
    """The public type's file, and the type with a ``main``: the public one, ``Main``, or the first."""
    package, types = _java_types(source)
    public = next((each.name for each in types if each.public), "Main")
    runnable = [each for each in types if each.has_main]
    main = min(runnable, key=_less_likely).name if runnable else public
    return EntryPoint(f"{public}.java", f"{package}.{main}" if package else main)


def _less_likely(candidate: _Type) -> tuple[bool, bool]:
    return not candidate.public, candidate.name != "Main"


def _java_types(source: str) -> tuple[str, list[_Type]]:
    package, types = "", list[_Type]()
    depth, public, previous = 0, False, ""
    for token in _java_tokens(source):
        if token == "{":
            depth += 1
        elif token == "}":
            depth -= 1
        elif depth == 0 and previous == "package":
            package = token
        elif depth == 0 and previous in _JAVA_TYPE_WORDS and _is_name(token):
            types.append(_Type(token, public))
        elif depth == 1 and previous == "void" and token == "main" and types:
            types[-1].has_main = True
        public = depth == 0 and token not in "{};" and (public or token == "public")
        previous = token
    return package, types


def _is_name(token: str) -> bool:
    return token.replace("$", "_").isidentifier() and len(token.encode()) <= NAME_BYTES


def _java_tokens(source: str) -> Iterator[str]:
    return (match["token"] for match in _JAVA_TOKEN.finditer(source) if match["token"])


DETECTORS: Mapping[str, Callable[[str], EntryPoint]] = {"java": java}
