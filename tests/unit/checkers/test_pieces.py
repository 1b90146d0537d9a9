"""Walking through large texts piece by piece gives what splitting them at once gives."""

from hypothesis import given
from hypothesis import strategies as st

from sandbox_service.checkers import pieces

TEXTS = st.lists(st.sampled_from([b"a", b"bc", b" ", b"\n", b"\t", b"\r\n", b"\xff", b"\xc2\xa0"])).map(b"".join)
LARGE = pieces.BLOCK_LENGTH + 1


@given(TEXTS, TEXTS)
def test_tokens_are_those_of_split(head: bytes, tail: bytes):
    text = head + b"x" * LARGE + tail + b"y" * LARGE + head

    assert list(pieces.tokens(text)) == text.split()


@given(TEXTS, TEXTS)
def test_lines_are_those_of_split(head: bytes, tail: bytes):
    text = head + b"x" * LARGE + tail + b"y" * LARGE + head

    assert list(pieces.lines(text)) == text.split(b"\n")


@given(TEXTS, TEXTS)
def test_words_are_those_of_split(head: bytes, tail: bytes):
    text = (head + b"x" * LARGE + tail + b"y" * LARGE + head).decode("latin-1")

    assert list(pieces.words(text)) == text.split()


@given(TEXTS)
def test_a_small_text_is_split_the_same_way(text: bytes):
    assert list(pieces.tokens(text)) == text.split()
    assert list(pieces.lines(text)) == text.split(b"\n")


@given(st.lists(st.integers(0, 2)), st.lists(st.integers(0, 2)))
def test_same_means_equal_lists(left: list[int], right: list[int]):
    assert pieces.same(left, right) == (left == right)
