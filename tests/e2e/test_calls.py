"""Function calls over the wire, with a real Redis, real workers, real programs and the Python client."""

from collections.abc import Iterator, Mapping
from typing import Any

import pytest

from sandbox_service.client import Client, RequestRefused
from sandbox_service.models import Reason, Verdict
from tests.e2e.service import Running, running

SQUARES = [{"call": {"function": "square", "arguments": [n]}, "expected": n * n} for n in range(5)]
PROGRAMS: Mapping[str, str] = {
    "right": "class Solution:\n    def square(self, n: int) -> int:\n        return n * n\n",
    "leaves": "import os\nos._exit(0)\n",
    "else": "def cube(n):\n    return n ** 3\n",
}
SUBMISSIONS = [{"id": name, "language": "python", "source": source} for name, source in PROGRAMS.items()]


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    with running(tmp_path_factory.mktemp("service")) as service:
        yield service


@pytest.fixture
def client(service: Running) -> Iterator[Client]:
    with Client(f"http://127.0.0.1:{service.port}") as client:
        yield client


def test_programs_are_judged_by_their_functions(client: Client) -> None:
    judgements = client.judge({"tests": SQUARES}, SUBMISSIONS, reward="all_or_nothing")

    assert {each.id: (each.verdict, each.reward, each.reason) for each in judgements} == {
        "right": (Verdict.ACCEPTED, 1.0, None),
        "leaves": (Verdict.RUNTIME_ERROR, 0.0, "exited before result"),
        "else": (Verdict.RUNTIME_ERROR, 0.0, "signature_mismatch"),
    }
    assert [result.returned for result in judgements[0].results] == ["0", "1", "4", "9", "16"]


def test_calls_are_uploaded_like_other_tests(service: Running, client: Client) -> None:
    digest = service.client.put("/v1/test-sets", json={"tests": SQUARES}).json()["digest"]

    judgements = client.judge({"test_set": digest, "checker": "livecodebench"}, SUBMISSIONS)

    assert [each.verdict is Verdict.ACCEPTED for each in judgements] == [True, False, False]


def test_many_calls_travel_by_their_digest(client: Client) -> None:
    tests: list[dict[str, Any]] = [
        {"call": {"function": "square", "arguments": [n]}, "expected": n * n} for n in range(500)
    ]

    judgements = client.judge({"tests": tests}, SUBMISSIONS)

    assert [each.passed for each in judgements] == [500, 0, 0]


def test_completions_are_rewarded_by_their_functions(client: Client) -> None:
    completions = [f"So:\n```python\n{source}```\n" for source in PROGRAMS.values()]

    rewards = client.rewards(completions, problem={"tests": SQUARES}, language="python")

    assert [(each.reward, each.reason) for each in rewards] == [
        (1.0, None),
        (0.0, Reason.RUNTIME_ERROR),
        (0.0, Reason.SIGNATURE_MISMATCH),
    ]
    assert rewards[1].detail == "exited before result"


def test_a_call_that_cannot_be_is_refused(client: Client) -> None:
    with pytest.raises(RequestRefused, match="unknown checker 'tokens'; available: livecodebench, strict"):
        client.judge({"tests": SQUARES, "checker": "tokens"}, SUBMISSIONS)
