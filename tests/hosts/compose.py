"""A stack of containers from the compose file, under a name of its own."""

import json
import os
import shutil
import subprocess
import time
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import httpx

from tests.hosts.report import CHECKOUT

START_SECONDS = 300
GONE = ("container", "network", "volume")


def compose_commands() -> list[list[str]]:
    """Every compose that this machine has: the plugin, and the older command."""
    found = [["docker", "compose"], ["docker-compose"]]
    return [words for words in found if shutil.which(words[0]) and _works([*words, "version"])]


def _works(command: list[str]) -> bool:
    return subprocess.run(command, capture_output=True).returncode == 0


class Stack:
    """The compose file's services as one project, and a client for its API."""

    def __init__(self, command: Sequence[str], project: str, port: int, variables: Mapping[str, str]) -> None:
        self._compose = [*command, "--project-name", project]
        self._label = f"label=com.docker.compose.project={project}"
        self._environment = {
            **{name: value for name, value in os.environ.items() if not name.startswith("SANDBOX_")},
            "SANDBOX_PORT": str(port),
            **variables,
        }
        self.client = httpx.Client(base_url=f"http://127.0.0.1:{port}", timeout=60)

    def run(self, *words: str) -> str:
        done = subprocess.run(
            [*self._compose, *words], cwd=CHECKOUT, env=self._environment, capture_output=True, text=True
        )
        assert done.returncode == 0, done.stdout[-5000:] + done.stderr[-5000:]
        return done.stdout

    def containers(self, service: str) -> list[str]:
        return self.run("ps", "--quiet", service).split()

    def inspect(self) -> list[dict[str, Any]]:
        """All that the engine knows of the project's containers."""
        listed = docker("ps", "--quiet", "--filter", self._label).split()
        found: list[dict[str, Any]] = json.loads(docker("inspect", *listed))
        return found

    def wait_for_workers(self, *languages: str) -> None:
        """Until each language has as many workers as it is named."""
        wanted = {language: languages.count(language) for language in languages}
        self.eventually(lambda: all(self._workers(name) == count for name, count in wanted.items()))

    def _workers(self, language: str) -> int:
        try:
            listed = self.client.get("/v1/languages").raise_for_status().json()["languages"]
        except httpx.HTTPError:
            return 0
        return next(len(each["workers"]) for each in listed if each["name"] == language)

    def eventually(self, true: Callable[[], bool]) -> None:
        deadline = time.monotonic() + START_SECONDS
        while not true():
            assert time.monotonic() < deadline, self.run("logs", "--no-color")[-10_000:]
            time.sleep(0.2)

    def down(self) -> list[str]:
        """Take everything down; what is left over all the same."""
        self.client.close()
        self.run("down", "--volumes", "--remove-orphans")
        left = [docker(kind, "ls", "--quiet", "--filter", self._label) for kind in GONE]
        return [name for names in left for name in names.split()]


def docker(*words: str) -> str:
    return subprocess.run(["docker", *words], check=True, capture_output=True, text=True).stdout


def stand_in(name: str, base: str) -> str:
    """An image that is what a registry has under that name to the compose file."""
    tag, file = f"sandbox-service-tests:{name}", f"tests/hosts/{name}.Dockerfile"
    build = ["docker", "build", "-q", "--build-arg", f"BASE_IMAGE={base}", "-t", tag, "-f", file, "tests/hosts"]
    subprocess.run(build, check=True, cwd=CHECKOUT, stdin=subprocess.DEVNULL, capture_output=True)
    return tag
