"""What a box reports: facts, no opinions."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from pydantic import Field

from sandbox_service.models.fields import Frozen


@dataclass(frozen=True, slots=True)
class Limits:
    """What one execution may use; every field is in force.

    ``processes`` counts threads too; ``file_bytes`` bounds one file, the box's scratch space as a
    whole and what is collected from it.
    """

    cpu_seconds: float
    wall_seconds: float
    memory_bytes: int
    output_bytes: int
    processes: int
    file_bytes: int = 128 * 2**20


class Outcome(StrEnum):
    """How an execution ended, as the kernel tells it."""

    EXITED = "exited"
    SIGNALLED = "signalled"
    OUT_OF_TIME = "out_of_time"
    OUT_OF_MEMORY = "out_of_memory"
    OUT_OF_OUTPUT = "out_of_output"


@dataclass(frozen=True, slots=True)
class Compiled:
    """What a run left behind that compiled its program before it was the program: the code, and what that took."""

    code: bytes
    cpu_seconds: float
    wall_seconds: float


@dataclass(frozen=True, slots=True)
class Execution:
    """The facts of one run of one command in a box.

    ``stdout`` and ``stderr`` hold at most ``limits.output_bytes`` each; what came beyond was drained
    and the matching ``_truncated`` flag is set. ``memory_bytes`` is the peak of the whole tree.
    ``files`` are the regular files that were asked for and that the command left behind; ``files_left_out`` says
    that there were more, or larger ones, than may be brought back. ``compiled`` is of a run that was to compile its
    program first, and got so far: without it, nothing of the program ran.
    """

    outcome: Outcome
    exit_code: int | None
    signal: int | None
    stdout: bytes
    stderr: bytes
    cpu_seconds: float
    wall_seconds: float
    memory_bytes: int
    stdout_truncated: bool = False
    stderr_truncated: bool = False
    files: Mapping[str, bytes] = field(default_factory=dict)
    files_left_out: bool = False
    compiled: Compiled | None = None


class Tier(StrEnum):
    """How strong a box is; the order is from the weakest to the strongest."""

    UNSAFE = "unsafe"
    LANDLOCK = "landlock"
    NAMESPACES = "namespaces"
    DOCKER = "docker"

    @property
    def strength(self) -> int:
        return list(Tier).index(self)


class Isolation(Frozen):
    """What separates a box from the machine, layer by layer, as found in force."""

    tier: Tier
    layers: Mapping[str, str]
    missing: Mapping[str, str] = Field(default_factory=dict)
