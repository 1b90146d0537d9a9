"""The boxes of one thread: one without a zygote and one for each, opened when it is first needed."""

from collections.abc import Callable

from sandbox_service.sandboxes.contract import Box, Zygote

OpenBox = Callable[[Zygote | None], Box]


class Boxes:
    """Hands out the box with the zygote that is asked for; they belong to the thread that asks."""

    def __init__(self, open_box: OpenBox) -> None:
        self._open_box = open_box
        self._boxes: dict[Zygote | None, Box] = {}

    def of(self, zygote: Zygote | None) -> Box:
        """The box, opened unless it is.

        Raises:
            SandboxUnavailable: it cannot be had.
        """
        box = self._boxes.get(zygote)
        if box is None:
            box = self._boxes[zygote] = self._open_box(zygote)
        return box

    def throw_away(self, zygote: Zygote | None) -> None:
        """Close the box; whoever asks next gets a fresh one."""
        box = self._boxes.pop(zygote, None)
        if box is not None:
            box.close()

    def close(self) -> None:
        for zygote in list(self._boxes):
            self.throw_away(zygote)
