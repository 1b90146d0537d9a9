"""What warm interpreters do with scripts, whichever they are: Python 3.9 and PyPy read this too."""

import marshal
import os
import sys
import types
import warnings
from typing import NoReturn

CODE_FILE = "main.code"
FAILED = 1  # as the interpreter's own exit code


def compile_script(name: str, path: str) -> NoReturn:
    """Leave the code of the script of that name behind, as of ``path``, with what the compiler warned of."""
    with open(name, "rb") as file:
        source = file.read()
    try:
        with warnings.catch_warnings(record=True) as caught:
            code = compile(source, path, "exec", dont_inherit=True)
    except (SyntaxError, ValueError) as error:
        sys.tracebacklimit = 0
        sys.excepthook(type(error), error, None)
        sys.stderr.flush()
        os._exit(FAILED)
    said = [(str(each.message), each.category.__name__, each.lineno or 0) for each in caught]
    with open(CODE_FILE, "wb") as file:
        marshal.dump((code, said), file)
    os._exit(0)


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
