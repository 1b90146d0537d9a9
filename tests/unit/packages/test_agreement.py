"""A submission agrees when it got what is said of it."""

import pytest

from sandbox_service.models import Judgement, Verdict
from sandbox_service.packages import Expectation, TestRule
from sandbox_service.packages.agreement import agree
from sandbox_service.packages.expectations import matches
from sandbox_service.trials import executions

AC, WA, TLE = Verdict.ACCEPTED, Verdict.WRONG_ANSWER, Verdict.TIME_LIMIT_EXCEEDED
NAMES = ["sample/1", "secret/easy/1", "secret/hard/1"]


def judgement(*verdicts: Verdict, score: float | None = None, most: float | None = None) -> Judgement:
    failed = [verdict for verdict in verdicts if verdict is not AC]
    return Judgement(
        id="r0", verdict=failed[0] if failed else AC, reward=None, score=score, maximum_score=most,
        passed=len(verdicts) - len(failed), total=len(verdicts), compilation=None,
        results=tuple(map(executions.not_run, verdicts)), isolation=None,
    )  # fmt: skip


def rule(pattern: str | None, permitted: set[Verdict], required: set[Verdict] | None = None) -> TestRule:
    return TestRule(pattern, frozenset(permitted), None if required is None else frozenset(required))


@pytest.mark.parametrize(
    ("expectation", "of", "agrees"),
    [
        (Expectation("", frozenset({AC})), judgement(AC, AC, AC), True),
        (Expectation("", frozenset({WA})), judgement(AC, WA), True),
        (Expectation("", frozenset({WA})), judgement(AC, TLE), False),
        (Expectation("", frozenset({AC, WA})), judgement(WA), True),
        (Expectation("", partial=True), judgement(AC, WA, score=50, most=100), True),
        (Expectation("", partial=True), judgement(AC, AC, score=100, most=100), False),
        (Expectation("", partial=True), judgement(WA, WA, score=0, most=100), False),
        (Expectation("", score=(49.9, 50.1)), judgement(AC, WA, score=50, most=100), True),
        (Expectation("", score=(49.9, 50.1)), judgement(AC, WA, score=60, most=100), False),
        (Expectation("", rules=(rule(None, {AC, WA}, {WA}),)), judgement(AC, WA, AC), True),
        (Expectation("", rules=(rule(None, {AC, WA}, {WA}),)), judgement(AC, AC, AC), False),
        (Expectation("", rules=(rule(None, {AC, WA}, {WA}),)), judgement(AC, WA, TLE), False),
        (Expectation("", rules=(rule("secret/easy", {AC}),)), judgement(AC, AC, WA), True),
        (Expectation("", rules=(rule("secret/*", {AC}),)), judgement(AC, AC, WA), False),
        (Expectation("", rules=(rule("secret/hard/1", {WA}),)), judgement(AC, AC, WA), True),
    ],
)
def test_a_submission_agrees_when_it_got_what_is_said(expectation, of, agrees):
    assert agree(expectation, of, NAMES) is agrees


@pytest.mark.parametrize(
    ("pattern", "name", "is_meant"),
    [
        ("accepted/*", "accepted/a.py", True),
        ("accepted/*", "accepted/a/b.py", False),
        ("*/{a,b}.py", "accepted/b.py", True),
        ("*/{a,b}.py", "accepted/c.py", False),
        ("secret/*{ 4 }{ 2 , 3 }", "secret/142", True),
        ("secret", "secret", True),
    ],
)
def test_a_pattern_means_names_within_one_folder(pattern, name, is_meant):
    assert matches(pattern, name) is is_meant
