"""The packages that other services publish as their clients, unchanged, against this one."""

from collections.abc import Iterator

import judge0
import pytest
import sandbox_fusion
from sandbox_fusion import RunCodeRequest, RunStatus, SubmitRequest, TestConfig

from tests.e2e.service import Running, running

SQUARE = "print(int(input()) ** 2)"
CPP_DOUBLE = '#include <cstdio>\nint main() { int n; scanf("%d", &n); printf("%d", n * 2); }'


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    with running(tmp_path_factory.mktemp("service")) as service:
        yield service


@pytest.fixture
def fusion(service: Running) -> None:
    sandbox_fusion.set_sandbox_endpoint(f"http://127.0.0.1:{service.port}")
    sandbox_fusion.set_dataset_endpoint(f"http://127.0.0.1:{service.port}")


@pytest.mark.parametrize(
    ("request_", "status", "stdout"),
    [
        (RunCodeRequest(code=SQUARE, language="python", stdin="12"), RunStatus.Success, "144\n"),
        (RunCodeRequest(code=CPP_DOUBLE, language="cpp", stdin="21"), RunStatus.Success, "42"),
        (RunCodeRequest(code="while True: pass", language="python", run_timeout=0.5), RunStatus.Failed, ""),
        (RunCodeRequest(code="exit(3)", language="python"), RunStatus.Failed, ""),
    ],
)
def test_sandbox_fusions_package_runs_code(
    fusion: None, request_: RunCodeRequest, status: RunStatus, stdout: str
) -> None:
    response = sandbox_fusion.run_code(request_)

    assert (response.status, response.run_result.stdout) == (status, stdout)


def test_sandbox_fusions_package_runs_many_at_once(fusion: None) -> None:
    requests = [[RunCodeRequest(code=f"print({number})", language="python")] for number in range(40)]

    responses = sandbox_fusion.run_concurrent(sandbox_fusion.run_code, args=requests)

    assert [response.run_result.stdout for response in responses] == [f"{number}\n" for number in range(40)]


@pytest.mark.parametrize(("code", "accepted"), [(SQUARE, True), ("print(9)", False)])
def test_sandbox_fusions_package_submits_completions(fusion: None, code: str, accepted: bool) -> None:
    tests = [{"input": {"stdin": str(n)}, "output": {"stdout": str(n * n)}} for n in (3, 4)]
    config = TestConfig(
        language="python",
        dataset_type="CommonOJDataset",
        provided_data={"id": 1, "content": "", "labels": {}, "test": tests},
        extra={"run_all_cases": True},
    )

    result = sandbox_fusion.submit(
        SubmitRequest(dataset="mine", id=1, completion=f"```python\n{code}\n```", config=config)
    )

    assert (result.accepted, len(result.tests)) == (accepted, 2)


@pytest.fixture(scope="module")
def judge(service: Running) -> judge0.Client:
    return judge0.Client(f"http://127.0.0.1:{service.port}")


def test_judge0s_package_runs_a_program(judge: judge0.Client) -> None:
    submission = judge0.run(client=judge, source_code="print(input())", stdin="hello", language=judge0.PYTHON)

    assert (submission.status, submission.stdout) == (judge0.Status.ACCEPTED, "hello\n")


def test_judge0s_package_judges_test_cases(judge: judge0.Client) -> None:
    cases = [("2", "4"), ("3", "9"), ("4", "17")]

    submissions = judge0.run(client=judge, source_code=SQUARE, language=judge0.PYTHON, test_cases=cases)

    assert [submission.status.name for submission in submissions] == ["ACCEPTED", "ACCEPTED", "WRONG_ANSWER"]


def test_judge0s_package_is_told_what_does_not_compile(judge: judge0.Client) -> None:
    submission = judge0.run(client=judge, source_code="int main( {", language=judge0.CPP)

    assert submission.status is judge0.Status.COMPILATION_ERROR
    assert "main.cpp" in submission.compile_output
