"""Finds what a host needs: a Docker daemon with the test image, User-mode Linux, the right to become another user."""

import fcntl
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from hashlib import sha256
from pathlib import Path

import pytest

from tests.hosts.report import CHECKOUT

IMAGES = CHECKOUT / "deploy" / "images"


@pytest.fixture(scope="session", autouse=True)
def _system_python() -> None:
    """The other hosts see this checkout's .venv, so its Python must be one that they have as well."""
    base = Path(sys.base_prefix)
    if base != Path("/usr"):
        pytest.skip(f"needs a .venv made with /usr/bin/python3, not with {base}")


@pytest.fixture(scope="session")
def root() -> None:
    if os.getuid() != 0:
        pytest.skip("needs root, to build a machine or to become another user")


@pytest.fixture(scope="session")
def docker() -> str:
    """The docker command, where a daemon answers."""
    command = shutil.which("docker")
    if command is None or subprocess.run([command, "version"], capture_output=True).returncode:
        pytest.skip("needs a running Docker daemon")
    return command


@pytest.fixture(scope="session")
def bare_image(docker: str, root: None) -> str:
    """A Debian with python3, make and certificates and nothing else; made anew when its script changes."""
    if shutil.which("debootstrap") is None:
        pytest.skip("needs debootstrap, which makes the image")
    script = IMAGES / "debian"
    name = f"sandbox-service-tests:bare-{sha256(script.read_bytes()).hexdigest()[:12]}"
    with _one_at_a_time():
        if subprocess.run([docker, "image", "inspect", name], capture_output=True).returncode:
            subprocess.run([script, name], check=True, stdin=subprocess.DEVNULL)
    return name


@contextmanager
def _one_at_a_time() -> Iterator[None]:
    """Tests run side by side in processes, and each of these would make the image."""
    with (Path(tempfile.gettempdir()) / "sandbox-service-tests.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


@pytest.fixture(scope="session")
def toolchain_image(docker: str, bare_image: str) -> str:
    """The same with the compilers."""
    name = "sandbox-service-tests:toolchains"
    file = IMAGES / "toolchains.Dockerfile"
    build = [docker, "build", "-q", "--build-arg", f"BASE_IMAGE={bare_image}", "-t", name, "-f", str(file), str(IMAGES)]
    subprocess.run(build, check=True, stdin=subprocess.DEVNULL)
    return name


@pytest.fixture(scope="session")
def user_mode_linux(tmp_path_factory: pytest.TempPathFactory) -> list[str]:
    """The command that boots it, on any processor."""
    command, compiler = shutil.which("linux.uml"), shutil.which("gcc")
    if command is None or compiler is None:
        pytest.skip("needs User-mode Linux (Debian: user-mode-linux) and gcc")
    library = tmp_path_factory.mktemp("user-mode-linux") / "registers.so"
    source = CHECKOUT / "tests" / "hosts" / "user_mode_linux_registers.c"
    subprocess.run([compiler, "-O2", "-shared", "-fPIC", "-o", library, source, "-ldl"], check=True)
    return ["env", f"LD_PRELOAD={library}", command]
