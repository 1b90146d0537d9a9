"""A problem of which any number of tests can be made."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from random import Random


@dataclass(frozen=True, slots=True)
class Shape:
    """What is asked, how an input of a size is made, its answer, and programs that solve it and that do not.

    ``answer`` is written for the tests alone and shares nothing with the solutions.
    """

    name: str
    statement: str
    largest: int
    make: Callable[[Random, int], str]
    answer: Callable[[str], str]
    solutions: Mapping[str, str]
    wrong: str
