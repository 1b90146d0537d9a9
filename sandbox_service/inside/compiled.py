"""The forker in C, where it has been compiled: it forks for a zygote without touching the interpreter's memory."""

from __future__ import annotations

import ctypes
import os
import socket

from sandbox_service.inside import orders
from sandbox_service.inside.forks import Serve
from sandbox_service.inside.page import Page
from sandbox_service.inside.program import REST, Program, go_on
from sandbox_service.inside.worlds import ZygoteWalls


def serve_compiled(library: str) -> Serve:
    """Load it, which has to be done before the walls stand.

    Raises:
        OSError: it is not there, or not for this machine.
    """
    loaded = ctypes.PyDLL(library)  # which goes on holding the interpreter's lock, in a fork too
    confining = ctypes.PYFUNCTYPE(ctypes.c_int)
    fork_for = loaded.serve
    fork_for.argtypes = (ctypes.c_int, ctypes.c_void_p, ctypes.c_char_p, confining)
    code_of_program, order = loaded.code, loaded.order
    code_of_program.restype = order.restype = ctypes.py_object

    def serve(link: socket.socket, walls: ZygoteWalls, page: Page) -> Program | bytes:
        def confine() -> int:
            try:
                walls.confine_program()
            except BaseException as error:
                page.failed(repr(error))
                return 0
            return 1

        each_confines = confining(confine) if walls.confines_each_program else confining()
        if fork_for(link.fileno(), page.address(), walls.directory.encode(), each_confines):
            code: bytes = code_of_program()
            return code
        run = orders.run_of(order())
        rest = b""
        if run["step"] == "run":
            rest = os.pread(REST, run["code_bytes"], 0)
            os.close(REST)
        return go_on(run, walls.directory, rest)

    return serve
