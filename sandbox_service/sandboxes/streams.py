"""A pipe that a program writes to: kept up to a cap, drained beyond it."""

import os

_BLOCK = 1 << 16


class Stream:
    """The read end is ours; what comes beyond ``cap_bytes`` is read, dropped and remembered as truncated."""

    def __init__(self, cap_bytes: int) -> None:
        self.read_end, self.write_end = os.pipe2(os.O_CLOEXEC)
        # Whatever uid the program has, it may open /dev/stdout.
        os.fchmod(self.write_end, 0o666)
        self._cap_bytes = cap_bytes
        self._held = 0
        self._blocks: list[bytes] = []
        self.truncated = False

    def take(self) -> bytes | None:
        """Read what is there, and answer what of it is kept; None at the end."""
        block = os.read(self.read_end, _BLOCK)
        if not block:
            return None
        room = self._cap_bytes - self._held
        if len(block) > room:
            self.truncated = True
            block = block[:room]
        if block:
            self._blocks.append(block)
            self._held += len(block)
        return block

    def content(self) -> bytes:
        return b"".join(self._blocks)

    def close_write_end(self) -> None:
        os.close(self.write_end)

    def close(self) -> None:
        os.close(self.read_end)
