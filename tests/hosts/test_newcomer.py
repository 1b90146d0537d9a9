"""A machine with python3 and make, and nothing else, serves after one command, and again in seconds after a stop."""

import json
import subprocess
import time
from collections.abc import Iterator
from dataclasses import dataclass

import pytest

from tests.hosts.readme import request_of_the_readme
from tests.hosts.report import CHECKOUT

AUTHORITIES = "/etc/ssl/certs/ca-certificates.crt"
CLONE = "/srv/sandbox-service"
READY = "http://127.0.0.1:8000/readyz"
START_SECONDS = 300  # the first one fetches every package

# There is no curl on that machine.
ASK = """
import sys, urllib.request
request = urllib.request.Request(sys.argv[1], *[body.encode() for body in sys.argv[2:]])
request.add_header("Content-Type", "application/json")
print(urllib.request.urlopen(request, timeout=30).read().decode())
"""

pytestmark = pytest.mark.timeout(900)


@dataclass(frozen=True, slots=True)
class Machine:
    """A container that stands for a newcomer's machine."""

    docker: str
    container: str
    user: str

    def run(self, *command: str) -> subprocess.CompletedProcess[bytes]:
        options = [f"--user={self.user}", f"--workdir={CLONE}"]
        return subprocess.run([self.docker, "exec", *options, self.container, *command], capture_output=True)

    def ask(self, url: str, *body: str) -> str | None:
        done = self.run("python3", "-c", ASK, url, *body)
        return done.stdout.decode() if done.returncode == 0 else None

    def serve(self) -> None:
        """Start ``make serve`` and wait until it takes requests."""
        self.run("sh", "-c", "make serve >/tmp/log 2>&1 & echo $! >/tmp/pid")
        deadline = time.monotonic() + START_SECONDS
        while self.ask(READY) is None:
            assert self.run("sh", "-c", "kill -0 $(cat /tmp/pid)").returncode == 0, self.log()
            assert time.monotonic() < deadline, self.log()
            time.sleep(0.2)

    def stop(self) -> None:
        self.run(
            "sh", "-c", "kill -TERM $(cat /tmp/pid); while kill -0 $(cat /tmp/pid) 2>/dev/null; do sleep 0.1; done"
        )

    def log(self) -> str:
        return self.run("cat", "/tmp/log").stdout.decode(errors="replace")

    def processes(self) -> list[str]:
        """Their commands, seen from the outside: what looks from the inside would be among them."""
        listed = subprocess.run(
            [self.docker, "top", self.container, "-eo", "pid,args"], check=True, capture_output=True
        )
        return sorted(line.split(maxsplit=1)[1] for line in listed.stdout.decode().splitlines()[1:])


@pytest.fixture(params=["root", "newcomer"])
def machine(request: pytest.FixtureRequest, docker: str, bare_image: str) -> Iterator[Machine]:
    authorities = [f"--env={name}={AUTHORITIES}" for name in ("SSL_CERT_FILE", "PIP_CERT")]
    start = [docker, "run", "--detach", "--init", "--rm", *authorities, bare_image, "sleep", "infinity"]
    container = subprocess.run(start, check=True, capture_output=True, text=True).stdout.strip()
    try:
        clone = subprocess.run(["git", "-C", CHECKOUT, "archive", "HEAD"], check=True, capture_output=True).stdout
        user = request.param
        unpack = f"useradd -m newcomer && mkdir {CLONE} && tar -x -C {CLONE} && chown -R {user} {CLONE}"
        as_root = [docker, "exec", "-i", container, "sh", "-c", unpack]
        subprocess.run(as_root, check=True, input=clone)
        yield Machine(docker, container, user)
    finally:
        subprocess.run([docker, "rm", "--force", container], capture_output=True)


def test_one_command_serves_on_a_bare_machine_and_leaves_nothing_when_stopped(machine: Machine):
    url, body = request_of_the_readme()
    processes_before = machine.processes()

    machine.serve()
    answer = machine.ask(url, body)
    machine.stop()

    assert answer is not None, machine.log()
    assert [each["verdict"] for each in json.loads(answer)["judgements"]] == ["accepted"], machine.log()
    assert machine.processes() == processes_before

    machine.serve()
    second_log = machine.log()
    machine.stop()

    assert "setting up" not in second_log
