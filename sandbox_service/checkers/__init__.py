"""Checkers by name: each compares an output with the expected one and answers a score."""

import inspect
from collections.abc import Callable, Mapping

from sandbox_service.checkers.common_oj import common_oj
from sandbox_service.checkers.contract import Checker
from sandbox_service.checkers.exact import exact
from sandbox_service.checkers.floats import floats
from sandbox_service.checkers.kattis import kattis
from sandbox_service.checkers.lines import lines
from sandbox_service.checkers.livecodebench import livecodebench
from sandbox_service.checkers.stripped import stripped
from sandbox_service.checkers.tokens import tokens
from sandbox_service.checkers.unordered import unordered
from sandbox_service.errors import UnknownName
from sandbox_service.models import Choice

__all__ = ["CHECKERS", "Checker", "build", "describe"]

CHECKERS: Mapping[str, Callable[..., Checker]] = {
    "common_oj": common_oj,
    "exact": exact,
    "floats": floats,
    "kattis": kattis,
    "lines": lines,
    "livecodebench": livecodebench,
    "stripped": stripped,
    "tokens": tokens,
    "unordered": unordered,
}


def build(choice: Choice) -> Checker:
    """The chosen checker with its parameters.

    Raises:
        UnknownName: there is no such checker, or it has no such parameter.
        BadRequest: a parameter has a value that cannot be.
    """
    if choice.name not in CHECKERS:
        raise UnknownName("checker", choice.name, CHECKERS, field="problem.checker")
    make = CHECKERS[choice.name]
    possible = inspect.signature(make).parameters
    for name in choice.parameters:
        if name not in possible:
            field = f"problem.checker.{name}"
            raise UnknownName(f"parameter of checker {choice.name!r}", name, possible or ("none",), field=field)
    return make(**choice.parameters)


def describe() -> Mapping[str, str]:
    """What each checker compares, in its own words."""
    return {name: inspect.getdoc(make) or "" for name, make in CHECKERS.items()}
