"""Rewards are pure functions of a judgement, and our own failures have none."""

import pytest

from sandbox_service import rewards
from sandbox_service.errors import UnknownName
from sandbox_service.models import Choice, Judgement, Verdict


def judgement(verdict: Verdict, passed: int, total: int) -> Judgement:
    return Judgement(
        id="r0", verdict=verdict, reward=None, score=None, passed=passed, total=total,
        compilation=None, results=(), isolation=None,
    )  # fmt: skip


ALL_PASSED = judgement(Verdict.ACCEPTED, 4, 4)
SOME_PASSED = judgement(Verdict.WRONG_ANSWER, 3, 4)
NOT_COMPILED = judgement(Verdict.COMPILE_ERROR, 0, 4)
OUR_FAILURE = judgement(Verdict.JUDGE_ERROR, 0, 4)


@pytest.mark.parametrize(
    ("scheme", "of_all", "of_some", "of_none"), [("all_or_nothing", 1.0, 0.0, 0.0), ("fraction_passed", 1.0, 0.75, 0.0)]
)
def test_a_scheme_pays_by_what_was_passed(scheme: str, of_all: float, of_some: float, of_none: float):
    reward = rewards.build(Choice(name=scheme))

    assert [reward(ALL_PASSED), reward(SOME_PASSED), reward(NOT_COMPILED)] == [of_all, of_some, of_none]


@pytest.mark.parametrize("scheme", rewards.REWARDS)
def test_our_own_failure_has_no_reward(scheme: str):
    assert rewards.rewarded(OUR_FAILURE, rewards.build(Choice(name=scheme))).reward is None


def test_a_reward_that_was_not_asked_for_is_not_given():
    assert rewards.rewarded(ALL_PASSED, None).reward is None


def test_a_reward_is_added_and_nothing_else_is_changed():
    paid = rewards.rewarded(SOME_PASSED, rewards.build(Choice(name="fraction_passed")))

    assert paid == SOME_PASSED.model_copy(update={"reward": 0.75})


def test_an_unknown_scheme_is_refused_with_what_exists():
    with pytest.raises(UnknownName, match="unknown reward 'fraction'; available: all_or_nothing, fraction_passed"):
        rewards.build(Choice(name="fraction"))


def test_a_parameter_that_a_scheme_has_not_is_refused():
    with pytest.raises(UnknownName, match="'threshold'; available: none") as raised:
        rewards.build(Choice.model_validate({"name": "all_or_nothing", "threshold": 0.5}))

    assert raised.value.field == "reward.threshold"
