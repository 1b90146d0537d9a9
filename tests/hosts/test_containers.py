"""The contract holds in an unprivileged container, with Docker's own seccomp profile and with ours."""

import subprocess
from uuid import uuid4

import pytest

from sandbox_service.models import Tier
from tests.hosts.report import CHECKOUT, CONTRACT_SUITE, ENVIRONMENT, INSIDE, Report, run_contract_suite

PROFILE = CHECKOUT / "deploy" / "seccomp" / "namespaces.json"

pytestmark = pytest.mark.timeout(900)


def run_in_container(docker: str, image: str, *options: str) -> Report:
    name = f"sandbox-service-tests-{uuid4().hex[:12]}"
    unprivileged = [
        "--cap-drop=ALL", "--security-opt=no-new-privileges", "--read-only", "--network=none", "--user=10001:10001",
        "--tmpfs=/tmp:exec,size=1g", "--pids-limit=4096",
    ]  # fmt: skip
    checkout = [f"--volume={CHECKOUT}:{INSIDE}:ro", f"--workdir={INSIDE}"]
    environment = [f"--env={variable}={value}" for variable, value in ENVIRONMENT.items()]
    run = [docker, "run", "--rm", f"--name={name}", *unprivileged, *checkout, *environment]
    try:
        return run_contract_suite([*run, *options, image, *CONTRACT_SUITE], wall_seconds=600)
    finally:
        subprocess.run([docker, "rm", "--force", name], capture_output=True)


def test_the_contract_holds_in_a_stock_unprivileged_container(docker: str, toolchain_image: str):
    report = run_in_container(docker, toolchain_image, "--env=SANDBOX_TEST_TIERS=landlock")

    assert report.all_passed, report.output
    assert report.tier == Tier.LANDLOCK


def test_our_seccomp_profile_brings_namespaces_to_the_same_container(docker: str, toolchain_image: str):
    profile = f"--security-opt=seccomp={PROFILE}"

    # The profile only allows more: the landlock tier has held in the container before.
    report = run_in_container(docker, toolchain_image, profile, "--env=SANDBOX_TEST_TIERS=namespaces")

    assert report.all_passed, report.output
    assert report.tier == Tier.NAMESPACES
