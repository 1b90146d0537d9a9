"""A command on its way in a native box, from the moment the keeper was told of it to the evidence."""

import json
import math
import os
import select
import signal
import socket
import time
from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from types import MappingProxyType

from sandbox_service.errors import BoxBroken
from sandbox_service.inside import protocol
from sandbox_service.models import Compiled, Execution, Limits, Outcome
from sandbox_service.sandboxes.cgroups import ControlGroup, Measured
from sandbox_service.sandboxes.contract import Running, longest_wall_seconds
from sandbox_service.sandboxes.streams import Stream

_SOON_SECONDS = 0.01
_REPORT_SECONDS = 10.0  # beyond the wall limit, until the keeper is taken for dead
_OUTCOME_OF_STOP = {outcome.value: outcome for outcome in Outcome} | {
    "cpu": Outcome.OUT_OF_TIME,
    "wall": Outcome.OUT_OF_TIME,
    "memory": Outcome.OUT_OF_MEMORY,
    "disk": Outcome.OUT_OF_OUTPUT,
    "processes": Outcome.SIGNALLED,
}


def finish(running: Running) -> Execution:
    """Wait for one command alone.

    Raises:
        BoxBroken: the box could not report; nothing may be concluded about the command.
    """
    poller = select.poll()
    for descriptor in running.awaited:
        poller.register(descriptor, select.POLLIN)
    try:
        while running.awaited:
            left = running.give_up_at - time.monotonic()
            if left <= 0:
                raise BoxBroken("no report in time")
            for descriptor, _ in poller.poll(None if left == math.inf else left * 1000):
                running.see_to(descriptor)
                if descriptor not in running.awaited:
                    poller.unregister(descriptor)
        return running.execution()
    finally:
        running.abandon()


class NativeRun:
    """Drains the outputs until the report is there and nobody holds their other ends.

    Of two outputs the first is stdout; alone it is stderr, and stdout is somebody else's.
    """

    def __init__(
        self,
        link: socket.socket,
        buffer: memoryview,
        limits: Limits,
        outputs: Sequence[Stream],
        groups: ControlGroup | None,
        compiled: int | None,
    ) -> None:
        self.give_up_at = time.monotonic() + longest_wall_seconds(limits) + _REPORT_SECONDS
        self._link = link
        self._buffer = buffer
        self._limits = limits
        self._outputs = outputs
        self._groups = groups
        self._compiled = compiled
        self._open = {output.read_end: output for output in outputs}
        self._awaited = [*self._open, link.fileno()]
        self._report: protocol.Report | None = None
        self._bundle: int | None = None
        self._told_to_stop = False

    @property
    def awaited(self) -> Collection[int]:
        return self._awaited

    def finish(self) -> Execution:
        """Wait for this command alone.

        Raises:
            BoxBroken: the box could not report; nothing may be concluded about the command.
        """
        try:
            self._wait_for_report()
        except BoxBroken:
            self.abandon()
            raise
        return finish(self)

    def _wait_for_report(self) -> None:
        """Let the report come first, if it comes soon, and then take all at once.

        Most programs are over by then and print less than a pipe holds: to wake up for each write, and for the ends,
        would only cost time.
        """
        poller = select.poll()
        poller.register(self._link, select.POLLIN)
        if not poller.poll(_SOON_SECONDS * 1000):
            return
        self.see_to(self._link.fileno())
        poller.unregister(self._link)
        for descriptor in self._open:
            poller.register(descriptor, select.POLLIN)
        for descriptor, event in poller.poll(0):
            while event & select.POLLHUP and descriptor in self._open:  # nobody can write any more: no read waits
                self.see_to(descriptor)

    def see_to(self, descriptor: int) -> None:
        try:
            if descriptor in self._open:
                self._take(descriptor)
            else:
                self._receive()
        except (OSError, ValueError) as error:
            raise BoxBroken(f"the box did not answer: {error}") from error

    def _take(self, descriptor: int) -> None:
        output = self._open[descriptor]
        if output.take() is None:
            del self._open[descriptor]
            self._awaited.remove(descriptor)
        elif output.truncated and output is not self._outputs[-1]:
            self.stop(Outcome.OUT_OF_OUTPUT)

    def _receive(self) -> None:
        message, received = protocol.receive_raw(self._link, self._buffer)
        report = protocol.Report.read(message)
        if report is None:
            raise BoxBroken(json.loads(message)["failure"] if message else "the keeper of the box died")
        self._report, self._bundle = report, received[0] if received else None
        self._awaited.remove(self._link.fileno())

    def stop(self, outcome: Outcome) -> None:
        if self._report is None and not self._told_to_stop:
            self._told_to_stop = True
            try:
                protocol.send(self._link, {"stop": outcome.value})
            except OSError as error:
                raise BoxBroken(f"the box did not answer: {error}") from error

    def execution(self) -> Execution:
        assert self._report is not None
        measured = self._groups.end() if self._groups is not None else None
        bundle, self._bundle = self._bundle, None
        stdout = self._outputs[0] if len(self._outputs) > 1 else None
        files, left_out = _read_bundle(bundle, self._limits.file_bytes)
        execution = _evidence(self._report, measured, self._limits, stdout, self._outputs[-1], files)
        if self._compiled is not None:
            execution = replace(execution, compiled=_read_compiled(self._compiled))
        return replace(execution, files_left_out=True) if left_out else execution

    def abandon(self) -> None:
        for output in self._outputs:
            output.close()
        self._outputs = ()
        for descriptor in (self._bundle, self._compiled):
            if descriptor is not None:
                os.close(descriptor)
        self._bundle = self._compiled = None


def _read_compiled(descriptor: int) -> Compiled | None:
    """What was compiled, if it is whole: nothing that could write there was the program's."""
    head = os.pread(descriptor, protocol.CODE_HEAD.size, 0)
    if len(head) < protocol.CODE_HEAD.size:
        return None
    size, cpu_seconds, wall_seconds = protocol.CODE_HEAD.unpack(head)
    if not 0 < size == os.fstat(descriptor).st_size - len(head):
        return None
    return Compiled(os.pread(descriptor, size, len(head)), cpu_seconds, wall_seconds)


def _read_bundle(bundle: int | None, most_bytes: int) -> tuple[Mapping[str, bytes], bool]:
    """The files by their names, and whether some were left out."""
    if bundle is None:
        return MappingProxyType({}), False
    try:
        files, offset = protocol.unpack(bundle)
        contents = {}
        left_out = False
        for name, size, _ in files:
            if size == protocol.LEFT_OUT:
                left_out = True
                continue
            if size > most_bytes:
                raise BoxBroken("a collected file is larger than was asked for")
            contents[name] = os.pread(bundle, size, offset)
            offset += size
        return contents, left_out
    finally:
        os.close(bundle)


def _evidence(
    report: protocol.Report,
    measured: Measured | None,
    limits: Limits,
    stdout: Stream | None,
    stderr: Stream,
    files: Mapping[str, bytes],
) -> Execution:
    """The facts of a run, from what the kernel said to the keeper, to the zygote and to us."""
    code = os.waitstatus_to_exitcode(report.wait_status)
    memory_bytes = measured.memory_bytes if measured else report.memory_bytes
    out_of_memory = measured.killed_for_memory if measured else memory_bytes > limits.memory_bytes
    if out_of_memory:
        outcome = Outcome.OUT_OF_MEMORY
    elif report.stopped is not None:
        outcome = _OUTCOME_OF_STOP[report.stopped]
    elif stdout is not None and stdout.truncated:
        outcome = Outcome.OUT_OF_OUTPUT
    elif -code == signal.SIGXCPU:
        outcome = Outcome.OUT_OF_TIME
    else:
        outcome = Outcome.EXITED if code >= 0 else Outcome.SIGNALLED
    return Execution(
        outcome=outcome,
        exit_code=code if code >= 0 else None,
        signal=-code if code < 0 else None,
        stdout=b"" if stdout is None else stdout.content(),
        stderr=stderr.content(),
        cpu_seconds=report.cpu_seconds,
        wall_seconds=report.wall_seconds,
        memory_bytes=memory_bytes,
        stdout_truncated=stdout is not None and stdout.truncated,
        stderr_truncated=stderr.truncated,
        files=files,
    )
