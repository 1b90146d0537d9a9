"""Completions that SandboxFusion's and ScaleBox's callers have judged by the test code of a data set's row."""

from typing import Any

import pytest
from fastapi.testclient import TestClient

TESTS = "def check(candidate):\n    assert candidate(2) == 4\n    assert candidate(-3) == 9\n"
SQUARE = "def square(n):\n    return n * n\n"
WRONG = "def square(n):\n    return n + n\n"
ENDS = "import os\ndef square(n):\n    os._exit(0)\n"
ENDS_AT_ONCE = "import sys\nsys.exit(0)\n"


def fenced(code: str, language: str = "python") -> str:
    return f"So:\n```{language}\n{code}```\n"


def human_eval(**more: Any) -> dict[str, Any]:
    return {"task_id": "0", "prompt": "def square(n):\n", "test": TESTS, "entry_point": "square", **more}


def auto_eval(code: str, language: str = "python", **test: Any) -> dict[str, Any]:
    return {"id": 0, "labels": {"programming_language": language}, "test": {"code": code, **test}}


def mbpp(*tests: str, setup: str = "") -> dict[str, Any]:
    return {"id": 0, "content": "", "labels": {"test_setup_code": setup}, "test_list": list(tests)}


def submit(client: TestClient, kind: str, row: Any, completion: str, status: int = 200, **config: Any) -> Any:
    body = {"dataset": "", "id": 3, "completion": completion}
    answer = client.post("/submit", json={**body, "config": {"dataset_type": kind, "provided_data": row, **config}})
    assert answer.status_code == status
    return answer.json()


@pytest.mark.parametrize(("code", "right"), [(SQUARE, True), (WRONG, False), (ENDS, False), (ENDS_AT_ONCE, False)])
def test_only_what_passes_every_assertion_is_accepted(client: TestClient, code: str, right: bool) -> None:
    asserted = auto_eval("assert square(2) == 4\nassert square(-3) == 9\n")
    rows = {
        "HumanEvalDataset": human_eval(),
        "AutoEvalDataset": asserted,
        "MBPPDataset": mbpp("assert square(2) == 4", "assert square(-3) == 9"),
    }

    answers = {
        kind: submit(client, kind, row, fenced(code), extra={"is_freeform": True, "append_flag": True})
        for kind, row in rows.items()
    }

    assert {kind: answer["accepted"] for kind, answer in answers.items()} == dict.fromkeys(rows, right)
    for answer in answers.values():
        (test,) = answer["tests"]
        assert test["passed"] is right
        assert test["exec_info"]["status"] == ("Success" if right else "Failed")
        assert (test["exec_info"]["run_result"]["return_code"] == 0) is right
        assert code.strip() in answer["full_code"]


def test_what_failed_is_told(client: TestClient) -> None:
    answer = submit(client, "HumanEvalDataset", human_eval(), fenced(WRONG), extra={"is_freeform": True})

    assert "assert candidate(-3) == 9" in answer["tests"][0]["exec_info"]["run_result"]["stderr"]


def test_a_function_body_follows_its_prompt_and_ends_where_the_next_begins(client: TestClient) -> None:
    body = "    return n * n\n\ndef rand"

    assert submit(client, "HumanEvalDataset", human_eval(), body)["accepted"]
    assert not submit(client, "HumanEvalDataset", human_eval(), "    return n\n")["accepted"]


def test_the_place_of_the_code_may_be_told(client: TestClient) -> None:
    row = auto_eval("import math\n#<INSERT>\nassert square(2) == 4\n")

    assert submit(client, "AutoEvalDataset", row, fenced("def square(n):\n    return math.pow(n, 2)\n"))["accepted"]


def test_files_of_the_tests_are_there(client: TestClient) -> None:
    row = auto_eval("assert read() == open('a.txt').read()\n", asset={"a.txt": "aGVsbG8="})

    assert submit(client, "AutoEvalDataset", row, fenced("def read():\n    return open('a.txt').read()\n"))["accepted"]
    assert not submit(client, "AutoEvalDataset", row, fenced("def read():\n    return ''\n"))["accepted"]


def test_what_mbpp_sets_up_comes_first_and_of_its_shown_assertions_the_last_counts(client: TestClient) -> None:
    row = mbpp("assert wrong", "assert square(K) == 4", setup="K = 2")

    assert submit(client, "MBPPDataset", row, f"{fenced(SQUARE)}[DONE]{fenced(WRONG)}", is_fewshot=True)["accepted"]
    assert not submit(client, "MBPPDataset", row, fenced(SQUARE))["accepted"]


CPP_TESTS = "}\nint main() {\n    auto candidate = square;\n    assert(candidate(2) == 4);\n}\n"


@pytest.mark.parametrize(
    ("code", "right"),
    [
        ("#include <bits/stdc++.h>\nusing namespace std;\nlong square(long n) {\n    return n * n;\n}\n", True),
        ("long square(long n) {\n    return n * n;\n}\nint main() {\n    return 1;\n}\n", True),
        ("long square(long n) {\n    return n + 1;\n}\n", False),
        ("long square(long n) {\n    exit(0);\n}\n", False),
        ("long square(long n) {\n    return;;\n}\n", False),
    ],
)
def test_assertions_of_cpp_begin_where_the_function_ends(client: TestClient, code: str, right: bool) -> None:
    row = {"type": "assert", "tests": CPP_TESTS, "stop_tokens": ["\n}"]}
    config = {"language": "cpp", "provided_data": {"test_cases": row}}

    scale_box = client.post("/common_evaluate_batch", json={"completion": fenced(code, "cpp"), "config": config}).json()
    row = {**row, "language": "cpp"}
    fusion = submit(client, "MultiPLEDataset", row, fenced(code, "cpp"), extra={"is_freeform": True})

    assert (scale_box["accepted"], fusion["accepted"]) == (right, right)


@pytest.mark.parametrize(("code", "right"), [(SQUARE, True), (WRONG, False), (ENDS, False)])
def test_scale_box_takes_human_evals_assertions(client: TestClient, code: str, right: bool) -> None:
    tests = {"type": "assert", "test": TESTS, "entry_point": "square"}
    config = {"language": "python", "provided_data": {"test_cases": tests}}

    answer = client.post("/common_evaluate_batch", json={"completion": fenced(code), "config": config}).json()

    assert (answer["accepted"], [test["passed"] for test in answer["tests"]]) == (right, [right])


@pytest.mark.parametrize(
    ("kind", "row", "config", "says"),
    [
        ("HumanEvalDataset", {"prompt": ""}, {}, "test"),
        ("HumanEvalDataset", human_eval(entry_point=""), {"extra": {"is_freeform": True}}, "entry_point"),
        ("MultiPLEDataset", {"tests": "(f)", "language": "rkt"}, {"extra": {"is_freeform": True}}, "it can in"),
        ("AutoEvalDataset", {**auto_eval("class T {}", "java")}, {}, "java"),
        ("AutoEvalDataset", auto_eval("x = 1"), {}, "assertions: "),
        ("AutoEvalDataset", auto_eval("assert f()"), {"extra": {"repr_code": True}}, "repr_code"),
        ("AutoEvalDataset", auto_eval("assert f()"), {"extra": {"mode": "fast"}}, "same_process"),
        ("AutoEvalDataset", auto_eval("try:\n  #<INSERT>\nexcept E: pass"), {}, "line of its own"),
        ("MBPPDataset", mbpp(), {}, "test_list"),
        ("AutoEvalDataset", None, {}, "provided_data"),
    ],
)
def test_test_code_that_cannot_be_run_is_refused(
    client: TestClient, kind: str, row: Any, config: dict[str, Any], says: str
) -> None:
    assert says in submit(client, kind, row, fenced(SQUARE), status=400, **config)["detail"]


def test_no_code_is_a_failed_test(client: TestClient) -> None:
    answer = submit(client, "AutoEvalDataset", auto_eval("assert square(2) == 4"), "I do not know.")

    assert (answer["accepted"], answer["extracted_code"]) == (False, "")


def test_our_failure_is_a_status_and_no_failed_assertion(broken_client: TestClient) -> None:
    submit(broken_client, "AutoEvalDataset", auto_eval("assert square(2) == 4"), fenced(SQUARE), status=504)
