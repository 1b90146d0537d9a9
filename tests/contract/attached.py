"""Boxes behind an agent as in a container, without the container."""

import socket
import subprocess
import sys

from sandbox_service.models import Tier
from sandbox_service.sandboxes.attached import AttachedBox
from sandbox_service.sandboxes.contract import Zygote

AGENT = [sys.executable, "-m", "sandbox_service.sandboxes.agent"]


class StreamLink:
    """The agent's stdin and stdout, which are one socket."""

    def __init__(self) -> None:
        self._stream, theirs = socket.socketpair()
        self._came = bytearray()
        with theirs:
            self.agent = subprocess.Popen(AGENT, stdin=theirs.fileno(), stdout=theirs.fileno())

    def fileno(self) -> int:
        return self._stream.fileno()

    @property
    def has_more(self) -> bool:
        return bool(self._came)

    def send(self, frame: bytes, seconds: float) -> None:
        self._stream.settimeout(seconds)
        self._stream.sendall(frame)

    def take_in(self) -> None:
        piece = self._stream.recv(1 << 16)
        if not piece:
            raise ConnectionError("the agent ended")
        self._came += piece

    def receive(self, size: int) -> bytes:
        while len(self._came) < size:
            self.take_in()
        taken = bytes(self._came[:size])
        del self._came[:size]
        return taken

    def close(self) -> None:
        self._stream.close()
        self.agent.wait()


def open_attached(tier: Tier, zygote: Zygote | None = None) -> AttachedBox:
    """A box of at least the tier.

    Raises:
        SandboxUnavailable: there is none.
    """
    return AttachedBox(StreamLink(), zygote, tier)
