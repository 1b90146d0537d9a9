"""The limits that a foreign service has by itself, as far as they are allowed here."""

from sandbox_service.models import LEAST_MEMORY_BYTES, RequestedLimits
from sandbox_service.settings import Settings

LEAST_SECONDS = 0.01


def limits(
    settings: Settings,
    *,
    seconds: float,
    memory_bytes: int | None = None,
    output_bytes: int | None = None,
    processes: int | None = None,
) -> RequestedLimits:
    """Foreign services count wall time, and let a program compute as long as it may wait.

    Time is what the caller asked for, so that more than is allowed is refused at the door; the others are
    a service's own, and cut to what is allowed here.
    """
    seconds = max(seconds, LEAST_SECONDS)
    return RequestedLimits(
        cpu_seconds=seconds,
        wall_seconds=seconds,
        memory_bytes=None if memory_bytes is None else _at_most(memory_bytes, settings.maximum_memory_bytes),
        output_bytes=None if output_bytes is None else min(output_bytes, settings.maximum_output_bytes),
        processes=None if processes is None else min(processes, settings.maximum_processes),
    )


def _at_most(memory_bytes: int, maximum: int) -> int:
    return max(LEAST_MEMORY_BYTES, min(memory_bytes, maximum))
