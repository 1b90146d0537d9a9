"""What Judge0's callers send, and what they read of the answer."""

import base64
import time
from typing import Any

import pytest
from fastapi.testclient import TestClient

from sandbox_service.settings import Settings
from tests.compat.conftest import serving

PYTHON, CPP = 71, 54
SQUARE = "print(int(input()) ** 2)"


def b64(text: str) -> str:
    return base64.b64encode(text.encode()).decode()


def waited(client: TestClient, query: str = "", **submission: Any) -> Any:
    body = {"language_id": PYTHON, **submission}
    answer = client.post(f"/submissions?wait=true{query}", json=body)
    assert answer.status_code == 201
    return answer.json()


def finished(client: TestClient, token: str) -> Any:
    deadline = time.monotonic() + 20
    while True:
        told = client.get(f"/submissions/{token}").json()
        if told["status"]["id"] > 2:
            return told
        assert time.monotonic() < deadline


def test_a_submission_is_waited_for(client: TestClient) -> None:
    answer = waited(client, source_code=SQUARE, stdin="12", expected_output="144")

    assert (float(answer.pop("time")) > 0, answer.pop("memory") > 0, len(answer.pop("token")) > 8) == (True,) * 3
    assert answer == {
        "stdout": "144\n", "stderr": None, "compile_output": None, "message": None,
        "status": {"id": 3, "description": "Accepted"},
    }  # fmt: skip


def test_a_submission_is_asked_for_by_its_token(client: TestClient) -> None:
    answer = client.post("/submissions", json={"language_id": PYTHON, "source_code": SQUARE, "stdin": "3"})
    token = answer.json()["token"]

    assert (answer.status_code, list(answer.json())) == (201, ["token"])
    assert (finished(client, token)["stdout"], finished(client, token)["token"]) == ("9\n", token)
    everything = client.get(f"/submissions/{token}?fields=*").json()
    assert (everything["source_code"], everything["language_id"], everything["exit_code"]) == (SQUARE, PYTHON, 0)


@pytest.mark.parametrize(
    ("submission", "status"),
    [
        ({"source_code": "print(1)"}, 3),
        ({"source_code": "print('1 ')", "expected_output": "1\n\n"}, 3),
        ({"source_code": "print(1)", "expected_output": "2"}, 4),
        ({"source_code": "while True: pass", "cpu_time_limit": 0.2}, 5),
        ({"source_code": "int main( {", "language_id": CPP}, 6),
        ({"source_code": "import os; os.kill(os.getpid(), 11)"}, 7),
        ({"source_code": "import os; os.abort()"}, 10),
        ({"source_code": "1 / 0"}, 11),
        ({"source_code": "import os; os.kill(os.getpid(), 9)"}, 12),
    ],
)
def test_statuses(client: TestClient, submission: dict[str, Any], status: int) -> None:
    answer = waited(client, **submission)

    assert answer["status"]["id"] == status
    assert answer["status"] in client.get("/statuses").json()
    assert (answer["compile_output"] is not None) == (status == 6)


def test_texts_may_be_base64_both_ways(client: TestClient) -> None:
    texts = {"source_code": b64("print(input())"), "stdin": b64("é") + "\n", "expected_output": b64("é")}

    answer = waited(client, "&base64_encoded=true&fields=stdout,status_id,stdin", **texts)

    assert answer == {"stdout": b64("é\n"), "status_id": 3, "stdin": b64("é")}


def test_a_batch_has_an_answer_for_each_submission(client: TestClient) -> None:
    good = {"language_id": PYTHON, "source_code": "print(1)"}
    body = {"submissions": [good, good | {"language_id": 1234}, {"language_id": PYTHON}, good]}

    first, unknown, empty, last = client.post("/submissions/batch", json=body).json()
    for one in (first, last):
        finished(client, one["token"])
    tokens = f"{last['token']},none,{first['token']}"
    told = client.get(f"/submissions/batch?tokens={tokens}&fields=token,stdout").json()["submissions"]

    assert unknown == {"language_id": ["language with id 1234 doesn't exist"]}
    assert list(empty) == ["source_code"]
    assert told == [{"token": last["token"], "stdout": "1\n"}, None, {"token": first["token"], "stdout": "1\n"}]


@pytest.mark.parametrize(
    ("submission", "attribute"),
    [
        ({"source_code": "", "language_id": 9999}, "language_id"),
        ({"source_code": "", "callback_url": "http://127.0.0.1/"}, "callback_url"),
        ({"source_code": "", "command_line_arguments": "-v"}, "command_line_arguments"),
        ({"source_code": "", "enable_network": True}, "enable_network"),
        ({"source_code": "", "cpu_time_limit": 10**6}, "cpu_time_limit"),
        ({"source_code": "a\0b"}, "source_code"),
    ],
)
def test_what_cannot_be_is_refused_by_its_attribute(
    client: TestClient, submission: dict[str, Any], attribute: str
) -> None:
    answer = client.post("/submissions", json={"language_id": PYTHON, **submission})

    assert (answer.status_code, list(answer.json())) == (422, [attribute])


def test_other_faults_are_an_error(client: TestClient) -> None:
    unknown = client.get("/submissions/none")
    fields = client.get("/submissions/none?fields=colour")
    wait = client.post("/submissions?wait=perhaps", json={})
    encoded = client.post("/submissions?base64_encoded=true", json={"language_id": PYTHON, "source_code": "é"})

    assert [(answer.status_code, list(answer.json())) for answer in (unknown, fields, wait, encoded)] == [
        (404, ["error"]), (422, ["error"]), (422, ["error"]), (422, ["source_code"]),
    ]  # fmt: skip


def test_languages_have_judge0s_numbers(client: TestClient) -> None:
    languages = {language["id"]: language["name"] for language in client.get("/languages").json()}

    assert languages[PYTHON].startswith("Python")
    assert client.get(f"/languages/{CPP}").json() == {"id": CPP, "name": languages[CPP]}
    assert client.get("/languages/1234").status_code == 404


def test_a_client_finds_out_what_it_may_ask_for(client: TestClient) -> None:
    about, configuration = (client.get(path).json() for path in ("/about", "/config_info"))

    assert about["version"] == "1.13.1"
    assert (configuration["enable_network"], configuration["max_submission_batch_size"]) == (False, 1000)
    assert configuration["max_cpu_time_limit"] == Settings().maximum_cpu_seconds


def test_a_batch_that_meets_a_full_queue_leaves_nothing_behind() -> None:
    slow = {"language_id": PYTHON, "source_code": "import time; time.sleep(1)"}
    with serving(Settings(workers=1, maximum_queued_submissions=2)) as client:
        answer = client.post("/submissions/batch", json={"submissions": [slow] * 4})

        assert (answer.status_code, list(answer.json())) == (503, ["error"])
        assert int(answer.headers["Retry-After"]) > 0
        assert client.get("/status").json()["queue"] <= 1


@pytest.mark.parametrize("broken_client", [1], indirect=True)
def test_our_failure_is_tried_again_before_it_is_told(broken_client: TestClient) -> None:
    assert waited(broken_client, source_code="print(1)")["status"]["id"] == 3


def test_our_failure_is_an_internal_error(broken_client: TestClient) -> None:
    answer = waited(broken_client, source_code="print(1)", expected_output="1")

    assert answer["status"] == {"id": 13, "description": "Internal Error"}
