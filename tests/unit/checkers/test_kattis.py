"""Kattis' default output validator, flag by flag."""

from typing import Any

import pytest

from sandbox_service import checkers
from sandbox_service.errors import BadRequest
from sandbox_service.models import Choice


def says(expected: bytes, output: bytes, **flags: Any) -> bool:
    return checkers.build(Choice.model_validate({"name": "kattis", **flags}))(expected, output) == 1.0


@pytest.mark.parametrize(
    ("expected", "output", "flags", "is_equal"),
    [
        (b"YES 1\n", b"yes\t1", {}, True),
        (b"YES", b"yes", {"case_sensitive": True}, False),
        (b"1 2", b"1 2 3", {}, False),
        (b"1 2", b"1", {}, False),
        (b"1.0", b"1.00", {}, False),
        (b"0.0314", b"3.14000000e-2", {"float_tolerance": 1e-9}, True),
        (b"1", b"1.0000001", {"float_tolerance": 1e-6}, True),
        (b"1000000", b"1000000.5", {"float_absolute_tolerance": 1e-6}, False),
        (b"1000000", b"1000000.5", {"float_relative_tolerance": 1e-6}, True),
        (b"1000000", b"1000000.5", {"float_absolute_tolerance": 1, "float_relative_tolerance": 0}, True),
        (b"1.5", b"abc", {"float_tolerance": 1}, False),
        (b"abc", b"ABC", {"float_tolerance": 1}, True),
        (b"1", b"nan", {"float_tolerance": 1}, False),
        (b"1  2\n", b"1 2\n", {"space_change_sensitive": True}, False),
        (b"1 2\n", b"1 2", {"space_change_sensitive": True}, False),
        (b" 1 2\n", b"1 2\n", {"space_change_sensitive": True}, False),
        (b"A 2\n", b"a 2\n", {"space_change_sensitive": True}, True),
        (b"", b"\n", {}, True),
        (b"", b"\n", {"space_change_sensitive": True}, False),
        (b"", b"", {"space_change_sensitive": True}, True),
    ],
)
def test_outputs_compare_as_the_flags_say(expected, output, flags, is_equal):
    assert says(expected, output, **flags) is is_equal


@pytest.mark.parametrize(
    "flags", [{"case_sensitive": 1}, {"float_tolerance": "1e-6"}, {"float_absolute_tolerance": -1}]
)
def test_flags_that_cannot_be_are_refused_by_name(flags):
    with pytest.raises(BadRequest) as refused:
        says(b"", b"", **flags)

    assert refused.value.field == f"problem.checker.{next(iter(flags))}"
