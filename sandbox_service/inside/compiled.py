"""The forker in C, where it has been compiled: it forks for a zygote without touching the interpreter's memory."""

from __future__ import annotations

import ctypes
import os
import socket
from functools import partial

from sandbox_service.inside import orders
from sandbox_service.inside.forks import Serve, Wait
from sandbox_service.inside.page import Page
from sandbox_service.inside.program import REST, Program, go_on
from sandbox_service.inside.worlds import ZygoteWalls


def serve_compiled(library: str) -> Serve:
    """Load it, which has to be done before the walls stand.

    Raises:
        OSError: it is not there, or not for this machine.
    """
    loaded = ctypes.PyDLL(library)
    loaded.function.restype = ctypes.py_object
    fork_for = loaded.function()

    def serve(link: socket.socket, walls: ZygoteWalls, page: Page) -> Wait:
        def confine() -> bool:
            try:
                walls.confine_program()
            except BaseException as error:
                page.failed(repr(error))
                return False
            return True

        def go_on_with(order: bytes) -> Program:
            run = orders.run_of(order)
            rest = b""
            if run["step"] == "run":
                rest = os.pread(REST, run["code_bytes"], 0)
                os.close(REST)
            return go_on(run, walls.directory, rest)

        each_confines = confine if walls.confines_each_program else None
        return partial(fork_for, link.fileno(), page.address(), walls.directory, each_confines, go_on_with)

    return serve
