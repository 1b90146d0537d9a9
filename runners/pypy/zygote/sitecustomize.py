"""Lets a plain ``pypy3 main.py`` wait in a box: for each run a fork of it goes on as if it had just been started.

The interpreter imports this module as it starts, and then goes on to the script. It asks ``sys.path_hooks`` whether the
script's path is something to import from, which we say once, so that it calls ``runpy._run_module_as_main`` where it
would have compiled and run the script: all waiting is done there. PyPy can hide a function from every traceback, so
that no frame is seen below the program's own; its end is the interpreter's usual one, which does not take it apart.

(PyPy's pypy/interpreter/app_main.py, ``run_command_line``.)
"""

import builtins
import ctypes
import gc
import marshal
import os
import random
import signal
import sys
import types
import warnings

import pypyjit  # this and the next are PyPy's own
from __pypy__ import hidden_applevel

_FOLDER = os.path.dirname(os.path.abspath(__file__))
_LINK, _PACKAGE = int(os.environ.pop("SANDBOX_LINK")), os.environ.pop("SANDBOX_PACKAGE")
del os.environ["PYTHONPATH"], os.environ["LD_BIND_NOW"]
_PLACE_OF_HARNESS = os.environ.pop("SANDBOX_HARNESS")
_HARNESS = "sandbox_harness.pyz"  # what runs test code
_MIB = 2**20
_NURSERY_KEPT_BYTES = 4 * _MIB
_DONTNEED = 4
_libc = ctypes.CDLL(None)
_OURS = frozenset({"sitecustomize", "runpy", "pypyjit"})
_HIDDEN: "list[object]" = []
_writes_no_bytecode, sys.dont_write_bytecode = sys.dont_write_bytecode, True


@hidden_applevel
def _wait_and_run(_name: str, _alters_argv: bool) -> None:
    """Stands for ``runpy._run_module_as_main``."""
    run, *arguments = _wait()
    run(*arguments)


def _wait() -> "tuple[object, ...]":
    """What to call, with its arguments, in a fork that is to be the program."""
    directory, name = os.environ["HOME"], sys.argv[0]
    path = os.path.join(directory, name)
    # Without the directory in which we were started, and the script, in whatever form the interpreter put it there.
    strange = (name, os.path.abspath(name), os.getcwd())
    sys.path[:] = [_PACKAGE, *(place for place in sys.path if place not in strange)]
    from sandbox_service.inside.main import main
    from sandbox_service.inside.scripts import compile_script, read_harness

    parts = read_harness(_PLACE_OF_HARNESS, ("candidate", "tests", "same_process"))
    _hide()
    sys.path.insert(0, directory)
    _give_back(*_NURSERY)
    ordered = main(_LINK, _preload)()
    pypyjit.set_param("default")
    if ordered.step == "compile":
        compile_script(name, path)
    # Nothing was there to import when the warm interpreter looked; beside the script there may be something now.
    sys.path_importer_cache.pop(directory, None)
    random.seed()
    code, said = marshal.loads(ordered.code) if ordered.code else (None, ())
    for text, category, line in said:
        kind = getattr(builtins, category, SyntaxWarning)
        sys.stderr.write(warnings.formatwarning(text, kind, path, line))
    names = _main_module(path).__dict__
    return (parts[ordered.argv[2]].run, code, path) if ordered.argv[1] == _HARNESS else (exec, code, names)


def _main_module(path: str) -> types.ModuleType:
    module = sys.modules["__main__"]
    module.__file__ = path
    module.__loader__ = sys.modules["_frozen_importlib_external"].SourceFileLoader("__main__", path)
    return module


def _hide() -> None:
    """Take out of sight what a plain interpreter would not have loaded for itself, and keep it in memory."""
    for name in [name for name in sys.modules if name in _OURS or name.startswith("sandbox_service")]:
        _HIDDEN.append(sys.modules.pop(name))
    for place in (_PACKAGE, _FOLDER):
        sys.path_importer_cache.pop(place, None)
    sys.path.remove(_PACKAGE)
    sys.dont_write_bytecode = _writes_no_bytecode


def _preload(modules: "list[str]") -> None:
    """Import what programs may want, as far as it is installed: it is in memory then, and in no name space."""
    # What forks is never compiled, as what only keeps the box is: a fork would begin in the midst of it.
    pypyjit.set_param("off")
    for module in modules:
        try:
            __import__(module)
        except ImportError:
            continue
    sys.path_importer_cache.pop(sys.path[0], None)  # it was not there yet
    signal.signal(signal.SIGINT, signal.default_int_handler)
    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    _give_back(*_NURSERY)


def _nursery() -> "tuple[int, int]":
    """A range of addresses in which nothing but new objects is made, and not the first of them; empty if unknown."""
    said = gc.get_stats().nursery_size
    if not said.endswith("MB"):
        return 0, 0
    size = int(float(said[: -len("MB")]) * _MIB)
    with open("/proc/self/maps") as file:
        bounds = [line.split(maxsplit=1)[0].split("-") for line in file if " rw-p 00000000 00:00 0" in line]
    ranges = [(int(start, 16), int(end, 16)) for start, end in bounds]
    large = [(start, end) for start, end in ranges if end - start >= size]
    if len(large) != 1:
        return 0, 0
    start, end = large[0]
    # The kernel shows neighbours as one: this much may lie before it as well as after it.
    others = end - start - size
    return start + others + _NURSERY_KEPT_BYTES, start + size


def _give_back(start: int, end: int) -> None:
    """Collect, and let the kernel have the memory in which new objects are made: nothing in it lives then.

    It may be half as large as the processor's largest cache, full of what importing left; every fork would inherit it.
    """
    gc.collect()
    if start < end:
        _libc.madvise(ctypes.c_void_p(start), ctypes.c_size_t(end - start), _DONTNEED)


def _script_is_importable(path: str) -> types.ModuleType:
    if not path.endswith(sys.argv[0]):
        raise ImportError
    sys.path_hooks.remove(_script_is_importable)
    sys.path.remove(_FOLDER)
    sys.modules["runpy"] = types.ModuleType("runpy")
    sys.modules["runpy"]._run_module_as_main = _wait_and_run
    return sys.modules["runpy"]


_NURSERY = _nursery()  # once the walls stand, there is no /proc of our own
sys.path_hooks.insert(0, _script_is_importable)
