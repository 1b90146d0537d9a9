"""floats: numbers within a tolerance, everything else word for word."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sandbox_service.checkers import CHECKERS

FINITE = st.floats(allow_nan=False, allow_infinity=False)
close = CHECKERS["floats"](absolute=1e-6, relative=1e-6)
strict = CHECKERS["floats"](absolute=0, relative=0)


@pytest.mark.parametrize(
    ("expected", "output"),
    [
        (b"0.5\n", b".5"),
        (b"1", b"1e0"),
        (b"1", b"+1.0000001"),
        (b"-0", b"0"),
        (b"1000000000", b"1000000999"),
        (b"0", b"-1e-6"),
        (b"0", b"0e" + b"9" * 100),
        (b"yes 1.0", b"yes 1"),
        (b"nan inf -Infinity", b"nan inf -Infinity"),
        (b"1e400", b"1e400"),
        (b"a\n1.", b"a 1"),
    ],
)
def test_equal_enough(expected: bytes, output: bytes):
    assert close(expected, output) == 1.0


@pytest.mark.parametrize(
    ("expected", "output"),
    [
        (b"0", b"2e-6"),
        (b"1000000000", b"1000002000"),
        (b"1", b"nan"),
        (b"nan", b"1"),
        (b"1", b"inf"),
        (b"nan", b"NaN"),
        (b"inf", b"-inf"),
        (b"inf", b"infinity"),
        (b"1e400", b"1"),
        (b"1", b"1e400"),
        (b"1e400", b"1e401"),
        (b"16", b"0x10"),
        (b"1000", b"1_000"),
        (b"1", "１".encode()),
        (b"1", b"1\0"),
        (b"1", b"1f"),
        (b"1", b"1j"),
        (b"1", b"\xff"),
        (b"\xff", b"\xfe"),
        (b"1 2", b"1"),
        (b"1", b"1 2"),
        (b"yes", b"no"),
        (b"1", b""),
    ],
)
def test_not_equal(expected: bytes, output: bytes):
    assert close(expected, output) == 0.0


@given(FINITE, FINITE)
def test_the_rule_holds_for_all_doubles(expected: float, output: float):
    allowed = abs(expected - output) <= 1e-6 or abs(expected - output) <= 1e-6 * abs(expected)

    assert close(repr(expected).encode(), repr(output).encode()) == float(allowed)


@given(FINITE, FINITE)
def test_without_a_tolerance_doubles_are_compared(expected: float, output: float):
    assert strict(repr(expected).encode(), b"%.17e" % output) == float(expected == output)


@given(st.binary(), st.binary())
def test_no_output_is_an_error(expected: bytes, output: bytes):
    assert close(expected, output) in (0.0, 1.0)
