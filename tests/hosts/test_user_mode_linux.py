"""The contract holds under a pure cgroup v2 hierarchy, on a kernel that has no Landlock."""

import pytest

from sandbox_service.models import Tier
from tests.hosts.report import CHECKOUT, INSIDE, run_contract_suite

INIT = CHECKOUT / "tests" / "hosts" / "user_mode_linux_init"

pytestmark = pytest.mark.timeout(1200)


def test_the_contract_holds_under_cgroup_v2(user_mode_linux: list[str], root: None):
    kernel = [*user_mode_linux, "mem=3G", "con=null", "con0=fd:0,fd:1", "quiet"]
    disk = ["root=/dev/root", "rootfstype=hostfs", "rootflags=/", "ro"]
    command = [*kernel, *disk, f"init={INIT}", f"checkout={CHECKOUT}", f"inside={INSIDE}"]

    report = run_contract_suite(command, wall_seconds=1140)

    assert report.all_passed, report.output
    assert report.tier == Tier.NAMESPACES
    assert "cgroup: v2" in report.output
