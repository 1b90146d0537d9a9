"""What code-judge's callers send, and what they read of the answer."""

from typing import Any

import pytest
from fastapi.testclient import TestClient

from sandbox_service.compat import code_judge
from sandbox_service.settings import Settings
from tests.compat.conftest import serving

ECHO = "print(input())"
EXITS = "class Solution:\n    def add(self, a, b):\n        return 0\nimport sys\nsys.exit(0)\n"
ADDS = "class Solution:\n    def add(self, a, b):\n        return a + b\n"
TEST = "solution = Solution()\nassert solution.add(1, 2) == 3"


def python(solution: str, **more: Any) -> dict[str, Any]:
    return {"type": "python", "solution": solution, **more}


def batch(*submissions: dict[str, Any]) -> dict[str, Any]:
    return {"type": "batch", "submissions": list(submissions)}


def test_ping_is_answered(client: TestClient) -> None:
    assert client.get("/ping").json() == "pong"


def test_the_status_tells_what_is_queued_and_who_works(client: TestClient) -> None:
    assert client.get("/status").json() == {"queue": 0, "num_workers": 2}


def test_a_run_tells_its_outputs_and_a_judgement_does_not(client: TestClient) -> None:
    submission = python(ECHO, sub_id="mine", input="a", expected_output="a\n\n")

    ran, judged = (client.post(path, json=submission).json() for path in ("/run", "/judge"))

    assert 0 < ran.pop("cost") < 10
    assert ran == {
        "sub_id": "mine", "success": True, "run_success": True, "stdout": "a\n", "stderr": "", "reason": "",
    }  # fmt: skip
    assert set(judged) == {"sub_id", "success", "run_success", "cost", "reason"}


@pytest.mark.parametrize(
    ("solution", "expected", "success", "run_success"),
    [
        ("print(1)", "1", True, True),
        ("print(1)", None, True, True),
        ("print(1)", "2", False, True),
        ("print(' 1 ')", "\n1", True, True),
        ("print(1,  2)", "1   2", False, True),
        ("print(1); exit(1)", "1", False, False),
        ("print(", "1", False, False),
        ("input()", "", False, False),
        ("from __future__ import annotations\nprint(1)", "1", True, True),
        ("print('@@E')", "@@E", True, True),
        ("import sys; sys.stdout.buffer.write(b'\\xff')", "1", False, True),
        ("print(1)\nif True:\n  pass\n  # open", "1", True, True),
    ],
)
def test_success_is_exit_code_0_and_the_expected_output_but_for_white_space_around_it(
    client: TestClient, solution: str, expected: str | None, success: bool, run_success: bool
) -> None:
    answer = client.post("/judge", json=python(solution, expected_output=expected)).json()

    assert (answer["success"], answer["run_success"], answer["reason"]) == (success, run_success, "")


@pytest.mark.parametrize("way", ["batch", "long-batch"])
def test_answers_stand_in_the_order_of_the_submissions_and_bear_their_ids(client: TestClient, way: str) -> None:
    good = [python(ECHO, sub_id=f"r{i}", input=str(i), expected_output=str(i)) for i in range(60)]
    bad = [python("print(", sub_id=f"b{i}", input=str(i), expected_output=str(i)) for i in range(3)]
    mixed = [bad[0], *good[:30], bad[1], *good[30:], bad[2]]

    answer = client.post(f"/judge/{way}", json={"sub_id": "all", **batch(*mixed)}).json()

    assert answer["sub_id"] == "all"
    assert [result["sub_id"] for result in answer["results"]] == [submission["sub_id"] for submission in mixed]
    assert [result["success"] for result in answer["results"]] == [s["sub_id"][0] == "r" for s in mixed]


def test_one_program_that_cannot_be_does_not_spoil_the_batch(client: TestClient) -> None:
    too_large = "#" * (Settings().maximum_source_bytes + 1)
    submissions = [python("print(1)"), python("print(1)\0"), python(too_large), {"type": "math", "solution": "1"}]

    results = client.post("/run/long-batch", json=batch(*submissions)).json()["results"]

    assert [(result["success"], result["reason"]) for result in results] == [
        (True, ""), (False, "invalid_input"), (False, "invalid_input"), (False, "invalid_input"),
    ]  # fmt: skip


def test_a_batch_of_nothing_is_answered_with_nothing(client: TestClient) -> None:
    answer = client.post("/judge/long-batch", json=batch())

    assert (answer.status_code, answer.json()["results"]) == (200, [])


def test_a_program_that_exits_before_its_test_has_not_passed_it(client: TestClient) -> None:
    programs = [
        ADDS + TEST, EXITS + TEST, ADDS.replace("+", "-") + TEST,
        "import os\nos._exit(0)\n" + TEST,
        "import os\nprint('reached the end')\nos._exit(0)\n" + TEST,
        ADDS.replace("return a + b", "import os; os._exit(0)") + TEST,
        ADDS.replace("return a + b", "raise SystemExit") + TEST,
    ]  # fmt: skip

    results = client.post("/run/long-batch", json=batch(*map(python, programs))).json()["results"]

    assert [result["success"] for result in results] == [True] + [False] * 6
    assert [result["run_success"] for result in results] == [True] + [False] * 6
    assert results[0]["stdout"] == ""
    assert "assert solution.add(1, 2) == 3" in results[2]["stderr"]


@pytest.mark.parametrize(
    ("code", "success"),
    [
        ("from __future__ import annotations\nprint('out')\nassert [\n    1,\n] == [\n    1,\n]\n\n# done\n", True),
        ("print('out')\ndef check(f):\n    assert f(1) == 1\ncheck(lambda n: n)", True),
        ("print('out')\nassert True, '''\n  a text'''", True),
        ("print('out')\nassert True\nassert False", False),
        ("print('out')\nassert False or print('out') or True", True),
        ("print('out')\nimport sys\nsys.exit(0)", True),
        ("print('out')\ntext = '''\nassert False\n'''", True),
        ("print('out')\ndef f():\n    assert False", True),
        ("print('out')\nassert (True", False),
        ("print('out')\nx = (\nassert True", False),
    ],
)
def test_a_program_that_ends_with_a_test_is_judged_by_it_and_any_other_by_its_exit_code(
    client: TestClient, code: str, success: bool
) -> None:
    answer = client.post("/run", json=python(code)).json()

    assert (answer["success"], answer["run_success"], answer["reason"]) == (success, success, "")
    assert answer["stdout"].startswith("out\n") or not success


def test_outputs_are_cut_to_their_beginning(client: TestClient) -> None:
    answer = client.post("/run", json=python("print('é' * 5000)", expected_output="é" * 5000)).json()

    assert (answer["success"], answer["stdout"]) == (True, "é" * 1000)


def test_time_that_ran_out_is_told_as_code_judge_does(client: TestClient, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(code_judge, "EXECUTION_SECONDS", 0.3)

    answer = client.post("/run", json=python("print('before', flush=True)\nwhile True: pass")).json()

    assert (answer["success"], answer["run_success"], answer["reason"]) == (False, False, "worker_timeout")
    assert answer["stdout"] == "before\nSuicide from timeout.\n"


@pytest.mark.parametrize("broken_client", [1], indirect=True)
def test_our_failure_is_tried_again_before_it_is_told(broken_client: TestClient) -> None:
    answer = broken_client.post("/judge", json=python("print(1)", expected_output="1")).json()

    assert (answer["success"], answer["reason"]) == (True, "")


def test_our_failure_is_told_as_one(broken_client: TestClient) -> None:
    results = broken_client.post("/run/batch", json=batch(python("print(1)"), python("print(2)"))).json()["results"]

    assert [(result["success"], result["reason"]) for result in results] == [(False, "internal_error")] * 2


def test_what_is_not_judged_in_time_is_a_queue_timeout(client: TestClient, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(code_judge, "WAIT_SECONDS", 0.2)

    answer = client.post("/judge", json=python("import time; time.sleep(3)")).json()

    assert (answer["success"], answer["run_success"], answer["reason"]) == (False, False, "queue_timeout")


def test_a_full_queue_is_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    with serving(Settings(workers=1, maximum_queued_submissions=1)) as client:
        submissions = [python(f"print({i})", input=str(i), expected_output=str(i)) for i in range(3)]

        results = client.post("/judge/long-batch", json=batch(*submissions)).json()["results"]

    assert [result["success"] for result in results] == [True] * 3


@pytest.mark.parametrize(
    ("body", "place"),
    [
        ({"type": "python"}, ["body", "solution"]),
        ({"type": "cobol", "solution": ""}, ["body", "type"]),
        ({"type": "python", "solution": 1}, ["body", "solution"]),
    ],
)
def test_a_body_that_cannot_be_is_refused_as_fastapi_does(
    client: TestClient, body: dict[str, Any], place: list[str]
) -> None:
    answer = client.post("/judge", json=body)

    assert answer.status_code == 422
    assert answer.json()["detail"][0]["loc"] == place
