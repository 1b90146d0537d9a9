"""The compile step of a warm interpreter, whichever it is: Python 3.9 and PyPy read this too."""

import marshal
import os
import sys
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
