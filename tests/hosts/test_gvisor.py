"""Below a kernel that allows no tier of boxes, as gVisor's, what is lacking and what helps is said in one line."""

import shutil
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

import pytest

from tests.hosts.report import CHECKOUT, ENVIRONMENT

SERVICE = [sys.executable, "-m", "sandbox_service"]
EXAMPLE = str(CHECKOUT / "runners" / "python" / "examples" / "accepted.py")

pytestmark = pytest.mark.timeout(300)


@pytest.fixture
def below_gvisor(root: None, tmp_path: Path) -> list[str]:
    """The words before a command that run it there, as the ordinary user whom a container would give it."""
    runsc = shutil.which("runsc") or pytest.skip("needs runsc, which is gVisor")
    settings = ["--platform=ptrace", "--network=none", "--ignore-cgroups", f"--root={tmp_path}"]
    user = ["setpriv", "--reuid=10001", "--regid=10001", "--clear-groups", "--no-new-privs", "--bounding-set=-all"]
    variables = [f"{name}={value}" for name, value in (ENVIRONMENT | {"PYTHONPATH": str(CHECKOUT)}).items()]
    return [runsc, *settings, "do", *user, "env", *variables]


def run(command: Sequence[str]) -> subprocess.CompletedProcess[str]:
    return subprocess.run(command, capture_output=True, text=True, cwd="/")


def test_nothing_is_judged_below_gvisor_and_one_line_says_what_it_lacks(below_gvisor: list[str]):
    with tempfile.TemporaryDirectory() as tests:  # pytest's own could not be read by another user
        Path(tests, "1.in").write_text("2\n")
        Path(tests).chmod(0o755)

        done = run([*below_gvisor, *SERVICE, "judge", EXAMPLE, "--tests", tests])

    assert done.returncode == 2, done.stderr
    assert done.stderr.count("\n") == 1, done.stderr
    line = done.stderr
    assert "no isolation of at least landlock can be had here: the kernel is gVisor's, which lacks Landlock" in line
    assert "use another runtime than runsc" in line


def test_the_doctor_below_gvisor_names_it_for_each_tier(below_gvisor: list[str]):
    done = run([*below_gvisor, *SERVICE, "doctor", "--json"])

    assert done.returncode == 1, done.stderr
    assert done.stdout.count("the kernel is gVisor's") == 3, done.stdout  # two tiers, and what they come to
