"""Two pipes that a link joins are as one: its end, the loss of its reader, and what it holds."""

import os
import select
import socket
from collections.abc import Callable, Iterator
from functools import partial

import pytest

from sandbox_service.sandboxes import frames
from sandbox_service.sandboxes.crossing import BLOCK_BYTES, Crossing
from sandbox_service.sandboxes.frames import Talk

PIPE_BYTES = 2**16


class Joined:
    """What is written to ``first`` comes out of ``second``: two pipes, and a link between their crossings."""

    def __init__(self) -> None:
        source, self.first = os.pipe()
        self.second, sink = os.pipe()
        os.set_blocking(source, False)
        os.set_blocking(sink, False)
        self.links = socket.socketpair()
        self.near = Crossing(source, None, self.links[0].sendall)
        self.far = Crossing(None, sink, self.links[1].sendall)
        os.set_blocking(self.first, False)
        os.set_blocking(self.second, False)

    def get_on(self) -> None:
        """As long as anything can be done."""
        ends: dict[int, Callable[[], None]] = {}
        for link, crossing in zip(self.links, (self.near, self.far), strict=True):
            ends[link.fileno()] = partial(self._hear, link, crossing)
            ends[crossing.fileno()] = crossing.get_on
        poller = select.poll()
        for descriptor in ends:
            poller.register(descriptor, select.POLLIN)
        while ready := poller.poll(0):
            for descriptor, _ in ready:
                ends[descriptor]()

    @staticmethod
    def _hear(link: socket.socket, crossing: Crossing) -> None:
        crossing.hear(frames.unpack(partial(_exactly, link), 2**22))

    def close(self) -> None:
        self.near.close()
        self.far.close()
        for link in self.links:
            link.close()


def _exactly(link: socket.socket, size: int) -> bytes:
    return link.recv(size, socket.MSG_WAITALL) if size else b""


@pytest.fixture
def joined() -> Iterator[Joined]:
    joined = Joined()
    yield joined
    joined.close()


def drained(descriptor: int, get_on: Callable[[], None]) -> bytes:
    """All that comes, to the end."""
    taken = bytearray()
    while True:
        get_on()
        block = os.read(descriptor, PIPE_BYTES)
        if not block:
            return bytes(taken)
        taken += block


def filled(descriptor: int, get_on: Callable[[], None]) -> int:
    """How much goes in while nobody reads."""
    written = 0
    while True:
        try:
            written += os.write(descriptor, bytes(1000))
        except BlockingIOError:
            return written
        get_on()


def test_what_goes_in_comes_out_and_then_the_end(joined: Joined):
    os.write(joined.first, b"0123456789" * 6000)
    os.close(joined.first)

    assert drained(joined.second, joined.get_on) == b"0123456789" * 6000


def test_what_is_between_is_bounded(joined: Joined):
    written = filled(joined.first, joined.get_on)

    assert written <= 2 * PIPE_BYTES + BLOCK_BYTES


def test_a_full_pipe_goes_on_when_it_is_read(joined: Joined):
    written = filled(joined.first, joined.get_on)
    os.close(joined.first)

    assert len(drained(joined.second, joined.get_on)) == written


def test_a_lost_reader_breaks_the_pipe_though_nobody_writes(joined: Joined):
    os.close(joined.second)

    joined.get_on()

    with pytest.raises(BrokenPipeError):
        os.write(joined.first, b"x")


def test_a_lost_reader_breaks_the_pipe_while_it_is_full(joined: Joined):
    filled(joined.first, joined.get_on)
    os.close(joined.second)

    joined.get_on()

    with pytest.raises(BrokenPipeError):
        os.write(joined.first, b"x")


def test_the_rest_goes_at_once_into_a_full_pipe(joined: Joined):
    written = filled(joined.first, joined.get_on)
    os.close(joined.first)

    joined.links[0].sendall(frames.pack_talk(Talk.REST, joined.near.take_rest()))
    joined.get_on()

    assert joined.far.has_said_all
    assert len(drained(joined.second, joined.get_on)) == written


@pytest.mark.parametrize(
    "talk",
    [
        frames.pack_talk(Talk.SAYS, bytes(BLOCK_BYTES + 1)),
        frames.pack_talk(Talk.SAYS, b"unasked"),
        frames.pack_talk(Talk.STOP),
        frames.pack({"talk": "shouts"}, [b""]),
    ],
)
def test_more_than_may_be_said_is_refused(joined: Joined, talk: bytes):
    filled(joined.first, joined.get_on)

    joined.links[0].sendall(talk)

    with pytest.raises(ValueError, match=r"more was said|nobody listens|not a valid"):
        joined.get_on()
