"""The answer that a harness leaves in a file of its box: one frame, which says what it is and how long.

A program shares its process with the harness and may write a frame itself: that is an answer like any other, and is
compared like any other. What it cannot do is answer twice.
"""

import re
from dataclasses import dataclass
from enum import StrEnum

RESULT_FILE = "call.result"

_HEAD = re.compile(rb"(returned|unsupported|missing) ([0-9]{1,12})\n")
_HEAD_BYTES = 32


class AnswerKind(StrEnum):
    RETURNED = "returned"
    UNSUPPORTED = "unsupported"
    MISSING = "missing"


@dataclass(frozen=True, slots=True)
class Answer:
    """What was left: a value as it was written, the name of a kind that has no word, or of a function not found."""

    kind: AnswerKind
    text: bytes


class NoAnswer(Exception):
    """The program ended before there was a whole answer."""


class TwoAnswers(Exception):
    """There is more than one answer."""


def read_answer(content: bytes | None) -> Answer:
    """The one answer.

    Raises:
        NoAnswer: there is none, or a part of one.
        TwoAnswers: something follows it.
    """
    head = _HEAD.match(content or b"", 0, _HEAD_BYTES)
    if content is None or head is None:
        raise NoAnswer
    end = head.end() + int(head[2])
    if len(content) < end:
        raise NoAnswer
    if len(content) > end:
        raise TwoAnswers
    return Answer(AnswerKind(head[1].decode()), content[head.end() :])
