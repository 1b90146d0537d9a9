"""What warm interpreters do with scripts, whichever they are: Python 3.9 and PyPy read this too."""

import marshal
import os
import sys
import time
import types
import warnings
from typing import NoReturn

from sandbox_service.inside import protocol

CODE_FILE = "main.code"
FAILED = 1  # as the interpreter's own exit code


def compile_script(name: str, path: str) -> NoReturn:
    """Leave the code of the script of that name behind, as of ``path``."""
    try:
        code = _code_of(name, path)
    except (SyntaxError, ValueError) as error:
        sys.tracebacklimit = 0
        sys.excepthook(type(error), error, None)
        sys.stderr.flush()
        os._exit(FAILED)
    with open(CODE_FILE, "wb") as file:
        file.write(code)
    os._exit(0)


def compile_for_runs(name: str, directory: str, descriptor: int) -> bytes:
    """The code of the script of that name, written to the file for the runs to come, which is closed.

    When that fails, whatever the reason, nothing runs: compiling alone will tell it.
    """
    cpu_began, began = time.thread_time(), time.monotonic()
    try:
        code = _code_of(name, os.path.join(directory, name))
        if os.pwrite(descriptor, code, protocol.CODE_HEAD.size) != len(code):
            os._exit(FAILED)
        used = time.thread_time() - cpu_began, time.monotonic() - began
        os.pwrite(descriptor, protocol.CODE_HEAD.pack(len(code), *used), 0)
        os.close(descriptor)
    except BaseException:
        os._exit(FAILED)
    return code


def _code_of(name: str, path: str) -> bytes:
    """The code of the script, as of ``path``, with what the compiler warned of."""
    said = []

    def hear(message: warnings.WarningMessage) -> None:
        said.append((str(message.message), message.category.__name__, message.lineno or 0))

    # A file object and warnings.catch_warnings would touch, and so copy, more of the interpreter than compiling does.
    shown, warnings._showwarnmsg = warnings._showwarnmsg, hear  # type: ignore[attr-defined]  # private: what compilers tell
    file = os.open(name, os.O_RDONLY)
    source = os.read(file, os.fstat(file).st_size)
    os.close(file)
    try:
        code = compile(source, path, "exec", dont_inherit=True)
    finally:
        warnings._showwarnmsg = shown  # type: ignore[attr-defined]  # the same
    return marshal.dumps((code, said))


def read_harness(folder: str, names: "tuple[str, ...]") -> "dict[str, types.ModuleType]":
    """The modules of that folder, and out of sight: a program may have others of the same names."""
    sys.path.insert(0, folder)
    read = {name: __import__(name) for name in names}
    del sys.path[0]
    sys.path_importer_cache.pop(folder, None)
    for name, module in [*sys.modules.items()]:
        if os.path.dirname(getattr(module, "__file__", None) or "") == folder:
            del sys.modules[name]
    return read
