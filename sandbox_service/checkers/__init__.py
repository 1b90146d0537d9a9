"""Checkers by name: each compares an output with the expected one and answers a score."""

import inspect
from collections.abc import Callable, Mapping
from functools import cache
from typing import TypeVar

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
from sandbox_service.checkers.values import VALUE_CHECKERS, ValueChecker
from sandbox_service.errors import UnknownName
from sandbox_service.models import Choice

__all__ = [
    "CHECKERS",
    "VALUE_CHECKERS",
    "Checker",
    "ValueChecker",
    "build",
    "build_for_values",
    "describe",
]

DEFAULT, DEFAULT_FOR_VALUES = Choice(name="tokens"), Choice(name="strict")

Made = TypeVar("Made")

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


def build(choice: Choice | None) -> Checker:
    """The chosen checker of outputs with its parameters.

    Raises:
        UnknownName: there is no such checker, or it has no such parameter.
        BadRequest: a parameter has a value that cannot be.
    """
    return _build(choice or DEFAULT, CHECKERS)


def build_for_values(choice: Choice | None) -> ValueChecker:
    """The same for a checker of values."""
    return _build(choice or DEFAULT_FOR_VALUES, VALUE_CHECKERS)


def _build(choice: Choice, among: Mapping[str, Callable[..., Made]]) -> Made:
    if choice.name not in among:
        raise UnknownName("checker", choice.name, among, field="problem.checker")
    make = among[choice.name]
    possible = _parameters_of(make)
    for name in choice.parameters:
        if name not in possible:
            field = f"problem.checker.{name}"
            raise UnknownName(f"parameter of checker {choice.name!r}", name, possible or ("none",), field=field)
    return make(**choice.parameters)


@cache
def _parameters_of(make: Callable[..., object]) -> Mapping[str, inspect.Parameter]:
    return inspect.signature(make).parameters


def describe() -> Mapping[str, str]:
    """What each checker compares, in its own words."""
    return {name: inspect.getdoc(make) or "" for name, make in CHECKERS.items()}
