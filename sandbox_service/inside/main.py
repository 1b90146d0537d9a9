"""The start of a box: makes its world, then becomes its keeper, and in the namespaces' world its zygote as well."""

import os
import platform
import socket
from collections.abc import Callable

from sandbox_service.inside import kernel, protocol
from sandbox_service.inside.compiled import serve_compiled
from sandbox_service.inside.forks import (
    ForkedByKeeper,
    ForkedByZygote,
    Forker,
    Serve,
    Wait,
    join_all,
    serve_as_zygote,
    serve_in_python,
)
from sandbox_service.inside.keeper import Keeper
from sandbox_service.inside.page import Page
from sandbox_service.inside.program import prepare
from sandbox_service.inside.worlds import LandlockWorld, NamespacesWorld, World, ZygoteWalls, unshare

_NEVER_FREED: list[object] = []  # by a fork, which would have to copy memory for it


def main(descriptor: int, preload: Callable[[list[str]], None] = lambda modules: None) -> Wait:
    """Be ready for the worker at the other end of the descriptor; what is returned serves it."""
    prepare()
    link = socket.socket(fileno=descriptor)
    link.set_inheritable(False)
    setup, cpu_group = protocol.receive(link)
    if setup is None:
        os._exit(0)
    page = Page()
    _NEVER_FREED.extend((link, setup, preload))
    counter = cpu_group.pop(0) if setup["cpu_group"] else None
    try:
        if setup["tier"] == "namespaces":
            ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
            walls = ZygoteWalls(setup)
            serve = _server(setup["forker"])  # before the root is another
            if unshare(in_user_namespace=setup["uid"] is None):
                link.close()
                ours.close()
                return serve_as_zygote(theirs, walls, page, cpu_group, lambda: preload(setup["preload"]), serve)
            theirs.close()
            namespaces = NamespacesWorld(setup)
            world: World = namespaces
            for group in cpu_group:
                os.close(group)
            # The zygote itself has the programs' uid, or one that more of ours have.
            forker: Forker = ForkedByZygote(ours, namespaces, setup["processes_elsewhere"] + 1)
        else:
            join_all(cpu_group)
            landlock = LandlockWorld(setup)
            world, forker = landlock, ForkedByKeeper(landlock, page, setup["processes_elsewhere"])
            preload(setup["preload"])
        kernel.prctl(kernel.PR_SET_DUMPABLE, 0)
    except (OSError, RuntimeError, ImportError) as error:
        protocol.send(link, {"failure": str(error)})
        os._exit(1)
    protocol.send(link, {"layers": world.layers, "directory": world.directory})
    return Keeper(link, world, forker, page, counter).serve


def _server(library: str) -> Serve:
    if not library or platform.python_implementation() != "CPython":
        return serve_in_python
    return serve_compiled(library)
