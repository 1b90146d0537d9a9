"""Output made to break a checker costs no more than reading it, and is an answer like any other."""

import tracemalloc

import pytest

from sandbox_service.checkers import CHECKERS

MIB = 2**20
PIECES = 2**17
EVERY_CHECKER = pytest.mark.parametrize("name", CHECKERS)

HOSTILE = {
    "empty lines": b"\n" * MIB,
    "spaces behind the answer": b"1" + b" " * MIB,
    "many tokens": b"1 " * (MIB // 2),
    "many lines": b"1\n" * (MIB // 2),
    "a very long number": b"9" * MIB,
    "a very long fraction": b"0." + b"9" * MIB,
    "a huge exponent": b"1e999999999",
    "an exponent beyond every decimal": b"1e" + b"9" * 1000,
    "a tiny exponent": b"1e-999999999",
    "other white space": "\u3000".encode() * (MIB // 3),
    "not UTF-8": b"\xff" * MIB,
    "half a character": b"\xe3\x80" * (MIB // 2),
    "quotes and code": b"__import__('os')._exit(0) {0.__class__} %s '; DROP TABLE--",
    "nan": b"nan",
    "snan": b"snan",
}


@EVERY_CHECKER
@pytest.mark.parametrize("expected", [b"1", b"1 1", b"1e999999998", b"9" * 1000, b"\n\n"], ids=repr)
@pytest.mark.parametrize("output", HOSTILE.values(), ids=HOSTILE)
def test_a_hostile_output_gets_a_score(name: str, expected: bytes, output: bytes):
    assert CHECKERS[name]()(expected, output) in (0.0, 1.0)
    assert CHECKERS[name]()(output, output) == 1.0


@EVERY_CHECKER
@pytest.mark.parametrize("unit", [b"\n", b"1\n", b"1 ", b"ab \n", b" "], ids=repr)
def test_comparing_keeps_no_lists_of_pieces(name: str, unit: bytes):
    expected, output = unit * PIECES + b"1", unit * PIECES + b"2"

    tracemalloc.start()
    try:
        CHECKERS[name]()(expected, output)
        _, peak_bytes = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()

    assert peak_bytes < 40 * PIECES  # lists of both sides would take 100 bytes a piece and more
