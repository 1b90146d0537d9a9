"""A real Redis and real worker processes, which tests kill as they like."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from pydantic import SecretStr

from sandbox_service import children
from sandbox_service.queues.embedded_redis import EmbeddedRedis
from sandbox_service.settings import Settings

ROOT = Path(__file__).parents[2]


class Workers:
    """Worker processes of one test."""

    def __init__(self, settings: Settings, directory: Path) -> None:
        assert settings.redis_url is not None
        self.judged_file = directory / "judged"
        self._environment = {
            **{name: value for name, value in os.environ.items() if not name.startswith("SANDBOX_")},
            "SANDBOX_REDIS_URL": settings.redis_url.get_secret_value(),
            "SANDBOX_LEASE_SECONDS": str(settings.lease_seconds),
            "SANDBOX_LOG_LEVEL": "warning",
            "PYTHONPATH": str(ROOT),
        }
        self.processes: list[subprocess.Popen[bytes]] = []

    def start(self, *languages: str, lane: str = "", idle_seconds: float = 60) -> subprocess.Popen[bytes]:
        """A worker whose slot does what the sources say; without work for so long, it says that it is idle."""
        argv = [sys.executable, "-m", "tests.e2e.scripted_worker", str(self.judged_file), *languages]
        its_own = {"SANDBOX_LANE": lane, "SCRIPTED_IDLE_SECONDS": str(idle_seconds)}
        process = children.spawn(argv, environment=self._environment | its_own)
        self.processes.append(process)
        return process

    def kill(self, process: subprocess.Popen[bytes]) -> None:
        """As the kernel does when memory runs out."""
        process.send_signal(signal.SIGKILL)
        process.wait()

    def judged(self) -> list[str]:
        """The submissions that were judged to their end, as often as they were."""
        return self.judged_file.read_text().split() if self.judged_file.exists() else []

    def stop(self) -> None:
        for process in self.processes:
            children.stop(process, 10)


@pytest.fixture
def redis_server(tmp_path: Path) -> Iterator[EmbeddedRedis]:
    server = EmbeddedRedis(tmp_path)
    server.start()
    yield server
    server.stop()


@pytest.fixture
def settings(redis_server: EmbeddedRedis) -> Settings:
    return Settings(redis_url=SecretStr(redis_server.url), lease_seconds=1.0)


@pytest.fixture
def workers(settings: Settings, tmp_path: Path) -> Iterator[Workers]:
    workers = Workers(settings, tmp_path)
    yield workers
    workers.stop()
