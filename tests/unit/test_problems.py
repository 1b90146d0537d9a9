"""A worker refuses what the door would have refused: the same rules hold of tests that came under a name."""

from typing import Any

import pytest

from sandbox_service.errors import BadRequest
from sandbox_service.judge import Rules
from sandbox_service.models import Job, Outline, TestSet
from sandbox_service.runners import read_runners
from sandbox_service.settings import Settings

LANGUAGES = read_runners(Settings())
PROGRAM = {"language": "python", "source": "", "protocol": "kattis"}
CALL = {"call": {"function": "f", "arguments": [1]}}
ASSERTIONS = {"assertions": "f()"}


def job(reward: Any = None, **problem: Any) -> Job:
    return Job.model_validate(
        {
            "problem": {"test_set": "sha256:" + "0" * 64, **problem},
            "submissions": [{"id": "r0", "language": "python", "source": ""}],
            "reward": reward,
        }
    )


@pytest.mark.parametrize(
    ("test", "asked", "field"),
    [
        (CALL, {"checker": "tokens"}, "problem.checker"),
        (CALL, {"checker": {"name": "program", **PROGRAM}}, "problem.checker"),
        (CALL, {"interactor": PROGRAM}, "problem.interactor"),
        (ASSERTIONS, {"checker": "tokens"}, "problem.checker"),
        (ASSERTIONS, {"interactor": PROGRAM}, "problem.interactor"),
        ({}, {"checker": "strict"}, "problem.checker"),
        ({}, {"passes": 2}, "problem.passes"),
        ({"checker_arguments": ["a"]}, {}, "problem.test_set"),
        ({"group": "a"}, {"scoring": {}}, "problem.test_set"),
        ({}, {"scoring": {"groups": [{"name": "a"}]}}, "problem.scoring.groups.0.name"),
        ({}, {"reward": {"name": "weighted", "weights": [1, 2]}}, "reward.weights"),
        ({"weight": 0}, {"reward": "weighted"}, "reward.weights"),
        ({}, {"reward": "subtasks"}, "reward.subtasks"),
    ],
)
def test_what_does_not_go_with_the_tests_is_never_judged(test: Any, asked: dict[str, Any], field: str):
    tests = TestSet.model_validate({"tests": [test]}).tests

    with pytest.raises(BadRequest) as refused:
        Rules.of(job(**asked), tests, LANGUAGES)

    assert refused.value.field == field


def test_an_outline_says_where_what_matters_first_stands():
    tests = TestSet.model_validate(
        {
            "tests": [
                {"weight": 0, "group": "a"},
                {"weight": 0, "group": "b", "checker_arguments": ["x"]},
                {"weight": 0, "group": "a", "checker_arguments": ["y"]},
            ]
        }
    ).tests

    assert Outline.of(tests) == Outline(
        tests=3, kind=tests[0].kind, groups={"a": 0, "b": 1}, weighs=False, split=None, called=1
    )
