"""The generated problems: their answers, their solutions and what is wrong with the wrong ones."""

import subprocess
import sys

import pytest

from tests.benchmarks.problems import SHAPES, Weight, made_tests, task_of
from tests.benchmarks.problems.shape import Shape

each_shape = pytest.mark.parametrize("shape", SHAPES, ids=lambda shape: shape.name)


def run(source: str, stdin: str) -> list[str]:
    done = subprocess.run([sys.executable, "-c", source], input=stdin, capture_output=True, text=True, check=True)
    return done.stdout.split()


@each_shape
def test_a_solution_agrees_with_the_answers_that_know_nothing_of_it(shape: Shape):
    tests = made_tests(shape, Weight.TYPICAL, 4, seed=1)

    outputs = [run(shape.solutions["python"], stdin) for stdin, _ in tests]

    assert outputs == [expected.split() for _, expected in tests]


@each_shape
def test_a_wrong_program_fails_a_light_test(shape: Shape):
    tests = made_tests(shape, Weight.LIGHT, 5, seed=1)

    outputs = [run(shape.wrong, stdin) for stdin, _ in tests]

    assert outputs != [expected.split() for _, expected in tests]


@each_shape
def test_the_same_seed_makes_the_same_tests(shape: Shape):
    first, second = (made_tests(shape, Weight.LIGHT, 3, seed=7) for _ in range(2))

    assert first == second


def test_a_task_has_a_program_for_each_language_and_a_wrong_one():
    task = task_of(SHAPES[0], Weight.LIGHT, [("1 1\n5\n1 1\n", "5\n")], ("python", "cpp"), "tag")

    assert [(entry.language, entry.verdict) for entry in task.entries] == [
        ("python", "accepted"),
        ("cpp", "accepted"),
        ("python", "wrong_answer"),
    ]


def test_two_tags_make_two_sources():
    first, second = (task_of(SHAPES[0], Weight.LIGHT, [("", "")], ("cpp",), tag) for tag in ("a", "b"))

    assert first.entries[0].source != second.entries[0].source
