"""What ScaleBox's callers send, and what they read of the answer."""

from typing import Any

import pytest
from fastapi.testclient import TestClient

SQUARE = "print(int(input()) ** 2)"
HALF = "n = int(input())\nprint(n ** 2 if n % 2 == 0 else -1)"
JUDGE = """
import sys
a, b = map(int, open("answer.txt").read().split())
sys.exit(0 if a + b == int(open("stdin.txt").read()) else 1)
"""


def request(code: str, tests: Any, **extra: Any) -> dict[str, Any]:
    config = {"language": "python", "run_timeout": 10, "provided_data": {"test_cases": tests}, "extra": extra}
    return {"completion": f"```python\n{code}\n```", "config": config}


def lists(inputs: list[str], outputs: list[str], **more: Any) -> dict[str, Any]:
    return {"type": "stdin_stdout", "input": inputs, "output": outputs, "fn_name": None, **more}


def passed(client: TestClient, path: str, body: dict[str, Any]) -> list[bool]:
    answer = client.post(path, json=body).json()
    results = [test["passed"] for test in answer["tests"]]
    assert answer["accepted"] is all(results)
    return results


def test_answers_stand_in_the_order_of_the_inputs(client: TestClient) -> None:
    numbers = list(range(60))
    tests = lists([str(n) for n in numbers], [str(n * n) for n in numbers])

    body = client.post("/common_evaluate_batch", json=request(HALF, tests, run_all_cases=True)).json()

    assert [test["passed"] for test in body["tests"]] == [n % 2 == 0 for n in numbers]
    assert [test["test_info"]["input"]["stdin"] for test in body["tests"]] == [str(n) for n in numbers]
    assert body["tests"][2]["exec_info"]["run_result"]["stdout"] == "4\n"
    assert (body["id"], body["extracted_code"]) == (0, f"{HALF}\n")


def test_a_list_of_tests_is_taken_too(client: TestClient) -> None:
    tests = [{"type": "stdin_stdout", "input": str(n), "output": str(n * n)} for n in (2, 3, 4)]

    assert passed(client, "/common_evaluate", request(HALF, tests)) == [True, False]
    assert passed(client, "/common_evaluate", request(SQUARE, tests)) == [True] * 3


def test_the_beginning_of_the_expected_output_is_not_all_of_it(client: TestClient) -> None:
    assert passed(client, "/common_evaluate_batch", request("print(1)", lists([""], ["1\n2"]))) == [False]


def test_a_special_judge_says_what_is_right_too(client: TestClient) -> None:
    tests = lists(["3", "7"], ["1 2", "3 4"])
    right, wrong = "c = int(input())\nprint(c - 1, 1)", "c = int(input())\nprint(c - 1, c)"
    extra = {"run_all_cases": True, "special_judge_program": JUDGE, "special_judge_language": "python"}

    assert passed(client, "/common_evaluate_batch", request(right, tests, **extra)) == [True, True]
    assert passed(client, "/common_evaluate_batch", request(wrong, tests, **extra)) == [False, False]
    assert passed(client, "/common_evaluate_batch", request("exit(1)", tests, **extra)) == [False, False]


@pytest.mark.parametrize(
    "tests",
    [
        {"type": "assert", "tests": "assert f(1) == 2"},
        lists(["1"], ["1"], type="function_call", fn_name="f"),
        lists([], []),
        lists(["1"], []),
        [],
        [3],
        None,
    ],
)
def test_what_cannot_be_evaluated_is_refused(client: TestClient, tests: Any) -> None:
    answer = client.post("/common_evaluate_batch", json=request(SQUARE, tests))

    assert (answer.status_code, isinstance(answer.json()["detail"], str)) == (400, True)


def test_our_failure_is_a_status_and_no_failed_test(broken_client: TestClient) -> None:
    answer = broken_client.post("/common_evaluate_batch", json=request(SQUARE, lists(["1"], ["1"])))

    assert answer.status_code == 504
