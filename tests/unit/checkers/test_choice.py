"""A checker is chosen by name, with parameters that are checked at the door."""

import pytest

from sandbox_service import checkers
from sandbox_service.errors import BadRequest, UnknownName
from sandbox_service.models import Choice, Problem


def choice(name: str, **parameters: object) -> Choice:
    return Choice.model_validate({"name": name, **parameters})


@pytest.mark.parametrize("name", checkers.CHECKERS)
def test_every_checker_accepts_the_expected_output(name: str):
    assert checkers.build(choice(name))(b"1 2\n3\n", b"1 2\n3\n") == 1.0


@pytest.mark.parametrize("name", checkers.CHECKERS)
def test_every_checker_refuses_another_output(name: str):
    assert checkers.build(choice(name))(b"1 2\n3\n", b"1 2\n4\n") == 0.0


@pytest.mark.parametrize("name", checkers.CHECKERS)
def test_every_checker_says_what_it_does(name: str):
    assert "UTF-8" in checkers.describe()[name]


def test_the_default_checker_exists():
    default = Problem.model_validate({"tests": [{}]}).checker

    assert default is None
    assert checkers.build(default)(b"1\n", b"1") == 1.0


def test_an_unknown_checker_is_refused_with_what_exists():
    with pytest.raises(UnknownName, match=r"unknown checker 'token'; available: common_oj, exact, .*tokens") as raised:
        checkers.build(choice("token"))

    assert raised.value.field == "problem.checker"


def test_an_unknown_parameter_is_refused_with_what_exists():
    with pytest.raises(UnknownName, match="'epsilon'; available: absolute, relative") as raised:
        checkers.build(choice("floats", epsilon=1))

    assert raised.value.field == "problem.checker.epsilon"


def test_a_parameter_of_a_checker_that_has_none_is_refused():
    with pytest.raises(UnknownName, match="'absolute'; available: none"):
        checkers.build(choice("exact", absolute=1))


@pytest.mark.parametrize("value", [-1e-9, "1e-6", True, None, [], {}, 10**400])
@pytest.mark.parametrize("name", ["absolute", "relative"])
def test_a_tolerance_that_cannot_be_is_refused_by_its_name(name: str, value: object):
    with pytest.raises(BadRequest, match=name) as raised:
        checkers.build(choice("floats", **{name: value}))

    assert raised.value.field == f"problem.checker.{name}"


@pytest.mark.parametrize("value", [float("nan"), float("inf"), -float("inf")])
def test_a_tolerance_is_finite(value: float):
    with pytest.raises(BadRequest):
        checkers.CHECKERS["floats"](absolute=value)


def test_a_relative_tolerance_above_one_is_refused():
    with pytest.raises(BadRequest, match="from 0 to 1"):
        checkers.build(choice("floats", relative=1.5))
