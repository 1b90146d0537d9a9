"""POST /v1/judge over a fake queue."""

import asyncio
import json
from typing import Any

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient

from sandbox_service.api import waiting
from sandbox_service.errors import QueueUnavailable


def ids(answer: Any) -> list[str]:
    return [judgement["id"] for judgement in answer.json()["judgements"]]


def test_judgements_come_in_the_order_sent_whatever_order_they_were_made_in(client: TestClient, job: Any) -> None:
    answer = client.post("/v1/judge", json=job)

    assert answer.status_code == 200
    assert ids(answer) == ["r0", "r1"]


def test_a_judgement_tells_its_verdict_and_its_isolation(client: TestClient, job: Any) -> None:
    first = client.post("/v1/judge", json=job).json()["judgements"][0]

    assert (first["verdict"], first["isolation"], first["reward"]) == ("accepted", "namespaces", None)


def test_the_same_key_and_body_are_judged_once(client: TestClient, queue: Any, job: Any) -> None:
    for _ in range(2):
        assert client.post("/v1/judge", json=job, headers={"Idempotency-Key": "k"}).status_code == 200

    assert len(queue.jobs) == 1


def test_the_same_key_with_another_body_is_a_conflict(client: TestClient, job: Any) -> None:
    client.post("/v1/judge", json=job, headers={"Idempotency-Key": "k"})

    answer = client.post("/v1/judge", json=job | {"stop_on_failure": True}, headers={"Idempotency-Key": "k"})

    assert (answer.status_code, answer.json()["error"]["code"]) == (409, "idempotency_conflict")


@pytest.mark.parametrize("key", ["", "a b", "k" * 201, "ü"])
def test_an_idempotency_key_is_short_and_printable(client: TestClient, queue: Any, job: Any, key: str) -> None:
    answer = client.post("/v1/judge", json=job, headers={"Idempotency-Key": key.encode()})

    assert (answer.status_code, answer.json()["error"]["field"]) == (422, "Idempotency-Key")
    assert not queue.jobs


def test_a_full_queue_says_when_to_come_back(client: TestClient, queue: Any, job: Any) -> None:
    queue.room = 0

    answer = client.post("/v1/judge", json=job)

    assert (answer.status_code, answer.headers["Retry-After"]) == (429, "4")


def test_a_queue_that_is_gone_is_503_and_back_without_a_restart(client: TestClient, queue: Any, job: Any) -> None:
    queue.broken = QueueUnavailable("Redis does not answer")
    gone = client.post("/v1/judge", json=job)
    queue.broken = None

    assert (gone.status_code, gone.headers["Retry-After"]) == (503, "2")
    assert client.post("/v1/judge", json=job).status_code == 200


def test_nobody_waits_where_no_worker_lives(client: TestClient, queue: Any, job: Any) -> None:
    queue.alive = []

    answer = client.post("/v1/judge", json=job)

    assert answer.status_code == 503
    assert "no worker lives" in answer.json()["error"]["message"]
    assert not queue.jobs


def test_a_job_that_is_cancelled_meanwhile_is_a_conflict(client: TestClient, queue: Any, job: Any) -> None:
    queue.cancelled.add("job-0")

    answer = client.post("/v1/judge", json=job)

    assert (answer.status_code, answer.json()["error"]["code"]) == (409, "job_cancelled")


def test_what_has_not_run_is_dropped_when_the_caller_goes_away(app: FastAPI, queue: Any, job: Any) -> None:
    queue.holds = True

    asyncio.run(call_and_go_away(app, queue, job))

    assert queue.cancelled == {"job-0"}


def test_a_caller_who_can_come_back_keeps_its_job(app: FastAPI, queue: Any, job: Any) -> None:
    queue.holds = True

    asyncio.run(call_and_go_away(app, queue, job, headers=[(b"idempotency-key", b"k")]))

    assert queue.cancelled == set()


def test_whoever_waits_when_the_service_ends_is_told_to_come_back(
    client: TestClient, app: FastAPI, queue: Any, job: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(waiting, "ENDING_SECONDS", 0.0)
    queue.holds = True
    app.state.service.closing.set()

    answer = client.post("/v1/judge", json=job)

    assert (answer.status_code, answer.headers["Retry-After"]) == (503, "2")
    assert queue.cancelled == {"job-0"}


async def call_and_go_away(
    app: FastAPI, queue: Any, job: Any, headers: list[tuple[bytes, bytes]] | None = None
) -> None:
    """Send the request as a server would, and break the connection as soon as the job is queued."""
    scope = {
        "type": "http",
        "asgi": {"version": "3.0", "spec_version": "2.3"},
        "http_version": "1.1",
        "method": "POST",
        "path": "/v1/judge",
        "raw_path": b"/v1/judge",
        "root_path": "",
        "scheme": "http",
        "query_string": b"",
        "headers": [(b"content-type", b"application/json"), *(headers or [])],
        "client": ("127.0.0.1", 1),
        "server": ("127.0.0.1", 80),
    }
    messages = [{"type": "http.request", "body": json.dumps(job).encode(), "more_body": False}]

    async def receive() -> dict[str, Any]:
        if messages:
            return messages.pop()
        while not queue.jobs:
            await asyncio.sleep(0)
        return {"type": "http.disconnect"}

    async def send(message: Any) -> None:
        pass

    await asyncio.wait_for(app(scope, receive, send), timeout=10)
