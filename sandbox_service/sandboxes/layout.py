"""What a box is made of, whatever its tier: what may be read, under which uid, in which directory."""

import os
import tempfile
from collections.abc import Sequence
from pathlib import Path

from sandbox_service.inside import kernel, protocol, scratch
from sandbox_service.models import Tier
from sandbox_service.sandboxes.forker import forker
from sandbox_service.sandboxes.seccomp import Sockets, compile_filter

_PREFIX = "sandbox-box."
# Toolchains and what they read at run time; nothing below /etc that says anything about this machine.
_READABLE = ("/usr", "/bin", "/sbin", "/lib", "/lib32", "/lib64", "/libx32", "/nix/store", "/var/lib/ghc")
_READABLE_ETC = (
    "alternatives",
    "ld.so.cache",
    "ld.so.conf",
    "ld.so.conf.d",
    "localtime",
    "mime.types",
    "magic",
    "perl",
)
_READABLE_ETC_PATTERNS = ("java*", "python3*", "mono", "node*", "R", "ghc*", "ocaml*", "fpc*.cfg", "php", "racket")
# Far above the uids that machines give out, and different for each box: the worker's pid is part of it.
_FIRST_UID = 1_000_000_000
# Threads of other boxes under the same uid; more would let a bomb of processes grow too large before it is seen.
_ROOM_FOR_OTHER_BOXES = 512


def readable() -> list[str]:
    """The paths that programs may read and run, as far as they exist."""
    etc = Path("/etc")
    inside_etc = [str(etc / name) for name in _READABLE_ETC]
    inside_etc += sorted(str(path) for pattern in _READABLE_ETC_PATTERNS for path in etc.glob(pattern))
    return [path for path in [*_READABLE, *inside_etc] if os.path.lexists(path)]


def make_directory(parent: Path) -> str:
    """A directory for one box, named by the process that makes it."""
    return tempfile.mkdtemp(prefix=f"{_PREFIX}{os.getpid()}.", dir=parent)


def sweep(parent: Path) -> None:
    """Remove the directories of processes that did not come to remove them."""
    for directory in parent.glob(f"{_PREFIX}*"):
        maker = directory.name.removeprefix(_PREFIX).split(".")[0]
        if not Path("/proc", maker).exists():
            try:
                scratch.remove(str(directory))
            except OSError:
                continue  # another user's, or swept by somebody else meanwhile


def setup(
    tier: Tier, parent: Path, number: int, *, cpu_group: bool, preload: Sequence[str], prepared: Path | None
) -> protocol.Setup:
    """How the first process of a new box is to make it."""
    abi = kernel.landlock_abi()
    namespaces = tier is Tier.NAMESPACES
    sockets = Sockets.LOCAL if namespaces else Sockets.NONE
    return protocol.Setup(
        tier=tier.value,
        seccomp=compile_filter(sockets, scoped_signals=namespaces or abi >= 6).hex(),
        landlock_abi=abi,
        uid=_FIRST_UID + os.getpid() * 64 + number % 64 if os.geteuid() == 0 else None,
        directory=make_directory(parent),
        readable=readable(),
        processes_elsewhere=0 if namespaces or os.geteuid() == 0 else _processes_of_own_uid(),
        cpu_group=cpu_group,
        preload=list(preload),
        prepared="" if prepared is None else str(prepared),
        forker=forker(),
    )


def _processes_of_own_uid() -> int:
    """Where boxes share their uid with others, RLIMIT_NPROC counts those too."""
    uid = os.geteuid()
    threads = 0
    for task in Path("/proc").glob("[0-9]*/task"):
        try:
            if task.stat().st_uid == uid:
                threads += len(os.listdir(task))
        except OSError:
            continue
    return threads + _ROOM_FOR_OTHER_BOXES
