"""What a run of the benchmark is asked to do."""

import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from sandbox_service.settings import available_cores


@dataclass(frozen=True, slots=True)
class Plan:
    """The choices of the command line.

    ``tag`` is in the sources of this run and of no other, so that nothing that was compiled before is found again.
    """

    repeats: int
    quick: bool
    peers: Mapping[str, str] = field(default_factory=dict)
    kattis: tuple[Path, ...] = ()
    docker_image: str | None = None
    tag: str = field(default_factory=lambda: secrets.token_hex(4))

    def of(self, full: int, quick: int) -> int:
        """How much to do: the full amount, or what is enough to see that it works."""
        return quick if self.quick else full

    @property
    def cores(self) -> int:
        return min(2, available_cores())
