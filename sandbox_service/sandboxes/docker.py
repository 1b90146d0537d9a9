"""Boxes in locked-down containers: a native box in each, reached through an agent."""

import json
import os
import secrets
import socket
import ssl
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sandbox_service.errors import SandboxUnavailable
from sandbox_service.models import Execution, Isolation, Limits, Tier
from sandbox_service.sandboxes.attached import AttachedBox
from sandbox_service.sandboxes.contract import Command, Running, Zygote

if TYPE_CHECKING:
    from docker import DockerClient

AGENT = ["python3", "-m", "sandbox_service.sandboxes.agent"]
LABEL = "sandbox-service.box"
# Each container has a uid of its own, as the kernel counts processes by uid; a remapped daemon has 65,536 of them.
_FIRST_UID, _UIDS = 20_000, 40_000
SCRATCH_BYTES = 2**30
_START_SECONDS = 60.0
_STDOUT, _STDERR = 1, 2
_WORDS_KEPT = 2000


@dataclass(frozen=True, slots=True)
class Containers:
    """How the containers are made; their limits stand above those of any program in them."""

    image: str
    memory_bytes: int
    processes: int
    runtime: str | None = None
    seccomp_profile: Path | None = None

    def host_config(self, client: "DockerClient") -> dict[str, Any]:
        """Nothing but a scratch directory to write to, and no right that an ordinary process lacks."""
        security = ["no-new-privileges:true"]
        if self.seccomp_profile is not None:
            security.append(f"seccomp={json.dumps(json.loads(self.seccomp_profile.read_text()))}")
        config: dict[str, Any] = client.api.create_host_config(
            network_mode="none",
            read_only=True,
            cap_drop=["ALL"],
            security_opt=security,
            mem_limit=self.memory_bytes,
            memswap_limit=self.memory_bytes,
            pids_limit=self.processes,
            tmpfs={"/tmp": f"exec,mode=1777,size={SCRATCH_BYTES}"},
            runtime=self.runtime,
            auto_remove=True,
            init=True,
            # What programs print would otherwise lie on the disk once more.
            log_config={"Type": "none"},
        )
        return config


class _Link:
    """The agent's stdin and stdout, as Docker carries them."""

    def __init__(self, attached: Any) -> None:
        self._attached = attached  # which takes its connection along when nobody holds it
        self._stream: socket.socket = getattr(attached, "_sock", attached)
        self._stdout = bytearray()
        self.last_words = bytearray()

    def send(self, frame: bytes, seconds: float) -> None:
        self._stream.settimeout(seconds)
        self._stream.sendall(frame)

    def fileno(self) -> int:
        return self._stream.fileno()

    @property
    def has_more(self) -> bool:
        return bool(self._stdout)

    def take_in(self) -> None:
        self._take()
        while isinstance(self._stream, ssl.SSLSocket) and self._stream.pending():  # which no poll would tell
            self._take()

    def receive(self, size: int) -> bytes:
        while len(self._stdout) < size:
            self._take()
        taken = bytes(self._stdout[:size])
        del self._stdout[:size]
        return taken

    def _take(self) -> None:
        """One piece of either stream: its number, three zeros, its length, its bytes."""
        head = self._exactly(8)
        piece = self._exactly(int.from_bytes(head[4:], "big"))
        if head[0] == _STDOUT:
            self._stdout += piece
        elif head[0] == _STDERR:
            self.last_words = (self.last_words + piece)[-_WORDS_KEPT:]

    def _exactly(self, size: int) -> bytes:
        taken = bytearray()
        while len(taken) < size:
            piece = self._stream.recv(min(size - len(taken), 1 << 18))
            if not piece:
                said = self.last_words.decode(errors="replace").strip().rpartition("\n")[2]
                raise ConnectionError(f"the container ended: {said}" if said else "the container ended")
            taken += piece
        return bytes(taken)

    def close(self) -> None:
        with suppress(OSError):
            self._stream.shutdown(socket.SHUT_RDWR)
        self._stream.close()


class DockerBox:
    """The worker's end of a box in a container; the container ends with it."""

    def __init__(self, client: "DockerClient", containers: Containers, zygote: Zygote | None, minimum: Tier) -> None:
        """Start a container and wait until the box in it stands.

        Raises:
            SandboxUnavailable: Docker does not answer or refuses, or there is no such box in there.
        """
        self._client = client
        self._containers = containers
        self._link: _Link | None = None
        self._id = self._asked_for(self._create)
        try:
            self._link = self._asked_for(self._start)
            self._attached = self._open(self._link, zygote, minimum)
            self._isolation = self._in_force(self._attached.isolation)
        except BaseException:
            self.close()
            raise

    def _asked_for(self, ask: Callable[[], Any]) -> Any:
        from docker.errors import DockerException, ImageNotFound

        try:
            return ask()
        except ImageNotFound:
            message = f"docker: there is no image {self._containers.image}; build it, or set SANDBOX_DOCKER_IMAGE"
            raise SandboxUnavailable(message) from None
        except (DockerException, OSError) as error:
            raise SandboxUnavailable(f"docker: {getattr(error, 'explanation', None) or error}") from None

    def _create(self) -> str:
        uid = _FIRST_UID + secrets.randbelow(_UIDS)
        created = self._client.api.create_container(
            self._containers.image,
            AGENT,
            detach=False,
            stdin_open=True,  # and closed with the link, by which the agent ends should this process die
            user=f"{uid}:{uid}",
            working_dir="/",
            labels={LABEL: str(os.getpid())},
            healthcheck={"test": ["NONE"]},
            host_config=self._containers.host_config(self._client),
        )
        return str(created["Id"])

    def _start(self) -> _Link:
        streams = {"stdin": 1, "stdout": 1, "stderr": 1, "stream": 1}
        attached = self._client.api.attach_socket(self._id, params=streams)
        self._client.api.start(self._id)
        return _Link(attached)

    def _open(self, link: _Link, zygote: Zygote | None, minimum: Tier) -> AttachedBox:
        try:
            return AttachedBox(link, zygote, minimum)
        except SandboxUnavailable as refusal:
            raise SandboxUnavailable(f"docker: {refusal}") from None
        except (OSError, ValueError) as error:
            raise SandboxUnavailable(f"docker: no box in image {self._containers.image}: {error}") from None

    def _in_force(self, inside: Isolation) -> Isolation:
        container = f"network none, read-only root, no capability, runtime {self._containers.runtime or 'default'}"
        layers = {"container": container, "inside": str(inside.tier), **inside.layers}
        return Isolation(tier=Tier.DOCKER, layers=layers, missing=inside.missing)

    @property
    def isolation(self) -> Isolation:
        return self._isolation

    @property
    def takes_steps(self) -> bool:
        return self._attached.takes_steps

    def run(self, command: Command, limits: Limits, *, stdin: bytes = b"", collect: Sequence[str] = ()) -> Execution:
        return self._attached.run(command, limits, stdin=stdin, collect=collect)

    def start(
        self,
        command: Command,
        limits: Limits,
        *,
        stdin: bytes | int = b"",
        stdout: int | None = None,
        collect: Sequence[str] = (),
    ) -> Running:
        return self._attached.start(command, limits, stdin=stdin, stdout=stdout, collect=collect)

    def close(self) -> None:
        if self._link is not None:
            self._link.close()
        from docker.errors import DockerException

        with suppress(DockerException, OSError):
            self._client.api.remove_container(self._id, force=True)


def connect() -> "DockerClient":
    """A client for the daemon that DOCKER_HOST names, or that of this machine.

    Raises:
        SandboxUnavailable: there is none, or no SDK to ask it.
    """
    try:
        import docker
    except ImportError:
        raise SandboxUnavailable("docker: its SDK is missing; install sandbox-service[docker]") from None
    from docker.errors import DockerException

    where = os.environ.get("DOCKER_HOST", "unix:///var/run/docker.sock")
    try:
        client = docker.from_env(timeout=int(_START_SECONDS))
        client.ping()
    except (DockerException, OSError):
        message = f"docker: no Docker daemon answers at {where}; start it, let this user reach it, or set DOCKER_HOST"
        raise SandboxUnavailable(message) from None
    return client
