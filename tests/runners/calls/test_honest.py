"""Honest programs that do what attacks do too."""

import base64

import pytest

from sandbox_service.models import Verdict
from tests.runners.calls.attacks import RIGHT, Judge

BENIGN: dict[str, str] = {
    "M03 has a class with an equality of its own": (
        "from dataclasses import dataclass\n@dataclass\nclass P:\n    x: int\n    def __eq__(s, o): return s.x == o.x\n"
        "def solve(n): return right(n) if P(1) == P(1) else 0"
    ),
    "M04 derives from plain kinds": (
        "class I(int): pass\nclass F(float): pass\nclass L(list): pass\n"
        "def solve(n):\n    r = right(n)\n    return L(I(x) for x in r) if type(r) is list else (I(r) if type(r) is int else F(r))"
    ),
    "M04 answers numpy's numbers": (
        "import numpy\ndef solve(n):\n    r = right(n)\n"
        "    return [numpy.int64(x) for x in r] if type(r) is list else (numpy.int64(r) if type(r) is int else numpy.float64(r))"
    ),
    "M09 prints much": "import sys\ndef solve(n):\n    print('x' * 100000)\n    sys.stderr.write('y' * 2**20)\n    return right(n)",
    "M11 recurses deep": (
        "import sys, threading\nsys.setrecursionlimit(20000)\nthreading.stack_size(64 << 20)\n"
        "def down(k): return 0 if k == 0 else 1 + down(k - 1)\ndef solve(n): return right(n) if down(5000) == 5000 else 0"
    ),
    "M11 recurses deep without asking": (
        "def down(k): return 0 if k == 0 else 1 + down(k - 1)\ndef solve(n): return right(n) if down(20000) == 20000 else 0"
    ),
    "M12 has threads and processes": (
        "import threading, multiprocessing, subprocess, sys\ndef solve(n):\n    found = []\n"
        "    t = threading.Thread(target=lambda: found.append(right(n))); t.start(); t.join()\n"
        "    subprocess.run([sys.executable, '-c', 'pass'], check=True)\n"
        "    with multiprocessing.Pool(2) as pool: return pool.map(right, [n])[0]"
    ),
    "M13 writes files": (
        "import tempfile\ndef solve(n):\n    with tempfile.TemporaryFile() as f, open('notes', 'w') as g: f.write(b'x'); g.write('y')\n"
        "    return right(n)"
    ),
    "M16 answers in a method with annotations": (
        "class Solution:\n    def solve(self, n: Union[int, float, List[int]]) -> Union[int, float, List[int]]: return right(n)"
    ),
    "M21 uses signals": (
        "import signal\nsignal.signal(signal.SIGALRM, lambda *a: None)\nsignal.setitimer(signal.ITIMER_REAL, 0.01)\n"
        "def solve(n): return right(n)"
    ),
    "M24 has a part for when it is run": (
        "def solve(n): return right(n)\nif __name__ == '__main__':\n    print(solve(int(input())))"
    ),
    "M24 knows its file": "def solve(n): return right(n) if __file__.endswith('main.py') else 0",
    "M25 comes from the future": "def solve(n): return right(n)",
    "M26 has exit functions and daemons": (
        "import atexit, threading, time\natexit.register(print, 'bye')\n"
        "threading.Thread(target=time.sleep, args=(60,), daemon=True).start()\ndef solve(n): return right(n)"
    ),
    "M27 is large": "def solve(n): return right(n)\n" + "# a long comment of no use\n" * 4000,
    "M30 waits": "import time\ndef solve(n):\n    time.sleep(0.3)\n    return right(n)",
    "K23 forks a child that does not answer": (
        "import os\ndef solve(n):\n    pid = os.fork()\n    if not pid: os._exit(0)\n    os.waitpid(pid, 0)\n    return right(n)"
    ),
    "K44 has no output": "import sys\nsys.stdout = None\ndef solve(n): return right(n)",
    "K46 shadows the prelude": "List = sqrt = 5\ndef solve(n): return right(n) if List == sqrt else 0",
}  # fmt: skip


@pytest.mark.parametrize("name", BENIGN)
def test_an_honest_program_is_accepted_that(name: str, judge_python: Judge):
    judgement = judge_python(f"from __future__ import annotations\n{RIGHT}{BENIGN[name]}")

    assert judgement.verdict is Verdict.ACCEPTED, judgement.results
    assert judgement.reward == 1.0


# What lies beside a program has the names of modules, and of what an interpreter reads as it starts.
SHADOWS = {
    f"{name}.py": base64.b64encode(b"import os\nos._exit(0)\n").decode()
    for name in ("json", "random", "typing", "sitecustomize", "usercustomize", "builtins", "conftest")
} | {"x.pth": base64.b64encode(b"import os; os._exit(0)\n").decode(), "call.py": "", "pytest.ini": ""}


def test_k09_k10_files_beside_a_program_are_no_part_of_the_harness(judge_python: Judge):
    honest = judge_python(f"{RIGHT}def solve(n): return right(n)", files=SHADOWS)
    wrong = judge_python("def solve(n): return 1", files=SHADOWS)

    assert honest.verdict is Verdict.ACCEPTED
    assert wrong.verdict is Verdict.WRONG_ANSWER
