"""Test sets, the catalogue, health, metrics and the description."""

import gzip
import json
from typing import Any

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient

from sandbox_service import checkers
from sandbox_service.errors import BoxBroken, QueueUnavailable
from sandbox_service.models import TestSet

TESTS = {"tests": [{"stdin": "2\n", "expected": "4\n"}, {"stdin": "3\n"}]}


@pytest.mark.parametrize("compressed", [False, True])
def test_a_test_set_is_named_by_its_digest(client: TestClient, compressed: bool) -> None:
    body = json.dumps(TESTS).encode()
    headers = {"Content-Type": "application/json"} | ({"Content-Encoding": "gzip"} if compressed else {})

    answer = client.put("/v1/test-sets", content=gzip.compress(body) if compressed else body, headers=headers)

    assert answer.json() == {"digest": TestSet.model_validate(TESTS).digest(), "tests": 2}


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"tests": []}, "tests"),
        ({"tests": [{}] * 6}, "tests"),
        ({"tests": [{"stdin": "\0"}]}, "tests.0.stdin"),
        ({"test": []}, "tests"),
    ],
)
def test_a_test_set_is_checked_like_the_tests_of_a_problem(client: TestClient, body: Any, field: str) -> None:
    answer = client.put("/v1/test-sets", json=body)

    assert (answer.status_code, answer.json()["error"]["field"]) == (422, field)


def test_a_language_tells_its_options_limits_and_workers(client: TestClient) -> None:
    languages = {language["name"]: language for language in client.get("/v1/languages").json()["languages"]}

    assert languages["cpp"]["options"]["standard"]["default"] == "c++17"
    assert "c++20" in languages["cpp"]["options"]["standard"]["choices"]
    assert languages["python"]["limits"]["cpu_seconds"] == 10
    assert (languages["python"]["workers"], languages["java"]["workers"]) == (["w0"], [])


def test_isolation_is_told_as_found_in_force(client: TestClient) -> None:
    answer = client.get("/v1/isolation").json()

    assert answer["minimum"] == "landlock"
    assert [worker["isolation"]["tier"] for worker in answer["workers"]] == ["namespaces"]


def test_the_service_is_ready_when_workers_live(client: TestClient) -> None:
    assert client.get("/readyz").json() == {"status": "ready", "workers": 1, "queued": 0}


def test_the_service_is_not_ready_without_a_worker(client: TestClient, queue: Any) -> None:
    queue.alive = []

    answer = client.get("/readyz")

    assert answer.status_code == 503
    assert "no worker lives" in answer.json()["error"]["message"]


def test_the_service_is_not_ready_without_its_queue_but_it_lives(client: TestClient, queue: Any) -> None:
    queue.broken = QueueUnavailable("Redis does not answer")

    assert client.get("/readyz").json()["error"]["message"] == "Redis does not answer"
    assert client.get("/healthz").json() == {"status": "ok"}


def test_the_service_is_not_ready_when_it_ends(client: TestClient, app: FastAPI) -> None:
    app.state.service.closing.set()

    assert client.get("/readyz").status_code == 503


def test_metrics_count_judgements_and_requests_by_route(client: TestClient) -> None:
    client.get("/v1/jobs/job-7")
    client.get("/elsewhere")

    text = client.get("/metrics").text

    assert 'sandbox_submissions_total{language="python",verdict="accepted"} 3.0' in text
    assert 'sandbox_http_requests_total{method="GET",route="/v1/jobs/{job_id}",status="404"} 1.0' in text
    assert 'sandbox_http_requests_total{method="GET",route="none",status="404"} 1.0' in text
    assert "sandbox_workers 1.0" in text


@pytest.mark.parametrize(
    ("method", "path", "status", "code"),
    [("GET", "/v1/nothing", 404, "not_found"), ("GET", "/v1/judge", 405, "method_not_allowed")],
)
def test_every_failure_has_the_same_shape(client: TestClient, method: str, path: str, status: int, code: str) -> None:
    answer = client.request(method, path)

    assert answer.status_code == status
    assert answer.json()["error"] == {"code": code, "message": answer.json()["error"]["message"], "field": None}


def test_a_method_that_is_not_allowed_is_answered_with_those_that_are(client: TestClient) -> None:
    assert client.get("/v1/judge").headers["Allow"] == "POST"
    assert client.put("/v1/jobs/job-0").headers["Allow"] == "GET, DELETE"


@pytest.mark.parametrize("error", [BoxBroken("pid 7 of /secret"), RuntimeError("at /secret")])
def test_a_failure_of_ours_tells_nothing_of_the_inside(client: TestClient, queue: Any, error: Exception) -> None:
    queue.broken = error

    answer = client.get("/v1/isolation")

    assert (answer.status_code, answer.json()["error"]["code"]) == (500, "internal_error")
    assert "secret" not in answer.text


def test_every_operation_has_examples_and_tells_how_it_fails(client: TestClient) -> None:
    description = client.get("/openapi.json").json()

    for path, operations in description["paths"].items():
        for method, operation in operations.items():
            if "requestBody" in operation:
                assert operation["requestBody"]["content"]["application/json"]["examples"], path
                assert {"400", "413", "415", "422"} <= operation["responses"].keys()
            if path.startswith("/v1"):
                failure = operation["responses"]["401"]["content"]["application/json"]
                assert failure["schema"]["$ref"].endswith("/FailureBody"), (method, path)
                assert failure["example"]["error"]["code"] == "unauthorized"
                assert operation["security"]


def test_the_examples_of_the_description_are_let_in(client: TestClient) -> None:
    description = client.get("/openapi.json").json()

    for path, operations in description["paths"].items():
        for method, operation in operations.items():
            for example in (
                operation.get("requestBody", {})
                .get("content", {})
                .get("application/json", {})
                .get("examples", {})
                .values()
            ):
                assert client.request(method, path, json=example["value"]).status_code in (200, 202)


def test_the_description_says_what_each_checker_does(client: TestClient) -> None:
    checker = client.get("/openapi.json").json()["components"]["schemas"]["Problem"]["properties"]["checker"]

    assert all(f"`{name}`" in checker["description"] for name in checkers.CHECKERS)
