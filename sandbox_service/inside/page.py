"""One shared page on which a fresh process says that its walls stand, before it becomes the program.

It has one thread, whose clock is exact; that of a process stands still between ticks once RLIMIT_CPU is set.
"""

import ctypes
import mmap
import resource
import struct
import time

_NOTHING, _READY, _FAILED = 0, 1, 2
_FIGURES, _SECONDS = struct.Struct("=dQ"), struct.Struct("=d")
_FIGURES_AT, _TEXT_AT = 8, 64


class Page:
    """Shared by the keeper, the zygote and a fork, which lets go of it before any code of the program runs."""

    def __init__(self) -> None:
        self._map = mmap.mmap(-1, mmap.PAGESIZE)
        self._counted_from = 0.0

    def address(self) -> int:
        """Where it is, for the forker in C."""
        return ctypes.addressof(ctypes.c_char.from_buffer(self._map))

    def clear(self) -> None:
        self._map[0] = _NOTHING

    # ------------------------------------------------------------ in the fork

    def counted_from_here(self) -> None:
        """What was used so far, the run's own CPU counter does not see."""
        self._counted_from = time.thread_time()

    def ready(self, *, with_memory: bool) -> None:
        """What was used so far is not the program's; its memory only matters where no control group counts it."""
        resident_bytes = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024 if with_memory else 0
        _FIGURES.pack_into(self._map, _FIGURES_AT, time.thread_time() - self._counted_from, resident_bytes)
        self._map[0] = _READY

    def let_go(self) -> None:
        """What was used since it was ready is not the program's either, which begins now."""
        _SECONDS.pack_into(self._map, _FIGURES_AT, time.thread_time() - self._counted_from)
        self._map.close()

    def failed(self, reason: str) -> None:
        text = reason.encode()[: mmap.PAGESIZE - _TEXT_AT - 1]
        self._map[_TEXT_AT : _TEXT_AT + len(text) + 1] = text + b"\0"
        self._map[0] = _FAILED

    # ------------------------------------------------------------ in the keeper

    @property
    def walls_stand(self) -> bool:
        """Whether the fork has become the program."""
        return self._map[0] == _READY

    def born_with_bytes(self) -> int:
        """What the fork held before it was the program, as far as it has said so."""
        resident_bytes: int = _FIGURES.unpack_from(self._map, _FIGURES_AT)[1]
        return resident_bytes if self._map[0] == _READY else 0

    def seconds_so_far(self) -> float:
        """What ``seconds_before`` will say, once the walls stand."""
        return self.seconds_before() if self.walls_stand else 0.0

    def seconds_before(self) -> float:
        """The CPU time, of what is counted, that the fork used before it was the program.

        Raises:
            RuntimeError: the walls could not be put up, so that nothing may be concluded from the run.
        """
        if self._map[0] == _READY:
            used: float = _FIGURES.unpack_from(self._map, _FIGURES_AT)[0]
            return used
        reason = "the fork died"
        if self._map[0] == _FAILED:
            reason = self._map[_TEXT_AT:].split(b"\0", 1)[0].decode(errors="replace")
        raise RuntimeError(f"the walls could not be put up: {reason}")
