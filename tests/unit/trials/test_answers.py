"""The frame that a harness leaves, whatever a program made of it."""

import pytest

from sandbox_service.trials.answers import Answer, AnswerKind, NoAnswer, TwoAnswers, read_answer


@pytest.mark.parametrize(
    ("content", "answer"),
    [
        (b"returned 3\n[1]", Answer(AnswerKind.RETURNED, b"[1]")),
        (b"unsupported 3\nset", Answer(AnswerKind.UNSUPPORTED, b"set")),
        (b"missing 1\nf", Answer(AnswerKind.MISSING, b"f")),
        (b"returned 0\n", Answer(AnswerKind.RETURNED, b"")),
        (b"returned 14\nreturned 1\n9\n1", Answer(AnswerKind.RETURNED, b"returned 1\n9\n1")),
    ],
)
def test_one_whole_frame_is_an_answer(content: bytes, answer: Answer):
    assert read_answer(content) == answer


@pytest.mark.parametrize(
    "content",
    [
        None,
        b"",
        b"returned",
        b"returned 3\n[1",
        b"accepted 1\n9",
        b"{}",
        b" returned 1\n9",
        b"returned 9999999999999\n9",
    ],
)
def test_less_is_none(content: bytes | None):
    with pytest.raises(NoAnswer):
        read_answer(content)


@pytest.mark.parametrize("content", [b"returned 1\n9returned 1\n9", b"returned 1\n9\n", b"missing 1\nf{}"])
def test_more_is_one_too_many(content: bytes):
    with pytest.raises(TwoAnswers):
        read_answer(content)
