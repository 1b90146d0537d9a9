"""What tests come to by weights and groups, and which are left out on the way."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from sandbox_service import scoring
from sandbox_service.errors import BadRequest
from sandbox_service.models import Outline, Problem, Scoring, TestCase, TestResult, TestSet, Verdict
from sandbox_service.scoring import Scheme
from sandbox_service.trials import executions

LABELS = ("a", "a/b", "a/c", "d", None)
AGGREGATIONS = ("sum", "min", "max", "average", "pass_fail")


def cases(*groups: str | None, weight: float | None = None) -> list[TestCase]:
    return [TestCase(group=group, weight=weight) for group in groups]


def result(score: float) -> TestResult:
    verdict = Verdict.ACCEPTED if score >= 1 else Verdict.WRONG_ANSWER
    return executions.not_run(verdict).model_copy(update={"score": score, "skipped": False})


def scheme(of: dict[str, Any] | None, tests: Sequence[TestCase]) -> Scheme:
    made = Scheme.of(None if of is None else Scoring.model_validate(of), tests)
    assert made is not None
    return made


def points(of: dict[str, Any] | None, tests: Sequence[TestCase], scores: Sequence[float]) -> tuple[float, float]:
    worth, _ = scheme(of, tests).score([result(score) for score in scores])
    return worth.score, worth.most


def group(name: str, **rules: Any) -> dict[str, Any]:
    return {"name": name, **rules}


# ---------------------------------------------------------------- what it comes to


def test_without_weights_and_groups_there_is_no_scheme():
    assert Scheme.of(None, cases("a", None)) is None


def test_weights_alone_make_a_weighted_mean():
    tests = [TestCase(weight=3), TestCase(), TestCase(weight=0)]

    assert points(None, tests, [1, 0, 0]) == (0.75, 1.0)


def test_the_worst_test_of_a_group_decides_by_default_as_in_the_olympiad():
    of = {"groups": [group("a", points=30), group("d", points=70)]}

    assert points(of, cases("a", "a", "d"), [1, 0.5, 1]) == (85.0, 100.0)


@pytest.mark.parametrize(
    ("aggregation", "expected"), [("sum", 55), ("min", 10), ("max", 30), ("average", 55 / 3), ("pass_fail", 0)]
)
def test_a_group_is_aggregated_as_it_says(aggregation, expected):
    tests = [TestCase(group="a", weight=weight) for weight in (10, 20, 30)]
    of = {"groups": [group("a", aggregation=aggregation)]}

    assert points(of, tests, [1, 0.75, 1])[0] == pytest.approx(expected)


def test_groups_stand_in_groups_by_their_names():
    inner = [group("a", aggregation="average"), *(group(f"a/{part}", aggregation="sum") for part in ("s", "m", "l"))]
    tests = [TestCase(group=f"a/{part}", weight=weight) for part, weight in (("s", 15), ("m", 30), ("l", 45))]

    assert points({"groups": inner}, tests, [1, 1, 1]) == (30.0, 30.0)
    assert points({"groups": inner}, tests, [1, 1, 0]) == (15.0, 30.0)


def test_a_group_worth_nothing_spoils_no_minimum():
    of = {"aggregation": "min", "groups": [group("sample", points=0), group("a", points=10)]}

    assert points(of, cases("sample", "a"), [0, 1]) == (10.0, 10.0)


def test_a_group_counts_for_nothing_while_one_that_it_requires_is_not_passed():
    of = {"groups": [group("a", points=40), group("d", points=60, requires=["a"])]}

    assert points(of, cases("a", "d"), [0.9, 1])[0] == pytest.approx(36)
    assert points(of, cases("a", "d"), [1, 1]) == (100.0, 100.0)


def test_every_group_is_told_with_the_verdict_of_its_first_failure():
    of = {"groups": [group("a", points=1), group("d", points=2)]}
    results = [result(1), executions.not_run(Verdict.TIME_LIMIT_EXCEEDED)]

    _, groups = scheme(of, cases("a", "d", "d")).score(results)

    assert {said.name: (said.score, said.maximum_score, said.verdict) for said in groups} == {
        "a": (1.0, 1.0, "accepted"),
        "d": (0.0, 2.0, "time_limit_exceeded"),
    }


@st.composite
def schemes(draw):
    tests = [
        TestCase(group=draw(st.sampled_from(LABELS)), weight=draw(st.none() | st.floats(0, 100)))
        for _ in range(draw(st.integers(1, 8)))
    ]
    groups = [
        group(
            name,
            aggregation=draw(st.sampled_from(AGGREGATIONS)),
            points=draw(st.none() | st.floats(0, 100)),
            requires=["a/b"] if name == "d" and draw(st.booleans()) else [],
        )
        for name in ("a", "a/b", "a/c", "d")
    ]
    root = {
        "groups": groups,
        "aggregation": draw(st.sampled_from(AGGREGATIONS)),
        "points": draw(st.none() | st.floats(0, 9)),
    }
    scores = draw(st.lists(st.floats(0, 1), min_size=len(tests), max_size=len(tests)))
    return scheme(root, tests), scores


@given(schemes())
def test_a_score_lies_between_nothing_and_the_most(drawn):
    made, scores = drawn

    worth, groups = made.score([result(score) for score in scores])

    assert 0 <= worth.score <= worth.most * (1 + 1e-9)
    assert all(0 <= said.score <= said.maximum_score * (1 + 1e-9) for said in groups)


@given(schemes())
def test_who_passes_all_has_the_most(drawn):
    made, scores = drawn

    worth, _ = made.score([result(1.0) for _ in scores])

    assert worth.score == worth.most


@given(schemes(), st.data())
def test_passing_one_more_never_lowers_a_score(drawn, data):
    made, scores = drawn
    better = list(scores)
    better[data.draw(st.integers(0, len(scores) - 1))] = 1.0

    before, _ = made.score([result(score) for score in scores])
    after, _ = made.score([result(score) for score in better])

    assert after.score >= before.score * (1 - 1e-9)


@given(schemes(), st.randoms())
def test_the_order_of_the_tests_does_not_matter(drawn, random):
    made, scores = drawn
    order = list(range(len(scores)))
    random.shuffle(order)
    shuffled = replace(
        made,
        weights=tuple(made.weights[position] for position in order),
        groups_of=tuple(made.groups_of[position] for position in order),
    )

    one, _ = made.score([result(score) for score in scores])
    other, _ = shuffled.score([result(scores[position]) for position in order])

    assert other.score == pytest.approx(one.score)


@given(schemes())
def test_what_a_break_leaves_out_of_groups_that_are_all_or_nothing_changes_no_score(drawn):
    made, scores = drawn
    broken = Scoring.model_validate(
        {
            "groups": [
                {**each.model_dump(), "on_reject": "break", "aggregation": "pass_fail"} for each in made.scoring.groups
            ]
        }
    )
    by_name = {each.name: each for each in broken.groups}
    weights = tuple(weight or 1.0 for weight in made.weights)
    stopping = Scheme(broken, weights, tuple(tuple(by_name[g.name] for g in groups) for groups in made.groups_of))
    course = stopping.course()
    results = []
    for position, score in enumerate(scores):
        left_out = course.left_out(position)
        results.append(result(score) if left_out is None else executions.not_run(left_out))
        course.note(position, results[-1])

    whole, _ = stopping.score([result(score) for score in scores])
    cut, _ = stopping.score(results)

    assert cut == whole


# ---------------------------------------------------------------- which are left out


def test_a_group_that_breaks_leaves_out_its_other_tests_and_no_others():
    of = {"groups": [group("a", on_reject="break"), group("d")]}
    course = scheme(of, cases("a", "d", "a", "d")).course()

    course.note(0, executions.not_run(Verdict.RUNTIME_ERROR))

    assert [course.left_out(position) for position in range(1, 4)] == [None, Verdict.RUNTIME_ERROR, None]


def test_some_of_the_points_break_nothing_off():
    course = scheme({"groups": [group("a", on_reject="break")]}, cases("a", "a")).course()

    course.note(0, result(0.5))

    assert course.left_out(1) is None


def test_a_group_that_goes_on_is_finished_before_the_one_around_it_breaks():
    of = {"groups": [group("a", on_reject="break"), group("a/b"), group("a/c")], "on_reject": "break"}
    course = scheme(of, cases("a/b", "a/b", "a/c", "a", None)).course()

    course.note(0, result(0))

    assert [course.left_out(position) for position in range(1, 5)] == [None, *[Verdict.WRONG_ANSWER] * 3]


def test_what_requires_a_failed_group_is_left_out():
    of = {"groups": [group("a"), group("d", requires=["a"])]}
    course = scheme(of, cases("a", "a", "d")).course()

    course.note(0, result(0))

    assert (course.left_out(1), course.left_out(2)) == (None, Verdict.WRONG_ANSWER)


# ---------------------------------------------------------------- what cannot be


@pytest.mark.parametrize(
    ("of", "field"),
    [
        ({"groups": [group("a"), group("x")]}, "problem.scoring.groups.1.name"),
        ({"groups": [group("x")]}, "problem.tests.0.group"),
        ({}, "problem.tests.0.group"),
    ],
)
def test_a_scoring_must_speak_of_the_groups_of_the_tests(of, field):
    with pytest.raises(BadRequest) as refused:
        scoring.check(Scoring.model_validate(of), Outline.of(cases("a")))

    assert refused.value.field == field


@pytest.mark.parametrize(
    "groups",
    [
        [group("a"), group("a")],
        [group("a", requires=["b"])],
        [group("a", requires=["a"])],
        [group("a", requires=["a/b"]), group("a/b")],
        [group("a", points=-1)],
        [group("a", aggregation="worst")],
    ],
)
def test_groups_that_cannot_be_are_refused(groups):
    with pytest.raises(ValidationError):
        Scoring.model_validate({"groups": groups})


# ---------------------------------------------------------------- what was there before


def test_a_test_set_without_weights_and_groups_keeps_its_digest():
    plain = TestSet(tests=(TestCase(stdin="2\n", expected="4\n"), TestCase(stdin="3\n")))

    assert plain.canonical() == b'{"tests":[{"stdin":"2\\n","expected":"4\\n"},{"stdin":"3\\n","expected":null}]}'
    assert plain.digest() != TestSet(tests=(plain.tests[0], TestCase(stdin="3\n", group="a"))).digest()


def test_a_problem_without_a_scoring_is_written_as_ever():
    problem = Problem(tests=(TestCase(stdin="2\n"),))

    assert "scoring" not in problem.model_dump_json()
    assert Problem.model_validate_json(problem.model_dump_json()) == problem
