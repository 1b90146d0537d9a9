"""The stack comes up from the compose file, judges every main language and loses nothing."""

import json
import subprocess
from collections.abc import Iterator
from uuid import uuid4

import pytest
import yaml

from sandbox_service.models import Tier
from tests.e2e.service import free_port, job
from tests.hosts.compose import Stack, compose_commands, docker, stand_in
from tests.hosts.readme import compose_command_of_the_readme, request_of_the_readme
from tests.hosts.report import CHECKOUT
from tests.observability.prometheus import Prometheus

LANGUAGES = ("cpp", "go", "java", "javascript", "python")
OVERLAYS = ("gvisor", "docker-backend")

pytestmark = pytest.mark.timeout(900)


@pytest.fixture(scope="module")
def prometheus_port() -> int:
    return free_port()


@pytest.fixture(scope="module")
def stack(docker: str, bare_image: str, prometheus_port: int) -> Iterator[Stack]:
    """What the README's command brings up; nothing of it is left afterwards."""
    (command, *_) = compose_commands() or pytest.skip("needs docker compose or docker-compose")
    variables = {
        "BASE_IMAGE": bare_image,
        "REDIS_IMAGE": stand_in("redis", bare_image),
        "PROMETHEUS_IMAGE": stand_in("prometheus", bare_image),
        "PROMETHEUS_PORT": str(prometheus_port),
        "SANDBOX_IMAGES": "sandbox-service-tests/sandbox",
    }
    stack = Stack(command, f"sandbox-service-tests-{uuid4().hex[:8]}", free_port(), variables)
    try:
        stack.run(*compose_command_of_the_readme())
        stack.wait_for_workers(*LANGUAGES)
        yield stack
    finally:
        left = stack.down()
    assert left == []


def test_it_answers_the_request_of_the_readme(stack: Stack):
    url, body = request_of_the_readme()

    answer = stack.client.post(url.partition(":8000")[2], content=body, headers={"Content-Type": "application/json"})

    assert [each["verdict"] for each in answer.json()["judgements"]] == ["accepted"]


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_language_is_judged_at_its_own_worker(stack: Stack, language: str):
    (example,) = (CHECKOUT / "runners" / language / "examples").glob("accepted.*")

    answer = stack.client.post("/v1/judge", json=job(example.read_text(), language=language))

    (judgement,) = answer.json()["judgements"]
    assert judgement["verdict"] == "accepted", judgement
    assert judgement["isolation"] == Tier.NAMESPACES


def test_the_tier_is_told_at_start(stack: Stack):
    lines = [line for line in stack.run("logs", "--no-color").splitlines() if "worker ready" in line]

    assert len(lines) >= len(LANGUAGES)
    assert all('"isolation": "namespaces"' in line for line in lines)


def test_every_part_says_that_it_lives(stack: Stack):
    (api,), (worker,) = stack.containers("api"), stack.containers("go")

    assert docker("exec", api, "sandbox-service", "alive", "api") == ""
    assert docker("exec", worker, "sandbox-service", "alive", "worker") == ""


def test_a_killed_worker_loses_nothing(stack: Stack):
    stack.run("up", "--detach", "--no-recreate", "--scale", "python=2")
    stack.wait_for_workers(*LANGUAGES, "python")
    sources = [f"import time; time.sleep(0.2); print(int(input()) ** 2)  # {number}" for number in range(40)]
    job_id = stack.client.post("/v1/jobs", json=job(*sources)).json()["id"]
    stack.eventually(lambda: stack.client.get(f"/v1/jobs/{job_id}").json()["done"] > 0)

    docker("kill", stack.containers("python")[0])

    stack.eventually(lambda: stack.client.get(f"/v1/jobs/{job_id}").json()["state"] == "finished")
    judgements = stack.client.get(f"/v1/jobs/{job_id}").json()["judgements"]
    assert [each["id"] for each in judgements] == [f"r{number}" for number in range(40)]
    assert {each["verdict"] for each in judgements} == {"accepted"}


def test_prometheus_is_told_of_the_workers_and_loads_the_alerts(stack: Stack, prometheus_port: int):
    stack.run("--profile", "observe", "up", "--detach", "--no-recreate", "prometheus")
    prometheus = Prometheus(prometheus_port)
    stack.eventually(prometheus.is_ready)

    prometheus.wait_for(f"sandbox_workers >= {len(LANGUAGES)}")
    (scraped,) = prometheus.ask("up")
    tiers = {series["metric"]["isolation"] for series in prometheus.ask("sandbox_slots > 0")}
    rules = prometheus.rules()
    prometheus.close()

    assert (scraped["metric"]["job"], scraped["metric"]["instance"], scraped["value"][1]) == (
        "sandbox",
        "api:8000",
        "1",
    )
    assert tiers == {Tier.NAMESPACES}
    assert len(rules) == (CHECKOUT / "deploy/observability/alerts.yml").read_text().count("- alert:")
    assert [rule["name"] for rule in rules if rule["health"] == "err" or rule["alerts"]] == []


def test_nothing_has_more_rights_than_it_needs(stack: Stack):
    containers = stack.inspect()

    ports = {name for each in containers for name, to in each["NetworkSettings"]["Ports"].items() if to}
    hosts = {
        to["HostIp"] for each in containers for bound in each["HostConfig"]["PortBindings"].values() for to in bound
    }
    for each in containers:
        assert not each["HostConfig"]["Privileged"]
        assert each["HostConfig"]["CapDrop"] == ["ALL"]
        assert each["HostConfig"]["ReadonlyRootfs"]
        assert each["HostConfig"]["PidsLimit"]
        assert each["HostConfig"]["Memory"]
        assert any(option.startswith("no-new-privileges") for option in each["HostConfig"]["SecurityOpt"])
        assert each["Config"]["User"] in ("10001", "999", "65534")
        assert not any("docker.sock" in json.dumps(mount) for mount in each["Mounts"])
    assert ports - {"9090/tcp"} == {"8000/tcp"}
    assert hosts == {"127.0.0.1"}


@pytest.mark.parametrize("overlay", [None, *OVERLAYS])
def test_every_compose_takes_the_files(overlay: str | None):
    files = ["docker-compose.yml", *([f"deploy/compose/{overlay}.yml"] if overlay else [])]
    chosen = [word for file in files for word in ("--file", file)]
    commands = compose_commands() or pytest.skip("needs docker compose or docker-compose")

    for command in commands:
        done = subprocess.run([*command, *chosen, "config"], cwd=CHECKOUT, capture_output=True, text=True)

        assert done.returncode == 0, done.stderr
        assert "services" in yaml.safe_load(done.stdout)
