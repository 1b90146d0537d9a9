"""POST /v1/matrix: each different solution on each different input once, and an answer for every pair."""

from typing import Any

import pytest
from fastapi.testclient import TestClient

from sandbox_service.api.matrices import job_of, matrix_of
from sandbox_service.models import Judgement, MatrixRequest, TestResult, Tier, Verdict
from tests.unit.api.test_door import changed

REQUEST: dict[str, Any] = {
    "solutions": [
        {"id": "a", "language": "python", "source": "x"},
        {"id": "b", "language": "python", "source": "y"},
        {"id": "c", "language": "python", "source": "x"},
    ],
    "inputs": ["1", "2", "1"],
}


def ran(stdout: str, verdict: Verdict = Verdict.ACCEPTED) -> TestResult:
    return TestResult(
        verdict=verdict, score=1.0, cpu_seconds=0.5, wall_seconds=1, memory_bytes=0, exit_code=0, signal=None,
        stdout=stdout, stdout_truncated=False, stderr="", stderr_truncated=False,
    )  # fmt: skip


def judgement(identity: str, *results: TestResult, verdict: Verdict = Verdict.ACCEPTED) -> Judgement:
    return Judgement(
        id=identity, verdict=verdict, reward=None, score=1.0, passed=0, total=2,
        compilation=None, results=results, isolation=Tier.NAMESPACES,
    )  # fmt: skip


def test_what_is_the_same_is_run_once() -> None:
    job = job_of(MatrixRequest.model_validate(REQUEST))

    assert [submission.id for submission in job.submissions] == ["a", "b"]
    assert [(test.stdin, test.expected) for test in job.problem.tests or ()] == [("1", None), ("2", None)]


def test_what_comes_with_other_files_is_not_the_same() -> None:
    first, second, third = REQUEST["solutions"]
    solutions = [first | {"files": {"a": "MQ=="}}, second, third]

    job = job_of(MatrixRequest.model_validate(REQUEST | {"solutions": solutions}))

    assert [submission.id for submission in job.submissions] == ["a", "b", "c"]


def test_what_is_the_same_is_told_for_everyone_and_its_text_once() -> None:
    request = MatrixRequest.model_validate(REQUEST)
    judgements = [judgement("a", ran("out"), ran("other")), judgement("b", ran("out"), ran("", Verdict.RUNTIME_ERROR))]

    matrix = matrix_of(request, job_of(request), judgements)

    assert [row.id for row in matrix.rows] == ["a", "b", "c"]
    texts = [[matrix.outputs[cell.output or ""] for cell in row.cells] for row in matrix.rows]
    assert texts == [["out", "other", "out"], ["out", "", "out"], ["out", "other", "out"]]
    assert len(matrix.outputs) == 3
    assert matrix.rows[1].cells[1].verdict is Verdict.RUNTIME_ERROR


@pytest.mark.parametrize("verdict", [Verdict.COMPILE_ERROR, Verdict.JUDGE_ERROR])
def test_a_solution_that_never_ran_has_a_cell_for_each_input(verdict: Verdict) -> None:
    request = MatrixRequest.model_validate(REQUEST)

    matrix = matrix_of(request, job_of(request), [judgement("a", verdict=verdict), judgement("b", ran("1"), ran("2"))])

    assert [(cell.verdict, cell.output) for cell in matrix.rows[2].cells] == [(verdict, None)] * 3


def test_a_matrix_is_one_job(client: TestClient, queue: Any) -> None:
    answer = client.post("/v1/matrix", json=REQUEST)

    assert answer.status_code == 200
    assert [row["id"] for row in answer.json()["rows"]] == ["a", "b", "c"]
    assert len(queue.jobs) == 1


@pytest.mark.parametrize(
    ("place", "value", "field"),
    [
        ("inputs", [], "inputs"),
        ("inputs", [str(n) for n in range(6)], "inputs"),
        ("inputs/1", "\0", "inputs.1"),
        ("solutions", [], "solutions"),
        ("solutions/1/id", "a", "solutions"),
        ("solutions/1/language", "pyhton", "solutions.1.language"),
        ("solutions/1", {"id": "z", "language": "python", "source": "x" * 1001}, "solutions.1.source"),
        ("limits", {"cpu_seconds": 11}, "limits.cpu_seconds"),
        ("returned_output_bytes", -1, "returned_output_bytes"),
        ("checker", "exact", "checker"),
    ],
)
def test_what_cannot_be_is_refused_by_its_field(
    client: TestClient, queue: Any, place: str, value: Any, field: str
) -> None:
    answer = client.post("/v1/matrix", json=changed(REQUEST, place, value))

    assert (answer.status_code, answer.json()["error"]["field"]) == (422, field)
    assert not queue.jobs


def test_a_fault_is_told_of_the_solution_as_it_was_sent(client: TestClient) -> None:
    solutions = [*REQUEST["solutions"], {"id": "d", "language": "pyhton", "source": "z"}]

    answer = client.post("/v1/matrix", json=REQUEST | {"solutions": solutions})

    assert answer.json()["error"]["field"] == "solutions.3.language"
