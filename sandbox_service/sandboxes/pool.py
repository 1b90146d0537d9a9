"""The boxes of one thread: one without a zygote and one for each, opened when it is first needed, and others beside."""

from collections.abc import Callable, Collection
from dataclasses import replace

from sandbox_service.errors import SandboxUnavailable
from sandbox_service.sandboxes.contract import Box, Zygote
from sandbox_service.sandboxes.counted import BoxCounts, CountedBox

OpenBox = Callable[[Zygote | None], Box]


class Boxes:
    """Hands out the box with the zygote that is asked for; they belong to the thread that asks.

    A zygote that does not start costs speed and nothing else: its programs are started anew each time, in the box
    without one. ``refused`` says which, and why.
    """

    def __init__(self, open_box: OpenBox, *, also_close: Callable[[], None] = lambda: None) -> None:
        self._also_close = also_close
        self.refused: dict[Zygote, str] = {}
        self._open_box = open_box
        self._boxes: dict[Zygote | None, Box] = {}
        self._beside: Boxes | None = None
        self._counts = BoxCounts()

    def of(self, zygote: Zygote | None) -> Box:
        """The box, opened unless it is.

        Raises:
            SandboxUnavailable: it cannot be had, not even without a zygote.
        """
        key = self._key(zygote)
        if key not in self._boxes:
            try:
                self._boxes[key] = CountedBox(self._open_box(key), self._counts)
            except SandboxUnavailable as error:
                if key is None:
                    raise
                self.refused[key] = str(error)
                return self.of(None)
        return self._boxes[key]

    @property
    def beside(self) -> "Boxes":
        """As many again, for what runs at the same time as a program in one of these."""
        if self._beside is None:
            self._beside = Boxes(self._open_box)
            self._beside._counts = self._counts
        return self._beside

    def throw_away(self, zygote: Zygote | None) -> None:
        """Close the box; whoever asks next gets a fresh one."""
        box = self._boxes.pop(self._key(zygote), None)
        if box is not None:
            box.close()

    def close_all_but(self, kept: Collection[Zygote | None]) -> None:
        """Those of the zygotes kept stay open; whoever asks for another gets a fresh box."""
        for key in self._boxes.keys() - set(kept):
            self._boxes.pop(key).close()
        if self._beside is not None:
            self._beside.close()

    def take_counts(self) -> BoxCounts:
        """What became of them since the last call."""
        counts, taken = self._counts, replace(self._counts)
        counts.opened = counts.runs = counts.forks = 0  # the boxes go on counting in it
        return taken

    def close(self) -> None:
        while self._boxes:
            self._boxes.popitem()[1].close()
        if self._beside is not None:
            self._beside.close()
        self._also_close()

    def _key(self, zygote: Zygote | None) -> Zygote | None:
        return None if zygote in self.refused else zygote
