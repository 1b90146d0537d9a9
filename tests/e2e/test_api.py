"""The API over the wire, with a real Redis, real workers and real programs."""

import base64
import concurrent.futures
import gzip
import json
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.e2e.service import Running, free_port, job, running

RIGHT = "print(int(input()) ** 2)"
WRONG = "print(4)"
BROKEN = "print("
SLOW = "import time; time.sleep(1.5); print(int(input()) ** 2)"


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    with running(tmp_path_factory.mktemp("service"), SANDBOX_MAXIMUM_REQUEST_BYTES=str(2**20)) as service:
        yield service


@pytest.fixture
def client(service: Running) -> httpx.Client:
    return service.client


def different(number: int) -> list[str]:
    """Slow programs, no two of them alike: of identical ones, one is run."""
    return [f"{SLOW}  # {each}" for each in range(number)]


def b64(text: str) -> str:
    return base64.b64encode(text.encode()).decode()


def verdicts(answer: httpx.Response) -> dict[str, str]:
    return {judgement["id"]: judgement["verdict"] for judgement in answer.json()["judgements"]}


def test_programs_get_their_verdicts_and_rewards(client: httpx.Client) -> None:
    answer = client.post("/v1/judge", json=job(RIGHT, WRONG, BROKEN, reward="fraction_passed"))

    judgements = answer.json()["judgements"]
    assert [judgement["verdict"] for judgement in judgements] == ["accepted", "wrong_answer", "compile_error"]
    assert [judgement["reward"] for judgement in judgements] == [1.0, 0.5, 0.0]


def test_a_program_without_expected_output_is_only_run(client: httpx.Client) -> None:
    request = job("print('é', input())") | {"problem": {"tests": [{"stdin": "x"}]}}

    (judgement,) = client.post("/v1/judge", json=request).json()["judgements"]

    assert (judgement["verdict"], judgement["results"][0]["stdout"]) == ("accepted", "é x\n")


def test_files_are_laid_beside_a_program_and_brought_back_from_it(client: httpx.Client) -> None:
    reads = "import os, helper\nos.mkdir('out')\nopen('out/b.txt', 'w').write(helper.NAME + open('a.txt').read())"
    includes = '#include <cstdio>\n#include "n.h"\nint main() { FILE *f = fopen("out.txt", "w"); fprintf(f, "%d", N); }'
    beside = {"a.txt": b64("data"), "helper.py": b64("NAME = 'n'")}
    python = {"id": "py", "language": "python", "source": reads, "fetch": ["out/*", "none"], "files": beside}
    cpp = {
        "id": "cpp",
        "language": "cpp",
        "source": includes,
        "fetch": ["out.txt"],
        "files": {"n.h": b64("extern int N;"), "-n.cpp": b64("int N = 7;")},
    }

    answer = client.post("/v1/judge", json={"problem": {"tests": [{}]}, "submissions": [python, cpp]})

    fetched = {judgement["id"]: judgement["results"][0]["files"] for judgement in answer.json()["judgements"]}
    assert fetched == {"py": {"out/b.txt": b64("ndata")}, "cpp": {"out.txt": b64("7")}}


def test_tests_are_uploaded_once_and_named_by_their_digest(client: httpx.Client) -> None:
    tests = gzip.compress(json.dumps({"tests": [{"stdin": "5", "expected": "25"}]}).encode())
    headers = {"Content-Type": "application/json", "Content-Encoding": "gzip"}
    digest = client.put("/v1/test-sets", content=tests, headers=headers).json()["digest"]

    answer = client.post("/v1/judge", json=job(RIGHT, WRONG) | {"problem": {"test_set": digest}})

    assert verdicts(answer) == {"r0": "accepted", "r1": "wrong_answer"}


def test_a_digest_that_was_never_uploaded_is_not_found(client: httpx.Client) -> None:
    answer = client.post("/v1/judge", json=job(RIGHT) | {"problem": {"test_set": "sha256:" + "0" * 64}})

    assert (answer.status_code, answer.json()["error"]["field"]) == (404, "problem.test_set")


def test_a_job_is_followed_until_its_end(client: httpx.Client) -> None:
    place = client.post("/v1/jobs", json=job(RIGHT, WRONG, RIGHT)).headers["Location"]

    with client.stream("GET", f"{place}/events", headers={"Accept": "application/x-ndjson"}) as stream:
        lines = [json.loads(line) for line in stream.iter_lines()]

    assert sorted(line["judgement"]["id"] for line in lines[:-1]) == ["r0", "r1", "r2"]
    assert lines[-1] == {"end": {"state": "finished", "total": 3, "done": 3}}
    report = client.get(place).json()
    assert [judgement["id"] for judgement in report["judgements"]] == ["r0", "r1", "r2"]


def test_judgements_come_one_by_one_as_they_are_ready(client: httpx.Client) -> None:
    place = client.post("/v1/jobs", json=job(RIGHT, SLOW)).headers["Location"]
    arrived: dict[str, float] = {}

    with client.stream("GET", f"{place}/events") as stream:
        for line in stream.iter_lines():
            if line.startswith("event:"):
                arrived.setdefault(line, time.monotonic())

    assert arrived["event: end"] - arrived["event: judgement"] > 1


def test_a_cancelled_job_ends_without_what_has_not_run(client: httpx.Client) -> None:
    place = client.post("/v1/jobs", json=job(*different(50))).headers["Location"]

    client.delete(place)
    with client.stream("GET", f"{place}/events", headers={"Accept": "application/x-ndjson"}) as stream:
        *_, last = (json.loads(line) for line in stream.iter_lines())

    assert last["end"]["state"] == "cancelled"
    assert last["end"]["done"] < last["end"]["total"] == 50


def test_the_same_key_is_the_same_job(client: httpx.Client) -> None:
    answers = [client.post("/v1/jobs", json=job(RIGHT), headers={"Idempotency-Key": "same"}) for _ in range(2)]
    other = client.post("/v1/jobs", json=job(WRONG), headers={"Idempotency-Key": "same"})

    assert answers[0].json() == answers[1].json()
    assert (other.status_code, other.json()["error"]["code"]) == (409, "idempotency_conflict")


def test_what_nobody_waits_for_is_not_judged(service: Running, client: httpx.Client) -> None:
    body = json.dumps(job(*different(100))).encode()
    with socket.create_connection(("127.0.0.1", service.port)) as connection:
        head = f"POST /v1/judge HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: {len(body)}"
        connection.sendall(head.encode() + b"\r\n\r\n" + body)
        wait_until(lambda: client.get("/readyz").json()["queued"] > 0)

    wait_until(lambda: client.get("/readyz").json()["queued"] == 0)


@pytest.mark.parametrize("declared", [True, False])
def test_a_large_body_is_refused_without_being_kept(service: Running, client: httpx.Client, declared: bool) -> None:
    before = resident_bytes(service.processes[0])

    def chunks() -> Iterator[bytes]:
        for _ in range(100):
            yield b" " * 2**20

    content = b" " * (100 * 2**20) if declared else chunks()
    answer = client.post("/v1/judge", content=content, headers={"Content-Type": "application/json"})

    assert (answer.status_code, answer.json()["error"]["code"]) == (413, "body_too_large")
    assert resident_bytes(service.processes[0]) - before < 30 * 2**20


def test_a_gzip_bomb_is_refused_without_being_kept(service: Running, client: httpx.Client) -> None:
    before = resident_bytes(service.processes[0])
    bomb = gzip.compress(b" " * (200 * 2**20))
    headers = {"Content-Type": "application/json", "Content-Encoding": "gzip"}

    answer = client.post("/v1/judge", content=bomb, headers=headers)

    assert answer.status_code == 413
    assert resident_bytes(service.processes[0]) - before < 30 * 2**20


def test_many_callers_each_get_their_own_answers(client: httpx.Client) -> None:
    def ask(number: int) -> str:
        request = job(f"print({number})") | {"problem": {"tests": [{}]}}
        result: str = client.post("/v1/judge", json=request).json()["judgements"][0]["results"][0]["stdout"]
        return result

    with concurrent.futures.ThreadPoolExecutor(16) as pool:
        answers = list(pool.map(ask, range(64)))

    assert answers == [f"{number}\n" for number in range(64)]


def test_what_is_in_force_is_told(client: httpx.Client) -> None:
    (worker,) = client.get("/v1/isolation").json()["workers"]
    languages = {language["name"]: language for language in client.get("/v1/languages").json()["languages"]}

    assert worker["isolation"]["tier"] in ("landlock", "namespaces")
    assert languages["python"]["workers"] == [worker["id"]]
    assert languages["python"]["version"].startswith("Python 3")
    assert 'sandbox_submissions_total{language="python"' in client.get("/metrics").text


def test_the_service_is_gone_with_its_redis_and_back_with_it(tmp_path: Path) -> None:
    with running(tmp_path) as service:
        service.redis.stop()
        gone = service.client.post("/v1/judge", json=job(RIGHT))
        service.redis.start()
        service.wait_until_ready()
        back = service.client.post("/v1/judge", json=job(RIGHT))

    assert (gone.status_code, int(gone.headers["Retry-After"]) > 0) == (503, True)
    assert verdicts(back) == {"r0": "accepted"}


def test_who_waits_when_the_api_is_asked_to_stop_gets_an_answer(tmp_path: Path) -> None:
    with running(tmp_path) as service, concurrent.futures.ThreadPoolExecutor(2) as pool:
        place = service.client.post("/v1/jobs", json=job(*different(20))).headers["Location"]
        stream = pool.submit(service.client.get, f"{place}/events")
        waiting = pool.submit(service.client.post, "/v1/judge", json=job(*different(100)))
        wait_until(lambda: service.client.get("/readyz").json()["queued"] > 100)

        service.processes[0].send_signal(signal.SIGTERM)

        assert "event: end" not in stream.result(20).text
        assert waiting.result(20).status_code == 503
        assert service.processes[0].wait(20) == 0


def test_a_port_that_is_in_use_is_said_in_one_line(service: Running) -> None:
    command = [sys.executable, "-m", "sandbox_service", "api"]

    done = subprocess.run(command, env=service.environment(), capture_output=True, text=True, timeout=30)

    assert done.returncode == 2
    assert done.stderr == f"error: 127.0.0.1:{service.port} is in use; choose another port with SANDBOX_PORT\n"


def test_an_api_without_a_redis_says_what_to_set(service: Running) -> None:
    command = [sys.executable, "-m", "sandbox_service", "api"]
    environment = service.environment() | {"SANDBOX_REDIS_URL": "", "SANDBOX_PORT": str(free_port())}

    done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=30)

    assert done.returncode == 2
    assert "SANDBOX_REDIS_URL" in done.stderr
    assert done.stderr.count("\n") == 1


def rewards_request(*completions: str, **more: Any) -> dict[str, Any]:
    items = [{"id": f"r{i}", "completion": completion} for i, completion in enumerate(completions)]
    return {"problem": job("x")["problem"], "language": "python", "items": items, "reward": "xcoder", **more}


def test_completions_get_their_rewards_and_reasons(client: httpx.Client) -> None:
    completions = [f"```python\n{source}\n```" for source in (RIGHT, WRONG, BROKEN)]

    answer = client.post("/v1/rewards", json=rewards_request(*completions, "no code", "```python\ncut off"))

    rewards = answer.json()["rewards"]
    assert [reward["reward"] for reward in rewards] == [5.0, 2.5, -2.0, -2.0, -2.0]
    assert [reward["reason"] for reward in rewards] == [
        None, "wrong_answer", "syntax_error", "no_code", "incomplete_code",
    ]  # fmt: skip
    assert rewards[1]["verdicts"] == ["accepted", "wrong_answer"]


def test_a_choice_of_tests_is_kept_to_by_the_worker(client: httpx.Client) -> None:
    request = rewards_request(f"```python\n{WRONG}\n```", tests={"first": 1})

    (reward,) = client.post("/v1/rewards", json=request).json()["rewards"]

    assert (reward["passed"], reward["total"], reward["reward"]) == (1, 1, 5.0)


def test_a_reward_job_is_followed_until_its_end(client: httpx.Client) -> None:
    other = {"tests": [{"stdin": "5", "expected": "25"}]}
    request = rewards_request(*[f"```python\n{RIGHT}\n```"] * 3, "no code")
    request["items"][1]["problem"] = other
    place = client.post("/v1/rewards/jobs", json=request, headers={"Idempotency-Key": "r"}).headers["Location"]

    with client.stream("GET", f"{place}/events", headers={"Accept": "application/x-ndjson"}) as stream:
        *told, end = [json.loads(line) for line in stream.iter_lines()]

    assert {line["reward"]["id"]: line["reward"]["reward"] for line in told} == {"r0": 5, "r1": 5, "r2": 5, "r3": -2}
    assert end == {"end": {"state": "finished", "total": 4, "done": 4}}
    assert client.get(place).json()["state"] == "finished"


def resident_bytes(process: subprocess.Popen[bytes]) -> int:
    status = Path(f"/proc/{process.pid}/status").read_text()
    (line,) = (line for line in status.splitlines() if line.startswith("VmHWM"))
    return int(line.split()[1]) * 1024


def wait_until(true: Callable[[], bool], seconds: float = 20) -> None:
    deadline = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < deadline, "it did not come true in time"
        time.sleep(0.01)
