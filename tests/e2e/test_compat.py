"""Foreign APIs over the wire, with a real Redis, a real worker and real programs."""

import base64
import concurrent.futures
from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from tests.e2e.service import Running, running


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    with running(tmp_path_factory.mktemp("service")) as service:
        yield service


@pytest.fixture
def client(service: Running) -> httpx.Client:
    return service.client


def test_code_judge_answers_a_trainers_posts_side_by_side(client: httpx.Client) -> None:
    def post(number: int) -> list[dict[str, Any]]:
        submissions = [
            {
                "type": "python",
                "sub_id": f"{number}-{i}",
                "solution": f"print(int(input()) * {number} + {i % 2})",
                "input": str(i),
                "expected_output": str(i * number),
            }
            for i in range(40)
        ]
        answer = client.post("/judge/long-batch", json={"type": "batch", "submissions": submissions})
        results: list[dict[str, Any]] = answer.json()["results"]
        return results

    with concurrent.futures.ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(post, range(8)))

    for number, results in enumerate(answers):
        assert [result["sub_id"] for result in results] == [f"{number}-{i}" for i in range(40)]
        assert [result["success"] for result in results] == [i % 2 == 0 for i in range(40)]


def test_sandbox_fusion_runs_a_program_for_each_of_verls_requests(client: httpx.Client) -> None:
    def post(number: int) -> tuple[str, str]:
        code = "import sys\nprint(int(input()) ** 2)\nsys.exit(int(open('code').read()))"
        files = {"code": base64.b64encode(str(number % 2).encode()).decode()}
        request = {"code": code, "stdin": str(number), "language": "python", "memory_limit_MB": 1024, "files": files}
        body = client.post("/run_code", json=request).json()
        return body["status"], body["run_result"]["stdout"]

    with concurrent.futures.ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(post, range(32)))

    assert answers == [("Failed" if number % 2 else "Success", f"{number**2}\n") for number in range(32)]


def test_piston_grades_open_r1s_requests(client: httpx.Client) -> None:
    checker = "import sys\nprint(int(open(sys.argv[3]).read().split() == open(sys.argv[2]).read().split()))"
    files = {
        "main.python": "print(int(input()) ** 2)",
        "checker.py": checker,
        "input.txt": "3",
        "correct_output.txt": "9",
        "grader_config": "TIME_LIMIT=2\nMEMORY_LIMIT=256\nINPUT_MODE=stdio",
    }
    named = [{"name": name, "content": content} for name, content in files.items()]
    request = {"language": "cf_python3", "version": "*", "files": named, "run_timeout": 12000}

    answer = client.post("/api/v2/execute", json=request).json()

    assert (answer["compile"]["code"], answer["run"]["code"], answer["run"]["stdout"].strip()) == (0, 0, "1")


def test_judge0_and_a_trainer_are_answered_by_one_queue(client: httpx.Client) -> None:
    submission = {"language_id": 71, "source_code": "print(input())", "stdin": "a", "expected_output": "a"}
    sample = {"prompt": "", "response": "```python\nprint(input())\n```", "label": {"inputs": ["a"], "outputs": ["a"]}}

    judged = client.post("/submissions?wait=true", json=submission).json()
    reward = client.post("/rm", json=sample).json()

    assert (judged["status"]["description"], reward) == ("Accepted", 1.0)


def test_scale_box_answers_in_the_order_of_the_inputs(client: httpx.Client) -> None:
    tests = {"type": "stdin_stdout", "input": [str(n) for n in range(80)], "output": [str(n % 7) for n in range(80)]}
    config = {"language": "python", "provided_data": {"test_cases": tests}, "extra": {"run_all_cases": True}}

    body = {"completion": "```python\nprint(int(input()) % 8)\n```", "config": config}
    answer = client.post("/common_evaluate_batch", json=body).json()

    assert [test["passed"] for test in answer["tests"]] == [n % 7 == n % 8 for n in range(80)]
