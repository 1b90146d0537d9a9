"""Each part says that it lives while it does, as the health check of a container asks."""

import subprocess
import sys
from pathlib import Path

from tests.e2e.service import Running, running


def alive(service: Running, part: str) -> subprocess.CompletedProcess[str]:
    argv = [sys.executable, "-m", "sandbox_service", "alive", part]
    return subprocess.run(argv, env=service.environment(), capture_output=True, text=True)


def test_the_api_and_the_worker_live(tmp_path: Path) -> None:
    with running(tmp_path) as service:
        answers = [alive(service, part).returncode for part in ("api", "worker")]

    assert answers == [0, 0]


def test_who_is_not_there_is_not_alive(tmp_path: Path) -> None:
    with running(tmp_path, workers=0) as service:
        worker = alive(service, "worker")
        service.processes[0].kill()
        service.processes[0].wait()
        api = alive(service, "api")

    assert (worker.returncode, api.returncode) == (2, 2)
    assert "no worker on" in worker.stderr
    assert f"the API on port {service.port} does not answer" in api.stderr
