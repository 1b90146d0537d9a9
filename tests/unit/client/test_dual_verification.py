"""Dual verification is what the paper's equations say, and depends on nothing else."""

from itertools import pairwise

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from sandbox_service.client import dual_verification as dual
from sandbox_service.client.dual_verification import Discarded
from sandbox_service.errors import BadRequest

CELLS = st.sampled_from(["1", "2", "1 \n", "3\n", "", None])
SEEDS = st.integers(0, 50)


@st.composite
def matrices(draw: st.DrawFn) -> list[list[str | None]]:
    width = draw(st.integers(1, 8))
    return draw(st.lists(st.lists(CELLS, min_size=width, max_size=width), min_size=1, max_size=8))


@st.composite
def weighted_matrices(draw: st.DrawFn) -> tuple[list[list[str | None]], list[int]]:
    outputs = draw(matrices())
    width = len(outputs[0])
    return outputs, draw(st.lists(st.integers(1, 4), min_size=width, max_size=width))


# ---------------------------------------------------------------- votes


@given(matrices(), SEEDS)
def test_the_voted_output_is_one_that_most_solutions_gave(outputs: list[list[str | None]], seed: int):
    for position, vote in enumerate(dual.votes(outputs, seed=seed)):
        said = [dual.tokens(row[position] or "") for row in outputs if row[position] is not None]
        most = max((said.count(output) for output in said), default=0)
        assert (vote.output is None) == (not said)
        assert vote.output is None or said.count(vote.output) == most
        assert sum(vote.counts.values()) == len(said)
        assert vote.tied == (len({output for output in said if said.count(output) == most}) > 1)


@given(matrices(), SEEDS, st.randoms(use_true_random=False))
def test_the_order_of_the_solutions_makes_no_difference(outputs: list[list[str | None]], seed: int, random: object):
    shuffled = list(outputs)
    random.shuffle(shuffled)  # type: ignore[attr-defined]  # hypothesis gives a Random

    assert [v.output for v in dual.votes(outputs, seed=seed)] == [v.output for v in dual.votes(shuffled, seed=seed)]


def test_a_tie_is_drawn_by_the_seed():
    drawn = {dual.votes([["a"], ["b"]], seed=seed)[0].output for seed in range(20)}

    assert drawn == {"a", "b"}
    assert len({dual.votes([["a"], ["b"]], seed=7)[0].output for _ in range(20)}) == 1


def test_fewer_than_the_quorum_are_no_vote():
    outputs = [["a", "a"], ["a", "b"], ["b", "c"]]

    assert [vote.output for vote in dual.votes(outputs, quorum=2)] == ["a", None]


def test_an_empty_output_that_wins_is_marked():
    assert [vote.is_empty for vote in dual.votes([["\n", "1"], ["", "1"]])] == [True, False]


@pytest.mark.parametrize(
    ("canonical", "same", "different"),
    [
        (dual.stripped, [("1\n", "1"), ("1 2\n", "1 2")], [("1 2", "1  2"), ("1.0", "1")]),
        (dual.tokens, [("1  2\n3", "1 2 3"), ("", "\n")], [("1.0", "1"), ("12", "1 2")]),
        (
            dual.numbers,
            [("1.50", "1.5"), ("1e3", "1000"), ("-0.0", "0"), ("+7", "7"), ("1.0 x", "1 x")],
            [("1.5", "1.50001"), ("nan", "inf"), ("1_000", "1000"), ("1e9999999", "1e9999998")],
        ),
    ],
)
def test_outputs_are_equal_in_their_canonical_form(
    canonical: dual.Canonical, same: list[tuple[str, str]], different: list[tuple[str, str]]
):
    assert all(canonical(one) == canonical(other) for one, other in same)
    assert all(canonical(one) != canonical(other) for one, other in different)


@given(st.text(), st.sampled_from([dual.stripped, dual.tokens, dual.numbers]))
def test_a_canonical_form_is_its_own(output: str, canonical: dual.Canonical):
    assert canonical(canonical(output)) == canonical(output)


# ---------------------------------------------------------------- weights, split


@given(st.lists(st.text(max_size=30), min_size=1, max_size=30))
def test_larger_inputs_weigh_as_much_or_more(inputs: list[str]):
    weights = dual.size_weights(inputs)

    by_size = sorted(zip((len(text.encode()) for text in inputs), weights, strict=True))
    assert all(one[1] <= other[1] for one, other in pairwise(by_size))
    assert set(weights) <= {1, 2, 3, 4}


@given(st.integers(1, 10))
def test_different_sizes_are_four_equal_quarters(quarter: int):
    weights = dual.size_weights(["x" * size for size in range(4 * quarter)])

    assert weights == (1,) * quarter + (2,) * quarter + (3,) * quarter + (4,) * quarter


def test_inputs_weigh_by_what_they_are_for():
    assert dual.semantic_weights(["nominal", "complex", "boundary", "stress"]) == (1, 2, 3, 4)
    with pytest.raises(BadRequest, match="available: nominal"):
        dual.semantic_weights(["nominal", "huge"])


@given(st.lists(st.integers(0, 100), unique=True, max_size=40), st.floats(0.01, 0.99), SEEDS)
def test_a_split_has_every_test_once(positions: list[int], fraction: float, seed: int):
    split = dual.hold_out(positions, fraction=fraction, seed=seed)

    assert sorted(split.golden + split.validation) == sorted(positions)
    assert abs(len(split.validation) - fraction * len(positions)) <= 1
    assert len(positions) < 2 or (split.golden and split.validation)
    assert dual.hold_out(list(reversed(positions)), fraction=fraction, seed=seed) == split


# ---------------------------------------------------------------- the whole


@given(weighted_matrices(), SEEDS)
def test_scores_are_equation_two(case: tuple[list[list[str | None]], list[int]], seed: int):
    outputs, weights = case

    verified = dual.verify(outputs, weights, seed=seed)

    for row, score, accuracy in zip(outputs, verified.scores, verified.accuracies, strict=True):
        right = [
            cell is not None and dual.tokens(cell) == vote.output
            for cell, vote in zip(row, verified.votes, strict=True)
        ]
        assert score == sum(weights[i] for i in verified.split.golden if right[i])
        assert accuracy * max(len(verified.split.validation), 1) == pytest.approx(
            sum(right[i] for i in verified.split.validation)
        )


@given(weighted_matrices(), SEEDS)
def test_a_golden_solution_is_the_best_on_both_parts(case: tuple[list[list[str | None]], list[int]], seed: int):
    verified = dual.verify(*case, seed=seed)

    assert (verified.golden is None) == (verified.discarded is not None)
    if verified.golden is not None:
        assert verified.scores[verified.golden] == max(verified.scores) > 0
        assert verified.accuracies[verified.golden] == max(verified.accuracies)


@given(weighted_matrices(), SEEDS)
def test_a_task_is_discarded_only_when_no_solution_is_the_best_on_both(
    case: tuple[list[list[str | None]], list[int]], seed: int
):
    verified = dual.verify(*case, seed=seed)
    assume(verified.discarded is Discarded.NOT_CONFIRMED)

    best_on_golden = {j for j, score in enumerate(verified.scores) if score == max(verified.scores)}
    best_on_validation = {j for j, rate in enumerate(verified.accuracies) if rate == max(verified.accuracies)}
    assert not best_on_golden & best_on_validation


@given(weighted_matrices(), SEEDS, st.floats(0, 1), st.floats(0, 1))
def test_more_tolerance_never_discards_more(
    case: tuple[list[list[str | None]], list[int]], seed: int, one: float, other: float
):
    less, more = sorted((one, other))

    strict, lenient = (dual.verify(*case, seed=seed, tolerance=tolerance) for tolerance in (less, more))

    assert strict.golden is None or lenient.golden == strict.golden


@given(st.integers(2, 10), st.integers(1, 8), SEEDS)
def test_solutions_that_agree_are_never_discarded(inputs: int, solutions: int, seed: int):
    outputs = [[str(position) for position in range(inputs)]] * solutions

    assert dual.verify(outputs, [1] * inputs, seed=seed).golden == 0


def test_a_task_with_votes_on_one_input_cannot_be_confirmed():
    assert dual.verify([["1", None], ["1", None]], [1, 1]).discarded is Discarded.TOO_FEW_VOTES


def test_nothing_passes_where_weights_are_nothing():
    assert dual.verify([["1", "2"]], [0, 0]).discarded is Discarded.NOTHING_PASSED


def test_the_golden_tests_are_those_that_chose():
    inputs = ["a", "b", "c", "d"]
    verified = dual.verify([["1", "2", "3", "4"]] * 2, dual.size_weights(inputs), seed=3)

    tests = verified.tests(inputs)

    assert [test.stdin for test in tests] == [inputs[position] for position in verified.split.golden]
    assert all(test.expected == str("abcd".index(test.stdin) + 1) for test in tests)


@pytest.mark.parametrize(
    ("outputs", "weights", "field"), [([], [], "outputs"), ([["1"], []], [1], "outputs"), ([["1"]], [1, 2], "weights")]
)
def test_what_does_not_fit_together_is_refused(outputs: dual.Outputs, weights: list[int], field: str):
    with pytest.raises(BadRequest) as raised:
        dual.verify(outputs, weights)

    assert raised.value.field == field
