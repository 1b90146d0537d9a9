"""The tests in a row, whatever data set it comes from."""

import json
from typing import Any

import numpy
import pytest

from sandbox_service.client.rows import problem_of
from sandbox_service.errors import BadRequest
from sandbox_service.models import Problem

WANTED = [("1\n", "2\n"), ("3", "4")]
PAIRS = {"inputs": ["1\n", "3"], "outputs": ["2\n", "4"]}
CASES = [{"input": "1\n", "output": "2\n"}, {"input": "3", "output": "4"}]


def read(row: object) -> list[tuple[str, str | None]]:
    return [(test.stdin, test.expected_text) for test in problem_of(row).tests or ()]


@pytest.mark.parametrize(
    "row",
    [
        PAIRS,
        PAIRS | {"fn_name": None},
        json.dumps(PAIRS),
        json.dumps(json.dumps(PAIRS)),
        CASES,
        json.dumps(CASES),
        [case | {"testtype": "stdin"} for case in CASES],
        {"language": "python", "test_cases": CASES},
        {"test_cases": json.dumps(CASES)},
        {"tests": [{"stdin": "1\n", "expected": "2\n"}, {"stdin": "3", "expected": "4"}]},
        numpy.array(CASES, dtype=object),
        {"inputs": numpy.array(PAIRS["inputs"]), "outputs": numpy.array(PAIRS["outputs"])},
    ],
)
def test_a_row_is_read_in_the_shapes_that_data_sets_have(row: object):
    assert read(row) == WANTED


def test_cells_are_what_a_program_reads():
    assert read({"inputs": [["1", "2"], 3], "outputs": [4, "5"]}) == [("1\n2", "4"), ("3", "5")]


def test_a_problem_stays_what_it_is():
    problem = Problem.model_validate({"test_set": "sha256:" + "0" * 64})

    assert problem_of(problem) is problem


@pytest.mark.parametrize(
    ("given", "wanted"),
    [("[2, 7]\n9", "[0, 1]"), ("[2, 7]\n9\n", "[0, 1]\n"), ([[2, 7], 9], [[0, 1]])],
)
def test_a_function_s_tests_are_calls_by_livecodebench_s_rules(given: object, wanted: object):
    problem = problem_of({"fn_name": "twoSum", "inputs": [given], "outputs": [wanted]})

    (test,) = problem.tests or ()
    assert test.call is not None
    assert (test.call.function, test.call.arguments, test.expected) == ("twoSum", ([2, 7], 9), [0, 1])
    assert problem.checker is not None
    assert problem.checker.name == "livecodebench"


def test_another_rule_may_be_asked_for():
    problem = problem_of({"fn_name": "f", "inputs": ["1"], "outputs": ["1"]}, checker="strict")

    assert problem.checker is not None
    assert problem.checker.name == "strict"


def test_rules_hold_where_the_row_has_none():
    row = {"tests": [{"stdin": ""}], "checker": "exact"}

    problem = problem_of(row, checker="floats", limits={"cpu_seconds": 2})

    assert problem.checker is not None
    assert (problem.checker.name, problem.limits.cpu_seconds) == ("exact", 2)


@pytest.mark.parametrize(
    ("row", "says"),
    [
        ({"inputs": ["1"], "outputs": []}, "1 inputs and 0 outputs"),
        ({"inputs": "12", "outputs": 3}, "lists"),
        ("{", "not JSON"),
        ([], "at least 1"),
        (["assert f(1) == 2"], "must have an input"),
        (PAIRS | {"fn_name": "two sum"}, "pattern"),
        ({"fn_name": "f", "inputs": ["no JSON"], "outputs": ["1"]}, "not JSON"),
        ({"fn_name": "f", "inputs": [3], "outputs": ["1"]}, "valid"),
        (PAIRS | {"assert_case": ["assert f(1) == 2"]}, "assertions"),
        ({"question": "?"}, "neither"),
        (None, "neither"),
        (3, "neither"),
        ({"tests": [], "x": 1}, "at least 1"),
    ],
)
def test_a_row_that_cannot_be_read_is_said_to_be_so(row: Any, says: str):
    with pytest.raises(BadRequest, match=says):
        problem_of(row)
