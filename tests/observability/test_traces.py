"""Traces as a collector gets them: from the caller through the API and the queue to the worker."""

import sys
from pathlib import Path

import pytest

from sandbox_service.errors import ConfigurationError
from sandbox_service.settings import Settings
from sandbox_service.tracing import traces_of
from tests.e2e.service import job, running
from tests.observability.collector import attributes, collecting

CALLER = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"


def test_a_submission_is_followed_from_the_caller_to_its_worker(tmp_path: Path):
    with collecting() as collector:
        with running(tmp_path, SANDBOX_OTLP_ENDPOINT=collector.endpoint) as service:
            body = job("print(int(input()) ** 2)", "print(4)")
            service.client.post("/v1/judge", json=body, headers={"traceparent": CALLER}).raise_for_status()

        (answered,) = collector.named("POST /v1/judge")
        (queued,) = collector.named("queue job")
        judged = collector.named("judge submission")

    assert {span.trace_id.hex() for span in (answered, queued, *judged)} == {CALLER.split("-")[1]}
    assert answered.parent_span_id.hex() == CALLER.split("-")[2]
    assert queued.parent_span_id == answered.span_id
    assert {span.parent_span_id for span in judged} == {queued.span_id}
    assert attributes(answered)["http.response.status_code"] == 200
    told = {attributes(span)["sandbox.submission"]: attributes(span) for span in judged}
    assert (told["r0"]["sandbox.verdict"], told["r0"]["sandbox.tests.passed"]) == ("accepted", 2)
    assert (told["r1"]["sandbox.verdict"], told["r1"]["sandbox.tests.passed"]) == ("wrong_answer", 1)
    assert {name for name, span in collector.spans if span in judged} == {"sandbox-worker"}
    assert "print" not in str(collector.spans)


def test_a_collector_that_is_away_keeps_nobody_waiting(tmp_path: Path):
    with running(tmp_path, SANDBOX_OTLP_ENDPOINT="http://127.0.0.1:9", SANDBOX_LOG_LEVEL="error") as service:
        answer = service.client.post("/v1/judge", json=job("print(int(input()) ** 2)"))

    assert answer.json()["judgements"][0]["verdict"] == "accepted"


def test_without_the_package_the_setting_says_what_to_install(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setitem(sys.modules, "sandbox_service.spans", None)  # as where its imports fail

    with pytest.raises(ConfigurationError, match=r"pip install 'sandbox-service\[tracing\]'"):
        traces_of(Settings(otlp_endpoint="http://collector:4318"), "api")
