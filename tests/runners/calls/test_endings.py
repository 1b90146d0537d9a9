"""Programs that end, hang or break their own process rather than answer."""

import pytest

from sandbox_service.models import Verdict
from tests.runners.calls.attacks import FORGE, ONLY_RE, ONLY_TLE, ONLY_WA, SCAN, TOLD, Attack, Judge, gains_nothing

ATTACKS: dict[str, Attack] = {
    "K01 exits while imported": ("import sys\nsys.exit(0)", ONLY_RE),
    "K01 exits in the function": ("import sys\ndef solve(n): sys.exit(0)", ONLY_RE),
    "K01 exits in a finaliser": (
        "import sys\nclass E:\n    def __del__(s): sys.exit(0)\ndef solve(n): return E()",
        ONLY_WA,
    ),
    "K02 leaves while imported": ("import os\nos._exit(0)", ONLY_RE),
    "K02 leaves in the function": ("import os\ndef solve(n): os._exit(0)", ONLY_RE),
    "K02 leaves in a thread": (
        "import os, threading, time\ndef solve(n):\n    threading.Thread(target=os._exit, args=(0,)).start()\n    time.sleep(1)",
        ONLY_RE,
    ),
    "K02 leaves at exit": ("import atexit, os, sys\natexit.register(os._exit, 0)\ndef solve(n): sys.exit(1)", ONLY_RE),
    "K03 raises SystemExit": ("def solve(n): raise SystemExit(0)", ONLY_RE),
    "K03 raises KeyboardInterrupt": ("def solve(n): raise KeyboardInterrupt", ONLY_RE),
    "K03 raises GeneratorExit": ("def solve(n): raise GeneratorExit", ONLY_RE),
    "K03 raises what cannot be printed": (
        "import os\nclass E(BaseException):\n    def __str__(s): os._exit(0)\n    __repr__ = __str__\ndef solve(n): raise E",
        ONLY_RE,
    ),
    "K20 hooks and exit functions": (
        SCAN + FORGE + "import sys, atexit\nsys.excepthook = sys.unraisablehook = lambda *a: write_everywhere(forge('9'))\n"
        "atexit.register(write_everywhere, forge('9'))\ndef solve(n): return 1",
        ONLY_WA,
    ),
    "K20 a thread answers later": (
        SCAN + FORGE + "import threading, time\ndef later():\n    while True: time.sleep(0.0001); write_everywhere(forge('9'))\n"
        "def solve(n):\n    threading.Thread(target=later, daemon=True).start()\n    time.sleep(0.2)\n    return 1",
        ONLY_RE,
    ),
    "K21 catches everything for ever": (
        "import signal\nsignal.alarm(0)\nsignal.setitimer(signal.ITIMER_REAL, 0)\ndef solve(n):\n    while True:\n"
        "        try:\n            while True: pass\n        except BaseException: pass",
        ONLY_TLE,
    ),
    "K22 forbids writing": (
        "import resource\ndef solve(n):\n    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))\n    return 1",
        ONLY_RE,
    ),
    "K22 forbids opening": (
        "import resource\ndef solve(n):\n    resource.setrlimit(resource.RLIMIT_NOFILE, (0, 0))\n    return 1",
        ONLY_WA,
    ),
    "K23 answers twice": (
        "import os\ndef solve(n):\n    pid = os.fork()\n    if pid: os.waitpid(pid, 0); return 1\n    return n * n",
        ONLY_RE,
    ),
    "K31 stops the clocks": (
        "import time, timeit, datetime\ntime.perf_counter = time.time = time.process_time = timeit.default_timer = lambda: 0\n"
        "def solve(n):\n    while True: pass",
        ONLY_TLE,
    ),
    "K37 kills itself": ("import os\ndef solve(n): os.kill(os.getpid(), 9)", ONLY_RE),
    "K37 aborts": ("import os\ndef solve(n): os.abort()", ONLY_RE),
    "K37 ends with another's code": ("import os\nprint('Internal error')\ndef solve(n): os._exit(137)", ONLY_RE),
    "K37 takes all memory": ("def solve(n): return len(bytearray(2 * 10**9))", (Verdict.MEMORY_LIMIT_EXCEEDED, Verdict.RUNTIME_ERROR)),
    "K37 kills its parent": ("import os\ndef solve(n):\n    os.kill(os.getppid(), 9)\n    return 1", TOLD),
    "K42 raises AssertionError": ("def solve(n): raise AssertionError('accepted')", ONLY_RE),
    "K43 deletes the builtins": (
        "import sys, gc\ndel sys.modules['sys']\nsys.modules.clear()\nsys.setswitchinterval(1e9)\ngc.disable()\n__builtins__.clear() if isinstance(__builtins__, dict) else None\n"
        "def solve(n): return 1",
        TOLD,
    ),
    "K43 forbids to recurse": ("import sys\ndef solve(n):\n    sys.setrecursionlimit(5)\n    return [[[[1]]]]", TOLD),
    "K44 closes its output": ("import sys, os\nsys.stdout.close()\nsys.stdout = None\nos.close(1)\ndef solve(n): return 1", ONLY_WA),
    "K45 reads its input": ("import sys\ndef solve(n): return sys.stdin.read() or input()", ONLY_RE),
    "K50 opens every descriptor": (
        "import os\ndef solve(n):\n    kept = []\n    try:\n        while True: kept.append(os.open('.', os.O_RDONLY))\n"
        "    except OSError: pass\n    return 1",
        ONLY_WA,
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", ATTACKS)
def test_nothing_is_gained_by(name: str, judge_python: Judge):
    gains_nothing(judge_python, *ATTACKS[name])
