"""Checker programs and interactors over the wire, with a real Redis, real workers and real programs."""

from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from tests.e2e.service import job, running

ANY_FACTOR = """
import sys
number, factor = (int(open(name).read()) for name in sys.argv[1:3])
sys.exit(0 if 1 < factor < number and number % factor == 0 else 1)
"""
GUESSING = """
import sys
secret = int(open(sys.argv[1]).read())
for line in sys.stdin:
    print('=' if int(line) == secret else '<' if int(line) > secret else '>', flush=True)
    if int(line) == secret: sys.exit(42)
sys.exit(43)
"""
BISECTING = """
low, high, answer = 0, 1000, ''
while answer != '=':
    middle = (low + high) // 2
    print(middle, flush=True)
    answer = input()
    low, high = (low, middle - 1) if answer == '<' else (middle + 1, high)
"""


@pytest.fixture(scope="module")
def client(tmp_path_factory: pytest.TempPathFactory) -> Iterator[httpx.Client]:
    with running(tmp_path_factory.mktemp("service")) as service:
        yield service.client


def judgements(client: httpx.Client, problem: Any, *sources: str) -> list[Any]:
    answer = client.post("/v1/judge", json=job(*sources, reward="all_or_nothing") | {"problem": problem})
    assert answer.status_code == 200, answer.text
    found: list[Any] = answer.json()["judgements"]
    return found


def test_a_checker_program_decides(client: httpx.Client) -> None:
    checker = {"name": "program", "protocol": "testlib", "language": "python", "source": ANY_FACTOR}
    problem = {"tests": [{"stdin": "12"}, {"stdin": "35"}], "checker": checker}

    small, large, none = judgements(
        client,
        problem,
        "n = int(input()); print(next(d for d in range(2, n) if n % d == 0))",
        "n = int(input()); print(next(d for d in range(n - 1, 1, -1) if n % d == 0))",
        "print(5)",
    )

    assert (small["reward"], large["reward"], none["reward"]) == (1.0, 1.0, 0.0)
    assert [result["verdict"] for result in none["results"]] == ["wrong_answer", "accepted"]


def test_an_interactor_decides(client: httpx.Client) -> None:
    interactor = {"protocol": "kattis", "language": "python", "source": GUESSING}

    good, silent = judgements(client, {"tests": [{"stdin": "77"}], "interactor": interactor}, BISECTING, "pass")

    assert (good["verdict"], silent["verdict"]) == ("accepted", "wrong_answer")


def test_a_checker_that_does_not_compile_rewards_nobody(client: httpx.Client) -> None:
    checker = {"name": "program", "protocol": "testlib", "language": "python", "source": "def"}

    for judgement in judgements(client, {"tests": [{"stdin": "1"}], "checker": checker}, "print(1)", "1 / 0"):
        assert (judgement["verdict"], judgement["reward"], judgement["score"]) == ("judge_error", None, None)
        assert "does not compile" in judgement["reason"]
        assert "SyntaxError" in judgement["reason"]


def test_what_cannot_be_is_refused_before_it_is_queued(client: httpx.Client) -> None:
    checker = {"name": "program", "protocol": "testlib", "language": "pyhton", "source": ""}

    answer = client.post("/v1/judge", json=job("print(1)") | {"problem": {"tests": [{}], "checker": checker}})

    assert answer.status_code == 422
    assert answer.json()["error"]["field"] == "problem.checker.language"
