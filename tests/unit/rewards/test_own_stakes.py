"""Schemes that are given no numbers take the weights and groups of the problem's own tests."""

from collections.abc import Sequence
from typing import Any

import pytest

from sandbox_service import rewards
from sandbox_service.errors import BadRequest
from sandbox_service.models import Choice, Outline, Scoring, TestCase, TestSet
from sandbox_service.rewards import Stakes
from tests.unit.rewards.test_rewards import FAILED, PASSED, of_results, result

HALF = result(FAILED.verdict, score=0.5)


def cases(*tests: dict[str, Any]) -> Sequence[TestCase]:
    return TestSet.model_validate({"tests": list(tests)}).tests


def built(
    reward: Any, tests: Sequence[TestCase], groups: Sequence[dict[str, Any]] | None = None, *, chosen: bool = False
) -> rewards.Reward:
    scoring = None if groups is None else Scoring.model_validate({"groups": list(groups)})
    return rewards.build(
        Choice.model_validate(reward), Outline.of(tests), chosen=chosen, stakes=lambda: Stakes.of(scoring, tests)
    )


# ---------------------------------------------------------------- weighted


def test_weighted_takes_the_weights_of_the_tests():
    reward = built("weighted", cases({"weight": 3}, {}, {"weight": 0}))

    assert [reward(of_results(*results)) for results in [(PASSED, FAILED, FAILED), (FAILED, PASSED, PASSED)]] == [
        0.75,
        0.25,
    ]


def test_weighted_without_any_weight_is_the_fraction_passed():
    assert built("weighted", cases({}, {}, {}, {}))(of_results(PASSED, FAILED, PASSED, FAILED)) == 0.5


def test_a_partly_right_test_is_not_passed_for_weighted():
    assert built("weighted", cases({"weight": 3}, {}))(of_results(HALF, PASSED)) == 0.25


def test_weights_that_are_given_win():
    tests = cases({"weight": 3}, {"weight": 1})

    assert built({"name": "weighted", "weights": [1, 9]}, tests)(of_results(PASSED, FAILED)) == 0.1


def test_weighted_goes_with_a_choice_of_tests_by_their_own_weights():
    assert built("weighted", cases({"weight": 3}, {"weight": 2}), chosen=True)(of_results(PASSED, FAILED)) == 0.6


def test_a_choice_of_tests_that_weigh_nothing_pays_nothing():
    reward = rewards.build(
        Choice(name="weighted"),
        Outline.of(cases({"weight": 1}, {"weight": 0})),
        chosen=True,
        stakes=lambda: Stakes.of(None, cases({"weight": 0})),
    )

    assert reward(of_results(PASSED)) == 0


def test_tests_that_all_weigh_nothing_are_refused():
    with pytest.raises(BadRequest, match="every test of the problem has the weight 0") as refused:
        built("weighted", cases({"weight": 0}))

    assert refused.value.field == "reward.weights"


# ---------------------------------------------------------------- subtasks


def test_each_group_is_a_subtask_with_its_points():
    tests = cases({"group": "a"}, {"group": "a"}, {"group": "b"})
    reward = built("subtasks", tests, [{"name": "a", "points": 30}, {"name": "b", "points": 70}])

    assert reward(of_results(PASSED, HALF, PASSED)) == 15 + 70


def test_the_worst_test_decides_whatever_the_group_makes_of_its_scores():
    tests = cases({"group": "a", "weight": 10}, {"group": "a", "weight": 20})
    reward = built("subtasks", tests, [{"name": "a", "aggregation": "sum"}])

    assert [reward(of_results(*results)) for results in [(PASSED, PASSED), (PASSED, FAILED)]] == [30, 0]


def test_a_group_without_points_is_worth_what_its_weights_come_to():
    tests = cases({"group": "a", "weight": 40}, {"group": "a", "weight": 40})

    assert built("subtasks", tests, [{"name": "a"}])(of_results(PASSED, PASSED)) == 40


def test_of_groups_within_groups_those_count_that_tests_are_in():
    tests = cases({"group": "secret/a"}, {"group": "secret/b"})
    groups = [{"name": "secret", "points": 1000}, {"name": "secret/a", "points": 30}, {"name": "secret/b", "points": 7}]

    assert built("subtasks", tests, groups)(of_results(PASSED, PASSED)) == 37


def test_a_group_counts_only_with_those_that_it_requires_also_where_they_come_later():
    tests = cases({"group": "large"}, {"group": "small"}, {"group": "small"})
    groups = [{"name": "large", "points": 70, "requires": ["small"]}, {"name": "small", "points": 30}]
    reward = built("subtasks", tests, groups)

    assert reward(of_results(PASSED, PASSED, PASSED)) == 100
    assert reward(of_results(PASSED, PASSED, FAILED)) == 0


def test_a_test_in_no_group_is_a_subtask_by_itself():
    tests = cases({"group": "a"}, {"weight": 5})

    assert built("subtasks", tests, [{"name": "a", "points": 2}])(of_results(FAILED, PASSED)) == 5


def test_a_test_that_weighs_nothing_spoils_no_subtask():
    tests = cases({"group": "a", "weight": 0}, {"group": "a"})

    assert built("subtasks", tests, [{"name": "a", "points": 2}])(of_results(FAILED, PASSED)) == 2


def test_groups_that_only_the_tests_name_are_worth_a_point_each():
    tests = cases({"group": "a"}, {"group": "a"}, {"group": "b"})

    assert built("subtasks", tests)(of_results(PASSED, PASSED, FAILED)) == 1


def test_subtasks_that_are_given_win():
    tests = cases({"group": "a"}, {"group": "b"})
    given = {"name": "subtasks", "subtasks": [{"tests": [0, 1], "points": 9}]}
    groups = [{"name": "a", "points": 30}, {"name": "b", "points": 70}]

    assert built(given, tests, groups)(of_results(PASSED, PASSED)) == 9


def test_a_given_subtask_may_require_tests():
    given = {"name": "subtasks", "subtasks": [{"tests": [1], "points": 9, "requires": [0]}]}

    assert built(given, cases({}, {}))(of_results(FAILED, PASSED)) == 0


def test_tests_in_no_groups_at_all_have_no_subtasks():
    with pytest.raises(BadRequest, match="in no groups") as refused:
        built("subtasks", cases({}, {}))

    assert refused.value.field == "reward.subtasks"
