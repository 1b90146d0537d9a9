"""How much CPU time a run has used, from a control group of its own or from one that it shares with its zygote."""

import os

_MOST_BYTES = 4096


class Counter:
    """Counts from ``begin`` on; a group that was made for the run begins at nothing by itself."""

    def __init__(self, descriptor: int, *, shared: bool) -> None:
        self.shared = shared
        self._descriptor = descriptor
        self._began_at = _read(descriptor) if shared else 0.0

    def seconds(self) -> float:
        return _read(self._descriptor) - self._began_at

    def close(self) -> None:
        """A group of the run's own goes with it."""
        if not self.shared:
            os.close(self._descriptor)


def _read(descriptor: int) -> float:
    """Seconds of CPU: v1 tells nanoseconds, v2 a table with usage_usec."""
    text = os.pread(descriptor, _MOST_BYTES, 0)
    if text.startswith(b"usage_usec"):
        return int(text.split()[1]) / 1e6
    return int(text) / 1e9
