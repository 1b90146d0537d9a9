"""The same tests for every program, whoever asks and in whatever process."""

from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from sandbox_service import chosen_tests
from sandbox_service.models import TestCase, TestChoice

TESTS = tuple(TestCase(stdin="x" * length) for length in (3, 1, 4, 1, 5, 9, 2, 6))


def positions(choice: TestChoice | None) -> list[int]:
    chosen = {id(test) for test in chosen_tests.choose(choice, TESTS)}
    return [position for position, test in enumerate(TESTS) if id(test) in chosen]


def test_without_a_choice_all_tests_are_run():
    assert chosen_tests.choose(None, TESTS) == TESTS


def test_the_first_are_those_at_the_beginning():
    assert positions(TestChoice(first=3)) == [0, 1, 2]


def test_the_longest_are_those_with_the_longest_input_in_the_order_of_the_problem():
    assert positions(TestChoice(longest=3)) == [4, 5, 7]


def test_of_equally_long_tests_the_first_are_run():
    assert positions(TestChoice(longest=7)) == [0, 1, 2, 4, 5, 6, 7]


def test_a_drawn_sample_never_changes():
    assert positions(TestChoice(sample=4, seed=7)) == [2, 3, 4, 7]


def test_another_seed_draws_other_tests():
    assert len({tuple(positions(TestChoice(sample=4, seed=f"prompt-{n}"))) for n in range(20)}) > 10


@given(st.integers(1, 20), st.sampled_from(["sample", "longest", "first"]), st.integers(0, 12))
def test_so_many_are_chosen_as_were_asked_for_and_there_are(wanted: int, rule: str, there: int):
    tests: Sequence[TestCase] = [TestCase(stdin=str(n)) for n in range(there)]
    choice = TestChoice.model_validate({rule: wanted})

    chosen = chosen_tests.choose(choice, tests)

    assert len(chosen) == chosen_tests.count(choice, there) == min(wanted, there)
    assert list(chosen) == [test for test in tests if test in chosen]


@pytest.mark.parametrize(
    "choice", [{}, {"first": 1, "longest": 1}, {"first": 0}, {"sample": -1}, {"first": 1, "seed": 1}]
)
def test_a_choice_that_cannot_be_is_refused(choice: dict[str, int]):
    with pytest.raises(ValidationError):
        TestChoice.model_validate(choice)
