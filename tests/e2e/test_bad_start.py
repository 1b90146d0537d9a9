"""What cannot start says why in one line, and leaves nothing running."""

import os
import re
import shutil
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from uuid import uuid4

import pytest
from redis import Redis

from sandbox_service.queues.embedded_redis import EmbeddedRedis
from tests.e2e.service import ROOT, free_port

PARTS = ("serve", "api", "worker")


@pytest.fixture
def guarded_redis(redis_server: EmbeddedRedis) -> Iterator[str]:
    """The path of a Redis that wants a password."""
    path = redis_server.url.removeprefix("unix://").partition("?")[0]
    with Redis(unix_socket_path=path) as client:
        client.config_set("requirepass", "right")
        yield path
        client.config_set("requirepass", "")


def start(part: str, directory: Path, *before: str, **variables: str) -> subprocess.CompletedProcess[str]:
    """Start it, which must fail within half a minute and leave nothing running."""
    mark = f"started-by-{uuid4().hex}"
    environment = {
        **{name: value for name, value in os.environ.items() if not name.startswith("SANDBOX_")},
        "PYTHONPATH": str(ROOT),
        "MARK": mark,
        "SANDBOX_STATE_DIRECTORY": str(directory / "state"),
        "SANDBOX_PORT": str(free_port()),
        **variables,
    }
    argv = [*before, sys.executable, "-m", "sandbox_service", part]
    done = subprocess.run(argv, env=environment, capture_output=True, text=True, timeout=30)
    assert left_behind(mark) == []
    return done


def left_behind(mark: str) -> list[str]:
    """The processes that a start left running: what it starts has its environment."""
    found = []
    for process in Path("/proc").glob("[0-9]*"):
        with suppress(OSError):
            if mark.encode() in (process / "environ").read_bytes():
                found.append((process / "cmdline").read_text().replace("\0", " "))
    return found


def complaint(done: subprocess.CompletedProcess[str]) -> str:
    """The one line that it ended with."""
    assert done.returncode == 2, done.stderr
    assert "Traceback" not in done.stderr
    *before, last = done.stderr.splitlines()
    assert not [line for line in before if "error" in line]
    return last


@pytest.mark.parametrize("part", PARTS)
def test_a_wrong_redis_password_is_said_at_once(tmp_path: Path, guarded_redis: str, part: str):
    said = complaint(start(part, tmp_path, SANDBOX_REDIS_URL=f"unix://{guarded_redis}?password=wrong"))

    assert f"Redis at {guarded_redis} refuses us" in said
    assert "correct the password, user or database in SANDBOX_REDIS_URL" in said
    assert "wrong" not in said.replace(guarded_redis, "")


@pytest.mark.parametrize("part", PARTS)
def test_a_redis_that_wants_a_password_is_said_at_once(tmp_path: Path, guarded_redis: str, part: str):
    said = complaint(start(part, tmp_path, SANDBOX_REDIS_URL=f"unix://{guarded_redis}"))

    assert f"Redis at {guarded_redis} refuses us" in said
    assert "correct the password, user or database in SANDBOX_REDIS_URL" in said


@pytest.mark.parametrize("part", ["serve", "worker"])
def test_a_redis_that_does_not_answer_is_waited_for_and_named(tmp_path: Path, part: str):
    port = free_port()

    done = start(part, tmp_path, SANDBOX_REDIS_URL=f"redis://127.0.0.1:{port}/0")

    assert "waiting for Redis" in done.stderr
    assert f"Redis at 127.0.0.1:{port} does not answer" in complaint(done)
    assert "start it, or correct SANDBOX_REDIS_URL" in complaint(done)


@pytest.mark.parametrize("part", ["api", "worker"])
def test_a_part_alone_without_a_redis_is_told_what_to_set(tmp_path: Path, part: str):
    assert "set SANDBOX_REDIS_URL, or use `sandbox-service serve`" in complaint(start(part, tmp_path))


@pytest.mark.parametrize("part", ["serve", "api"])
def test_a_port_in_use_is_named(tmp_path: Path, redis_server: EmbeddedRedis, part: str):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])

        said = complaint(start(part, tmp_path, SANDBOX_REDIS_URL=redis_server.url, SANDBOX_PORT=port))

    assert f"127.0.0.1:{port} is in use; choose another port with SANDBOX_PORT" in said


@pytest.mark.parametrize("part", ["serve", "worker"])
def test_an_image_without_its_toolchain_is_named(tmp_path: Path, redis_server: EmbeddedRedis, part: str):
    runner = tmp_path / "runners" / "nothing"
    runner.mkdir(parents=True)
    text = (ROOT / "runners" / "lua" / "runner.toml").read_text()
    (runner / "runner.toml").write_text(text.replace("lua5.4", "lua-that-nobody-has"))
    (tmp_path / "runners" / "examples.json").write_bytes((ROOT / "runners" / "examples.json").read_bytes())
    variables = {"SANDBOX_REDIS_URL": redis_server.url, "SANDBOX_RUNNERS_DIRECTORY": str(tmp_path / "runners")}

    said = complaint(start(part, tmp_path, **variables))

    assert "no language's toolchain is installed: nothing lacks lua-that-nobody-has (apt-get install -y lua" in said


@pytest.mark.parametrize("part", ["serve", "worker"])
def test_a_machine_without_any_toolchain_is_told_how_to_get_them(
    tmp_path: Path, redis_server: EmbeddedRedis, part: str
):
    runners = tmp_path / "runners"
    shutil.copytree(ROOT / "runners", runners)
    for file in runners.glob("*/runner.toml"):
        file.write_text(re.sub(r"(\[executables\]\n)", r'\1nobody-has-this = "no way"\n', file.read_text()))
    variables = {"SANDBOX_REDIS_URL": redis_server.url, "SANDBOX_RUNNERS_DIRECTORY": str(runners)}

    said = complaint(start(part, tmp_path, **variables))

    assert (
        "no language's toolchain is installed; `make toolchains` installs them, `sandbox-service doctor` says" in said
    )


@pytest.mark.parametrize("part", ["serve", "worker"])
def test_a_tier_below_the_minimum_is_refused(tmp_path: Path, redis_server: EmbeddedRedis, part: str):
    tiers = {"SANDBOX_ISOLATION": "landlock", "SANDBOX_MINIMUM_ISOLATION": "namespaces"}

    said = complaint(start(part, tmp_path, SANDBOX_REDIS_URL=redis_server.url, **tiers))

    assert "isolation landlock is below the configured minimum, namespaces; correct SANDBOX_ISOLATION or" in said


@pytest.mark.parametrize("part", ["serve", "worker"])
def test_scratch_space_where_nothing_can_be_run_is_refused(tmp_path: Path, redis_server: EmbeddedRedis, part: str):
    noexec = tmp_path / "noexec"
    noexec.mkdir()
    mounting = ["unshare", "--map-root-user", "--mount", "sh", "-c", 'mount -t tmpfs -o noexec none "$0" && exec "$@"']
    variables = {"SANDBOX_ISOLATION": "landlock", "SANDBOX_REDIS_URL": redis_server.url, "TMPDIR": str(noexec)}

    said = complaint(start(part, tmp_path, *mounting, str(noexec), **variables))

    assert f"nothing may be run in {noexec}, which is mounted noexec: mount it exec, as with docker run" in said


@pytest.mark.parametrize("part", ["serve", "worker"])
def test_no_docker_is_named(tmp_path: Path, redis_server: EmbeddedRedis, part: str):
    where = {"SANDBOX_ISOLATION": "docker", "DOCKER_HOST": "unix:///nowhere/docker.sock"}

    said = complaint(start(part, tmp_path, SANDBOX_REDIS_URL=redis_server.url, **where))

    assert "no Docker daemon answers at unix:///nowhere/docker.sock" in said


@pytest.mark.parametrize("part", PARTS)
def test_an_unknown_setting_is_named_with_the_one_that_was_meant(tmp_path: Path, part: str):
    said = complaint(start(part, tmp_path, SANDBOX_REDIS_ULR="redis://127.0.0.1"))

    assert "unknown setting SANDBOX_REDIS_ULR; did you mean SANDBOX_REDIS_URL?" in said
