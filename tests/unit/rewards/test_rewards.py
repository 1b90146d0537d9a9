"""Rewards are pure functions of a judgement, and our own failures have none."""

import math
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sandbox_service import rewards
from sandbox_service.errors import BadRequest, UnknownName
from sandbox_service.models import Choice, Judgement, Outline, Reason, TestCase, TestResult, Verdict


def result(verdict: Verdict, *, score: float | None = None, cpu_seconds: float = 0.0) -> TestResult:
    return TestResult(
        verdict=verdict, score=float(verdict is Verdict.ACCEPTED) if score is None else score, cpu_seconds=cpu_seconds,
        wall_seconds=9.0, memory_bytes=0, exit_code=0, signal=None,
        stdout="", stdout_truncated=False, stderr="", stderr_truncated=False,
    )  # fmt: skip


def judgement(
    verdict: Verdict, passed: int, total: int, reason: str | None = None, results: tuple[TestResult, ...] = ()
) -> Judgement:
    return Judgement(
        id="r0", verdict=verdict, reward=None, score=None, passed=passed, total=total,
        compilation=None, results=results, isolation=None, reason=reason,
    )  # fmt: skip


def of_results(*results: TestResult, total: int | None = None) -> Judgement:
    failed = [each.verdict for each in results if each.verdict is not Verdict.ACCEPTED]
    passed = len(results) - len(failed)
    return judgement(failed[0] if failed else Verdict.ACCEPTED, passed, total or len(results), results=results)


def build(scheme: str, *, tests: int | None = None, chosen: bool = False, **parameters: Any) -> rewards.Reward:
    outline = None if tests is None else Outline.of([TestCase()] * tests)
    return rewards.build(Choice.model_validate({"name": scheme, **parameters}), outline, chosen=chosen)


ALL_PASSED = judgement(Verdict.ACCEPTED, 4, 4)
SOME_PASSED = judgement(Verdict.WRONG_ANSWER, 3, 4)
NONE_PASSED = judgement(Verdict.RUNTIME_ERROR, 0, 4)
NOT_COMPILED = judgement(Verdict.COMPILE_ERROR, 0, 4)
NO_CODE = judgement(Verdict.COMPILE_ERROR, 0, 4, Reason.NO_CODE)
CUT_OFF = judgement(Verdict.COMPILE_ERROR, 0, 4, Reason.INCOMPLETE_CODE)
OUR_FAILURE = judgement(Verdict.JUDGE_ERROR, 0, 4)
KINDS = (ALL_PASSED, SOME_PASSED, NONE_PASSED, NOT_COMPILED, NO_CODE, CUT_OFF)

PASSED, FAILED = result(Verdict.ACCEPTED), result(Verdict.WRONG_ANSWER)

# What each scheme needs to be built at all.
REQUIRED: dict[str, dict[str, Any]] = {
    "threshold": {"least": 0.5},
    "weighted": {"weights": [1, 1, 1, 1]},
    "subtasks": {"subtasks": [{"tests": [0, 1, 2, 3]}]},
    "time_aware": {"limit_seconds": 2},
}


@pytest.mark.parametrize(
    ("scheme", "parameters", "pays"),
    [
        ("all_or_nothing", {}, [1, 0, 0, 0, 0, 0]),
        ("fraction_passed", {}, [1, 0.75, 0, 0, 0, 0]),
        ("threshold", {"least": 0.75}, [1, 1, 0, 0, 0, 0]),
        ("threshold", {"least": 0.76}, [1, 0, 0, 0, 0, 0]),
        ("threshold", {"least": 0}, [1, 1, 1, 1, 1, 1]),
        ("xcoder", {}, [5, 3.75, 0, -2, -2, -2]),
        ("xcoder", {"nothing_runs": -1, "all_passed": 1}, [1, 0.75, 0, -1, -1, -1]),
        ("weighted_sum", {}, [1.1, 0.075, 0, 0, 0, 0]),
        ("weighted_sum", {"fraction": 1}, [2, 0.75, 0, 0, 0, 0]),
        ("codeforces", {}, [1.1, 0.075, 0, -0.1, -1, -1]),
        ("codeforces", {"mode": "partial"}, [1, 0.75, 0, -0.1, -1, -1]),
        ("codeforces", {"mode": "pass_fail", "no_code": -3, "no_compile": -2}, [1, 0, 0, -2, -3, -3]),
    ],
)
def test_a_scheme_pays_by_what_was_passed(scheme: str, parameters: dict[str, Any], pays: list[float]):
    reward = build(scheme, **parameters)

    assert [reward(kind) for kind in KINDS] == pytest.approx(pays)


def test_a_weighted_test_counts_by_its_weight():
    reward = build("weighted", weights=[1, 2, 5])

    assert reward(of_results(PASSED, FAILED, PASSED)) == 6 / 8


def test_a_weighted_test_that_did_not_run_counts_as_failed():
    assert build("weighted", weights=[1, 2, 5])(of_results(PASSED, FAILED, total=3)) == 1 / 8


@given(st.lists(st.booleans(), min_size=1, max_size=20))
def test_equal_weights_are_the_fraction_passed(passed: list[bool]):
    judged = of_results(*(PASSED if ok else FAILED for ok in passed))

    assert math.isclose(build("weighted", weights=[3] * len(passed))(judged), build("fraction_passed")(judged))


def test_a_subtask_counts_by_its_worst_test():
    half = result(Verdict.WRONG_ANSWER, score=0.5)
    reward = build("subtasks", subtasks=[{"tests": [0], "points": 10}, {"tests": [0, 1], "points": 40}])

    assert reward(of_results(PASSED, half)) == 10 + 20


def test_a_subtask_with_a_test_that_did_not_run_counts_nothing():
    assert build("subtasks", subtasks=[{"tests": [0, 2]}])(of_results(PASSED, FAILED, total=3)) == 0


def test_a_passed_test_is_worth_less_the_longer_it_ran():
    quick, slow = result(Verdict.ACCEPTED, cpu_seconds=0.5), result(Verdict.ACCEPTED, cpu_seconds=3.0)

    assert build("time_aware", limit_seconds=2)(of_results(quick, slow, FAILED, PASSED)) == (0.75 + 0 + 0 + 1) / 4


def test_speed_pays_only_beyond_the_threshold():
    assert build("time_aware", limit_seconds=2, least=0.5)(of_results(PASSED, FAILED, FAILED)) == 0


@pytest.mark.parametrize("scheme", rewards.REWARDS)
def test_every_scheme_pays_a_finite_number_for_everything(scheme: str):
    reward = build(scheme, **REQUIRED.get(scheme, {}))

    assert all(math.isfinite(reward(kind)) for kind in KINDS)


@pytest.mark.parametrize("scheme", rewards.REWARDS)
def test_our_own_failure_has_no_reward(scheme: str):
    assert rewards.rewarded(OUR_FAILURE, build(scheme, **REQUIRED.get(scheme, {}))).reward is None


def test_a_reward_that_was_not_asked_for_is_not_given():
    assert rewards.rewarded(ALL_PASSED, None).reward is None


def test_a_reward_is_added_and_nothing_else_is_changed():
    paid = rewards.rewarded(SOME_PASSED, rewards.build(Choice(name="fraction_passed")))

    assert paid == SOME_PASSED.model_copy(update={"reward": 0.75})


def test_an_unknown_scheme_is_refused_with_what_exists():
    with pytest.raises(UnknownName, match="unknown reward 'fraction'; available: all_or_nothing, codeforces"):
        rewards.build(Choice(name="fraction"))


def test_a_parameter_that_a_scheme_has_not_is_refused():
    with pytest.raises(UnknownName, match="'threshold'; available: none") as raised:
        rewards.build(Choice.model_validate({"name": "all_or_nothing", "threshold": 0.5}))

    assert raised.value.field == "reward.threshold"


@pytest.mark.parametrize(
    ("scheme", "parameters", "field"),
    [
        ("threshold", {}, "reward.least"),
        ("threshold", {"least": 1.5}, "reward.least"),
        ("threshold", {"least": "0.5"}, "reward.least"),
        ("threshold", {"least": True}, "reward.least"),
        ("threshold", {"least": None}, "reward.least"),
        ("xcoder", {"all_passed": 10**400}, "reward.all_passed"),
        ("codeforces", {"mode": "best"}, "reward.mode"),
        ("weighted", {"weights": []}, "reward.weights"),
        ("weighted", {"weights": [0, 0, 0]}, "reward.weights"),
        ("weighted", {"weights": [1, -1, 1]}, "reward.weights.1"),
        ("weighted", {"weights": [1, 2]}, "reward.weights"),
        ("weighted", {"weights": 3}, "reward.weights"),
        ("subtasks", {"subtasks": []}, "reward.subtasks"),
        ("subtasks", {"subtasks": [{"tests": [0, 3]}]}, "reward.subtasks.0.tests.1"),
        ("subtasks", {"subtasks": [{"tests": [-1]}]}, "reward.subtasks.0.tests.0"),
        ("subtasks", {"subtasks": [{"tests": [0], "requires": [3]}]}, "reward.subtasks.0.requires.0"),
        ("subtasks", {}, "reward.subtasks"),
        ("subtasks", {"subtasks": [{"tests": [0], "weight": 1}]}, "reward.subtasks.0.weight"),
        ("time_aware", {"limit_seconds": 0}, "reward.limit_seconds"),
    ],
)
def test_a_parameter_that_cannot_be_is_refused_by_its_name(scheme: str, parameters: dict[str, Any], field: str):
    with pytest.raises(BadRequest) as raised:
        build(scheme, tests=3, **parameters)

    assert raised.value.field == field


def test_parameters_for_all_tests_cannot_be_had_for_some():
    with pytest.raises(BadRequest, match="choose some") as raised:
        build("weighted", weights=[1, 2, 3], tests=3, chosen=True)

    assert raised.value.field == "reward.weights"


# ---------------------------------------------------------------- the problem's own scoring


def test_scored_pays_the_part_of_the_points():
    scored = judgement(Verdict.WRONG_ANSWER, 3, 4).model_copy(update={"score": 30.0, "maximum_score": 40.0})

    assert build("scored")(scored) == 0.75


def test_scored_pays_the_mean_of_a_problem_without_a_scoring():
    assert build("scored")(judgement(Verdict.WRONG_ANSWER, 1, 4).model_copy(update={"score": 0.25})) == 0.25


def test_scored_pays_nothing_where_nothing_is_worth_anything():
    worthless = judgement(Verdict.ACCEPTED, 1, 1).model_copy(update={"score": 0.0, "maximum_score": 0.0})

    assert build("scored")(worthless) == 0.0
