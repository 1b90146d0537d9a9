"""The client against a whole service that loses its API on the way."""

import concurrent.futures
from collections.abc import Iterator
from pathlib import Path

import pytest

from sandbox_service.client import Client, ServiceAway, dual_verification
from sandbox_service.client.transport import Patience
from sandbox_service.client.trl import code_reward
from tests.e2e.service import Running, free_port, running

SQUARE = "```python\nprint(int(input()) ** 2)\n```"
SLOW_SQUARE = "```python\nimport time; time.sleep(0.2); print(int(input()) ** 2)\n```"
DOUBLE = "print(int(input()) * 2)"
PROBLEM = {"tests": [{"stdin": "2\n", "expected": "4\n"}, {"stdin": "3\n", "expected": "9\n"}]}


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    with running(tmp_path_factory.mktemp("service")) as service:
        yield service


@pytest.fixture
def client(service: Running) -> Iterator[Client]:
    with Client(f"http://127.0.0.1:{service.port}") as client:
        yield client


def test_every_completion_gets_its_own_reward(client: Client) -> None:
    completions = [SQUARE if number % 3 else f"```python\nprint({number})\n```" for number in range(200)]

    rewards = client.rewards(completions, problem=PROBLEM, language="python")

    assert [reward.reward for reward in rewards] == [float(number % 3 != 0) for number in range(200)]


def test_large_tests_are_uploaded_and_judged_by(client: Client) -> None:
    numbers = "\n".join(map(str, range(20_000)))
    problem = {"tests": [{"stdin": numbers, "expected": str(sum(range(20_000)))}]}
    source = "import sys; print(sum(map(int, sys.stdin)))"

    (judgement,) = client.judge(problem, [{"id": "s", "language": "python", "source": source}], reward="xcoder")

    assert judgement.reward == 5.0


def test_a_trainer_is_served(service: Running) -> None:
    reward = code_reward("tests", url=f"http://127.0.0.1:{service.port}", reward="weighted_sum")

    rewards = reward(prompts=["p"] * 2, completions=[SQUARE, "?"], tests=[{"inputs": ["5"], "outputs": ["25"]}] * 2)

    assert rewards == [1.1, 0.0]


def test_a_task_is_verified_by_its_solutions(client: Client) -> None:
    sources = ["print(int(input()) ** 2)", "n = int(input()); print(n * n)", DOUBLE, "print(1 / 0)"]
    solutions = [{"id": str(n), "language": "python", "source": source} for n, source in enumerate(sources)]
    inputs = ["2", "3", "44", "555"]

    runs = client.matrix(solutions, inputs)
    verified = dual_verification.verify([row.outputs for row in runs], dual_verification.size_weights(inputs), seed=1)

    assert [row.verdict for row in runs] == ["accepted", "accepted", "accepted", "runtime_error"]
    assert [vote.output for vote in verified.votes] == ["4", "9", "1936", "308025"]
    assert verified.golden == 0


def test_a_restarted_api_costs_a_retry_and_no_reward(tmp_path: Path) -> None:
    with running(tmp_path) as service, concurrent.futures.ThreadPoolExecutor(1) as pool:
        client = Client(f"http://127.0.0.1:{service.port}")
        waiting = pool.submit(
            client.rewards,
            [SLOW_SQUARE.replace("import", f"# {each}\nimport", 1) for each in range(10)],
            problem=PROBLEM,
            language="python",
        )
        while not service.client.get("/readyz").json()["queued"]:
            pass
        killed = service.processes.pop(0)
        killed.kill()
        killed.wait()

        service.start("api")

        assert [reward.reward for reward in waiting.result(60)] == [1.0] * 10
        client.close()


def test_a_service_that_is_away_is_one_exception_with_its_url() -> None:
    url = f"http://127.0.0.1:{free_port()}"

    with Client(url, patience=Patience(away_seconds=0.5)) as client, pytest.raises(ServiceAway) as raised:
        client.rewards([SQUARE], problem=PROBLEM, language="python")

    assert url in str(raised.value)
    assert raised.value.missing == ("0",)


def test_another_service_takes_over(service: Running) -> None:
    with Client(f"http://127.0.0.1:{free_port()}", f"http://127.0.0.1:{service.port}") as client:
        (reward,) = client.rewards([SQUARE], problem=PROBLEM, language="python")

    assert reward.reward == 1.0
