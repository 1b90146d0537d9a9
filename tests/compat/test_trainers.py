"""What the services that trainers ask for rewards are sent, and what their callers read of the answer."""

import base64
import json
import pickle
import zlib
from typing import Any

import pytest
from fastapi.testclient import TestClient

SQUARE = "print(int(input()) ** 2)"
HALF = "n = int(input())\nprint(n ** 2 if n % 2 == 0 else -1)"
LABEL = {"inputs": ["2", "3"], "outputs": ["4", "9"]}
PAIRS = [{"input": "2\n", "output": "4\n"}, {"input": "3\n", "output": "9\n"}]


def fenced(code: str) -> str:
    return f"<think>hm</think>\n```python\n{code}\n```<|im_end|>"


# ---------------------------------------------------------------- OpenRLHF


def test_openrlhf_gets_rewards_and_scores_in_order(client: TestClient) -> None:
    prompts = ["<s>Square ```python\nit\n``` "] * 3
    queries = [prompts[0] + completion for completion in (fenced(HALF), fenced(SQUARE), "no")]
    labels = [json.dumps(LABEL), LABEL, PAIRS]

    answer = client.post("/get_reward", json={"query": queries, "prompts": prompts, "labels": labels}).json()

    assert answer["rewards"] == answer["scores"] == [0.5, 1.0, 0.0]
    assert answer["extra_logs"] == {"pass_rate": [0.5, 1.0, 0.0], "no_code": [0.0, 0.0, 1.0]}


def test_openrlhfs_servers_that_are_sent_nothing_answer_nothing(client: TestClient) -> None:
    answer = client.post("/get_reward", json={"query": [], "prompts": [], "labels": []}).json()

    assert answer == {"rewards": [], "scores": [], "extra_logs": {}}


def test_the_url_says_what_a_trainer_has_no_field_for(client: TestClient) -> None:
    body = {"query": [fenced(HALF)], "prompts": [""], "labels": [LABEL]}

    rewards, unknown = (client.post(f"/get_reward?reward={name}", json=body) for name in ("all_or_nothing", "generous"))

    assert rewards.json()["rewards"] == [0.0]
    assert (unknown.status_code, "available" in unknown.json()["detail"][0]["msg"]) == (422, True)


@pytest.mark.parametrize("label", ["no JSON", {}, {"inputs": ["1"], "outputs": []}, {"fn_name": "f"}])
def test_a_label_without_tests_is_refused(client: TestClient, label: Any) -> None:
    answer = client.post("/get_reward", json={"query": [fenced(SQUARE)], "prompts": [""], "labels": [label]})

    assert answer.status_code == 422


# ---------------------------------------------------------------- slime


def test_slimes_answer_is_the_reward(client: TestClient) -> None:
    rewards = [
        client.post("/rm", json={"prompt": [{"role": "user"}], "response": fenced(code), "label": LABEL}).json()
        for code in (SQUARE, HALF)
    ]

    assert rewards == [1.0, 0.5]


# ---------------------------------------------------------------- AReaL


def call(code: str, **more: Any) -> dict[str, Any]:
    cases = [{"input": pair["input"], "expectedOutput": pair["output"]} for pair in PAIRS]
    return {
        "uid": "u", "language": "PYTHON", "runtime": "python-default", "code": code, "entryFunction": "",
        "isFastFail": True, "isRemote": False, "testcases": cases, "timeout": 6, "memory": 256,
        "query_index": 3, **more,
    }  # fmt: skip


def test_areal_gets_one_result_for_each_case_up_to_the_first_failure(client: TestClient) -> None:
    right, wrong, broken = (
        client.post("/apis/functioncalls", json=call(code)).json() for code in (SQUARE, "print(1)", "print(")
    )

    assert (right["uid"], right["query_index"], right["success"]) == ("u", 3, True)
    assert [result["success"] for result in right["results"]] == [True, True]
    assert [(r["success"], r["errorType"]) for r in wrong["results"]] == [(False, "WrongAnswer")]
    assert (broken["success"], broken["results"][0]["errorType"]) == (False, "CompileError")


ADD = "class Solution:\n    def add(self, a: List[int], b):\n        return tuple(n + b for n in a)"


@pytest.mark.parametrize(
    ("code", "told"),
    [
        (ADD, [True, True, True]),
        ("def add(a, b):\n    return a[0] + b", [False, False, True]),
        ("import os\nos._exit(0)", [False, False, False]),
        ("def other(a, b):\n    return 1", [False, False, False]),
    ],
)
def test_areals_functions_are_called_with_json_and_a_value_may_stand_in_a_list(
    client: TestClient, code: str, told: list[bool]
) -> None:
    pairs = [("[1, 2]\n3", "[4, 5]"), ("[]\n3", "[]"), ("[1]\n3", "[4]")]
    cases = [{"input": given, "expectedOutput": wanted} for given, wanted in pairs]

    every, fast = (
        client.post(
            "/apis/functioncalls", json=call(code, entryFunction="add", testcases=cases, isFastFail=ends)
        ).json()
        for ends in (False, True)
    )

    assert [result["success"] for result in every["results"]] == told
    assert (every["success"], fast["success"]) == (all(told), all(told))
    assert len(fast["results"]) == (3 if all(told) else 1)


@pytest.mark.parametrize("more", [{"entryFunction": "no name"}, {"entryFunction": "f", "language": "BASH"}])
def test_areals_calls_that_cannot_be_are_refused(client: TestClient, more: dict[str, str]) -> None:
    cases = [{"input": "1", "expectedOutput": "1"}]

    assert client.post("/apis/functioncalls", json=call(SQUARE, testcases=cases, **more)).status_code == 422


# ---------------------------------------------------------------- open-instruct


def packed(tests: Any) -> str:
    return base64.b64encode(zlib.compress(pickle.dumps(tests))).decode()


@pytest.mark.parametrize("encode", [list, json.dumps, packed])
def test_open_instruct_gets_a_result_and_a_time_for_each_test(client: TestClient, encode: Any) -> None:
    body = {"program": "import os\n" + HALF, "tests": encode(PAIRS), "max_execution_time": 1.0}

    answer = client.post("/test_program_stdio", json=body).json()

    assert answer["results"] == [1, 0]
    assert (0 < answer["runtimes"][0] < 1, answer["runtimes"][1]) == (True, -1.0)


def test_open_instructs_programs_read_standard_input_as_any_do(client: TestClient) -> None:
    reads = "import sys\nfirst = input()\nprint(first + ''.join(line for line in sys.stdin))"
    body = {"program": reads, "tests": [{"input": "a\nb\n", "output": "ab"}]}

    assert client.post("/test_program_stdio", json=body).json()["results"] == [1]


class Harmful:
    def __reduce__(self) -> Any:
        return print, ("a pickle was run",)


@pytest.mark.parametrize("tests", [packed([Harmful()]), packed(PAIRS)[:40], "nothing", 3, [{"input": "1"}]])
def test_tests_that_are_not_plain_data_are_refused(client: TestClient, tests: Any, capsys: Any) -> None:
    answer = client.post("/test_program_stdio", json={"program": "", "tests": tests})

    assert answer.status_code == 422
    assert "a pickle was run" not in capsys.readouterr().out


def test_open_instructs_assertions_run_apart_from_the_program(client: TestClient) -> None:
    tests = ["assert add(1, 2) == 3", "assert add(1, 2) == 4"]

    honest = client.post("/test_program", json={"program": "def add(a, b): return a + b", "tests": tests}).json()
    cheat = client.post("/test_program", json={"program": "import os\nos._exit(0)", "tests": tests}).json()

    assert client.get("/health").json() == {"status": "healthy"}
    assert (honest["results"], cheat["results"]) == ([1, 0], [0, 0])
    assert (0 < honest["runtimes"][0] < 1, honest["runtimes"][1]) == (True, -1.0)


# ---------------------------------------------------------------- open-r1's routers


def evaluation(code: str, tests: Any) -> str:
    """The script that open-r1 makes of a program and its tests."""
    return (
        "\n    import subprocess\n    import json\n\n    def evaluate_code(code, test_cases):\n        return 1\n\n"
        f"    code_snippet = {json.dumps(code)}\n    test_cases = json.loads({json.dumps(json.dumps(tests))})\n\n"
        "    evaluate_code(code_snippet, test_cases)\n    "
    )


def batch(client: TestClient, *scripts: str, **more: Any) -> Any:
    body = {"scripts": scripts, "languages": ["python"] * len(scripts), "timeout": 30, "request_timeout": 28, **more}
    return client.post("/execute_batch", json=body).json()


def test_open_r1s_scripts_are_judged_outside_of_the_programs_box(client: TestClient) -> None:
    first_line_only = "n = int(input())\nprint(n)"
    tests = [{"input": "1\n", "output": "1\n1"}, {"input": "2\n", "output": "2"}]

    answers = batch(client, evaluation(SQUARE, PAIRS), evaluation(HALF, PAIRS), evaluation(first_line_only, tests))

    texts = ["1.0", "0.5", "0.5"]
    assert [answer["execution"]["results"][0]["text"] for answer in answers] == texts
    assert [answer["text"] for answer in answers] == texts
    assert all(answer["execution"]["results"][0]["is_main_result"] for answer in answers)


def test_a_script_is_a_cell_of_a_notebook(client: TestClient) -> None:
    scripts = "    x = 2\n    x / 4", "print('hi')", "1 / 0", "print("

    value, output, fails, syntax = batch(client, *scripts, timeout=300)

    assert value["execution"]["results"] == [{"text": "0.5", "is_main_result": True}]
    assert (output["execution"]["results"], output["execution"]["logs"]["stdout"]) == ([], ["hi\n"])
    assert "ZeroDivisionError" in fails["execution"]["error"]["value"]
    assert syntax["execution"]["error"] is not None


def test_a_script_that_takes_too_long_is_an_exception(client: TestClient) -> None:
    (answer,) = batch(client, "while True: pass", timeout=0.3)

    assert (answer["execution"], "time" in answer["exception_str"]) == (None, True)


# ---------------------------------------------------------------- all


REQUESTS = {
    "/get_reward": {"query": [fenced(SQUARE)], "prompts": [""], "labels": [LABEL]},
    "/rm": {"response": fenced(SQUARE), "label": LABEL},
    "/test_program_stdio": {"program": SQUARE, "tests": PAIRS},
    "/execute_batch": {"scripts": ["1"], "languages": ["python"], "timeout": 5, "request_timeout": 5},
}


@pytest.mark.parametrize("path", REQUESTS)
def test_our_failure_is_a_status_after_which_a_trainer_tries_again(broken_client: TestClient, path: str) -> None:
    answer = broken_client.post(path, json=REQUESTS[path])

    assert (answer.status_code, int(answer.headers["Retry-After"]) > 0) == (503, True)
    assert set(answer.json()) == {"detail"}


def test_our_failure_is_areals_system_error(broken_client: TestClient) -> None:
    answer = broken_client.post("/apis/functioncalls", json=call(SQUARE)).json()

    assert (answer["success"], answer["results"][0]["errorType"]) == (False, "SystemError")


@pytest.mark.parametrize("path", [*REQUESTS, "/apis/functioncalls"])
def test_a_body_that_cannot_be_is_refused_as_fastapi_does(client: TestClient, path: str) -> None:
    answer = client.post(path, json={})

    assert (answer.status_code, answer.json()["detail"][0]["loc"][0]) == (422, "body")
