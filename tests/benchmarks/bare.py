"""A contestant: the interpreter or the program started anew for each test, without limits or isolation."""

import io
import os
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from contextlib import redirect_stdout
from pathlib import Path
from types import CodeType
from typing import Any

from tests.benchmarks.contestants import answer_requests

# Where the boxes look too, so that no version manager's slow shim stands for the interpreter.
PATH = "/usr/local/bin:/usr/bin:/bin"
ENVIRONMENT = {"PATH": PATH, "LANG": "C.UTF-8", "OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1"}


def judge(work: Mapping[str, Any]) -> Mapping[str, Any]:
    """Build each source once, run it on every test, compare tokens."""
    verdicts = list[str]()
    build_seconds = program_cpu_seconds = 0.0
    for task in work["tasks"]:
        for source in task["sources"]:
            with tempfile.TemporaryDirectory() as folder:
                Path(folder, work["file"]).write_text(source)
                began = time.monotonic()
                if work["build"]:
                    subprocess.run(work["build"], cwd=folder, env=ENVIRONMENT, check=True)
                build_seconds += time.monotonic() - began
                cpu = _children_cpu_seconds()
                passed = [_passes(folder, work["run"], stdin, expected) for stdin, expected in task["tests"]]
                program_cpu_seconds += _children_cpu_seconds() - cpu
                verdicts.append("accepted" if all(passed) else "wrong_answer")
    return {"verdicts": verdicts, "build_seconds": build_seconds, "program_cpu_seconds": program_cpu_seconds}


def _passes(folder: str, run: Sequence[str], stdin: str, expected: str) -> bool:
    path = Path(folder, "input")
    path.write_text(stdin)
    with path.open("rb") as source:
        done = subprocess.run(
            run, cwd=folder, env=ENVIRONMENT, stdin=source, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
        )
    return done.returncode == 0 and done.stdout.split() == expected.encode().split()


def _children_cpu_seconds() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def python_own_seconds(source: str, tests: Sequence[tuple[str, str]]) -> float:
    """The CPU time per test of the program's own statements, in an interpreter that has all loaded already."""
    code = compile(source, "main.py", "exec")
    _run_here(code, tests[0][0])  # loads what the program imports
    began = time.process_time()
    for stdin, _ in tests:
        _run_here(code, stdin)
    return (time.process_time() - began) / len(tests)


def _run_here(code: CodeType, stdin: str) -> None:
    kept, sys.stdin = sys.stdin, io.TextIOWrapper(io.BytesIO(stdin.encode()))
    try:
        with redirect_stdout(io.StringIO()):
            exec(code, {"__name__": "__main__"})
    finally:
        sys.stdin = kept


if __name__ == "__main__":
    os.environ["PATH"] = PATH  # where the first word of a command is looked up
    answer_requests(judge)
