"""The contract holds in boxes that are containers of a runner's image, and what Docker lacks is said."""

import os
import subprocess
import sys
from pathlib import Path
from textwrap import dedent

import pytest

from sandbox_service.errors import BoxBroken, SandboxUnavailable
from sandbox_service.models import Execution, Limits, Outcome, Tier
from sandbox_service.sandboxes.contract import Command
from sandbox_service.sandboxes.conversation import Party, converse
from sandbox_service.sandboxes.docker import LABEL, Containers
from sandbox_service.sandboxes.warm_pool import WarmPool
from tests.e2e.test_serve import eventually
from tests.hosts.compose import docker as ask_docker
from tests.hosts.report import CHECKOUT

PROFILE = CHECKOUT / "deploy" / "seccomp" / "namespaces.json"
LIMITS = Limits(cpu_seconds=2, wall_seconds=6, memory_bytes=2**28, output_bytes=2**20, processes=32)

pytestmark = pytest.mark.timeout(900)


@pytest.fixture(scope="module")
def runner_image(docker: str, bare_image: str) -> str:
    name = "sandbox-service-tests/sandbox-runner-python"
    file = "runners/python/Dockerfile"
    build = [docker, "build", "-q", "--build-arg", f"BASE_IMAGE={bare_image}", "-t", name, "-f", file, "."]
    subprocess.run(build, check=True, cwd=CHECKOUT, stdin=subprocess.DEVNULL)
    return name


def containers(image: str, *, runtime: str | None = None, profile: Path | None = None) -> Containers:
    return Containers(image, memory_bytes=2**32, processes=1024, runtime=runtime, seccomp_profile=profile)


def ours() -> list[str]:
    return containers_of(os.getpid())


def containers_of(pid: int) -> list[str]:
    """The containers that a process holds."""
    return ask_docker("ps", "--all", "--quiet", "--filter", f"label={LABEL}={pid}").split()


def test_the_contract_holds_in_containers(runner_image: str):
    environment = {**os.environ, "SANDBOX_TEST_TIERS": "docker", "SANDBOX_TEST_DOCKER_IMAGE": runner_image, "CI": ""}
    suite = [sys.executable, "-m", "pytest", "tests/contract", "-q", "--color=no", "-p", "no:cacheprovider"]

    finished = subprocess.run(suite, cwd=CHECKOUT, env=environment, capture_output=True, text=True)

    assert finished.returncode == 0, finished.stdout[-5000:]


def test_our_seccomp_profile_brings_namespaces_into_the_container(runner_image: str):
    pool = WarmPool(containers(runner_image, profile=PROFILE), Tier.NAMESPACES)
    box = pool.open(None)

    execution = box.run(Command(("python3", "-c", "print(1)")), LIMITS)

    assert (execution.outcome, execution.stdout) == (Outcome.EXITED, b"1\n")
    assert (box.isolation.tier, box.isolation.layers["inside"]) == (Tier.DOCKER, "namespaces")
    box.close()
    pool.close()


def test_without_the_profile_the_minimum_of_namespaces_is_refused(runner_image: str):
    with pytest.raises(SandboxUnavailable, match="namespaces"):
        WarmPool(containers(runner_image), Tier.NAMESPACES).open(None)


CROWD = """
import os, threading, time
os.setgid(10001), os.setuid(10001)
for _ in range(1000): threading.Thread(target=time.sleep, args=(60,), daemon=True).start()
print("there", flush=True)
time.sleep(60)
"""


def test_what_others_run_under_the_images_uid_is_not_counted(root: None, runner_image: str):
    pool = WarmPool(containers(runner_image), Tier.LANDLOCK)
    box = pool.open(None)
    with subprocess.Popen([sys.executable, "-c", CROWD], stdout=subprocess.PIPE) as crowd:
        assert crowd.stdout is not None
        assert crowd.stdout.readline() == b"there\n"

        execution = box.run(Command(("sh", "-c", "yes | head -1; echo done")), LIMITS)

        crowd.kill()
    box.close()
    pool.close()
    assert (execution.stdout, execution.stderr) == (b"y\ndone\n", b"")


def test_a_pool_keeps_a_spare_and_leaves_nothing(runner_image: str):
    pool = WarmPool(containers(runner_image), Tier.LANDLOCK)
    first = pool.open(None)
    pool.settle()
    with_a_spare = len(ours())
    second = pool.open(None)
    runs = [box.run(Command(("true",)), LIMITS).exit_code for box in (first, second)]

    first.close()
    second.close()
    pool.close()

    assert with_a_spare == 2
    assert runs == [0, 0]
    assert ours() == []


def test_a_container_that_ends_breaks_the_conversation_in_it(runner_image: str):
    pool = WarmPool(containers(runner_image), Tier.LANDLOCK)
    ending, other = pool.open(None), pool.open(None)
    pool.settle()

    def end_all(side: int, execution: Execution) -> bool:
        ask_docker("kill", *ours())
        return False

    with pytest.raises(BoxBroken, match="the container ended"):
        converse(
            Party(ending, Command(("sleep", "100")), LIMITS),
            Party(other, Command(("true",)), LIMITS),
            settles=end_all,
        )

    for box in (ending, other):
        box.close()
    pool.close()


def test_containers_end_with_their_worker(runner_image: str):
    opening = f"""
        from sandbox_service.models import Tier
        from sandbox_service.sandboxes.docker import Containers
        from sandbox_service.sandboxes.warm_pool import WarmPool
        pool = WarmPool(Containers({runner_image!r}, 2**32, 1024), Tier.LANDLOCK)
        box = pool.open(None)
        pool.settle()
        print("open", flush=True)
        input()
    """
    argv = [sys.executable, "-c", dedent(opening)]
    worker = subprocess.Popen(argv, cwd=CHECKOUT, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    assert worker.stdout is not None
    assert worker.stdout.readline() == b"open\n"
    held = containers_of(worker.pid)

    worker.kill()
    worker.communicate()

    assert len(held) == 2
    eventually(lambda: containers_of(worker.pid) == [])


def test_what_docker_lacks_is_said_in_one_line(runner_image: str):
    with pytest.raises(SandboxUnavailable, match="there is no image sandbox-none; build it, or set SANDBOX_DOCKER_I"):
        WarmPool(containers("sandbox-none"), Tier.LANDLOCK).open(None)
    with pytest.raises(SandboxUnavailable, match="no-such-runtime"):
        WarmPool(containers(runner_image, runtime="no-such-runtime"), Tier.LANDLOCK).open(None)
    assert ours() == []


def test_an_image_without_the_service_is_refused(bare_image: str):
    with pytest.raises(SandboxUnavailable, match=rf"no box in image {bare_image}.*sandbox_service"):
        WarmPool(containers(bare_image), Tier.LANDLOCK).open(None)
