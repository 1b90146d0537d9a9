"""Honest submissions that look suspicious: none of them may be refused."""

import pytest

from sandbox_service.models import Verdict
from tests.assertions.conftest import Judge

HONEST = {
    "M01": ("import sys\ndef main(): sys.exit(0)\ndef f(): return 1\nif __name__ == '__main__': main()", "assert f() == 1"),
    "M03": (
        "import dataclasses\n@dataclasses.dataclass\nclass P:\n    x: int\n    def __eq__(self, o): return self.x % 3 == o.x % 3\n"
        "def f(a): return sum(P(v) == P(0) for v in a)",
        "assert f([1, 2, 3, 6]) == 2",
    ),
    "M04": ("def f(): return 2.0", "assert f() == 2"),
    "M05": ("def f(): return (1, 2)", "assert list(f()) == [1, 2]"),
    "M06": (
        "import time\ndef f():\n    while time.process_time() < 0.8: pass\n    return 1",
        "assert f() == 1",
    ),
    "M07": ("def f(): return len(bytearray(200 * 2**20))", "assert f() == 200 * 2**20"),
    "M08": ("def f(): return 'x' * (8 * 2**20)", "assert len(f()) == 8 * 2**20"),
    "M09": ("import sys\nsys.stderr.write('x' * 2**20)\ndef f():\n    print('y' * 2**20)\n    return 1", "assert f() == 1"),
    "M11": (
        "import sys, threading\nsys.setrecursionlimit(10**5)\nthreading.stack_size(2**26)\n"
        "def depth(n): return n and 1 + depth(n - 1)\ndef f(): return depth(5000)",
        "assert f() == 5000",
    ),
    "M12-threads": (
        "from concurrent.futures import ThreadPoolExecutor\ndef f():\n    with ThreadPoolExecutor(2) as pool:\n"
        "        return list(pool.map(abs, [-1, -2]))",
        "assert f() == [1, 2]",
    ),
    "M12-process": (
        "import subprocess, sys\ndef f(): return subprocess.run([sys.executable, '-c', 'print(1)'], capture_output=True).stdout",
        "assert f() == b'1\\n'",
    ),
    "M13": (
        "import tempfile\ndef f():\n    with tempfile.TemporaryFile('w+') as file:\n        file.write('a'); file.seek(0)\n"
        "        return file.read()",
        "assert f() == 'a'",
    ),
    "M16": ("def f(): return 'ä€😀\\u0000'", "assert f() == 'ä€😀\\u0000' and len(f()) == 4"),
    "M21": (
        "import signal\nrang = []\nsignal.signal(signal.SIGALRM, lambda *a: rang.append(1))\n"
        "def f():\n    signal.setitimer(signal.ITIMER_REAL, 0.01)\n    signal.pause()\n    return rang",
        "assert f() == [1]",
    ),
    "M22": ("import random\ndef f():\n    random.seed(0)\n    return random.random()", "import random\nrandom.seed(0)\nassert f() == random.random()"),
    "M23": ("def f(): return hash('a')", "assert f() == hash('a')"),
    "M24": ("import os, sys\ndef f(): return os.path.basename(__file__), sys.argv, __name__", "assert f() == ('main.py', ['main.py'], 'solution')"),
    "M26": ("import atexit, threading, time\natexit.register(print, 'bye')\nthreading.Thread(target=time.sleep, args=(60,), daemon=True).start()\ndef f(): return 1", "assert f() == 1"),
    "M27": ("x = '" + "x" * 100_000 + "'\ndef f(): return len(x)", "assert f() == 100_000"),
    "M30": ("import time\ndef f():\n    time.sleep(1.5)\n    return 1", "assert f() == 1"),
    "a future import": ("from __future__ import annotations\ndef f(x: Undefined) -> Undefined: return x", "assert f(1) == 1"),
    "many calls": ("def f(x): return x + 1", "assert [f(x) for x in range(2000)] == list(range(1, 2001))"),
    "large data": ("def f(a): return a[::-1]", "a = list(range(10**5))\nassert f(a) == a[::-1]"),
    "its own helper named as a test": ("def test_even(n): return n % 2 == 0", "assert test_even(2) and not test_even(3)"),
    "recursion in the answer": ("def f(n): return [] if n == 0 else [f(n - 1)]", "assert f(50) == f(50) and f(1) == [[]]"),
    "state in an object": (
        "class Counter:\n    def __init__(self): self.n = 0\n    def __call__(self): self.n += 1; return self.n",
        "c = Counter()\nassert [c(), c(), c()] == [1, 2, 3]",
    ),
    "a context manager": (
        "import contextlib\nlog = []\n@contextlib.contextmanager\ndef open_it():\n    log.append('in')\n    yield 5\n"
        "    log.append('out')\nclass It:\n    def __enter__(self): return 1\n    def __exit__(self, *a): return True\ndef seen(): return log",
        "with It() as one:\n    assert one == 1\n    raise ValueError\nassert seen() == []",
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", HONEST)
def test_an_honest_submission_is_accepted(judge: Judge, name):
    source, assertions = HONEST[name]

    judgement = judge(source, assertions, limits={"cpu_seconds": 2, "memory_bytes": 256 * 2**20})

    assert judgement.verdict is Verdict.ACCEPTED, judgement
