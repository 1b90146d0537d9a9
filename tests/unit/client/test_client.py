"""The client: everything is answered under its id, or one exception says what was not."""

import asyncio
import os
import threading
import time
from typing import Any

import httpx
import pytest

from sandbox_service.client import (
    AsyncClient,
    Client,
    ClientError,
    DeadlinePassed,
    RequestRefused,
    ServiceAway,
)
from sandbox_service.errors import BadRequest
from sandbox_service.models import CompletionReward, Judgement, Verdict
from tests.unit.client.service import (
    SHORT,
    URL,
    FakeService,
    broken_off,
    failing,
    full,
    gone,
    refusal,
    silent,
)

PROBLEM = {"tests": [{"stdin": "2\n", "expected": "4\n"}]}
LARGE = {"tests": [{"stdin": "2\n", "expected": "4\n" * 10_000}]}


def client(service: FakeService, *urls: str, **settings: Any) -> Client:
    return Client(list(urls) or [URL], transport=service.transport, **{"patience": SHORT, **settings})


def rewards(service: FakeService, *completions: str, **changes: Any) -> list[CompletionReward]:
    with client(service) as judge:
        return judge.rewards(completions, **{"problem": PROBLEM, "language": "python", **changes})


def test_completions_are_rewarded_in_their_order():
    found = rewards(FakeService(), "right", "wrong", "right")

    assert [(reward.id, reward.reward) for reward in found] == [("0", 1.0), ("1", 0.0), ("2", 1.0)]


def test_submissions_are_judged_in_their_order():
    submissions = [{"id": text, "language": "python", "source": text} for text in ("right", "wrong")]

    with client(FakeService()) as judge:
        found = judge.judge(PROBLEM, submissions)

    assert all(isinstance(judgement, Judgement) for judgement in found)
    assert [judgement.verdict for judgement in found] == [Verdict.ACCEPTED, Verdict.WRONG_ANSWER]


def test_a_matrix_has_a_row_for_each_solution_and_a_text_for_each_input():
    solutions = [{"id": f"s{n}", "language": "python", "source": str(n % 2)} for n in range(100)]

    with client(FakeService()) as judge:
        runs = judge.matrix(solutions, ["ok", "bad", "long"], limits={"cpu_seconds": 1})

    assert [row.id for row in runs] == [f"s{n}" for n in range(100)]
    assert runs[3].texts == ("1", "1", None)
    assert runs[3].outputs == ("1", None, None)
    assert runs[1].texts[0] is runs[3].texts[0]


def test_nothing_is_answered_with_nothing():
    service = FakeService()

    assert rewards(service) == []
    assert not service.requests


def test_a_thousand_completions_are_several_requests_and_one_answer_each():
    service = FakeService()

    found = rewards(service, *["right"] * 1000)

    assert [reward.id for reward in found] == [str(number) for number in range(1000)]
    assert len(service.bodies("/v1/rewards")) == 16


def test_no_more_requests_are_under_way_than_are_allowed():
    under_way = most = 0

    class Slow(FakeService):
        async def answer(self, request: httpx.Request) -> httpx.Response:
            nonlocal under_way, most
            under_way += 1
            most = max(most, under_way)
            await asyncio.sleep(0.005)
            under_way -= 1
            return await super().answer(request)

    with client(Slow(), concurrency=3) as judge:
        judge.rewards(["right"] * 1000, problem=PROBLEM, language="python")

    assert most == 3


# ---------------------------------------------------------------- what goes wrong on the way


@pytest.mark.parametrize("failure", [gone, broken_off, silent, failing])
def test_what_passes_is_tried_again_under_the_same_key(failure: Any):
    service = FakeService(failure)

    assert [reward.reward for reward in rewards(service, "right")] == [1.0]
    first, second = service.keys()
    assert first == second


def test_a_full_queue_is_waited_for_as_long_as_it_says():
    started = time.monotonic()

    assert rewards(FakeService(full), "right")[0].reward == 1.0
    assert time.monotonic() - started >= 1.0


def test_a_service_that_is_away_is_one_exception_that_tells_the_url_and_what_is_missing():
    with pytest.raises(ServiceAway) as raised:
        rewards(FakeService(*[gone] * 100), "right", "wrong")

    assert URL in str(raised.value)
    assert "0 of 2 judged, 2 not: 0, 1" in str(raised.value)
    assert (raised.value.missing, raised.value.answers, raised.value.urls) == (("0", "1"), {}, (URL,))


def test_what_was_judged_before_the_service_went_away_is_not_lost():
    def first_only(request: httpx.Request) -> httpx.Response | None:
        return None if b'"id":"0"' in request.content else gone(request)

    service = FakeService(*[first_only] * 1000)

    with pytest.raises(ServiceAway) as raised:
        rewards(service, *["right"] * 100)

    assert len(raised.value.answers) == 64
    assert raised.value.answers["0"].reward == 1.0
    assert raised.value.missing == tuple(str(number) for number in range(64, 100))


def test_a_service_that_stays_full_ends_at_the_deadline():
    with pytest.raises(DeadlinePassed, match="queue_full"):
        rewards(FakeService(*[full] * 100), "right")


def test_a_request_over_which_the_service_fails_is_not_sent_for_ever():
    service = FakeService(*[failing] * 100)

    with pytest.raises(DeadlinePassed, match="500 internal_error"):
        rewards(service, "right")

    assert len(service.requests) == 3


def test_a_refusal_is_not_sent_again_and_names_the_field():
    service = FakeService(lambda request: refusal(422, "unknown_name", "unknown language", "language"))

    with pytest.raises(RequestRefused, match="unknown language") as raised:
        rewards(service, "right")

    assert (raised.value.status, raised.value.code, raised.value.field) == (422, "unknown_name", "language")
    assert len(service.requests) == 1


def test_a_proxy_that_answers_in_its_own_words_is_understood():
    service = FakeService(lambda request: httpx.Response(502, text="<html>"), lambda request: httpx.Response(403))

    with pytest.raises(RequestRefused, match="403"):
        rewards(service, "right")


def test_an_answer_for_other_ids_is_no_answer():
    service = FakeService(lambda request: httpx.Response(200, json={"rewards": []}))

    with pytest.raises(ClientError, match="other ids"):
        rewards(service, "right")


def test_an_answer_that_cannot_be_read_is_no_answer():
    with pytest.raises(ClientError, match="cannot be read"):
        rewards(FakeService(lambda request: httpx.Response(200, text="hello")), "right")


def test_another_url_is_asked_when_one_is_gone():
    def only_b(request: httpx.Request) -> httpx.Response | None:
        return None if request.url.host == "b" else gone(request)

    service = FakeService(*[only_b] * 10)

    with client(service, "http://a:1", "http://b:1") as judge:
        for _ in range(3):
            assert judge.rewards(["right"], problem=PROBLEM, language="python")[0].reward == 1.0

    assert [request.url.host for request in service.requests] == ["a", "b", "b", "b"]


def test_our_failure_is_sent_again_and_then_told():
    service = FakeService()
    service.fails_ours["0"], service.fails_ours["1"] = 1, 9

    first, second = rewards(service, "right", "right")

    assert (first.reward, second.reward, second.verdict) == (1.0, None, Verdict.JUDGE_ERROR)
    assert len(set(service.keys())) == 2


# ---------------------------------------------------------------- test sets


def test_small_tests_travel_with_the_request():
    service = FakeService()

    rewards(service, "right")

    assert service.bodies("/v1/rewards")[0]["problem"] == PROBLEM


def test_large_tests_are_uploaded_once_and_remembered():
    service = FakeService()

    with client(service) as judge:
        for _ in range(3):
            judge.rewards(["right"] * 200, problem={**LARGE, "checker": "exact"}, language="python")

    assert sum(service.uploads.values()) == 1
    sent = service.bodies("/v1/rewards")
    assert len(sent) == 12
    assert {tuple(sorted(body["problem"])) for body in sent} == {("checker", "test_set")}


def test_tests_of_many_items_are_uploaded_once():
    service = FakeService()
    items = [{"id": str(n), "completion": "right", "problem": LARGE} for n in range(50)]

    with client(service) as judge:
        judge.rewards(items, language="python")

    assert sum(service.uploads.values()) == 1


def test_a_service_that_forgot_the_tests_is_given_them_again():
    service = FakeService()

    with client(service) as judge:
        judge.rewards(["right"], problem=LARGE, language="python")
        service.test_sets.clear()
        again = judge.rewards(["right"], problem=LARGE, language="python")

    assert again[0].reward == 1.0
    assert sum(service.uploads.values()) == 2


def test_each_url_is_given_the_tests():
    def only_b(request: httpx.Request) -> httpx.Response | None:
        return None if request.url.host == "b" else gone(request)

    service = FakeService(lambda request: None, *[only_b] * 10)

    with client(service, "http://a:1", "http://b:1") as judge:
        for _ in range(2):
            judge.rewards(["right"], problem=LARGE, language="python")

    assert service.uploads == {"a": 1, "b": 1}


def test_a_test_set_that_nobody_uploaded_is_a_refusal():
    with pytest.raises(RequestRefused, match="unknown_test_set"):
        rewards(FakeService(), "right", problem={"test_set": "sha256:" + "0" * 64})


# ---------------------------------------------------------------- how it is called


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"problem": {"tests": []}}, "problem.tests"),
        ({"extract": "longest"}, "extract"),
        ({"tests": {"sample": 0}}, "tests.sample"),
        ({"items": [{"id": "a", "completion": ""}] * 2}, "items"),
    ],
)
def test_what_cannot_be_is_said_before_anything_is_sent(changes: dict[str, Any], field: str):
    service = FakeService()
    items = changes.pop("items", ["right"])

    with client(service) as judge, pytest.raises(BadRequest) as raised:
        judge.rewards(items, **{"problem": PROBLEM, "language": "python", **changes})

    assert raised.value.field == field
    assert not service.requests


def test_a_client_without_a_url_is_refused():
    with pytest.raises(BadRequest):
        Client([])


def test_the_key_is_sent_with_every_request():
    service = FakeService()

    with client(service, api_key="secret") as judge:
        judge.rewards(["right"], problem=LARGE, language="python")

    assert {request.headers["Authorization"] for request in service.requests} == {"Bearer secret"}


def test_one_client_serves_many_threads():
    service = FakeService()
    found: list[float | None] = []

    with client(service) as judge:
        threads = [
            threading.Thread(
                target=lambda: found.append(judge.rewards(["right"], problem=PROBLEM, language="python")[0].reward)
            )
            for _ in range(20)
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()

    assert found == [1.0] * 20


def test_one_asynchronous_client_serves_one_loop_after_the_other():
    judge = AsyncClient(URL, transport=FakeService().transport)

    for _ in range(2):
        (reward,) = asyncio.run(judge.rewards(["right"], problem=PROBLEM, language="python"))
        assert reward.reward == 1.0


def test_a_blocking_client_works_within_a_running_loop():
    async def trainer() -> float | None:
        with client(FakeService()) as judge:
            return judge.rewards(["right"], problem=PROBLEM, language="python")[0].reward

    assert asyncio.run(trainer()) == 1.0


def test_a_client_works_in_a_process_that_was_forked():
    with client(FakeService()) as judge:
        judge.rewards(["right"], problem=PROBLEM, language="python")
        child = os.fork()
        if child == 0:
            works = judge.rewards(["right"], problem=PROBLEM, language="python")[0].reward == 1.0
            os._exit(0 if works else 1)
        _, status = os.waitpid(child, 0)

    assert status == 0


def test_a_closed_client_can_be_used_again():
    judge = client(FakeService())
    judge.close()

    assert judge.rewards(["right"], problem=PROBLEM, language="python")[0].reward == 1.0
    judge.close()


def test_a_bar_is_shown_on_request(capfd: pytest.CaptureFixture[str]):
    with client(FakeService(), progress=True) as judge:
        judge.rewards(["right"] * 100, problem=PROBLEM, language="python")

    assert "100/100" in capfd.readouterr().err
