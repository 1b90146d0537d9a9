"""Who forks a program: the keeper itself, or a zygote that stands behind the walls before the program arrives."""

from __future__ import annotations

import os
import socket
import struct
import time
from collections.abc import Callable
from functools import partial
from typing import Protocol, Union

from sandbox_service.inside import kernel, orders, protocol, tree
from sandbox_service.inside.page import Page
from sandbox_service.inside.program import Program, become
from sandbox_service.inside.worlds import LandlockWorld, NamespacesWorld, ZygoteWalls

# Waits, and returns only in a fork of a warm interpreter: what it is to do, or only the code of a program to run just
# as the interpreter was started.
Wait = Callable[[], Union[Program, bytes]]  # noqa: UP007  # PyPy may be a Python 3.9
Serve = Callable[[socket.socket, ZygoteWalls, Page], Wait]
# To free what a fork does not need any more would touch, and so copy, more of its parent's memory than it is worth.
_NEVER_FREED: list[object] = []
_ENDED = struct.Struct("=idQd")  # wait status, CPU seconds, peak bytes, the zygote's own CPU seconds since it began


class Forker(Protocol):
    """The keeper's side of it."""

    def start(self, run: protocol.Run, given: list[int]) -> int | Program:
        """A descriptor that can be read when the program's main process has ended; a Program in the fork itself.

        ``given`` is what ``become`` wants.
        """

    def reap(self) -> tree.Reaped:
        """What the main process and all that it left behind used; all of them have ended or been killed."""


class ForkedByKeeper:
    """Each fork puts up its own walls."""

    def __init__(self, world: LandlockWorld, page: Page, processes_elsewhere: int) -> None:
        self._world = world
        self._page = page
        self._processes_elsewhere = processes_elsewhere
        self._pid = self._pidfd = -1
        self._own_seconds = 0.0

    def start(self, run: protocol.Run, given: list[int]) -> int | Program:
        self._own_seconds = time.process_time()
        self._pid = kernel.fork()
        if not self._pid:
            processes = run["processes"] + self._processes_elsewhere
            return become(run, given, self._page, self._world.confine, self._world.directory, processes)
        self._pidfd = kernel.pidfd_open(self._pid)
        return self._pidfd

    def reap(self) -> tree.Reaped:
        reaped = tree.Reaped()
        tree.reap(self._pid, reaped)
        os.close(self._pidfd)
        reaped.forking_seconds = time.process_time() - self._own_seconds
        return reaped


class ForkedByZygote:
    """The zygote is told to fork, and tells how its fork ended."""

    def __init__(self, link: socket.socket, world: NamespacesWorld, processes_elsewhere: int) -> None:
        """Let the zygote put up its walls in the world that was made for it, and wait until they stand."""
        self._link = link
        self._processes_elsewhere = processes_elsewhere
        protocol.send(link, {"own_proc": world.own_proc})
        answer, _ = protocol.receive(link)
        if answer is None or "failure" in answer:
            raise RuntimeError(answer["failure"] if answer else "the zygote died")
        world.layers |= answer["layers"]
        *_, self._own_seconds = _ENDED.unpack(link.recv(_ENDED.size))  # which it tells when it begins to wait
        self._ordered: tuple[protocol.Run | None, bytes] = (None, b"")

    def start(self, run: protocol.Run, given: list[int]) -> int | Program:
        if self._ordered[0] is not run:  # as it is for the next run that is asked for in the same words
            self._ordered = (run, orders.pack(run, run["processes"] + self._processes_elsewhere))
        protocol.forward(self._link, self._ordered[1], given)
        return self._link.fileno()

    def reap(self) -> tree.Reaped:
        message = self._link.recv(_ENDED.size)
        if not message:
            raise RuntimeError("the zygote died")
        status, cpu_seconds, memory_bytes, own_seconds = _ENDED.unpack(message)
        reaped = tree.Reaped(status, cpu_seconds, memory_bytes, own_seconds - self._own_seconds)
        self._own_seconds = own_seconds
        tree.reap(None, reaped)
        return reaped


def join_all(groups: list[int]) -> None:
    """Enter the control groups, with all that will be forked from here."""
    for group in groups:
        os.write(group, b"0")
        os.close(group)


def serve_as_zygote(
    link: socket.socket,
    walls: ZygoteWalls,
    page: Page,
    cpu_group: list[int],
    preload: Callable[[], None],
    serve: Serve,
) -> Wait:
    """Put up the walls and warm up; what is returned forks whenever the keeper says so.

    The zygote stands outside of the programs' pid namespace, into which its children are born: no program can see or
    signal it, though it has their rights and no more.
    """
    made, _ = protocol.receive(link)
    if made is None:
        os._exit(1)
    try:
        join_all(cpu_group)
        walls.confine_zygote(own_proc=made["own_proc"])
        preload()
        kernel.trim()
    except Exception as error:
        protocol.send(link, {"failure": f"{type(error).__name__}: {error}"})
        os._exit(1)
    walls.layers["forks"] = "by Python" if serve is serve_in_python else "by compiled code"
    protocol.send(link, {"layers": walls.layers})
    wait = serve(link, walls, page)
    _NEVER_FREED.extend((link, walls, page, preload, serve, wait))
    return wait


def serve_in_python(link: socket.socket, walls: ZygoteWalls, page: Page) -> Wait:
    """What the compiled library does where there is one."""
    return partial(_serve_in_python, link, walls, page)


def _serve_in_python(link: socket.socket, walls: ZygoteWalls, page: Page) -> Program:
    link.send(_ENDED.pack(0, 0.0, 0, time.process_time()))  # what was used until now is of no run
    while True:
        payload, given = protocol.receive_raw(link)
        if not payload:
            os._exit(0)
        pid = kernel.fork()
        if not pid:
            run = orders.run_of(payload)
            return become(run, given, page, walls.confine_program, walls.directory, orders.processes_of(payload))
        for descriptor in given:
            os.close(descriptor)
        _, status, usage = os.wait4(pid, 0)
        used = usage.ru_utime + usage.ru_stime
        link.send(_ENDED.pack(status, used, usage.ru_maxrss * 1024, time.process_time()))
