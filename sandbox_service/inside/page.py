"""One shared page on which a fresh process says that its walls stand, before it becomes the program."""

import mmap
import resource
import struct
import time

_NOTHING, _READY, _FAILED = 0, 1, 2
_FIGURES = struct.Struct("=ddQ")
_FIGURES_AT, _TEXT_AT = 8, 64


class Page:
    """Shared by the keeper, the zygote and a fork, which lets go of it before any code of the program runs."""

    def __init__(self) -> None:
        self._map = mmap.mmap(-1, mmap.PAGESIZE)
        self._joined_at = 0.0

    def clear(self) -> None:
        self._map[0] = _NOTHING

    # ------------------------------------------------------------ in the fork

    def joined(self) -> None:
        """From now on a control group counts."""
        self._joined_at = time.process_time()

    def ready(self, *, with_memory: bool) -> None:
        """What was used so far is not the program's; its memory only matters where no control group counts it."""
        used = time.process_time()
        resident_bytes = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024 if with_memory else 0
        _FIGURES.pack_into(self._map, _FIGURES_AT, used, used - self._joined_at, resident_bytes)
        self._map[0] = _READY
        self._map.close()

    def failed(self, reason: str) -> None:
        text = reason.encode()[: mmap.PAGESIZE - _TEXT_AT - 1]
        self._map[_TEXT_AT : _TEXT_AT + len(text) + 1] = text + b"\0"
        self._map[0] = _FAILED

    # ------------------------------------------------------------ in the keeper

    def born_with_bytes(self) -> int:
        """What the fork held before it was the program, as far as it has said so."""
        resident_bytes: int = _FIGURES.unpack_from(self._map, _FIGURES_AT)[2]
        return resident_bytes if self._map[0] == _READY else 0

    def figures(self) -> tuple[float, float]:
        """CPU seconds before the program began, and those of them in its control group.

        Raises:
            RuntimeError: the walls could not be put up, so that nothing may be concluded from the run.
        """
        if self._map[0] == _READY:
            used, used_in_group, _ = _FIGURES.unpack_from(self._map, _FIGURES_AT)
            return used, used_in_group
        reason = "the fork died"
        if self._map[0] == _FAILED:
            reason = self._map[_TEXT_AT:].split(b"\0", 1)[0].decode(errors="replace")
        raise RuntimeError(f"the walls could not be put up: {reason}")
