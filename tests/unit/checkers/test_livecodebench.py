"""livecodebench: the benchmark's rules, against an oracle written from their description alone."""

from decimal import Decimal

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from sandbox_service.checkers import CHECKERS

check = CHECKERS["livecodebench"]()


def oracle(expected: str, output: str) -> bool:
    """As CLIENTS describe it, all at once and without regard to size."""
    wanted = [line.strip() for line in expected.strip().split("\n")]
    found = [line.strip() for line in output.strip().split("\n")]
    if len(wanted) != len(found):
        return False
    return all(w == f or numbers_agree(w, f) for w, f in zip(wanted, found, strict=True))


def numbers_agree(wanted: str, found: str) -> bool:
    try:
        return [Decimal(word) for word in found.split()] == [Decimal(word) for word in wanted.split()]
    except (ArithmeticError, ValueError):
        return False


WORDS = st.sampled_from(
    ["1", "1.0", "1e0", "+1", "1_0", "10", "-0", "0", "nan", "sNaN", "inf", "Infinity", "1e99999999", "١", "x", "é"]
)
SPACES = st.sampled_from(["", " ", "  ", "\t", "\r", "\x0b", "\x1c", "\x85", "\u00a0", "\u2003", "\u3000", "\ufeff"])
ENDS = st.sampled_from(["\n", "\n", "\n\n", "\r\n", " \n", "\u2028"])
TEXTS = st.lists(st.one_of(WORDS, SPACES, ENDS), max_size=12).map("".join)


@given(TEXTS, TEXTS)
@example("1", "")
@example("0\n\n0", "0\n0")
def test_texts_that_are_alike_are_judged_as_the_oracle_does(expected: str, output: str):
    assert check(expected.encode(), output.encode()) == float(oracle(expected, output))


@given(st.data())
def test_other_spellings_of_the_same_lines_are_judged_as_the_oracle_does(data: st.DataObject):
    words = data.draw(st.lists(st.lists(WORDS, max_size=3), max_size=3))
    spelt = st.tuples(SPACES, SPACES)

    def spell() -> str:
        return "\n".join(
            " ".join(before + w + after for w in line for before, after in [data.draw(spelt)]) for line in words
        )

    expected, output = spell(), spell()

    assert check(expected.encode(), output.encode()) == float(oracle(expected, output))


@given(st.text(), st.text())
def test_any_texts_are_judged_as_the_oracle_does(expected: str, output: str):
    assert check(expected.encode(), output.encode()) == float(oracle(expected, output))


@given(st.binary(), st.binary())
def test_no_output_is_an_error(expected: bytes, output: bytes):
    assert check(expected, output) in (0.0, 1.0)


@pytest.mark.parametrize(
    ("expected", "output"),
    [
        (b"1.0", b"1.00"),
        (b"1000", b"1e3"),
        (b"1000", b"1_000"),
        (b"0", b"-0.0"),
        (b"1 2\n", b"\n\n 1   2 \n\n"),
        (b"inf", b"Infinity"),
        (b"nan", b"nan"),
        (b"", b" \n "),
        (b"\xff", b" \xff\n"),
    ],
)
def test_accepted(expected: bytes, output: bytes):
    assert check(expected, output) == 1.0


@pytest.mark.parametrize(
    ("expected", "output"),
    [
        (b"0.3333333333333333", b"0.3333333333"),
        (b"a b", b"a  b"),
        (b"YES", b"yes"),
        (b"1\n\n2", b"1\n2"),
        (b"nan 1", b"nan  1"),
        (b"snan 1", b"snan  1"),
        (b"1", b"snan"),
        (b"1", b"1 1"),
        (b"1", b""),
        (b"0", b""),
        (b"1", b"1\0"),
        (b"1", b"1\xff"),
    ],
)
def test_refused(expected: bytes, output: bytes):
    assert check(expected, output) == 0.0
