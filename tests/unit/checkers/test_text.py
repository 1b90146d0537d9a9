"""exact, tokens, lines and unordered: what they forgive and what they do not."""

import pytest

from sandbox_service import checkers
from sandbox_service.errors import BadRequest
from sandbox_service.models import Choice


def score(checker: str, expected: bytes, output: bytes) -> float:
    return checkers.build(Choice(name=checker))(expected, output)


@pytest.mark.parametrize(
    ("checker", "expected", "output"),
    [
        ("exact", b"", b""),
        ("stripped", b"a\n", "\u00a0a".encode()),
        ("common_oj", b"Yes\n a", b"yes\nA \n"),
        ("common_oj", b"1e6", b"1000000.5"),
        ("tokens", b"1 2\n", b"  1\r\n\t2"),
        ("tokens", b"", b" \n\n"),
        ("tokens", b"1", b"1" + b" " * 200_000),
        ("lines", b"a b\nc\n", b"a b  \r\nc"),
        ("lines", b"a\n", b"a\n\n \n"),
        ("lines", b"", b"\n"),
        ("unordered", b"b\na\n", b"a\r\nb"),
        ("unordered", b"a\nb\na\n", b"a\na\nb\n"),
        ("unordered", b"a\n\nb", b"b\na\n\n\n"),
    ],
)
def test_forgiven(checker: str, expected: bytes, output: bytes):
    assert score(checker, expected, output) == 1.0


@pytest.mark.parametrize(
    ("checker", "expected", "output"),
    [
        ("exact", b"1\n", b"1"),
        ("stripped", b"1  2", b"1 2"),
        ("common_oj", b"a b", b"a  b"),
        ("common_oj", b"a\nb", b"a\n\nb"),
        ("common_oj", b"a", b"a\nb"),
        ("common_oj", b"1", b"1.0001"),
        ("common_oj", b"inf", b"1"),
        ("common_oj", b"nan", b"1"),
        ("stripped", b"1", b"\xff1"),
        ("tokens", b"1 2", b"12"),
        ("tokens", b"1 2", b"1"),
        ("tokens", b"1", b"1 2"),
        ("tokens", b"1", b"1\0"),
        ("tokens", b"Yes", b"YES"),
        ("tokens", b"1.0", b"1.00"),
        ("tokens", "１".encode(), b"1"),
        ("tokens", b"a b", "a\u00a0b".encode()),
        ("tokens", "é".encode(), "é".encode("latin-1")),
        ("tokens", b"", b"0"),
        ("lines", b"a b", b"a  b"),
        ("lines", b"a", b" a"),
        ("lines", b"a\nb", b"a\n\nb"),
        ("lines", b"a\nb", b"\na\nb"),
        ("lines", b"a", b"a\0"),
        ("unordered", b"a\nb", b"a\na\nb"),
        ("unordered", b"a\na\nb", b"a\nb"),
        ("unordered", b"a b", b"b a"),
        ("unordered", b"a\nb", b"a\nb\nc"),
    ],
)
def test_not_forgiven(checker: str, expected: bytes, output: bytes):
    assert score(checker, expected, output) == 0.0


@pytest.mark.parametrize(
    ("expected", "output", "equal"),
    [(b"Yes no", b"YES No\n", 1.0), (b"Impossible", b"impossible.", 0.0), ("É".encode(), "é".encode(), 0.0)],
)
def test_case_is_ignored_where_that_is_asked_for(expected: bytes, output: bytes, equal: float):
    forgiving = checkers.build(Choice.model_validate({"name": "tokens", "ignore_case": True}))

    assert forgiving(expected, output) == equal
    assert score("tokens", expected, output) == 0.0


def test_whether_case_is_ignored_is_true_or_false():
    with pytest.raises(BadRequest, match="ignore_case") as refused:
        checkers.build(Choice.model_validate({"name": "tokens", "ignore_case": 1}))

    assert refused.value.field == "problem.checker.ignore_case"
