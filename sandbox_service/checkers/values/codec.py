"""Reads the value that a function answered, as the program's box wrote it; whatever stands there, reading it is safe.

Values are JSON. What JSON has no word for is an object with one key that begins with a dollar sign: ``$tuple``,
``$int`` (hexadecimal), ``$float`` (nan, inf, -inf), ``$complex`` and ``$dict`` (pairs, where keys are not all texts or
begin with a dollar sign themselves). Of any other such object (``$set``, ``$bytes``) only the name is known: it
equals no value that can be expected.
"""

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, NoReturn

from sandbox_service.models import DEEPEST_VALUE

_HEXADECIMAL = re.compile(r"-?0x[0-9a-f]+", re.ASCII)
_FLOATS = {"nan": float("nan"), "inf": float("inf"), "-inf": float("-inf")}
_PAIR = 2


class UnreadableValue(Exception):
    """What was written is no value."""


@dataclass(frozen=True, slots=True, eq=False)
class Opaque:
    """A value that is like no other."""

    name: str


Value = bool | int | float | complex | str | list[Any] | tuple[Any, ...] | dict[str, Any] | Opaque | None


def read_value(text: bytes) -> Value:
    """The value that was written.

    Raises:
        UnreadableValue: it is none, or one that goes too deep.
    """
    try:
        # Longer integers than Python itself reads are refused, so that none takes quadratic time.
        written = json.loads(text, parse_constant=_refuse)
    except (ValueError, RecursionError) as error:
        raise UnreadableValue(str(error)[:200]) from None
    return _value(written, 0)


def _refuse(constant: str) -> NoReturn:
    raise ValueError(f"{constant} is no JSON")


def _value(written: Any, depth: int) -> Value:
    if isinstance(written, list | dict) and depth > DEEPEST_VALUE:
        raise UnreadableValue(f"containers more than {DEEPEST_VALUE} deep")
    if isinstance(written, list):
        return [_value(each, depth + 1) for each in written]
    if not isinstance(written, dict):
        value: Value = written
        return value
    if not any(key.startswith("$") for key in written):
        return {key: _value(each, depth + 1) for key, each in written.items()}
    if len(written) != 1:
        raise UnreadableValue("an object with several keys, and one of them begins with a dollar sign")
    ((name, content),) = written.items()
    return _TAGS.get(name, _opaque)(name, content, depth + 1)


def _tuple(name: str, content: Any, depth: int) -> Value:
    return tuple(_items(name, content, depth))


def _int(name: str, content: Any, depth: int) -> Value:
    if isinstance(content, str) and _HEXADECIMAL.fullmatch(content):
        return int(content, 16)
    raise UnreadableValue(f"a {name} that is none")


def _float(name: str, content: Any, depth: int) -> Value:
    if isinstance(content, str) and content in _FLOATS:
        return _FLOATS[content]
    raise UnreadableValue(f"a {name} that is none")


def _complex(name: str, content: Any, depth: int) -> Value:
    parts = _items(name, content, depth)
    if len(parts) == _PAIR and all(type(part) is float for part in parts):
        return complex(parts[0], parts[1])
    raise UnreadableValue(f"a {name} that is none")


def _dict(name: str, content: Any, depth: int) -> Value:
    pairs = _items(name, content, depth)
    if not all(isinstance(pair, list) and len(pair) == _PAIR for pair in pairs):
        raise UnreadableValue(f"a {name} that is none")
    if all(isinstance(pair[0], str) for pair in pairs):
        return dict(pairs)
    return Opaque(name)


def _items(name: str, content: Any, depth: int) -> list[Any]:
    if not isinstance(content, list):
        raise UnreadableValue(f"a {name} that is none")
    return [_value(each, depth) for each in content]


def _opaque(name: str, content: Any, depth: int) -> Value:
    return Opaque(name)


_TAGS: Mapping[str, Callable[[str, Any, int], Value]] = {
    "$tuple": _tuple,
    "$int": _int,
    "$float": _float,
    "$complex": _complex,
    "$dict": _dict,
}
