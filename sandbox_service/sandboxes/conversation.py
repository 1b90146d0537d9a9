"""Two commands in two boxes that talk: what one writes to its stdout, the other reads from its stdin."""

import contextlib
import math
import os
import select
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from sandbox_service.errors import BoxBroken
from sandbox_service.models import Execution, Limits, Outcome
from sandbox_service.sandboxes.contract import Box, Command, Running
from sandbox_service.sandboxes.streams import Stream

# How long the end of a stream is kept from its reader while its writer has not ended. A process closes its streams
# before it can be seen to have ended: so the one that ends because of the other is never seen to end before it.
_HELD_SECONDS = 0.25
_READS_OF_A_PIPE = 32


@dataclass(frozen=True, slots=True)
class Party:
    """One side: a command, the box that it runs in, its limits, and the files to bring back from it."""

    box: Box
    command: Command
    limits: Limits
    collect: Sequence[str] = ()


@dataclass(frozen=True, slots=True)
class Conversation:
    """The facts of both sides, in the order of the parties, and which of them ended first: 0 or 1.

    The stdout of each is what it said, up to its limit of output.
    """

    executions: tuple[Execution, Execution]
    ended_first: int


def converse(
    first: Party, second: Party, *, settles: Callable[[int, Execution], bool] = lambda side, execution: False
) -> Conversation:
    """Run both at the same time, each with the other's stdout for its stdin, until both have ended.

    The boxes share no pipe: every byte goes through here, is counted against the limit of output of the one who wrote
    it, and is kept. To a program it is as a plain pipe that is full or at its end, but never as a broken one: what
    nobody reads any more is dropped, or it would be a matter of luck whether the writer is killed by SIGPIPE. Waiting
    costs wall time, and no CPU time, of each one's own limits; so nobody waits for ever. ``settles`` is asked at the
    end of the one that ends first, by its side, whether the rest of the other does not matter any more; then that one
    is killed.

    Raises:
        BoxBroken: one of the boxes, which are then both to be thrown away, could not report.
    """
    talk = _Talk((first, second))
    try:
        return talk.to_its_end(settles)
    finally:
        talk.close()


class _Way:
    """From one side's stdout to the other's stdin, with the block that was read and not yet written."""

    def __init__(self, output_bytes: int) -> None:
        self.stream = Stream(output_bytes)
        self.stdin, self.sink = os.pipe2(os.O_CLOEXEC)
        os.fchmod(self.stdin, 0o666)  # whatever uid the program has, it may open /dev/stdin
        os.set_blocking(self.sink, False)
        self.source_is_open = self.sink_is_open = True
        self.pending = memoryview(b"")
        self.writer_left_at: float | None = None

    def wanted(self) -> dict[int, int]:
        """What to wait for; that a sink has lost its reader is told without asking."""
        events = {}
        if self.sink_is_open:
            events[self.sink] = select.POLLOUT if self.pending else 0
        if self.source_is_open and not self.pending:
            events[self.stream.read_end] = select.POLLIN
        return events

    def read(self) -> None:
        block = self.stream.take()
        if block is None:
            self.writer_left_at = time.monotonic()
            self.close_source()
        elif self.sink_is_open:
            self.pending = memoryview(block)
            self.write()

    def write(self) -> None:
        try:
            self.pending = self.pending[os.write(self.sink, self.pending) :]
        except BlockingIOError:
            pass
        except BrokenPipeError:
            self.close_sink()

    def pass_on_the_end(self, writer_is_over: bool) -> float:
        """Let the reader know that the writer has left, unless it is too early; answers when it will not be."""
        if not self.sink_is_open or self.writer_left_at is None or self.pending:
            return math.inf
        if not writer_is_over and time.monotonic() < self.writer_left_at + _HELD_SECONDS:
            return self.writer_left_at + _HELD_SECONDS
        self.close_sink()
        return math.inf

    def close_sink(self) -> None:
        if self.sink_is_open:
            self.sink_is_open = False
            self.pending = memoryview(b"")
            os.close(self.sink)

    def close_source(self) -> None:
        """What is still in the pipe was written, though nobody reads it; it is no more than a pipe holds."""
        if self.source_is_open:
            self.source_is_open = False
            os.set_blocking(self.stream.read_end, False)
            with contextlib.suppress(BlockingIOError):
                for _ in range(_READS_OF_A_PIPE):
                    if self.stream.take() is None:
                        break
            self.stream.close()


class _Talk:
    """Both commands on their ways; the way of a side is where its stdout goes."""

    def __init__(self, parties: tuple[Party, Party]) -> None:
        self._ways = tuple(_Way(party.limits.output_bytes) for party in parties)
        self._running: list[Running] = []
        self._executions: dict[int, Execution] = {}
        self._settled = False
        try:
            for side, party in enumerate(parties):
                self._running.append(self._start(side, party))
        except BaseException:
            self.close()
            raise
        finally:
            for way in self._ways:
                os.close(way.stdin)
                way.stream.close_write_end()

    def _start(self, side: int, party: Party) -> Running:
        stdin, stdout = self._ways[1 - side].stdin, self._ways[side].stream.write_end
        return party.box.start(party.command, party.limits, stdin=stdin, stdout=stdout, collect=party.collect)

    def to_its_end(self, settles: Callable[[int, Execution], bool]) -> Conversation:
        while len(self._executions) < len(self._running):
            self._get_on()
            for side, running in enumerate(self._running):
                if side not in self._executions and not running.awaited:
                    self._executions[side] = running.execution()
                    if len(self._executions) == 1 and settles(side, self._executions[side]):
                        self._settled = True
                        self._running[1 - side].stop(Outcome.SIGNALLED)
        for way in self._ways:
            way.close_source()
        first, second = (self._with_output(side) for side in (0, 1))
        return Conversation((first, second), next(iter(self._executions)))

    def _get_on(self) -> None:
        """Wait for anything but blocks that go over whole, and see to it."""
        over = [side in self._executions for side in (0, 1)]
        wake_at = math.inf
        if not self._settled:  # or the one that is killed would have a moment to answer
            wake_at = min(way.pass_on_the_end(over[side]) for side, way in enumerate(self._ways))
        give_up_at = min(running.give_up_at for side, running in enumerate(self._running) if not over[side])
        poller = self._poller()
        is_as_before = True
        while is_as_before:
            left = min(wake_at, give_up_at) - time.monotonic()
            ready = poller.poll(None if left == math.inf else max(0, left) * 1000)
            if not ready and time.monotonic() > give_up_at:
                raise BoxBroken("no report in time")
            is_as_before = bool(ready) and wake_at == math.inf
            for descriptor, events in ready:
                is_as_before &= self._see_to(descriptor, events)

    def _poller(self) -> select.poll:
        """Of all that is to be waited for now."""
        poller = select.poll()
        for running in self._running:
            for descriptor in running.awaited:
                poller.register(descriptor, select.POLLIN)
        for way in self._ways:
            for descriptor, events in way.wanted().items():
                poller.register(descriptor, events)
        return poller

    def _see_to(self, descriptor: int, events: int) -> bool:
        """Answers whether the same is to be waited for as before."""
        for way, running in zip(self._ways, self._running, strict=True):
            if descriptor in running.awaited:
                running.see_to(descriptor)
            elif descriptor == way.stream.read_end and way.source_is_open:
                way.read()
                if not way.stream.truncated:
                    return way.source_is_open and way.sink_is_open and not way.pending
                running.stop(Outcome.OUT_OF_OUTPUT)
            elif descriptor == way.sink and way.sink_is_open:
                if events & select.POLLERR:
                    way.close_sink()
                else:
                    way.write()
            else:
                continue
            return False
        return False

    def _with_output(self, side: int) -> Execution:
        """What passed between them is known here alone."""
        stream, execution = self._ways[side].stream, self._executions[side]
        outcome = Outcome.OUT_OF_OUTPUT if stream.truncated else execution.outcome
        return replace(execution, outcome=outcome, stdout=stream.content(), stdout_truncated=stream.truncated)

    def close(self) -> None:
        for running in self._running:
            running.abandon()
        for way in self._ways:
            way.close_sink()
            way.close_source()
