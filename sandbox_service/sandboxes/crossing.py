"""One end of a link over which two pipes go on: what is read here is written there, and the other way round.

The next block is sent when the one before it was taken, so neither end holds more than one each way. A block is smaller
than what a pipe on the way holds, so whoever sends it never waits for the other to listen.
"""

import fcntl
import os
import select
from collections.abc import Callable
from contextlib import suppress

from sandbox_service.sandboxes import frames
from sandbox_service.sandboxes.frames import Talk

BLOCK_BYTES = 2**15
REST_BYTES = 2**21  # a program may have its pipe enlarged, by default to half of this
_PAGE_BYTES = 2**12


class Crossing:
    """Takes over both descriptors; to be heard and got on with when its own is readable.

    As with a plain pipe, the end of the source is the end of the other's sink, and a sink that lost its reader breaks
    the other's source.
    """

    def __init__(self, source: int | None, sink: int | None, send: Callable[[bytes], None]) -> None:
        """``sink`` does not block."""
        self._source, self._sink = source, sink
        self._send = send
        self._may_send = True
        self._pending = memoryview(b"")
        self._is_last = False
        self._epoll = select.epoll()
        self._awaited: dict[int, int] = {}
        self._await()

    def fileno(self) -> int:
        return self._epoll.fileno()

    @property
    def has_said_all(self) -> bool:
        """Whether nothing is left to write to the sink."""
        return self._sink is None

    def get_on(self) -> None:
        """See to what the pipes are ready for."""
        for descriptor, events in self._epoll.poll(0):
            if descriptor == self._source:
                self._read(descriptor)
            elif descriptor == self._sink and events & select.EPOLLERR:
                self._lose_reader()
            elif descriptor == self._sink:
                self._write(descriptor)
        self._await()

    def hear(self, frame: frames.Frame) -> None:
        """Take what the other end sent.

        Raises:
            ValueError: it may not say that now.
        """
        head, contents = frame
        match Talk(head["talk"]):
            case Talk.TAKEN:
                self._may_send = True
            case Talk.UNREAD:
                self.close_source()
            case Talk.SAYS:
                self._take(contents[0])
            case Talk.REST:
                self.end(contents[0])
            case talk:
                raise ValueError(f"nobody listens to {talk}")
        self._await()

    def _take(self, block: bytes) -> None:
        if len(block) > BLOCK_BYTES or self._pending:
            raise ValueError("more was said than may be")
        if self._sink is not None:
            self._pending = memoryview(block)
            self._is_last = self._is_last or not block
            self._write(self._sink)

    def end(self, rest: bytes = b"") -> None:
        """Nothing comes any more but this, for which there is room at once if there can be.

        Raises:
            ValueError: it is too much.
        """
        if len(rest) > REST_BYTES:
            raise ValueError("more was said than may be")
        self._is_last = True
        if self._sink is not None:
            self._pending = memoryview(bytes(self._pending) + rest)
            if self._pending:
                _make_room(self._sink, len(self._pending))
            self._write(self._sink)
        self._await()

    def _read(self, source: int) -> None:
        block = os.read(source, BLOCK_BYTES)
        if block:
            self._may_send = False
        else:
            self.close_source()
        self._send(frames.pack_talk(Talk.SAYS, block))

    def _write(self, sink: int) -> None:
        try:
            while self._pending:
                self._pending = self._pending[os.write(sink, self._pending) :]
        except BlockingIOError:
            return
        except BrokenPipeError:
            self._lose_reader()
            return
        if self._is_last:
            self.close_sink()
        else:
            self._send(frames.pack_talk(Talk.TAKEN))

    def _lose_reader(self) -> None:
        self.close_sink()
        self._send(frames.pack_talk(Talk.UNREAD))

    def take_rest(self) -> bytes:
        """What is still in the source, which does not block, after the last of its writers; then it is closed."""
        rest = bytearray()
        with suppress(BlockingIOError):
            while self._source is not None and len(rest) < REST_BYTES:
                block = os.read(self._source, REST_BYTES - len(rest))
                if not block:
                    break
                rest += block
        self.close_source()
        return bytes(rest)

    def close_source(self) -> None:
        if self._source is not None:
            self._forget(self._source)
            self._source = None

    def close_sink(self) -> None:
        self._pending = memoryview(b"")
        if self._sink is not None:
            self._forget(self._sink)
            self._sink = None

    def close(self) -> None:
        self.close_source()
        self.close_sink()
        self._epoll.close()

    def _forget(self, descriptor: int) -> None:
        # Somebody else may hold the same pipe, and then closing it alone would not end the waiting.
        if self._awaited.pop(descriptor, None) is not None:
            self._epoll.unregister(descriptor)
        os.close(descriptor)

    def _await(self) -> None:
        """Wait for what can be done now; a sink that lost its reader is told without asking."""
        awaited = {}
        if self._source is not None and self._may_send:
            awaited[self._source] = select.EPOLLIN
        if self._sink is not None:
            awaited[self._sink] = select.EPOLLOUT if self._pending else 0
        for descriptor in self._awaited.keys() - awaited.keys():
            self._epoll.unregister(descriptor)
        for descriptor, events in awaited.items():
            if descriptor not in self._awaited:
                self._epoll.register(descriptor, events)
            elif self._awaited[descriptor] != events:
                self._epoll.modify(descriptor, events)
        self._awaited = awaited


def _make_room(pipe: int, size: int) -> None:
    """Let the pipe hold as much more at once, or the end of its writer would be seen when its reader has read on."""
    with suppress(OSError):
        fcntl.fcntl(pipe, fcntl.F_SETPIPE_SZ, fcntl.fcntl(pipe, fcntl.F_GETPIPE_SZ) + size + _PAGE_BYTES)
