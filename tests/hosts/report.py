"""What came of the contract suite on another host, read from what it printed there."""

import os
import re
import signal
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from sandbox_service.models import Tier

CHECKOUT = Path(__file__).resolve().parents[2]
# Seen from the inside the checkout stands at a path of its own, and nothing there can write to it.
INSIDE = "/mnt"
CONTRACT_SUITE = (f"{INSIDE}/.venv/bin/python3", "-m", "tests.hosts.inside")
ENVIRONMENT = {
    "PATH": "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
    "HOME": "/tmp",
    "LANG": "C.UTF-8",
    "PYTHONDONTWRITEBYTECODE": "1",
}

_COUNT = re.compile(r"(\d+) (passed|failed|skipped|error)")
_TIER = re.compile(r"^strongest box: (\w+)", re.MULTILINE)
_STATUS = re.compile(r"^exit status: (\d+)", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Report:
    """How the suite ended over there; ``tier`` is the strongest box that host allows."""

    exit_status: int | None
    tier: Tier | None
    passed: int
    skipped: int
    output: str

    @property
    def all_passed(self) -> bool:
        return self.exit_status == 0 and self.passed > 0


def run_contract_suite(command: Sequence[str], *, wall_seconds: float) -> Report:
    """Run the command that leads to the suite on another host, and read its report."""
    host = subprocess.Popen(
        command,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        start_new_session=True,
    )
    try:
        output, _ = host.communicate(timeout=wall_seconds)
    except BaseException as error:  # whatever ends the test ends its host; a bomb that got out would go on otherwise
        os.killpg(host.pid, signal.SIGKILL)
        output, _ = host.communicate()
        if not isinstance(error, subprocess.TimeoutExpired):
            raise
    return _read(output.decode(errors="replace").replace("\r\n", "\n"))


def _read(output: str) -> Report:
    closing = next((line for line in reversed(output.splitlines()) if _COUNT.search(line)), "")
    counts = {what: int(number) for number, what in _COUNT.findall(closing)}
    tier = _TIER.search(output)
    status = _STATUS.search(output)
    return Report(
        exit_status=int(status[1]) if status else None,
        tier=Tier(tier[1]) if tier else None,
        passed=counts.get("passed", 0),
        skipped=counts.get("skipped", 0),
        output=output,
    )
