"""The console's page, and what it is told beside the routes for everybody."""

from typing import Any

import pytest
from fastapi.testclient import TestClient
from pydantic import SecretStr

from sandbox_service.api import create_app
from sandbox_service.api.console import FILES
from sandbox_service.api.recent import KEPT_JUDGEMENTS, MOST_PER_SECOND, RecentJudgements
from sandbox_service.compat import foreign_apis
from sandbox_service.models import Guarantee, Job, TestResult, Verdict
from sandbox_service.runners import read_runners
from sandbox_service.settings import Settings
from tests.unit.api.conftest import FakeQueue, accepts


@pytest.mark.parametrize("path", ["/", *(f"/console/{name}" for name in FILES)])
def test_nothing_but_our_own_files_becomes_script_or_markup(client: TestClient, path: str):
    answer = client.get(path)

    assert answer.status_code == 200
    policy = answer.headers["Content-Security-Policy"]
    assert "default-src 'none'; script-src 'self'" in policy
    assert "unsafe" not in policy
    assert "require-trusted-types-for 'script'" in policy
    assert answer.headers["X-Content-Type-Options"] == "nosniff"


@pytest.mark.parametrize("name", ["nothing.js", "..%2fsettings.py", "%2e%2e%2fsettings.py"])
def test_no_other_file_is_served(client: TestClient, name: str):
    assert client.get(f"/console/{name}").status_code == 404


def test_a_file_that_is_known_is_not_sent_again(client: TestClient):
    tag = client.get("/console/main.js").headers["ETag"]

    answer = client.get("/console/main.js", headers={"If-None-Match": tag})

    assert (answer.status_code, answer.content) == (304, b"")


def test_no_file_builds_markup_of_text():
    for name, file in FILES.items():
        assert b"innerHTML" not in file.content, name
        assert b"style=" not in file.content, name  # the policy would leave it out


def test_what_was_judged_is_told_without_sources_and_outputs(client: TestClient, job: dict[str, Any]):
    client.post("/v1/judge", json=job)

    told = client.get("/v1/console/now").json()

    assert [(each["submission"], each["language"]) for each in told["judgements"]] == [("r0", "python"), ("r1", "cpp")]
    assert (told["judged_submissions"], told["workers"][0]["isolation"]) == (3, "namespaces")
    number = told["judgements"][0]["number"]
    assert client.get(f"/v1/console/judgements/{number}").json()["tests"] == []
    assert client.get("/v1/console/judgements/7").status_code == 404
    assert "int main" not in client.get("/v1/console/now").text


def test_a_job_that_is_only_asked_for_is_told_once(client: TestClient, job: dict[str, Any]):
    place = client.post("/v1/jobs", json=job).headers["Location"]
    for _ in range(2):
        client.get(place)

    assert len(client.get("/v1/console/now").json()["judgements"]) == 2


def test_job_ids_are_told_too_short_to_ask_for_them(client: TestClient, job: dict[str, Any], queue: FakeQueue):
    queue.jobs["0123456789abcdef"] = Job.model_validate(job)

    list(client.get("/v1/jobs/0123456789abcdef/events").iter_lines())

    assert {each["job"] for each in client.get("/v1/console/now").json()["judgements"]} == {"01234567"}


def test_the_memory_is_bounded_and_a_flood_is_told_in_part():
    recent = RecentJudgements()

    for number in range(1000):
        recent.judged("job", accepts(f"s{number}"))

    assert MOST_PER_SECOND <= len(recent.latest()) <= KEPT_JUDGEMENTS


CALL = {"call": {"function": "f", "arguments": [1]}, "expected": 1}
ASSERTIONS = {"assertions": "assert f(1) == 1"}


@pytest.mark.parametrize(
    ("test", "kind"), [({"stdin": "1", "expected": "1"}, "stdin"), (CALL, "call"), (ASSERTIONS, "assertions")]
)
def test_what_the_tests_asked_of_a_program_is_told(client: TestClient, job: dict[str, Any], test: Any, kind: str):
    client.post("/v1/judge", json={**job, "problem": {"tests": [test]}})

    assert {each["kind"] for each in client.get("/v1/console/now").json()["judgements"]} == {kind}


def test_of_an_uploaded_test_set_the_answers_tell_what_it_asked():
    recent = RecentJudgements()
    result = TestResult(
        verdict=Verdict.WRONG_ANSWER,
        score=0.0,
        cpu_seconds=0.1,
        wall_seconds=0.1,
        memory_bytes=1,
        exit_code=0,
        signal=None,
        stdout="",
        stdout_truncated=False,
        stderr="",
        stderr_truncated=False,
    )
    changes: tuple[dict[str, object], ...] = (
        {"returned": "1"},
        {"guarantee": Guarantee.SPLIT},
        {"detail": "line 1"},
        {},
    )

    for number, change in enumerate(changes):
        results = (result.model_copy(update=change),)
        recent.judged("job", accepts(f"s{number}").model_copy(update={"results": results}))

    assert [each.kind for each in reversed(recent.latest())] == ["call", "assertions", "assertions", "stdin"]


def test_examples_and_checkers_are_there_to_try(client: TestClient):
    told = client.get("/v1/console/playground").json()

    assert "tokens" in told["checkers"]
    assert {example["verdict"] for example in told["examples"] if example["language"] == "cpp"} >= {"accepted"}


def test_the_page_is_for_everybody_and_its_data_for_those_with_a_key(queue: FakeQueue):
    settings = Settings(api_keys=(SecretStr("key"),))
    client = TestClient(create_app(settings, queue, read_runners(settings)))

    assert client.get("/").status_code == 200
    for path in ("now", "playground", "judgements/1"):
        assert client.get(f"/v1/console/{path}").status_code == 401
    assert client.get("/v1/console/now", headers={"Authorization": "Bearer key"}).status_code == 200


def test_one_setting_takes_page_and_data_away(queue: FakeQueue):
    settings = Settings(console=False)
    app = create_app(settings, queue, read_runners(settings), foreign_apis(settings))
    client = TestClient(app)

    for path in ("/console/main.js", "/v1/console/now", "/v1/console/playground"):
        assert client.get(path).status_code == 404
    assert "script" not in client.get("/").text  # SandboxFusion's own answer there
