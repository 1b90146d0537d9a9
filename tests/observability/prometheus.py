"""A real Prometheus that scrapes a service by the shipped configuration."""

import json
import shutil
import signal
import subprocess
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest

from sandbox_service import children
from tests.e2e.service import ROOT, free_port

SHIPPED = ROOT / "deploy" / "observability"
DASHBOARD = SHIPPED / "grafana" / "dashboards" / "sandbox.json"


def tool(name: str) -> str:
    """Its path; without it the test is skipped, which CI does not allow."""
    found = shutil.which(name)
    if found is None:
        pytest.skip(f"needs {name}: apt-get install prometheus")
    return found


class Prometheus:
    """Answers expressions as Grafana asks them."""

    def __init__(self, port: int) -> None:
        self.client = httpx.Client(base_url=f"http://127.0.0.1:{port}/api/v1", timeout=30)

    def ask(self, expression: str) -> Sequence[dict[str, Any]]:
        """The series that the expression comes to."""
        answer = self.client.get("/query", params={"query": expression}).json()
        assert answer["status"] == "success", f"{expression}: {answer}"
        result: Sequence[dict[str, Any]] = answer["data"]["result"]
        return result

    def ask_over(self, expression: str, began: float, ended: float, step_seconds: float) -> Sequence[dict[str, Any]]:
        """The same at each step of a time."""
        asked: dict[str, str | float] = {"query": expression, "start": began, "end": ended, "step": step_seconds}
        answer = self.client.get("/query_range", params=asked).json()
        assert answer["status"] == "success", f"{expression}: {answer}"
        result: Sequence[dict[str, Any]] = answer["data"]["result"]
        return result

    def wait_for(self, expression: str, *, seconds: float = 60) -> None:
        """Until the expression has a value."""
        eventually(lambda: bool(self.ask(expression)), seconds=seconds, what=expression)

    def is_ready(self) -> bool:
        try:
            return self.client.get("/status/runtimeinfo").is_success
        except httpx.TransportError:
            return False

    def close(self) -> None:
        self.client.close()

    def rules(self) -> Sequence[dict[str, Any]]:
        groups = self.client.get("/rules").json()["data"]["groups"]
        return [rule for group in groups for rule in group["rules"]]


@contextmanager
def scraping(service_port: int, directory: Path) -> Iterator[Prometheus]:
    """Prometheus with the shipped rules and configuration, but for the service's address and a shorter interval."""
    shutil.copy(SHIPPED / "alerts.yml", directory)
    configuration = (SHIPPED / "prometheus.yml").read_text()
    here = configuration.replace("api:8000", f"127.0.0.1:{service_port}").replace("10s", "1s")
    assert here.count("1s") == 2
    assert f"127.0.0.1:{service_port}" in here
    (directory / "prometheus.yml").write_text(here)
    port = free_port()
    argv = [
        tool("prometheus"),
        f"--config.file={directory / 'prometheus.yml'}",
        f"--storage.tsdb.path={directory / 'data'}",
        f"--web.listen-address=127.0.0.1:{port}",
        "--log.level=error",
    ]
    process = children.spawn(argv, death_signal=signal.SIGTERM)
    prometheus = Prometheus(port)
    try:
        eventually(prometheus.is_ready, seconds=30, what="Prometheus")
        yield prometheus
    finally:
        prometheus.close()
        children.stop(process, 20)


def eventually(true: Callable[[], bool], *, seconds: float, what: str) -> None:
    deadline = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < deadline, f"{what}: not in {seconds} s"
        time.sleep(0.1)


def promtool(*arguments: str, directory: Path = SHIPPED) -> None:
    """What promtool says is shown when it is not content."""
    done = subprocess.run([tool("promtool"), *arguments], cwd=directory, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr


def panels() -> Sequence[dict[str, Any]]:
    """The dashboard's panels that ask something."""
    return [panel for panel in json.loads(DASHBOARD.read_text())["panels"] if panel["type"] != "row"]
