"""What SandboxFusion's callers send, and what they read of the answer."""

import base64
import json
from typing import Any

import pytest
from fastapi.testclient import TestClient

from sandbox_service.compat import sandbox_fusion
from sandbox_service.settings import Settings
from tests.compat.conftest import serving

SQUARE = "print(int(input()) ** 2)"
HALF = "n = int(input())\nprint(n ** 2 if n % 2 == 0 else -1)"


def b64(text: str) -> str:
    return base64.b64encode(text.encode()).decode()


def verl(code: str, **more: Any) -> dict[str, Any]:
    """A request as verl's reward makes it."""
    return {
        "compile_timeout": 10, "run_timeout": 10, "code": code, "stdin": None, "memory_limit_MB": 1024,
        "language": "python", "files": {}, "fetch_files": [], **more,
    }  # fmt: skip


def run(client: TestClient, code: str, **more: Any) -> dict[str, Any]:
    answer = client.post("/run_code", json=verl(code, **more))
    assert answer.status_code == 200
    body: dict[str, Any] = answer.json()
    return body


def submission(code: str, cases: Any, **config: Any) -> dict[str, Any]:
    return {
        "dataset": "mine",
        "id": 7,
        "completion": f"So:\n```python\n{code}\n```\n",
        "config": {
            "dataset_type": "CommonOJDataset", "language": "python", "provided_data": {"test": cases}, **config,
        },
    }  # fmt: skip


def cases(*pairs: tuple[str, str]) -> list[dict[str, Any]]:
    return [{"input": {"stdin": given}, "output": {"stdout": wanted}} for given, wanted in pairs]


def test_it_is_alive(client: TestClient) -> None:
    assert client.get("/v1/ping").json() == "pong"
    assert client.get("/").status_code == 200


def test_a_program_that_ends_well_is_a_success(client: TestClient) -> None:
    answer = run(client, SQUARE, stdin="12")

    assert answer["run_result"].pop("execution_time") > 0
    assert answer == {
        "status": "Success", "message": "", "compile_result": None, "executor_pod_name": None, "files": {},
        "run_result": {"status": "Finished", "return_code": 0, "stdout": "144\n", "stderr": ""},
    }  # fmt: skip


@pytest.mark.parametrize(
    ("code", "return_code", "stderr"),
    [
        ("assert 1 == 2", 1, "AssertionError"),
        ("int a = 1", 1, "SyntaxError: invalid syntax"),
        ("print(1)\0", 1, "SyntaxError"),
        ("import sys; sys.exit(3)", 3, ""),
        ("import os; os.abort()", -6, ""),
        ("x = bytearray(2 * 2**30)", 1, ""),
    ],
)
def test_a_program_that_fails_has_finished_with_its_code(
    client: TestClient, code: str, return_code: int, stderr: str
) -> None:
    answer = run(client, code)

    assert (answer["status"], answer["compile_result"]) == ("Failed", None)
    assert answer["run_result"]["status"] == "Finished"
    assert answer["run_result"]["return_code"] in (return_code, -9)
    assert stderr in answer["run_result"]["stderr"]


def test_time_that_ran_out_has_no_return_code(client: TestClient) -> None:
    answer = run(client, "import time; print(1, flush=True); time.sleep(2)", run_timeout=0.1)

    assert answer["status"] == "Failed"
    assert answer["run_result"]["status"] == "TimeLimitExceeded"
    assert (answer["run_result"]["return_code"], answer["run_result"]["stdout"]) == (None, "1\n")


def test_a_program_that_does_not_compile_never_runs(client: TestClient) -> None:
    answer = run(client, "int main() { object i = ?; }", language="cpp")

    assert (answer["status"], answer["run_result"]) == ("Failed", None)
    assert (answer["compile_result"]["status"], answer["compile_result"]["return_code"]) == ("Finished", 1)
    assert "error" in answer["compile_result"]["stderr"]


def test_a_program_that_compiles_has_both_results(client: TestClient) -> None:
    answer = run(client, '#include <cstdio>\nint main() { puts("hi"); }', language="cpp")

    assert (answer["compile_result"]["return_code"], answer["run_result"]["stdout"]) == (0, "hi\n")


def test_files_are_laid_and_fetched(client: TestClient) -> None:
    code = "open('out.txt', 'w').write(open('dir/in.txt').read() * 2)"
    files = {"./dir/in.txt": b64("ab"), "left_out": None}

    answer = run(client, code, files=files, fetch_files=["./out.txt", "none", "/etc/passwd", "../x"])

    assert (answer["status"], answer["files"]) == ("Success", {"./out.txt": b64("abab")})


@pytest.mark.parametrize(
    ("more", "says"),
    [
        ({"language": "lean"}, "not offered here"),
        ({"files": {"../up": ""}}, "not a relative name"),
        ({"files": {"a": "no base64"}}, "base64"),
        ({"run_timeout": 10**6}, "at most"),
    ],
)
def test_what_cannot_be_run_here_is_a_sandbox_error(client: TestClient, more: dict[str, Any], says: str) -> None:
    answer = run(client, "print(1)", **more)

    assert answer["status"] == "SandboxError"
    assert says in answer["message"]


@pytest.mark.parametrize("broken_client", [1], indirect=True)
def test_our_failure_is_tried_again_before_it_is_told(broken_client: TestClient) -> None:
    assert run(broken_client, "print(1)")["status"] == "Success"


def test_our_failure_is_told_as_one(broken_client: TestClient) -> None:
    answer = run(broken_client, "print(1)")
    evaluated = broken_client.post("/submit", json=submission(SQUARE, cases(("1", "1"))))

    assert (answer["status"], answer["run_result"]) == ("SandboxError", None)
    assert answer["message"] == "the sandbox failed 3 times"
    assert (evaluated.status_code, evaluated.json()) == (504, {"detail": "the sandbox failed 3 times"})


def test_overload_is_the_status_after_which_verl_tries_again(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sandbox_fusion, "WAIT_SECONDS", -19.8)
    with serving(Settings(workers=1)) as client:
        answer = client.post("/run_code", json=verl("import time; time.sleep(3)"))

    assert (answer.status_code, int(answer.headers["Retry-After"]) > 0) == (504, True)
    assert "in time" in answer.json()["detail"]


def test_a_body_that_cannot_be_is_refused_as_fastapi_does(client: TestClient) -> None:
    answer = client.post("/run_code", json=verl("", run_timeout="soon"))
    other = client.post("/run_code", json=verl("", language="cobol"))

    assert (answer.status_code, answer.json()["detail"][0]["loc"]) == (422, ["body", "run_timeout"])
    assert (other.status_code, other.json()["detail"][0]["loc"]) == (422, ["body", "language"])


def test_a_completion_is_evaluated_up_to_its_first_failure(client: TestClient) -> None:
    tests = cases(("2", "4"), ("3", "9"), ("4", "16"))

    first = client.post("/submit", json=submission(HALF, tests)).json()
    every = client.post("/submit", json=submission(HALF, json.dumps(tests), extra={"run_all_cases": True})).json()

    assert (first["id"], first["accepted"], first["extracted_code"]) == (7, False, f"{HALF}\n")
    assert [test["passed"] for test in first["tests"]] == [True, False]
    assert [test["passed"] for test in every["tests"]] == [True, False, True]
    assert every["tests"][0]["test_info"] == tests[0]
    assert every["tests"][0]["exec_info"]["run_result"]["stdout"] == "4\n"


@pytest.mark.parametrize(
    ("printed", "wanted", "passed"),
    [
        ("YES", "yes", True),
        ("0.333333", "0.3333333", True),
        ("0.33", "0.3333333", False),
        ("1\\n2", "1\n2\n", True),
        ("1 2", "1\n2", False),
        ("", "", True),
    ],
)
def test_outputs_are_compared_as_there(client: TestClient, printed: str, wanted: str, passed: bool) -> None:
    answer = client.post("/submit", json=submission(f"print('{printed}')", cases(("", wanted)))).json()

    assert answer["accepted"] is passed


@pytest.mark.parametrize(
    ("completion", "code"),
    [
        ("```cpp\nint main;\n```\n```python\nprint(1)\n```\n```python\nprint(2)\n```", "print(1)\n"),
        ("<think>\n```python\nprint(0)\n```\n</think>\n```python\nprint(1)\n```", "print(1)\n"),
        ("```python\nprint(1)\n", "print(1)\n"),
        ("nothing", ""),
    ],
)
def test_the_first_block_in_the_language_is_the_program(client: TestClient, completion: str, code: str) -> None:
    request = submission("", cases(("", "1"))) | {"completion": completion}

    answer = client.post("/submit", json=request).json()

    assert (answer["extracted_code"], answer["accepted"]) == (code, bool(code))
    assert len(answer["tests"]) == 1


def test_livecodebenchs_tests_of_standard_input_are_evaluated(client: TestClient) -> None:
    data = {"inputs": ["2\n", "3\n"], "outputs": ["4.0", "9"], "fn_name": None}
    row = {"id": 1, "labels": {}, "content": "", "test": {"input_output": json.dumps(data)}}
    config = {"dataset_type": "LiveCodeBenchDataset"}

    right, wrong = (
        client.post("/submit", json=submission(code, [], provided_data=row, **config)) for code in (SQUARE, HALF)
    )

    assert [right.json()["accepted"], wrong.json()["accepted"]] == [True, False]
    assert len(right.json()["tests"]) == 1


def test_livecodebenchs_functions_are_called(client: TestClient) -> None:
    data = {"inputs": ["[1, 2]\n3", "[]\n0"], "outputs": ["[3, 6]", "[]"], "fn_name": "scaled"}
    row = {"id": 1, "labels": {}, "content": "", "test": {"input_output": json.dumps(data)}}
    right = "class Solution:\n    def scaled(self, numbers: List[int], by: int): return tuple(n * by for n in numbers)"
    codes = (right, right.replace("*", "+"), "import os\nos._exit(0)", right.replace("scaled", "other"))

    answers = [
        client.post("/submit", json=submission(code, [], provided_data=row, dataset_type="LiveCodeBenchDataset"))
        for code in codes
    ]

    assert [answer.json()["accepted"] for answer in answers] == [True, False, False, False]


@pytest.mark.parametrize(
    ("config", "says"),
    [
        ({"dataset_type": "AutoEvalDataset"}, "labels"),
        ({"dataset_type": "HumanEvalDataset"}, "'test' must be a text"),
        ({"dataset_type": "VerilogDataset"}, "available: CommonOJDataset"),
        ({"dataset_type": None}, "mine"),
        ({"provided_data": None}, "provided_data"),
        ({"provided_data": {}}, "lacks 'test'"),
        ({"provided_data": {"test": []}}, "one test or more"),
        ({"provided_data": {"test": "gASVBQAAAAAAAABdlC4="}}, "not JSON"),
        ({"language": None}, "config.language"),
    ],
)
def test_what_cannot_be_evaluated_is_refused(client: TestClient, config: dict[str, Any], says: str) -> None:
    answer = client.post("/submit", json=submission(SQUARE, cases(("1", "1")), **config))

    assert answer.status_code == 400
    assert says in answer.json()["detail"]


@pytest.mark.parametrize("path", ["/list_ids", "/get_prompts", "/get_prompt_by_id", "/get_metrics"])
def test_no_data_set_is_kept(client: TestClient, path: str) -> None:
    assert client.get("/list_datasets").json() == []
    assert client.post(path, json={"dataset": "mbpp", "config": {}}).status_code == 400


@pytest.mark.parametrize(
    ("language", "code", "status"),
    [
        ("java", "public class Main { public static void main(String[] a) { assert 1 == 2; } }", "Failed"),
        ("typescript", "const n: number = 'one';\nconsole.log(n);", "Success"),
        ("D_ut", "unittest { assert(1 == 2); }\nvoid main() {}", "Failed"),
        ("D_ut", "unittest { assert(1 == 1); }\nvoid main() {}", "Success"),
    ],
)
def test_what_a_language_looks_at_is_what_it_does_there(
    client: TestClient, language: str, code: str, status: str
) -> None:
    answer = run(client, language=language, code=code)

    if "no toolchain" in answer["message"]:
        pytest.skip(answer["message"])
    assert answer["status"] == status


@pytest.mark.parametrize(("units", "printed"), [("unittest { assert(1 == 1); }\n", ""), ("", "main\n")])
def test_main_is_called_where_there_are_no_unit_tests_as_the_runtime_of_d_has_it(
    client: TestClient, units: str, printed: str
) -> None:
    answer = run(client, language="D_ut", code=f'import std.stdio;\n{units}void main() {{ writeln("main"); }}')

    if "no toolchain" in answer["message"]:
        pytest.skip(answer["message"])
    assert answer["status"] == "Success"
    assert answer["run_result"]["stdout"] == printed
