"""The forker in C: where its library lies once ``deploy/bootstrap`` has compiled it, if there was a compiler."""

import hashlib
import sysconfig
from functools import cache
from pathlib import Path

from sandbox_service import inside

_SOURCE = Path(inside.__file__).with_name("forking.c")


@cache
def forker() -> str:
    """The library's path; empty where it was not compiled, or from another source or for another kind of machine."""
    return ""
