"""/v1/rewards over a fake queue, which accepts every program."""

import json
from typing import Any

import pytest
from fastapi.testclient import TestClient

from sandbox_service.models import Choice
from tests.unit.api.test_door import KEPT, changed

CODE = "So:\n```python\nprint(4)\n```\n"
CUT_OFF = "So:\n```python\nprint("
CALLS = {"tests": [{"call": {"function": "f", "arguments": []}, "expected": 1}]}
TESTS = [{"stdin": "2\n", "expected": "4\n"}]


@pytest.fixture
def request_body() -> dict[str, Any]:
    return {
        "problem": {"tests": TESTS},
        "language": "python",
        "items": [{"id": "r0", "completion": CODE}, {"id": "r1", "completion": "I do not know."}],
        "reward": "codeforces",
    }


def rewards(answer: Any) -> dict[str, Any]:
    assert answer.status_code == 200, answer.text
    return {reward["id"]: reward for reward in answer.json()["rewards"]}


def test_answers_come_in_the_order_of_the_items(client: TestClient, request_body: Any) -> None:
    answer = client.post("/v1/rewards", json=request_body)

    assert list(rewards(answer)) == ["r0", "r1"]


def test_an_answer_tells_the_code_that_ran(client: TestClient, request_body: Any) -> None:
    first = rewards(client.post("/v1/rewards", json=request_body))["r0"]

    assert (first["verdict"], first["reason"], first["code"]) == ("accepted", None, "print(4)\n")


def test_only_what_has_code_is_queued(client: TestClient, queue: Any, request_body: Any) -> None:
    answers = rewards(client.post("/v1/rewards", json=request_body))

    assert [submission.id for submission in queue.jobs["job-0"].submissions] == ["r0"]
    assert answers["r1"] == {
        "id": "r1", "reward": -1.0, "verdict": "compile_error", "reason": "no_code", "passed": 0, "total": 1,
        "verdicts": [], "code": None, "detail": "the completion holds no code in this language",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("completion", "reason"),
    [
        ("", "no_code"),
        ("x\0y", "no_code"),
        ("```cpp\nint main() {}\n```", "no_code"),
        (CUT_OFF, "incomplete_code"),
        ("```python\nx\0\n```", "syntax_error"),
        ("```python\n" + "x" * 1001 + "\n```", "code_too_large"),
    ],
)
def test_a_completion_that_cannot_run_is_answered_without_a_worker(
    client: TestClient, queue: Any, request_body: Any, completion: str, reason: str
) -> None:
    queue.alive = []
    body = request_body | {"items": [{"id": "a", "completion": completion}]}

    answers = rewards(client.post("/v1/rewards", json=body))

    assert answers["a"]["reason"] == reason
    assert not queue.jobs


def test_items_of_one_problem_are_one_job(client: TestClient, queue: Any, request_body: Any) -> None:
    other = {"tests": TESTS, "checker": "exact"}
    items = [
        {"id": "a", "completion": CODE},
        {"id": "b", "completion": CODE, "problem": other},
        {"id": "c", "completion": CODE},
        {"id": "d", "completion": CODE, "problem": other},
    ]

    answers = rewards(client.post("/v1/rewards", json=request_body | {"items": items}))

    assert list(answers) == ["a", "b", "c", "d"]
    assert [[s.id for s in job.submissions] for job in queue.jobs.values()] == [["a", "c"], ["b", "d"]]


def test_the_jobs_carry_the_rules_of_the_request(client: TestClient, queue: Any, request_body: Any) -> None:
    client.post("/v1/rewards", json=request_body | {"tests": {"sample": 1, "seed": "s"}, "stop_on_failure": True})

    job = queue.jobs["job-0"]
    assert (job.reward, job.tests.sample, job.stop_on_failure) == (Choice(name="codeforces"), 1, True)


def test_tests_that_were_uploaded_are_enough(client: TestClient, queue: Any, request_body: Any) -> None:
    answers = rewards(client.post("/v1/rewards", json=request_body | {"problem": {"test_set": KEPT}}))

    assert answers["r1"]["total"] == 3


def test_a_choice_of_tests_counts_also_where_nothing_runs(client: TestClient, request_body: Any) -> None:
    body = request_body | {"problem": {"test_set": KEPT}, "tests": {"first": 2}}

    assert rewards(client.post("/v1/rewards", json=body))["r1"]["total"] == 2


BAD: list[tuple[str, Any, str]] = [
    ("items", [], "items"),
    ("items/1/id", "r0", "items"),
    ("items/1/id", "", "items.1.id"),
    ("items/1/completion", 3, "items.1.completion"),
    ("items/1/code", "x", "items.1.code"),
    ("items", [{"id": str(n), "completion": ""} for n in range(5)], "items"),
    ("items/1/language", "pyhton", "items.1.language"),
    ("items/1/problem", {"tests": []}, "items.1.problem.tests"),
    ("items/1/problem", {"tests": TESTS, "checker": "diff"}, "items.1.problem.checker"),
    ("items/1/problem", {"tests": TESTS * 6}, "items.1.problem.tests"),
    ("problem", None, "items.0.problem"),
    ("problem/limits", {"cpu_seconds": 11}, "problem.limits.cpu_seconds"),
    ("language", None, "items.0.language"),
    ("language", "java", "language"),
    ("items/1", {"id": "r1", "completion": CODE, "language": "c", "problem": CALLS}, "items.1.language"),
    ("problem", CALLS | {"checker": "tokens"}, "problem.checker"),
    ("options", {"standard": "c++17"}, "options.standard"),
    ("extract", "longest", "extract"),
    ("tests", {"sample": 0}, "tests.sample"),
    ("tests", {}, "tests"),
    ("reward", "generous", "reward"),
    ("reward", None, "reward"),
    ("reward", {"name": "threshold"}, "reward.least"),
    ("reward", {"name": "threshold", "least": 2}, "reward.least"),
    ("reward", {"name": "weighted", "weights": [1, 2]}, "reward.weights"),
    ("reward", {"name": "subtasks", "subtasks": [{"tests": [1]}]}, "reward.subtasks.0.tests.0"),
    ("rewards", "xcoder", "rewards"),
]


@pytest.mark.parametrize("path", ["/v1/rewards", "/v1/rewards/jobs"])
@pytest.mark.parametrize(("place", "value", "field"), BAD)
def test_what_cannot_be_is_refused_by_its_field(
    client: TestClient, queue: Any, request_body: Any, path: str, place: str, value: Any, field: str
) -> None:
    answer = client.post(path, json=changed(request_body, place, value))

    assert (answer.status_code, answer.json()["error"]["field"]) == (422, field)
    assert not queue.jobs


def test_an_unknown_test_set_is_not_found(client: TestClient, queue: Any, request_body: Any) -> None:
    items = [{"id": "a", "completion": CODE, "problem": {"test_set": "sha256:" + "1" * 64}}]

    answer = client.post("/v1/rewards", json=request_body | {"items": items})

    assert (answer.status_code, answer.json()["error"]["field"]) == (404, "items.0.problem.test_set")
    assert not queue.jobs


def test_not_a_number_is_refused_wherever_it_stands(client: TestClient, queue: Any, request_body: Any) -> None:
    body = json.dumps(request_body | {"reward": {"name": "threshold", "least": float("nan")}})

    answer = client.post("/v1/rewards", content=body, headers={"Content-Type": "application/json"})

    assert answer.status_code == 422
    assert not queue.jobs


def test_nobody_waits_where_no_worker_lives(client: TestClient, queue: Any, request_body: Any) -> None:
    queue.alive = []

    answer = client.post("/v1/rewards", json=request_body)

    assert (answer.status_code, answer.headers["Retry-After"]) == (503, "2")
    assert not queue.jobs


def test_when_one_job_finds_no_room_the_others_are_dropped(client: TestClient, queue: Any, request_body: Any) -> None:
    queue.room = 1
    items = [{"id": "a", "completion": CODE}, {"id": "b", "completion": CODE, "problem": {"tests": TESTS * 2}}]

    answer = client.post("/v1/rewards", json=request_body | {"items": items})

    assert answer.status_code == 429
    assert queue.cancelled == {"job-0"}


def test_the_same_key_and_body_are_judged_once(client: TestClient, queue: Any, request_body: Any) -> None:
    answers = [client.post("/v1/rewards", json=request_body, headers={"Idempotency-Key": "k"}) for _ in range(2)]

    assert answers[0].json() == answers[1].json()
    assert len(queue.jobs) == 1


def test_a_reward_job_is_asked_for_later(client: TestClient, request_body: Any) -> None:
    accepted = client.post("/v1/rewards/jobs", json=request_body)

    report = client.get(accepted.headers["Location"]).json()
    assert accepted.status_code == 202
    assert (report["id"], report["state"], report["total"], report["done"]) == (accepted.json()["id"], "finished", 2, 2)
    assert [(reward["id"], reward["code"]) for reward in report["rewards"]] == [("r0", "print(4)\n"), ("r1", None)]


def test_what_needs_no_judging_is_ready_at_once(client: TestClient, queue: Any, request_body: Any) -> None:
    queue.holds = True

    report = client.get(client.post("/v1/rewards/jobs", json=request_body).headers["Location"]).json()

    assert (report["state"], report["done"], report["rewards"][0]["id"]) == ("running", 1, "r1")


def test_a_reward_job_is_streamed(client: TestClient, request_body: Any) -> None:
    place = client.post("/v1/rewards/jobs", json=request_body).headers["Location"]

    stream = client.get(f"{place}/events", headers={"Accept": "application/x-ndjson"})

    *told, end = [json.loads(line) for line in stream.text.splitlines()]
    assert [line["reward"]["id"] for line in told] == ["r1", "r0"]
    assert end == {"end": {"state": "finished", "total": 2, "done": 2}}


def test_a_reward_job_is_cancelled_with_its_jobs(client: TestClient, queue: Any, request_body: Any) -> None:
    queue.holds = True
    place = client.post("/v1/rewards/jobs", json=request_body).headers["Location"]

    report = client.delete(place).json()

    assert (report["state"], report["done"]) == ("cancelled", 1)
    assert queue.cancelled == {"job-0"}


def test_a_reward_job_that_never_was_is_not_found(client: TestClient) -> None:
    for path in ("/v1/rewards/jobs/none", "/v1/rewards/jobs/none/events"):
        assert client.get(path).json()["error"]["code"] == "unknown_job"


def test_the_same_key_is_the_same_reward_job(client: TestClient, queue: Any, request_body: Any) -> None:
    key = {"Idempotency-Key": "k"}
    same = [client.post("/v1/rewards/jobs", json=request_body, headers=key).json() for _ in range(2)]
    other = client.post("/v1/rewards/jobs", json=request_body | {"reward": "xcoder"}, headers=key)

    assert same[0] == same[1]
    assert (other.status_code, len(queue.jobs)) == (409, 1)
