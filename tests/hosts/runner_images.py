"""Builds runners' images and judges every example of their languages at a worker in a stock container.

``python -m tests.hosts.runner_images --base IMAGE --redis IMAGE [LANGUAGE…]`` prints what docs/deployment.md says
of them; ``all`` is the image with every language.
"""

import argparse
import subprocess
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from uuid import uuid4

import httpx

from sandbox_service.models import Tier
from sandbox_service.runners import Example, examples, read_runners
from sandbox_service.settings import Settings
from tests.e2e.service import free_port
from tests.hosts.compose import docker
from tests.hosts.report import CHECKOUT

ALL = "all"
PREFIX = "sandbox-service-tests/sandbox"
START_SECONDS, ANSWER_SECONDS = 300, 600
WALL_SECONDS = 60  # what else the machine builds meanwhile says nothing about an image
# What a container gets from an engine that was told nothing but to be strict.
STOCK = (
    "--cap-drop=ALL", "--security-opt=no-new-privileges", "--read-only", "--tmpfs=/tmp:exec,mode=1777,size=1g",
    "--pids-limit=4096", "--memory=4g", "--init",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Built:
    """An image, what it weighs and how long its making took."""

    name: str
    size_bytes: int
    seconds: float


def build(what: str, base: str) -> Built:
    """The image of a runner, of the worker with all of them, or of the API."""
    names = {ALL: "worker", "api": "api"}
    file = f"deploy/images/{names[what]}.Dockerfile" if what in names else f"runners/{what}/Dockerfile"
    name = f"{PREFIX}-{names.get(what, f'runner-{what}')}"
    command = ["docker", "build", "--build-arg", f"BASE_IMAGE={base}", "-t", name, "-f", file, "."]
    began = time.monotonic()
    done = subprocess.run(command, cwd=CHECKOUT, stdin=subprocess.DEVNULL, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout[-5000:] + done.stderr[-5000:]
    seconds = time.monotonic() - began
    return Built(name, int(docker("image", "inspect", "--format", "{{.Size}}", name)), seconds)


class Queue:
    """A Redis and an API in containers, where workers of any image can join."""

    def __init__(self, network: str, port: int) -> None:
        self._network = network
        self.client = httpx.Client(base_url=f"http://127.0.0.1:{port}", timeout=ANSWER_SECONDS)

    @contextmanager
    def worker(self, image: str) -> Iterator[str]:
        """A worker in a stock container, ready for work."""
        settings = [f"--network={self._network}", "--env=SANDBOX_REDIS_URL=redis://redis:6379/0"]
        container = docker("run", "--detach", *STOCK, *settings, image).strip()
        try:
            self._eventually_ready(container)
            yield container
        finally:
            docker("rm", "--force", "--volumes", container)

    def _eventually_ready(self, container: str) -> None:
        deadline = time.monotonic() + START_SECONDS
        while "worker ready" not in (said := _logs(container)) or not self._is_ready():
            assert docker("inspect", "--format", "{{.State.Running}}", container).strip() == "true", said
            assert time.monotonic() < deadline, said
            time.sleep(0.2)

    def _is_ready(self) -> bool:
        try:
            return self.client.get("/readyz").is_success
        except httpx.TransportError:
            return False

    def verdicts(self, of_one_language: Sequence[Example]) -> Mapping[str, tuple[str, str | None]]:
        """What became of each example, and in which tier."""
        problem = of_one_language[0].problem.model_dump(mode="json", exclude_unset=True)
        problem["limits"]["wall_seconds"] = WALL_SECONDS
        submissions = [each.submission.model_dump(mode="json", exclude_unset=True) for each in of_one_language]
        job = {"problem": problem, "submissions": submissions, "stop_on_failure": True}
        answer = self.client.post("/v1/judge", json=job)
        assert answer.is_success, answer.text
        return {each["id"]: (each["verdict"], each["isolation"]) for each in answer.json()["judgements"]}


def _logs(container: str) -> str:
    done = subprocess.run(["docker", "logs", container], capture_output=True, text=True, check=True)
    return done.stdout + done.stderr


@contextmanager
def queue(redis_image: str, api_image: str) -> Iterator[Queue]:
    """A queue of its own, and nothing of it left afterwards."""
    network = f"sandbox-service-tests-{uuid4().hex[:8]}"
    port = free_port()
    docker("network", "create", network)
    containers: list[str] = []
    try:
        reached = [f"--network={network}", "--network-alias=redis"]
        server = ["redis-server", "--save", "", "--protected-mode", "no"]
        containers.append(docker("run", "--detach", *reached, redis_image, *server).strip())
        here = [f"--network={network}", f"--publish=127.0.0.1:{port}:8000"]
        url = "--env=SANDBOX_REDIS_URL=redis://redis:6379/0"
        containers.append(docker("run", "--detach", *STOCK, *here, url, api_image).strip())
        yield Queue(network, port)
    finally:
        for container in containers:
            docker("rm", "--force", "--volumes", container)
        docker("network", "rm", network)


def otherwise_than_expected(queue: Queue, languages: Sequence[str]) -> tuple[int, list[str]]:
    """How many examples there are, and what is wrong with some of them."""
    known = read_runners(Settings())
    wrong: list[str] = []
    count = 0
    for language in languages:
        its_examples = list(examples(known[language], Settings()))
        got = queue.verdicts(its_examples)
        for example in its_examples:
            count += 1
            if got[example.submission.id] != (example.verdict, Tier.LANDLOCK):
                wrong.append(f"{example.submission.id}: {got[example.submission.id]}")
    return count, wrong


def main(languages: Sequence[str], base: str, redis_image: str) -> None:
    every = sorted(read_runners(Settings()))
    api = build("api", base)
    with queue(redis_image, api.name) as shared:
        for what in languages or [*every, ALL]:
            built = build(what, base)
            with shared.worker(built.name):
                count, wrong = otherwise_than_expected(shared, every if what == ALL else [what])
            size = f"{built.size_bytes / 1e6:.0f} MB"
            print(f"| {what} | {size} | {built.seconds:.0f} s | {count - len(wrong)} of {count} |", flush=True)
            for line in wrong:
                print(f"  {line}", flush=True)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("languages", nargs="*", metavar="LANGUAGE")
    parser.add_argument("--base", required=True, help="the images' base")
    parser.add_argument("--redis", required=True, help="an image with redis-server")
    chosen = parser.parse_args()
    main(chosen.languages, chosen.base, chosen.redis)
