"""What services and trainers are known to get wrong, and we do not."""

import json
from collections.abc import Sequence
from typing import Any

import pytest
from fastapi.testclient import TestClient

from sandbox_service.client import Client, NotAnswered
from sandbox_service.client.transport import Patience
from sandbox_service.client.trl import code_reward

SQUARE = "print(int(input()) ** 2)"
TESTS = [{"stdin": f"{n}\n", "expected": f"{n * n}\n"} for n in range(3)]


def fenced(code: str, before: str = "") -> str:
    return f"{before}```python\n{code}\n```"


def rewarded(client: TestClient, completions: Sequence[str], **more: Any) -> list[Any]:
    items = [{"id": f"r{i}", "completion": completion} for i, completion in enumerate(completions)]
    body = {"problem": {"tests": TESTS}, "items": items, "language": "python", "reward": "xcoder", **more}
    answer = client.post("/v1/rewards", json=body)
    assert answer.status_code == 200, answer.text
    rewards: list[Any] = answer.json()["rewards"]
    assert [reward["id"] for reward in rewards] == [item["id"] for item in items]
    return rewards


# ---------------------------------------------------------------- 1: a reward given to another's response


def test_1_completions_that_do_not_compile_shuffle_no_rewards(client: TestClient) -> None:
    completions = [fenced(SQUARE), "no code", fenced("print(7)"), fenced("print(")] * 5

    rewards = rewarded(client, completions)

    assert [reward["reward"] for reward in rewards] == [5.0, -2.0, 0.0, -2.0] * 5


# ---------------------------------------------------------------- 2: a draft judged in place of the answer


@pytest.mark.parametrize(
    "before",
    [
        "<think>" + fenced("print('a draft')") + "</think>\n",
        fenced("print('a draft')") + "\nBetter:\n",
        "```cpp\nint main() {}\n```\nIn Python:\n",
    ],
)
def test_2_the_last_block_of_the_answer_is_what_runs(client: TestClient, before: str) -> None:
    (reward,) = rewarded(client, [fenced(SQUARE, before)])

    assert (reward["reward"], reward["code"]) == (5.0, f"{SQUARE}\n")


# ---------------------------------------------------------------- 3: no patience, and a failed request scored as wrong


def test_3_a_service_that_is_away_is_no_reward() -> None:
    with Client("http://127.0.0.1:9", patience=Patience(away_seconds=0.1)) as away:
        assert code_reward("tests", client=away)(completions=["x"], tests=[{"inputs": ["1"], "outputs": ["1"]}]) == [
            None
        ]
        with pytest.raises(NotAnswered):
            away.rewards([fenced(SQUARE)], problem={"tests": TESTS}, language="python")


def test_3_a_sample_that_cannot_be_judged_leaves_the_others_their_results(client: TestClient) -> None:
    good = {"type": "python", "solution": SQUARE, "input": "2", "expected_output": "4"}
    bad = good | {"solution": "\0"}

    answer = client.post("/judge/long-batch", json={"type": "batch", "submissions": [good, bad, good]})

    assert [result["success"] for result in answer.json()["results"]] == [True, False, True]


# ---------------------------------------------------------------- 4: a failure of the service scored as a wrong answer


def test_4_our_failure_has_no_reward(broken_client: TestClient) -> None:
    (reward,) = rewarded(broken_client, [fenced(SQUARE)])

    assert (reward["reward"], reward["verdict"]) == (None, "judge_error")


@pytest.mark.parametrize("broken_client", [1], indirect=True)
def test_4_our_failure_is_tried_again_before_a_trainer_that_ignores_reasons_hears_of_it(
    broken_client: TestClient,
) -> None:
    submission = {"type": "python", "solution": SQUARE, "input": "2", "expected_output": "4"}

    answer = broken_client.post("/judge/long-batch", json={"type": "batch", "submissions": [submission]}).json()

    assert [result["success"] for result in answer["results"]] == [True]


# ---------------------------------------------------------------- 5: a batch of nothing refused


def test_5_a_batch_of_nothing_is_no_error(client: TestClient) -> None:
    answer = client.post("/judge/long-batch", json={"type": "batch", "submissions": []})

    assert (answer.status_code, answer.json()["results"]) == (200, [])


# ---------------------------------------------------------------- 6: a program that ends before its test


@pytest.mark.parametrize("leave", ["import sys; sys.exit(0)", "import os; os._exit(0)", "raise SystemExit", "exit()"])
def test_6_a_program_that_ends_before_its_test_has_not_passed_it(client: TestClient, leave: str) -> None:
    solution = f"def add(a, b):\n    return 0\n{leave}\nassert add(1, 2) == 3"

    answer = client.post("/judge", json={"type": "python", "solution": solution}).json()

    assert answer["success"] is False


# ---------------------------------------------------------------- 7: no result counted as a pass, and tests in reach


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("/submit", {"completion": fenced(SQUARE), "config": {"dataset_type": "LiveCodeBenchDataset"}}),
        ("/common_evaluate_batch", {"completion": fenced(SQUARE), "config": {"language": "python"}}),
        ("/v1/judge", {"problem": {"tests": []}, "submissions": [{"id": "s", "language": "python", "source": SQUARE}]}),
        ("/apis/functioncalls", {"language": "PYTHON", "code": SQUARE, "testcases": []}),
        ("/get_reward", {"query": [fenced(SQUARE)], "prompts": [""], "labels": [{"inputs": [], "outputs": []}]}),
    ],
)
def test_7_a_program_without_tests_has_not_passed(client: TestClient, path: str, body: dict[str, Any]) -> None:
    if "config" in body:
        nothing = {"test": json.dumps({"input_output": json.dumps({"inputs": [], "outputs": []})}), "test_cases": []}
        body = {**body, "config": {**body["config"], "provided_data": nothing}}

    assert client.post(path, json=body).status_code in (400, 422)


EXPECTED = "16180339887"
LOOKS_AROUND = r"""
import gc, os, re, sys
frame, seen = sys._getframe(), []
while frame:
    seen += [repr(frame.f_locals), repr(frame.f_globals)]
    frame = frame.f_back
seen += [repr(one) for one in gc.get_objects() if isinstance(one, (str, bytes, dict, list, tuple))]
for start in (".", f"/proc/{os.getppid()}", "/proc/self"):
    for folder, _, names in os.walk(start):
        for name in names:
            try:
                file = os.open(os.path.join(folder, name), os.O_RDONLY | os.O_NONBLOCK)
                seen.append(os.pread(file, 10**6, 0).decode())
            except (OSError, ValueError):
                pass
print(*set(re.findall(r"\b16180\d{6}\b", " ".join(seen))))
"""
EQUAL_TO_ALL = """
class Equal(str):
    def __eq__(self, other): return True
    def __ne__(self, other): return False
    def split(self, *_): return [self]
    strip = lambda self, *_: self
print(Equal("anything"))
"""


@pytest.mark.parametrize("program", [LOOKS_AROUND, EQUAL_TO_ALL])
def test_7_what_is_expected_is_out_of_the_programs_reach(client: TestClient, program: str) -> None:
    assert not passes(client, program, "", EXPECTED)


# ---------------------------------------------------------------- 8: an imitated standard input


def passes(client: TestClient, program: str, stdin: str, expected: str) -> bool:
    """By LiveCodeBench's rules, in the two APIs that have them; both say the same."""
    told = json.dumps({"inputs": [stdin], "outputs": [expected], "fn_name": None})
    config = {"dataset_type": "LiveCodeBenchDataset", "provided_data": {"test": {"input_output": told}}}
    submitted = client.post("/submit", json={"completion": fenced(program), "config": config}).json()
    tests = [{"input": stdin, "output": expected}]
    tested = client.post("/test_program_stdio", json={"program": program, "tests": tests}).json()
    assert submitted["accepted"] is (tested["results"] == [1])
    accepted: bool = submitted["accepted"]
    return accepted


@pytest.mark.parametrize(
    "program",
    [
        "import sys\nfor line in sys.stdin: print(line.strip())",
        "import sys\nprint(input())\nprint(sys.stdin.read().strip())",
        "import sys\nprint(input())\nprint(*[line.strip() for line in sys.stdin.readlines()])",
        "import sys\nlines = sys.stdin.readlines()\nassert lines == ['1\\n', '2\\n']\nprint(''.join(lines))",
        "import sys\nprint(sys.stdin.buffer.readline().decode().strip())\nprint(sys.stdin.buffer.readline().decode())",
        "import sys\nprint(b''.join(sys.stdin.buffer.readlines()).decode())",
        "print(open(0).read())",
        "import os\nprint(os.read(0, 100).decode())",
        "import io, os\nfile = io.BytesIO(os.read(0, 100))\nprint(file.readline().decode() + file.readline().decode())",
        "import sys\nsys.stdout.buffer.write(sys.stdin.buffer.read())",
        "import os\nos.write(1, os.read(0, 100))",
        "count = 0\ndef add():\n    global count\n    count += 1\nadd()\nprint(count)\nadd()\nprint(count)",
        "def main():\n    print(1)\nif __name__ == '__main__':\n    main()\nprint(2)",
        "try:\n    while True: print(input())\nexcept BaseException: pass",
        "from __future__ import annotations\nprint(1)\nprint(2)",
        "import sys\nprint(1)\nprint(2)\nsys.exit()",
    ],
)
def test_8_programs_that_read_and_write_as_programs_do_are_right(client: TestClient, program: str) -> None:
    assert passes(client, program, "1\n2\n", "1\n2\n")
