"""One command starts everything, keeps it running and leaves nothing behind."""

import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest

from tests.e2e.service import ROOT, free_port, job

SQUARE = "print(int(input()) ** 2)"


class Serving:
    """`sandbox-service serve` in a process of its own."""

    def __init__(self, directory: Path, port: int, **variables: str) -> None:
        self.directory = directory
        temporary = directory / "tmp"
        temporary.mkdir(exist_ok=True)
        temporary.chmod(0o755)
        environment = {
            **{name: value for name, value in os.environ.items() if not name.startswith("SANDBOX_")},
            "PYTHONPATH": str(ROOT),
            "TMPDIR": str(temporary),
            "SANDBOX_STATE_DIRECTORY": str(directory / "state"),
            "SANDBOX_RUNNERS_DIRECTORY": str(one_language(directory)),
            "SANDBOX_PORT": str(port),
            "SANDBOX_WORKERS": "2",
            **variables,
        }
        self.log = directory / "log"
        with self.log.open("wb") as log:
            argv = [sys.executable, "-m", "sandbox_service", "serve"]
            self.process = subprocess.Popen(argv, env=environment, stdout=log, stderr=log, start_new_session=True)
        self.client = httpx.Client(base_url=f"http://127.0.0.1:{port}", timeout=30)

    def wait_until_ready(self) -> None:
        eventually(lambda: "serving on" in self.log.read_text() or self.process.poll() is not None, seconds=60)
        assert self.process.poll() is None, self.log.read_text()

    def children(self, word: str) -> list[int]:
        """The pids of its children whose command line holds the word."""
        return [pid for pid in descendants(self.process.pid) if word in command_line(pid).split("\0")]

    def stop(self) -> int:
        self.process.terminate()
        return self.process.wait(60)


def one_language(directory: Path) -> Path:
    """Python alone, so that the examples take no time."""
    runners = directory / "runners"
    if not runners.exists():
        (runners / "python" / "examples").mkdir(parents=True)
        (runners / "python" / "runner.toml").write_bytes((ROOT / "runners/python/runner.toml").read_bytes())
        shutil.copytree(ROOT / "runners/python/zygote", runners / "python" / "zygote")
        (runners / "examples.json").write_bytes((ROOT / "runners/examples.json").read_bytes())
        example = runners / "python" / "examples" / "accepted.py"
        example.write_bytes((ROOT / "runners/python/examples/accepted.py").read_bytes())
    return runners


@contextmanager
def serving(directory: Path, port: int = 0, **variables: str) -> Iterator[Serving]:
    service = Serving(directory, port or free_port(), **variables)
    try:
        service.wait_until_ready()
        yield service
    finally:
        service.client.close()
        if service.process.poll() is None:
            service.stop()


def eventually(true: Callable[[], bool], *, seconds: float = 20) -> None:
    deadline = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < deadline, "it did not come true in time"
        time.sleep(0.02)


def descendants(root: int) -> list[int]:
    parents: dict[int, int] = {}
    for entry in Path("/proc").iterdir():
        if entry.name.isdecimal():
            try:
                parents[int(entry.name)] = int((entry / "stat").read_text().rpartition(")")[2].split()[1])
            except OSError:
                continue
    found, layer = list[int](), [root]
    while layer:
        layer = [pid for pid, parent in parents.items() if parent in layer]
        found += layer
    return found


def command_line(pid: int) -> str:
    try:
        return Path(f"/proc/{pid}/cmdline").read_text()
    except OSError:
        return ""


def is_accepted(service: Serving) -> bool:
    answer = service.client.post("/v1/judge", json=job(SQUARE)).json()
    return bool(answer["judgements"][0]["verdict"] == "accepted")


def test_it_serves_and_leaves_nothing_behind(tmp_path: Path) -> None:
    with serving(tmp_path) as service:
        accepted = is_accepted(service)
        started = descendants(service.process.pid)
        code = service.stop()

    assert accepted
    assert code == 0
    assert len(started) >= 4, "Redis, the API and two workers"
    eventually(lambda: not any(Path(f"/proc/{pid}").exists() for pid in started))
    assert list((tmp_path / "tmp").iterdir()) == []
    assert not list((tmp_path / "state").rglob("*.sock"))


def test_an_example_is_judged_at_the_first_start_and_remembered_at_the_second(tmp_path: Path) -> None:
    with serving(tmp_path) as service:
        first = service.log.read_text()
    with serving(tmp_path) as service:
        second = service.log.read_text()

    assert "accepted ✓" in first
    assert "1 as remembered ✓" in second
    assert "accepted ✓" not in second


def test_the_other_examples_are_judged_while_it_serves(tmp_path: Path) -> None:
    wrong = one_language(tmp_path) / "python" / "examples" / "wrong_answer.py"
    wrong.write_bytes((ROOT / "runners/python/examples/wrong_answer.py").read_bytes())
    lying = wrong.with_name("runtime_error.py")
    lying.write_bytes(wrong.read_bytes())

    with serving(tmp_path) as service:
        eventually(lambda: "judged the other examples" in service.log.read_text())
        first = service.log.read_text()
    with serving(tmp_path) as service:
        second = service.log.read_text()

    assert "2 to be judged" in first
    assert '"example": "python/runtime_error.py", "expected": "runtime_error", "got": "wrong_answer"' in first
    assert "2 as remembered ✓" in second
    assert "1 to be judged" in second


def test_a_job_outlives_a_restart_of_everything(tmp_path: Path) -> None:
    port = free_port()
    slow = f"import time; time.sleep(0.5); {SQUARE}"
    with serving(tmp_path, port) as service:
        job_id = service.client.post("/v1/jobs", json=job(*[slow] * 12)).json()["id"]
        assert service.stop() == 0

    with serving(tmp_path, port) as service:
        place = f"/v1/jobs/{job_id}"
        eventually(lambda: service.client.get(place).json()["state"] == "finished", seconds=40)
        judgements = service.client.get(place).json()["judgements"]

    assert [judgement["id"] for judgement in judgements] == [f"r{i}" for i in range(12)]
    assert {judgement["verdict"] for judgement in judgements} == {"accepted"}


@pytest.mark.parametrize("victim", ["worker", "workers", "api", "redis"])
def test_what_is_killed_is_started_again(tmp_path: Path, victim: str) -> None:
    with serving(tmp_path) as service:
        (pid, *_) = {"redis": redis_of, "worker": workers_of}.get(victim, lambda one: one.children(victim))(service)
        os.kill(pid, signal.SIGKILL)
        eventually(lambda: not Path(f"/proc/{pid}").exists())

        eventually(lambda: ready(service, workers=2))

        assert is_accepted(service)


def workers_of(service: Serving) -> list[int]:
    """Forks of the one process that stands for all of them."""
    (parent, *_) = service.children("workers")
    return [pid for pid in descendants(parent) if command_line(pid) == command_line(parent)]


def test_a_single_worker_is_started_by_itself(tmp_path: Path) -> None:
    with serving(tmp_path, SANDBOX_WORKERS="1") as service:
        assert (len(service.children("worker")), service.children("workers")) == (1, [])
        assert is_accepted(service)


def test_several_workers_are_forks_of_one_process_and_their_boxes_are_not(tmp_path: Path) -> None:
    with serving(tmp_path) as service:
        workers = workers_of(service)
        boxes = {pid for worker in workers for pid in descendants(worker)}

        assert len(workers) == 2
        assert boxes
        assert not boxes & set(service.children("workers"))


def redis_of(service: Serving) -> list[int]:
    return [pid for pid in descendants(service.process.pid) if "redis-server" in command_line(pid)]


def ready(service: Serving, *, workers: int) -> bool:
    try:
        answer = service.client.get("/readyz")
    except httpx.TransportError:
        return False
    return answer.is_success and answer.json()["workers"] >= workers


def test_all_ends_when_it_is_killed_itself(tmp_path: Path) -> None:
    with serving(tmp_path) as service:
        started = descendants(service.process.pid)
        service.process.kill()
        service.process.wait()

        eventually(lambda: not any(Path(f"/proc/{pid}").exists() for pid in started), seconds=30)


def test_a_port_in_use_is_said_before_anything_starts(tmp_path: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        service = Serving(tmp_path, taken.getsockname()[1])
        code = service.process.wait(30)

    assert code != 0
    assert "in use" in service.log.read_text()
    assert len(service.log.read_text().splitlines()) == 1
    assert not (tmp_path / "state").exists()


def test_a_second_instance_on_the_same_state_is_refused(tmp_path: Path) -> None:
    with serving(tmp_path):
        second = Serving(tmp_path, free_port())
        code = second.process.wait(60)

    assert code != 0
    assert "another instance keeps its state" in second.log.read_text()
