"""The keeper of a box: sees to one run after another, from an empty scratch directory to the report."""

from __future__ import annotations

import itertools
import json
import os
import select
import socket
import time
from typing import Any

from sandbox_service.inside import kernel, protocol, scratch, tree
from sandbox_service.inside.counters import Counter
from sandbox_service.inside.forks import Forker
from sandbox_service.inside.page import Page
from sandbox_service.inside.program import CPU_GRACE, Program
from sandbox_service.inside.worlds import World

_CORES = kernel.cores()
_SHORTEST_LOOK_SECONDS = 0.005
_LOOK_SECONDS = 0.02
_STARTING_SECONDS = 8.0
_START_TIME_ERROR_SECONDS = 0.02  # the kernel tells it in hundredths
_STDIN, _CODE = 1, 4


class Keeper:
    """Serves the worker; it goes when the worker is gone."""

    def __init__(self, link: socket.socket, world: World, forker: Forker, page: Page, box_counter: int | None) -> None:
        self._link = link
        self._world = world
        self._forker = forker
        self._page = page
        self._box_counter = box_counter
        self._polled = (-1, select.poll())

    def serve(self) -> Program:
        """Returns only in a fork of a warm interpreter."""
        asked = b""
        run: Any = None
        while True:
            message, given = protocol.receive_raw(self._link)
            if not message:
                self._leave()
            if message != asked:  # the runs of a program are mostly asked for in the same words
                asked, run = message, json.loads(message)
            if "stop" in run:  # it crossed the report of a run that had ended by itself
                continue
            try:
                ended = self._run(run, given)
            except (OSError, RuntimeError) as error:
                protocol.send(self._link, {"failure": f"{type(error).__name__}: {error}"})
                os._exit(1)
            if isinstance(ended, Program):
                return ended

    def _leave(self) -> None:
        self._world.end_all()
        self._world.empty()
        os._exit(0)

    def _run(self, run: protocol.Run, given: list[int]) -> Program | None:
        """Nothing here may have to be undone in a fork, which leaves through the first ``return``."""
        world = self._world
        world.freshen(run["file_bytes"])
        world.lay(given[0], run["files"])
        counter = self._counter(run, given)
        # Opened before the program can put something else in its place.
        directory = scratch.open_directory(world.directory) if run["collect"] else None
        self._page.clear()
        began = time.monotonic()
        started = self._forker.start(run, [*given[_STDIN:]])
        if isinstance(started, Program):
            return started
        for descriptor in given:
            os.close(descriptor)
        usage = tree.Usage()
        stopped = self._watch(started, run, began, usage, counter)
        world.end_all()
        wall_seconds = time.monotonic() - began
        if not run["has_cgroup"]:
            usage.memory_bytes = max(usage.memory_bytes, world.scratch_use()[0] if world.scratch_in_memory else 0)
        reaped = self._forker.reap()
        report = self._report(run, reaped, stopped, wall_seconds, usage, counter)
        bundle = []
        if directory is not None:
            bundle.append(scratch.collect(directory, run["collect"], run["most_files"], run["file_bytes"]))
            os.close(directory)
        if counter is not None:
            counter.close()
        protocol.forward(self._link, report.packed(), bundle)
        for descriptor in bundle:
            os.close(descriptor)
        world.empty()
        return None

    def _counter(self, run: protocol.Run, given: list[int]) -> Counter | None:
        """What counts the run's CPU time; a counter of its own is taken from what was given."""
        if run["has_counter"]:
            return Counter(given.pop(_CODE + (run["step"] in protocol.STEPS_WITH_CODE)), shared=False)
        return None if self._box_counter is None else Counter(self._box_counter, shared=True)

    def _report(
        self,
        run: protocol.Run,
        reaped: tree.Reaped,
        stopped: str | None,
        wall_seconds: float,
        usage: tree.Usage,
        counter: Counter | None,
    ) -> protocol.Report:
        if reaped.wait_status is None:
            raise RuntimeError("the main process was lost")
        before = self._page.seconds_before()
        if counter is None:
            cpu_seconds = max(reaped.cpu_seconds, usage.cpu_seconds) - before
        elif counter.shared:
            cpu_seconds = counter.seconds() - reaped.forking_seconds - before
        else:
            cpu_seconds = counter.seconds() - before
        return protocol.Report(
            wait_status=reaped.wait_status,
            stopped=stopped,
            cpu_seconds=max(cpu_seconds, 0.0),
            wall_seconds=wall_seconds,
            memory_bytes=max(reaped.memory_bytes - self._born_with_bytes(run), usage.memory_bytes),
        )

    def _watch(
        self, main: int, run: protocol.Run, began: float, usage: tree.Usage, counter: Counter | None
    ) -> str | None:
        """Wait for the main process to end; the reason why it must be ended, if it must."""
        poller = self._poller_of(main)
        cpu_limit = run["cpu_seconds"] * CPU_GRACE
        cpu_look_at = began + cpu_limit / _CORES
        give_up_at = began + _STARTING_SECONDS
        looks = not run["has_cgroup"] or not self._world.scratch_in_memory
        told_to_stop: str | None = None
        while True:
            if told_to_stop is not None and self._page.walls_stand:  # killed before, it would tell nothing
                return told_to_stop
            now = time.monotonic()
            wall_left = began + run["wall_seconds"] - now
            if wall_left <= 0 and not self._page.walls_stand and now < give_up_at:
                began, wall_left = now, run["wall_seconds"]  # so busy a machine that the program has not begun
            if wall_left <= 0:
                wall_left += self._kept_waiting_seconds(run, now - began)
            if wall_left <= 0:
                return "wall"
            pause = min(wall_left, cpu_look_at - now, _LOOK_SECONDS if looks or told_to_stop else wall_left)
            # Rounded up: poll counts in milliseconds, and none of them would make this a busy loop.
            ready = poller.poll(max(1, int(pause * 1000 + 0.999)))
            if any(descriptor == main for descriptor, _ in ready):
                return None
            if ready:
                message, _ = protocol.receive(self._link)
                if message is None:  # the worker is gone, so is the sense of this run
                    self._world.end_all()
                    os._exit(0)
                told_to_stop = str(message["stop"])
                continue
            if looks and (exceeded := self._look(run, usage)):
                return exceeded
            if time.monotonic() >= cpu_look_at:
                cpu_seconds = (
                    usage.cpu_seconds if counter is None else counter.seconds()
                ) - self._page.seconds_so_far()
                if cpu_seconds >= cpu_limit:
                    return "cpu"
                cpu_look_at = time.monotonic() + max(_SHORTEST_LOOK_SECONDS, (cpu_limit - cpu_seconds) / _CORES)

    def _kept_waiting_seconds(self, run: protocol.Run, past_seconds: float) -> float:
        """For how long the machine had no CPU for the program, as far as that counts."""
        began = time.clock_gettime(time.CLOCK_BOOTTIME) - past_seconds - _START_TIME_ERROR_SECONDS
        living = itertools.islice(self._world.processes(), run["processes"] + 1)
        most = (protocol.WALL_STRETCH - 1) * run["wall_seconds"]
        return min(tree.waited_seconds(living, began), most)

    def _poller_of(self, main: int) -> select.poll:
        """Of the main process's end and of what the worker says; a zygote tells of each end by the same descriptor."""
        if self._polled[0] != main:
            self._polled = (main, select.poll())
            self._polled[1].register(main, select.POLLIN)
            self._polled[1].register(self._link, select.POLLIN)
        return self._polled[1]

    def _look(self, run: protocol.Run, usage: tree.Usage) -> str | None:
        """See to the limits that no kernel mechanism holds here."""
        scratch_bytes, scratch_files = self._world.scratch_use()
        in_memory = self._world.scratch_in_memory
        if not in_memory and (scratch_bytes > run["file_bytes"] or scratch_files > scratch.MOST_FILES):
            return "disk"
        if not run["has_cgroup"]:
            living = self._world.processes()
            usage.look(living, scratch_bytes if in_memory else 0, self._born_with_bytes(run), run["processes"])
            if usage.memory_bytes > run["memory_bytes"]:
                return "memory"
            if usage.processes > run["processes"]:
                return "processes"
        return None

    def _born_with_bytes(self, run: protocol.Run) -> int:
        """What a fork of a warm interpreter holds before it is the program; one that starts anew lets go of it."""
        return self._page.born_with_bytes() if run["step"] else 0
