"""/v1/jobs over a fake queue."""

import json
from typing import Any

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient

from sandbox_service.api import events
from sandbox_service.errors import QueueUnavailable
from tests.unit.api.conftest import accepts


def test_a_job_is_answered_at_once_with_its_place(client: TestClient, queue: Any, job: Any) -> None:
    queue.holds = True

    answer = client.post("/v1/jobs", json=job)

    assert (answer.status_code, answer.json()) == (202, {"id": "job-0"})
    assert answer.headers["Location"] == "/v1/jobs/job-0"


def test_a_list_of_jobs_is_answered_with_a_list_of_ids(client: TestClient, job: Any) -> None:
    answer = client.post("/v1/jobs", json=[job, job])

    assert (answer.status_code, answer.json()) == (202, {"ids": ["job-0", "job-1"]})


def test_of_a_list_with_one_bad_job_nothing_is_queued(client: TestClient, queue: Any, job: Any) -> None:
    bad = job | {"reward": "generous"}

    answer = client.post("/v1/jobs", json=[job, bad])

    assert (answer.status_code, answer.json()["error"]["field"]) == (422, "1.reward")
    assert not queue.jobs


def test_a_list_holds_no_more_submissions_than_one_job_may(client: TestClient, queue: Any, job: Any) -> None:
    answer = client.post("/v1/jobs", json=[job] * 3)

    assert (answer.status_code, answer.json()["error"]["field"]) == (422, "submissions")
    assert not queue.jobs


def test_of_a_list_that_does_not_fit_nothing_stays(client: TestClient, queue: Any, job: Any) -> None:
    queue.room = 1

    answer = client.post("/v1/jobs", json=[job, job])

    assert answer.status_code == 429
    assert queue.cancelled == {"job-0"}


def test_a_list_that_is_sent_again_with_its_key_has_the_same_ids(client: TestClient, job: Any) -> None:
    other = job | {"stop_on_failure": True}

    answers = [client.post("/v1/jobs", json=[job, other], headers={"Idempotency-Key": "k"}) for _ in range(2)]

    assert [answer.json() for answer in answers] == [{"ids": ["job-0", "job-1"]}] * 2


def test_a_job_reports_what_is_ready(client: TestClient, job: Any) -> None:
    client.post("/v1/jobs", json=job)

    report = client.get("/v1/jobs/job-0").json()

    assert (report["state"], report["total"], report["done"]) == ("finished", 2, 2)
    assert [judgement["id"] for judgement in report["judgements"]] == ["r0", "r1"]


def test_a_job_can_be_cancelled(client: TestClient, queue: Any, job: Any) -> None:
    queue.holds = True
    client.post("/v1/jobs", json=job)

    answer = client.delete("/v1/jobs/job-0")

    assert (answer.status_code, answer.json()["state"]) == (200, "cancelled")


@pytest.mark.parametrize("job_id", ["job-9", "*", "a:b", "%0d%0a", "..%2F..", "x" * 5000])
@pytest.mark.parametrize(("method", "suffix"), [("GET", ""), ("GET", "/events"), ("DELETE", "")])
def test_a_job_that_is_not_known_is_not_found(client: TestClient, job_id: str, method: str, suffix: str) -> None:
    answer = client.request(method, f"/v1/jobs/{job_id}{suffix}")

    assert answer.status_code == 404
    assert answer.json()["error"]["code"] in ("unknown_job", "not_found")


def test_judgements_are_streamed_as_server_sent_events(client: TestClient, job: Any) -> None:
    client.post("/v1/jobs", json=job)

    answer = client.get("/v1/jobs/job-0/events")

    blocks = [dict(line.split(": ", 1) for line in block.splitlines()) for block in answer.text.split("\n\n")[:-1]]
    assert answer.headers["Content-Type"].startswith("text/event-stream")
    assert [block["event"] for block in blocks] == ["judgement", "judgement", "end"]
    assert [json.loads(block["data"])["id"] for block in blocks[:-1]] == ["r1", "r0"]
    assert json.loads(blocks[-1]["data"]) == {"state": "finished", "total": 2, "done": 2}


@pytest.mark.parametrize("accept", ["application/x-ndjson", "application/ndjson;q=0.9, */*"])
def test_judgements_are_streamed_as_json_lines(client: TestClient, job: Any, accept: str) -> None:
    client.post("/v1/jobs", json=job)

    answer = client.get("/v1/jobs/job-0/events", headers={"Accept": accept})

    lines = [json.loads(line) for line in answer.text.splitlines()]
    assert answer.headers["Content-Type"] == "application/x-ndjson"
    assert [next(iter(line)) for line in lines] == ["judgement", "judgement", "end"]


def test_a_stream_says_that_it_lives_while_nothing_is_ready(
    client: TestClient, queue: Any, job: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(events, "KEEP_ALIVE_SECONDS", 0.001)
    queue.holds = True
    client.post("/v1/jobs", json=job)

    with CancelledSoon(queue, monkeypatch):
        text = client.get("/v1/jobs/job-0/events").text

    assert text.startswith(": still judging\n\n")
    assert text.endswith('event: end\ndata: {"state":"cancelled","total":2,"done":0}\n\n')


def test_a_stream_has_no_end_when_the_service_ends_before(
    client: TestClient, app: FastAPI, queue: Any, job: Any
) -> None:
    queue.holds = True
    client.post("/v1/jobs", json=job)
    app.state.service.closing.set()

    assert client.get("/v1/jobs/job-0/events").text == ""


def test_a_stream_tells_of_a_queue_that_is_lost_on_the_way(
    client: TestClient, queue: Any, job: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    client.post("/v1/jobs", json=job)

    async def watch(job_id: str) -> Any:
        yield accepts("r0")
        raise QueueUnavailable("Redis does not answer")

    monkeypatch.setattr(queue, "watch", watch)

    text = client.get("/v1/jobs/job-0/events", headers={"Accept": "application/x-ndjson"}).text

    first, last = (json.loads(line) for line in text.splitlines())
    assert (first["judgement"]["id"], last["error"]["code"]) == ("r0", "unavailable")


class CancelledSoon:
    """The first thing that is written cancels the job."""

    def __init__(self, queue: Any, monkeypatch: pytest.MonkeyPatch) -> None:
        self.queue = queue
        self.monkeypatch = monkeypatch

    def __enter__(self) -> None:
        write = events.WRITERS[events.SERVER_SENT_EVENTS]

        def and_cancel(event: events.Event) -> bytes:
            self.queue.cancelled.add("job-0")
            return write(event)

        self.monkeypatch.setitem(events.WRITERS, events.SERVER_SENT_EVENTS, and_cancel)

    def __exit__(self, *_: object) -> None:
        pass
