"""Boxes in containers that are kept ready for whoever asks next."""

import queue
import threading
from collections import defaultdict
from contextlib import suppress
from typing import TYPE_CHECKING

from sandbox_service.errors import SandboxUnavailable
from sandbox_service.models import Tier
from sandbox_service.sandboxes.contract import Zygote
from sandbox_service.sandboxes.docker import Containers, DockerBox, connect

if TYPE_CHECKING:
    from docker import DockerClient

SPARES = 1  # of each kind, beside those in use


class WarmPool:
    """Hands out boxes in containers; spares of each kind are started in the background."""

    def __init__(self, containers: Containers, minimum: Tier) -> None:
        self._containers = containers
        self._minimum = Tier.NAMESPACES if minimum is Tier.NAMESPACES else Tier.LANDLOCK
        self._client: DockerClient | None = None
        self._spares: dict[Zygote | None, queue.SimpleQueue[DockerBox]] = defaultdict(queue.SimpleQueue)
        self._filling: list[threading.Thread] = []
        self._closed = False

    def open(self, zygote: Zygote | None) -> DockerBox:
        """A box with the zygote: a spare, or one that is started now.

        Raises:
            SandboxUnavailable: it cannot be had.
        """
        self._closed = False
        self._client = self._client or connect()
        try:
            box = self._spares[zygote].get_nowait()
        except queue.Empty:
            box = DockerBox(self._client, self._containers, zygote, self._minimum)
        self._fill(zygote)
        return box

    def _fill(self, zygote: Zygote | None) -> None:
        self._filling = [thread for thread in self._filling if thread.is_alive()]
        thread = threading.Thread(target=self._start_spares, args=[zygote], name="warm-pool", daemon=True)
        self._filling.append(thread)
        thread.start()

    def _start_spares(self, zygote: Zygote | None) -> None:
        assert self._client is not None
        with suppress(SandboxUnavailable):  # whoever needs one asks again, and is told
            while not self._closed and self._spares[zygote].qsize() < SPARES:
                self._spares[zygote].put(DockerBox(self._client, self._containers, zygote, self._minimum))

    def settle(self) -> None:
        """Wait until the spares that are being started stand."""
        for thread in self._filling:
            thread.join()

    def close(self) -> None:
        """End the spares; what was handed out is its holder's."""
        self._closed = True
        self.settle()
        for spares in self._spares.values():
            while not spares.empty():
                spares.get_nowait().close()
