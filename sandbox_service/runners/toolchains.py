"""What this machine has of the languages' toolchains."""

import os
import shutil
import subprocess
from functools import lru_cache

from sandbox_service.runners.sections import Words
from sandbox_service.sandboxes.contract import SEARCH_PATH


def find_executable(name: str) -> str | None:
    """Where a box will find it: on SEARCH_PATH, whatever this process's own PATH is."""
    return shutil.which(name, path=os.pathsep.join(SEARCH_PATH))


@lru_cache(maxsize=256)
def toolchain_version(argv: Words) -> str:
    """The first line the toolchain says of itself."""
    executable = find_executable(argv[0])
    if executable is None:
        return "missing"
    # An empty environment: what the toolchain says must not depend on ours, nor may it see it.
    done = subprocess.run(
        (executable, *argv[1:]), env={"LANG": "C.UTF-8"}, stdin=subprocess.DEVNULL, capture_output=True, timeout=60
    )
    lines = (done.stdout or done.stderr).decode(errors="replace").splitlines()
    return lines[0].strip() if lines else "unknown"
