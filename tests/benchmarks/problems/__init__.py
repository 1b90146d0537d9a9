"""Competitive programs with their tests, made from a seed: light, typical and heavy ones."""

import random
from collections.abc import Sequence
from enum import StrEnum

from tests.benchmarks.problems import (
    change,
    grid,
    intervals,
    journeys,
    periods,
    primes,
    range_sums,
)
from tests.benchmarks.problems.shape import Shape
from tests.benchmarks.work import Entry, Task, Test

SHAPES: Sequence[Shape] = (
    range_sums.SHAPE,
    intervals.SHAPE,
    change.SHAPE,
    journeys.SHAPE,
    grid.SHAPE,
    periods.SHAPE,
    primes.SHAPE,
)


class Weight(StrEnum):
    """How much a program has to do; the value is a share of a shape's largest size."""

    LIGHT = "light"
    TYPICAL = "typical"
    HEAVY = "heavy"


SHARES = {Weight.LIGHT: 0.0005, Weight.TYPICAL: 0.05, Weight.HEAVY: 1.0}


def made_tests(shape: Shape, weight: Weight, number: int, seed: int) -> list[Test]:
    """Tests that grow up to the weight's size; the same for the same seed."""
    generator = random.Random(f"{shape.name} {weight} {seed}")
    largest = max(2, int(shape.largest * SHARES[weight]))
    stdins = [shape.make(generator, max(2, largest * (position + 1) // number)) for position in range(number)]
    return [(stdin, shape.answer(stdin)) for stdin in stdins]


def task_of(shape: Shape, weight: Weight, tests: Sequence[Test], languages: Sequence[str], tag: str) -> Task:
    """A right program in each of the languages, and a wrong one in Python."""
    entries = [Entry(language, _tagged(shape.solutions[language], language, tag)) for language in languages]
    entries.append(Entry("python", _tagged(shape.wrong, "python", tag), "wrong_answer"))
    return Task(f"{shape.name}, {weight} {tag}", tests, entries)


def _tagged(source: str, language: str, tag: str) -> str:
    return f"{source}{'#' if language in ('python', 'pypy') else '//'} {tag}\n"
