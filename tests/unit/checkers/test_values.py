"""What a function answered, read from what its box wrote and compared with what is expected."""

import json
from typing import Any

import pytest

from sandbox_service import checkers
from sandbox_service.checkers.values.codec import Opaque, UnreadableValue, read_value
from sandbox_service.errors import BadRequest, UnknownName
from sandbox_service.models import Choice


def score(written: str, expected: Any, **choice: Any) -> float:
    checker = checkers.build_for_values(Choice.model_validate({"name": "strict"} | choice))
    return checker(expected, read_value(written.encode()))


@pytest.mark.parametrize(
    ("written", "value"),
    [
        ('{"a": [1, 2.5, "x", null, true]}', {"a": [1, 2.5, "x", None, True]}),
        ('{"$tuple": [1, {"$tuple": []}]}', (1, ())),
        ('{"$int": "-0x10000000000000000"}', -(2**64)),
        ('{"$float": "inf"}', float("inf")),
        ('{"$complex": [0.0, 1.0]}', 1j),
        ('{"$dict": [["$a", 1]]}', {"$a": 1}),
    ],
)
def test_a_value_is_read_as_it_was_written(written: str, value: object):
    assert read_value(written.encode()) == value


@pytest.mark.parametrize("written", ['{"$set": [1]}', '{"$bytes": "00"}', '{"$dict": [[1, 2]]}', '{"$anything": {}}'])
def test_what_no_expected_value_can_be_is_opaque(written: str):
    value = read_value(written.encode())

    assert isinstance(value, Opaque)
    assert value != read_value(written.encode())


@pytest.mark.parametrize(
    "written",
    [
        "",
        "nonsense",
        "NaN",
        "[1",
        "\ud800".encode("utf-8", "surrogatepass"),
        b"\xff",
        "1" * 5000,
        "[" * 100_000,
        "[" * 500 + "]" * 500,
        '{"$tuple": ' * 101 + "[]" + "}" * 101,
        '{"$int": "12"}',
        '{"$int": "0xg"}',
        '{"$float": "1.0"}',
        '{"$tuple": {}}',
        '{"$complex": [1, 2]}',
        '{"$dict": [[1]]}',
        '{"$tuple": [], "a": 1}',
    ],
)  # fmt: skip
def test_what_is_no_value_is_said_to_be_none(written: str | bytes):
    with pytest.raises(UnreadableValue):
        read_value(written if isinstance(written, bytes) else written.encode())


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ("2", 2),
        ("2", 2.0),
        ("0.30000000000000004", 0.3),
        ("-0.0", 0.0),
        ("null", None),
        ('"a"', "a"),
        ('[1, [2, {"b": 1, "a": 2}]]', [1, [2, {"a": 2, "b": 1}]]),
        ('{"$int": "0x10000000000000000"}', 2**64),
    ],
)
def test_strict_accepts_what_is_the_same(written: str, expected: object):
    assert score(written, expected) == 1.0


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ("2.0", 2),
        ("1", True),
        ("true", 1),
        ("true", 1.0),
        ('"1"', 1),
        ("null", False),
        ("0", None),
        ('""', None),
        ("[]", {}),
        ("[1]", [1, 2]),
        ("[1, 2]", [2, 1]),
        ('{"$tuple": [1]}', [1]),
        ('{"$set": [1]}', [1]),
        ('{"a": 1}', {"a": 1, "b": 2}),
        ('{"$float": "nan"}', 1.0),
        ('{"$float": "inf"}', 1e308),
        ('{"$complex": [1.0, 0.0]}', 1),
        ('{"$int": "0x' + "f" * 400 + '"}', 1.5),
        ("1.1", 1.0),
    ],
)
def test_strict_refuses_what_is_not(written: str, expected: object):
    assert score(written, expected) == 0.0


def test_strict_can_be_told_to_take_numbers_and_sequences_for_the_same():
    assert score("2.0", 2, numbers="equal") == 1.0
    assert score("2.5", 2, numbers="equal") == 0.0
    assert score("true", 1, numbers="equal") == 0.0
    assert score('{"$tuple": [1, {"$tuple": []}]}', [1, []], sequences="equal") == 1.0


def test_strict_keeps_to_its_tolerances():
    assert score("1.05", 1.0, absolute=0.1) == 1.0
    assert score("1050.0", 1000.0, absolute=0, relative=0.1) == 1.0
    assert score("1.0000001", 1.0, absolute=0, relative=0) == 0.0


@pytest.mark.parametrize(
    ("written", "expected", "accepted"),
    [
        ('{"$tuple": [1, 2]}', [1, 2], True),
        ('[{"$tuple": [1, 2]}]', [[1, 2]], False),
        ('{"$tuple": [{"$tuple": [1]}]}', [[1]], False),
        ("true", 1, True),
        ("1.0", 1, True),
        ("0.30000000000000004", 0.3, False),
        ('{"$float": "nan"}', 1.0, False),
        ('{"$complex": [1.0, 0.0]}', 1, True),
        ("null", None, True),
        ('{"$set": [1]}', [1], False),
    ],
)
def test_livecodebench_compares_as_python_does(written: str, expected: object, accepted: bool):
    assert score(written, expected, name="livecodebench") == float(accepted)


@pytest.mark.parametrize(
    ("choice", "field"),
    [
        ({"name": "tokens"}, "problem.checker"),
        ({"name": "strict", "tolerance": 1}, "problem.checker.tolerance"),
        ({"name": "strict", "absolute": -1}, "problem.checker.absolute"),
        ({"name": "strict", "relative": "a"}, "problem.checker.relative"),
        ({"name": "strict", "numbers": "loose"}, "problem.checker.numbers"),
        ({"name": "strict", "sequences": 1}, "problem.checker.sequences"),
        ({"name": "livecodebench", "absolute": 1}, "problem.checker.absolute"),
    ],
)
def test_a_rule_that_does_not_exist_is_refused(choice: dict[str, object], field: str):
    with pytest.raises((BadRequest, UnknownName)) as refused:
        checkers.build_for_values(Choice.model_validate(choice))

    assert refused.value.field == field


def test_a_large_answer_is_read_and_compared_at_once():
    many = list(range(200_000))

    assert score(json.dumps(many), many) == 1.0
