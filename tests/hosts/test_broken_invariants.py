"""The contract notices: with one wall taken down in a copy of the sources, a claim of it fails."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.hosts.report import CHECKOUT

KEEPER = "sandbox_service/inside/keeper.py"
FORKING = "sandbox_service/inside/forking.c"
FORKS = "sandbox_service/inside/forks.py"
PROGRAM = "sandbox_service/inside/program.py"
SCRIPTS = "sandbox_service/inside/scripts.py"
WORLDS = "sandbox_service/inside/worlds.py"
TREE = "sandbox_service/inside/tree.py"
CHOICE = "sandbox_service/sandboxes/__init__.py"
NATIVE = "sandbox_service/sandboxes/native.py"
STREAMS = "sandbox_service/sandboxes/streams.py"

# Each breaks as many layers as hold the invariant together: what to change in which file, and the claims that notice.
BROKEN = {
    "1: the exit status comes from the kernel": (
        [
            (TREE, "reaped.wait_status = status", "reaped.wait_status = 0"),
            (FORKS, "_ENDED.pack(status,", "_ENDED.pack(0,"),
        ],
        "test_facts.py -k exit_code",
    ),
    "1: the program holds no descriptor of ours": (
        [(PROGRAM, "_closerange(rest, _HIGHEST_DESCRIPTOR)", "os.set_inheritable(given[-1], True)")],
        "test_walls.py -k three_descriptors",
    ),
    "1: the exit status comes from the kernel, to compiled code": (
        [(TREE, "reaped.wait_status = status", "reaped.wait_status = 0"), (FORKING, "ended = {status,", "ended = {0,")],
        "test_facts.py -k 'exit_code and namespaces'",
    ),
    "1: the program holds no descriptor of ours, of compiled code": (
        [(FORKING, "if (syscall(SYS_close_range, CODE + has_code, ~0u, 0))", "if (0)")],
        "test_walls.py -k 'three_descriptors and namespaces'",
    ),
    "1: the program holds no descriptor of ours, of its own code": (
        [(SCRIPTS, "os.close(descriptor)", "pass")],
        "test_first_runs.py -k file_of_its_code",
    ),
    "2: no process remains": (
        [(TREE, "os.kill(-1, signal.SIGKILL)", "pass")],
        "test_nothing_left.py -k 'daemon and outlives'",
    ),
    "2: no file remains": (
        [
            (WORLDS, "kernel.unmount(SCRATCH)\n            self._mounted = False", "return"),
            (WORLDS, "self.empty()\n        options", "if self._mounted: return\n        options"),
            (WORLDS, "os.mkdir(part, 0o700)", "os.makedirs(part, 0o700, True)"),
        ],
        "test_nothing_left.py -k no_file",
    ),
    "3: a box starts with no environment of ours": (
        [(NATIVE, "env=environment,", "env={**os.environ, **environment},")],
        "test_walls.py -k never_held",
    ),
    "4: no weaker tier in silence": (
        [
            (
                CHOICE,
                '    raise SandboxUnavailable(f"no isol',
                '    return UnsafeBox()\n    raise SandboxUnavailable(f"no isol',
            )
        ],
        "../unit/sandboxes/test_choice.py",
    ),
    "5: CPU time is limited": ([(KEEPER, 'return "cpu"', "pass")], "test_limits.py -k ticks"),
    "5: memory is limited": (
        [(NATIVE, "limits.memory_bytes, limits.processes)", "1 << 40, limits.processes)")],
        "test_limits.py -k all_processes_together",
    ),
    "5: output is limited": ([(STREAMS, "self.truncated = True", "pass")], "test_limits.py -k cap_is_exact"),
    "5: processes are limited": (
        [
            (NATIVE, "begin(limits.memory_bytes, limits.processes)", "begin(limits.memory_bytes, 100_000)"),
            (FORKS, 'processes = run["processes"] + self._processes_elsewhere', "processes = 100_000"),
            (FORKS, 'orders.pack(run, run["processes"] + self._processes_elsewhere)', "orders.pack(run, 100_000)"),
        ],
        "test_limits.py -k threads_are",
    ),
    "8: no link is followed": (
        [(KEEPER, "scratch.collect(directory,", "scratch.collect(os.open(world.directory, 0),")],
        "test_collected.py -k regular",
    ),
}


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    for part in ("sandbox_service", "tests", "runners"):
        shutil.copytree(CHECKOUT / part, tmp_path / part, ignore=shutil.ignore_patterns("__pycache__", "*.so"))
    shutil.copytree(CHECKOUT / "deploy", tmp_path / "deploy")
    shutil.copy(CHECKOUT / "pyproject.toml", tmp_path)
    return tmp_path


def compile_forker(copy: Path) -> None:
    """As setting up does; without it Python forks in the copy."""
    script = (
        "from bootstrap import FORKER, compile_forker, compiled_from as made; compile_forker(); made(FORKER).stat()"
    )
    subprocess.run([sys.executable, "-c", script], cwd=copy / "deploy", check=True)


@pytest.mark.timeout(300)
@pytest.mark.parametrize("invariant", BROKEN)
def test_a_broken_invariant_is_noticed(root: None, copy: Path, invariant: str) -> None:
    changes, claims = BROKEN[invariant]
    for path, whole, broken in changes:
        source = (copy / path).read_text()
        assert source.count(whole) == 1, "the wall is no longer where this test looks for it"
        (copy / path).write_text(source.replace(whole, broken))

    if any(path == FORKING for path, _, _ in changes):
        compile_forker(copy)
    selected = f"{sys.executable} -B -m pytest -q -p no:cacheprovider --timeout 30 tests/contract/{claims}"
    environment = {**os.environ, "PYTHONPATH": str(copy), "CI": ""}
    finished = subprocess.run(
        selected, shell=True, cwd=copy, env=environment, capture_output=True, text=True, check=False
    )

    assert finished.returncode == 1, finished.stdout[-2000:]
    assert " failed" in finished.stdout
