"""A real service in processes of its own, started as anybody would start it, and driven over HTTP."""

import asyncio
import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx

from sandbox_service.runners import runners_directory
from sandbox_service.settings import Settings
from tests.benchmarks.cpu import CpuMeter, children, descendants
from tests.benchmarks.report import Report
from tests.benchmarks.work import Task
from tests.e2e.service import ROOT, free_port

LANGUAGES = ("python", "pypy", "cpp", "java", "javascript")  # others would only make the start longer
START_SECONDS, STOP_SECONDS = 180.0, 40.0
REQUEST_SECONDS = 900.0
IN_FLIGHT = 8


@dataclass(frozen=True, slots=True)
class Served:
    """A running service."""

    url: str
    pid: int
    meter: CpuMeter

    def cpu_seconds(self) -> float:
        return self.meter.seconds(self.pid)

    def workers(self) -> list[int]:
        """Forks of one process, or a single one that was started by itself."""
        alone = [pid for pid in children(self.pid) if _command(pid)[-1:] == ["worker"]]
        return alone or [fork for pid in self.forked_from() for fork in children(pid)]

    def forked_from(self) -> list[int]:
        """The process whose memory the workers share."""
        return [pid for pid in children(self.pid) if _command(pid)[-1:] == ["workers"]]


@contextmanager
def serving(workers: int, **variables: str) -> Iterator[Served]:
    """`sandbox-service serve` with so many workers, once its examples have been judged."""
    with tempfile.TemporaryDirectory(prefix="sandbox-benchmark-") as directory, CpuMeter() as meter:
        port = free_port()
        environment = {
            **{name: value for name, value in os.environ.items() if not name.startswith("SANDBOX_")},
            "PYTHONPATH": str(ROOT),
            "SANDBOX_PORT": str(port),
            "SANDBOX_WORKERS": str(workers),
            "SANDBOX_LOG_LEVEL": "warning",
            "SANDBOX_STATE_DIRECTORY": directory,
            "SANDBOX_RUNNERS_DIRECTORY": str(_few_runners(Path(directory, "runners"))),
            **variables,
        }
        process = subprocess.Popen(
            [sys.executable, "-m", "sandbox_service", "serve"],
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            preexec_fn=meter.join,
            start_new_session=True,
        )
        served = Served(f"http://127.0.0.1:{port}", process.pid, meter)
        try:
            _wait(served, process)
            yield served
        finally:
            process.send_signal(signal.SIGTERM)
            try:
                process.wait(STOP_SECONDS)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()


def _few_runners(folder: Path) -> Path:
    shipped = runners_directory(Settings())
    for name in LANGUAGES:
        shutil.copytree(shipped / name, folder / name)
    shutil.copy(shipped / "examples.json", folder)
    return folder


def _wait(served: Served, process: subprocess.Popen[bytes]) -> None:
    """Until it is ready and alone: the examples that are judged beside it are done."""
    give_up_at = time.monotonic() + START_SECONDS
    with httpx.Client() as client:
        while time.monotonic() < give_up_at:
            if process.poll() is not None:
                raise RuntimeError(f"the service ended with exit code {process.returncode}")
            if _is_ready(client, served.url) and not _is_judging_examples(served.pid):
                return
            time.sleep(0.1)
    raise RuntimeError(f"the service is not ready after {START_SECONDS:.0f} s")


def _is_ready(client: httpx.Client, url: str) -> bool:
    try:
        return client.get(f"{url}/readyz").is_success
    except httpx.TransportError:
        return False


def _is_judging_examples(pid: int) -> bool:
    return any(_command(child)[-1:] == ["judge-examples"] for child in descendants(pid))


def _command(pid: int) -> list[str]:
    try:
        return Path(f"/proc/{pid}/cmdline").read_text().rstrip("\0").split("\0")
    except OSError:
        return []


# ---------------------------------------------------------------- asking it


def connect(url: str) -> httpx.AsyncClient:
    return httpx.AsyncClient(base_url=url, timeout=REQUEST_SECONDS, limits=httpx.Limits(max_keepalive_connections=64))


async def upload(client: httpx.AsyncClient, task: Task) -> str:
    """The digest by which the task's tests are named from now on."""
    answer = await client.put("/v1/test-sets", content=task.test_set().canonical(), headers=_JSON)
    answer.raise_for_status()
    digest: str = answer.json()["digest"]
    return digest


_JSON = {"Content-Type": "application/json"}


def body(task: Task, test_set: str | None = None) -> bytes:
    """A request as a trainer sends it: the tests by their digest if they were uploaded."""
    named: Mapping[str, Any] = (
        {"test_set": test_set}
        if test_set
        else {"tests": [{"stdin": stdin, "expected": expected} for stdin, expected in task.tests]}
    )
    problem = {**named, "limits": task.limits, "checker": task.checker}
    submissions = [submission.model_dump() for submission in task.submissions()]
    return json.dumps({"problem": problem, "submissions": submissions, "returned_output_bytes": 0}).encode()


@dataclass(frozen=True, slots=True)
class Asked:
    """How long all tasks took, and the CPU time that the judgements say was the compilers' and the programs' own."""

    seconds: float
    compiler_cpu_seconds: float
    program_cpu_seconds: float


async def ask(client: httpx.AsyncClient, request: bytes) -> list[Mapping[str, Any]]:
    """The judgements, in the order of the submissions."""
    answer = await client.post("/v1/judge", content=request, headers=_JSON)
    answer.raise_for_status()
    judgements: list[Mapping[str, Any]] = answer.json()["judgements"]
    return judgements


async def ask_all(client: httpx.AsyncClient, tasks: Sequence[Task], report: Report, *, digests: bool = True) -> Asked:
    """Ask for all tasks, a few under way at a time; test sets are uploaded and requests made up before."""
    named = [await upload(client, task) if digests else None for task in tasks]
    requests = [body(task, digest) for task, digest in zip(tasks, named, strict=True)]
    room = asyncio.Semaphore(IN_FLIGHT)

    async def one(request: bytes) -> list[Mapping[str, Any]]:
        async with room:
            return await ask(client, request)

    began = time.monotonic()
    answers = await asyncio.gather(*map(one, requests))
    seconds = time.monotonic() - began
    for task, judgements in zip(tasks, answers, strict=True):
        for entry, judgement in zip(task.entries, judgements, strict=True):
            report.check(f"{task.name} in {entry.language}", judgement["verdict"], entry.verdict)
    everything = [judgement for judgements in answers for judgement in judgements]
    compilations = [judgement["compilation"] for judgement in everything if judgement["compilation"]]
    return Asked(
        seconds=seconds,
        compiler_cpu_seconds=sum(each["cpu_seconds"] for each in compilations),
        program_cpu_seconds=sum(result["cpu_seconds"] for each in everything for result in each["results"]),
    )
