"""Lines or tokens of a text, one after the other, however large the text is."""

import re
from collections.abc import Callable, Iterable, Iterator
from itertools import chain, repeat
from operator import eq
from typing import AnyStr, Final

BLOCK_LENGTH = 2**16  # large enough that the loop costs nothing, small enough that a block's list is cheap

_WHITE_SPACE = re.compile(rb"[ \t\n\r\x0b\x0c]")  # what bytes.split() splits at
_TOKENS_BETWEEN = re.compile(rb"([ \t\n\r\x0b\x0c]*)[^ \t\n\r\x0b\x0c]*+")  # a run of white space, and a token
_UNICODE_WHITE_SPACE = re.compile(r"\s")  # what str.split() splits at
_ASCII_WHITE_SPACE = b" \t\n\r\x0b\x0c\x1c\x1d\x1e\x1f"  # the part of Unicode's that can be stripped as bytes
_LINE_FEED = re.compile(rb"\n")
_END: Final = object()


def lines(text: bytes) -> Iterator[bytes]:
    """What stands between line feeds."""
    return chain.from_iterable(block.split(b"\n") for block in blocks_of_lines(text))


def blocks_of_lines(text: bytes) -> Iterator[bytes]:
    """The text in blocks of whole lines; the line feed between two blocks is left out."""
    return _blocks(text, _LINE_FEED)


def tokens(text: bytes) -> Iterator[bytes]:
    """What stands between ASCII white space."""
    return chain.from_iterable(map(bytes.split, _blocks(text, _WHITE_SPACE)))


def spaces(text: bytes) -> Iterator[bytes]:
    """The ASCII white space before, between and behind the tokens."""
    for found in _TOKENS_BETWEEN.finditer(text):
        yield found[1]


def words(text: str) -> Iterator[str]:
    """What stands between white space, as Unicode has it."""
    return chain.from_iterable(map(str.split, _blocks(text, _UNICODE_WHITE_SPACE)))


def stripped_lines(text: bytes) -> Iterator[str]:
    """The lines without white space around each, as Unicode has it, and without blank ones at both ends of the text."""
    blanks = 0
    begun = False
    for line in map(str.strip, _raw_lines(text)):
        if line:
            yield from repeat("", blanks)
            yield line
            blanks, begun = 0, True
        elif begun:
            blanks += 1


def _raw_lines(text: bytes) -> Iterator[str]:
    # A line feed is never part of another UTF-8 character, so that each block decodes by itself.
    blocks = blocks_of_lines(text.strip(_ASCII_WHITE_SPACE))
    return chain.from_iterable(block.decode(errors="surrogateescape").split("\n") for block in blocks)


def same(expected: Iterable[object], output: Iterable[object], equal: Callable[[object, object], object] = eq) -> bool:
    """Whether both yield equal things and equally many; stops at the first difference."""
    # map() ends with the shorter side: the mark at the end makes a side that ends early differ.
    return all(map(equal, chain(expected, (_END,)), chain(output, (_END,))))


def _blocks(text: AnyStr, separator: re.Pattern[AnyStr]) -> Iterator[AnyStr]:
    start = 0
    while cut := separator.search(text, start + BLOCK_LENGTH):
        yield text[start : cut.start()]
        start = cut.end()
    yield text[start:]
