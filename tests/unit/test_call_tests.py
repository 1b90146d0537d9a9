"""Tests that call functions, as they are sent and kept."""

import json
from typing import Any

import pytest
from pydantic import ValidationError

from sandbox_service.models import Problem, TestCase, TestKind, TestSet

CALL = {"function": "twoSum", "arguments": [[2, 7], 9]}


def read(test: dict[str, Any]) -> TestCase:
    return TestCase.model_validate_json(json.dumps(test), strict=True)


@pytest.mark.parametrize("expected", [[0, 1], 1.5, "a", True, {"a": [None]}, None])
def test_a_call_is_written_down_and_read_again_as_it_is(expected: object):
    test = read({"call": CALL, "expected": expected})

    assert TestCase.model_validate_json(test.model_dump_json()) == test
    assert json.loads(test.model_dump_json()) == {"call": CALL, "expected": expected}
    assert (test.kind, test.is_checked) == (TestKind.CALL, True)


def test_a_call_of_which_nothing_is_expected_stays_one():
    test = read({"call": CALL})

    again = TestCase.model_validate_json(test.model_dump_json())

    assert not test.is_checked
    assert not again.is_checked
    assert "expected" not in test.model_dump_json()


def test_a_call_is_sent_without_what_was_not_said():
    test = read({"call": CALL, "expected": None})

    assert json.loads(test.model_dump_json(exclude_unset=True)) == {"call": CALL, "expected": None}


def test_null_is_expected_of_a_call_and_nothing_of_a_program():
    assert read({"call": CALL, "expected": None}).is_checked
    assert not read({"stdin": "", "expected": None}).is_checked


def test_test_sets_have_the_digests_that_they_always_had():
    test_set = TestSet.model_validate({"tests": [{"stdin": "2\n", "expected": "4\n"}, {"stdin": "3\n"}]})

    assert test_set.canonical() == (b'{"tests":[{"stdin":"2\\n","expected":"4\\n"},{"stdin":"3\\n","expected":null}]}')
    assert test_set.digest() == "sha256:75aa88a471bc22841dc502a9c634de47d50bb91e6270cc8597267232b6390a66"


@pytest.mark.parametrize(
    ("test", "field"),
    [
        ({"call": CALL | {"function": "a b"}}, "call.function"),
        ({"call": CALL | {"function": "a.b.c"}}, "call.function"),
        ({"call": CALL | {"function": "f();system"}}, "call.function"),
        ({"call": CALL | {"function": "é"}}, "call.function"),
        ({"call": CALL | {"function": "f\n"}}, "call.function"),
        ({"call": {"arguments": []}}, "call.function"),
        ({"call": CALL | {"kwargs": {}}}, "call.kwargs"),
        ({"call": CALL | {"arguments": {"a": 1}}}, "call.arguments"),
        ({"call": CALL, "stdin": ""}, ""),
        ({"stdin": "", "expected": 4}, "expected"),
        ({"stdin": "", "expected": ["4"]}, "expected"),
        ({"stdin": "", "expected": "\0"}, "expected"),
    ],
)
def test_what_is_no_test_is_refused_where_it_stands(test: dict[str, Any], field: str):
    with pytest.raises(ValidationError) as refused:
        read(test)

    assert ".".join(map(str, refused.value.errors()[0]["loc"])) == field


@pytest.mark.parametrize(
    "text",
    [
        '{"call": {"function": "f", "arguments": [1e999]}}',
        '{"call": {"function": "f", "arguments": [NaN]}}',
        '{"call": {"function": "f", "arguments": [[{"a": -Infinity}]]}}',
        '{"call": {"function": "f"}, "expected": [1e999]}',
        '{"call": {"function": "f"}, "expected": NaN}',
        '{"call": {"function": "f", "arguments": [' + "[" * 101 + "]" * 101 + "]}}",
        '{"call": {"function": "f"}, "expected": ' + '{"a":' * 101 + "1" + "}" * 101 + "}",
    ],
)
def test_values_that_are_no_plain_data_are_refused(text: str):
    with pytest.raises(ValidationError):
        TestCase.model_validate_json(text, strict=True)


def test_all_tests_of_a_problem_are_of_one_kind():
    with pytest.raises(ValidationError, match="test 1 is of kind stdin, and test 0 of kind call") as refused:
        Problem.model_validate({"tests": [{"call": CALL}, {"stdin": ""}]})

    assert refused.value.errors()[0]["loc"] == ("tests",)


def test_a_call_can_stand_in_a_set():
    assert len({read({"call": CALL, "expected": [1]}), read({"call": CALL, "expected": [1]})}) == 1
