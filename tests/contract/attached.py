"""Boxes behind an agent as in a container, without the container."""

import socket
import subprocess
import sys

from sandbox_service.models import Tier
from sandbox_service.sandboxes.attached import AttachedBox
from sandbox_service.sandboxes.contract import Zygote

AGENT = [sys.executable, "-m", "sandbox_service.sandboxes.agent"]


class StreamLink:
    """Both ways over one socket."""

    def __init__(self, stream: socket.socket) -> None:
        self._stream = stream
        self._came = bytearray()

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


class AgentLink(StreamLink):
    """To an agent of its own, whose stdin and stdout are the socket."""

    def __init__(self) -> None:
        ours, theirs = socket.socketpair()
        super().__init__(ours)
        with theirs:
            self.agent = subprocess.Popen(AGENT, stdin=theirs.fileno(), stdout=theirs.fileno())

    def close(self) -> None:
        super().close()
        self.agent.wait()


def open_attached(tier: Tier, zygote: Zygote | None = None) -> AttachedBox:
    """A box of at least the tier.

    Raises:
        SandboxUnavailable: there is none.
    """
    return AttachedBox(AgentLink(), zygote, tier)
