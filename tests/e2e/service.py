"""A whole service in processes of its own: Redis, API and workers, as the command line starts them."""

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx

from sandbox_service import children
from sandbox_service.queues.embedded_redis import EmbeddedRedis

ROOT = Path(__file__).parents[2]


class Running:
    """The service's processes, and a client for its API."""

    def __init__(self, directory: Path, **variables: str) -> None:
        self.redis = EmbeddedRedis(directory)
        self.port = free_port()
        self.client = httpx.Client(base_url=f"http://127.0.0.1:{self.port}", timeout=60)
        self.processes: list[subprocess.Popen[bytes]] = []
        self._variables = variables

    def environment(self) -> dict[str, str]:
        return {
            **{name: value for name, value in os.environ.items() if not name.startswith("SANDBOX_")},
            "PYTHONPATH": str(ROOT),
            "SANDBOX_REDIS_URL": self.redis.url,
            "SANDBOX_PORT": str(self.port),
            "SANDBOX_LOG_LEVEL": "warning",
            **self._variables,
        }

    def start(self, command: str) -> subprocess.Popen[bytes]:
        argv = [sys.executable, "-m", "sandbox_service", command]
        process = children.spawn(argv, environment=self.environment(), death_signal=signal.SIGTERM)
        self.processes.append(process)
        return process

    def wait_until_ready(self, path: str = "/readyz", seconds: float = 60) -> None:
        deadline = time.monotonic() + seconds
        while not self._answers(path):
            assert time.monotonic() < deadline, f"{path} is not well after {seconds} s"
            time.sleep(0.02)

    def _answers(self, path: str) -> bool:
        try:
            return self.client.get(path).is_success
        except httpx.TransportError:
            return False

    def stop(self) -> None:
        self.client.close()
        for process in reversed(self.processes):
            children.stop(process, 20)
        self.redis.stop()


@contextmanager
def running(directory: Path, *, workers: int = 1, **variables: str) -> Iterator[Running]:
    """A service that is ready, and gone afterwards."""
    service = Running(directory, **variables)
    service.redis.start()
    try:
        for command in ["api", *["worker"] * workers]:
            service.start(command)
        service.wait_until_ready("/readyz" if workers else "/healthz")
        yield service
    finally:
        service.stop()


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def job(*sources: str, language: str = "python", **more: Any) -> dict[str, Any]:
    """Squares two numbers; the submissions are r0, r1, …"""
    return {
        "problem": {"tests": [{"stdin": "2\n", "expected": "4\n"}, {"stdin": "3\n", "expected": "9\n"}]},
        "submissions": [{"id": f"r{i}", "language": language, "source": source} for i, source in enumerate(sources)],
        **more,
    }
