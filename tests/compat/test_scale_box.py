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


ADD = {
    "python": "class Solution:\n    def add(self, a, b: List[int]) -> List[int]:\n        return [a + n for n in b]",
    "cpp": "vector<int> add(int a, vector<int> b) { for (int& n : b) n += a; return b; }",
}


def called(language: str, code: str, tests: Any, **extra: Any) -> dict[str, Any]:
    body = request(code, tests, **extra)
    return {**body, "completion": f"```{language}\n{code}\n```", "config": {**body["config"], "language": language}}


@pytest.mark.parametrize("language", ADD)
def test_functions_are_called_with_lists_of_arguments_or_their_json(client: TestClient, language: str) -> None:
    plain = [{"type": "function_call", "fn_name": "add", "input": [1, [2, 3]], "output": [[3, 4]]}]
    encoded = lists(["1\n[2, 3]", "1\n[1]"], ["[3, 4]", "[1]"], type="function_call", fn_name="add", json_input=True)

    every = called(language, ADD[language], encoded, run_all_cases=True)
    (_, wrong) = client.post("/common_evaluate_batch", json=every).json()["tests"]

    assert passed(client, "/common_evaluate", called(language, ADD[language], plain)) == [True]
    assert passed(client, "/common_evaluate_batch", every) == [True, False]
    assert (wrong["exec_info"]["status"], wrong["exec_info"]["run_result"]["return_code"]) == ("Failed", 1)
    assert wrong["test_info"]["input"] == "1\n[1]"


def test_a_function_of_another_language_is_refused_with_what_is_possible(client: TestClient) -> None:
    tests = lists([[1, 2]], [[3]], type="function_call", fn_name="add")  # type: ignore[list-item]

    answer = client.post("/common_evaluate_batch", json=called("bash", "add() { echo $(($1 + $2)); }", tests))

    assert answer.status_code == 400
    assert "they can in cpp, go, java, javascript" in answer.json()["detail"]


@pytest.mark.parametrize("end", ["import os\nos._exit(0)", "raise SystemExit(0)", "pass"])
def test_a_function_that_ends_the_program_has_not_answered(client: TestClient, end: str) -> None:
    tests = lists([[1, 2]], [[3]], type="function_call", fn_name="add")  # type: ignore[list-item]

    assert passed(client, "/common_evaluate_batch", called("python", end, tests)) == [False]


def test_python_needs_no_fence(client: TestClient) -> None:
    tests = lists([[1, 2]], [[3]], type="function_call", fn_name="add")  # type: ignore[list-item]
    body = {**called("python", "", tests), "completion": "\ndef add(a, b):\n    return a + b\n"}

    assert passed(client, "/common_evaluate_batch", body) == [True]


@pytest.mark.parametrize(
    "tests",
    [
        {"type": "assert", "tests": ""},
        [{"type": "assert", "tests": "assert f(1) == 2"}],
        lists(["no json"], ["1"], type="function_call", fn_name="f"),
        lists(["1"], ["1"], type="function_call", fn_name="no name"),
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
