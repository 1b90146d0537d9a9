"""Programs that want a reward for a function without computing what it answers, and honest ones that look like them.

The task is ``solve(n)``: n squared. A name begins with the attack's number.
"""

import base64
from collections.abc import Iterator
from functools import partial

import pytest

from sandbox_service.compilers import Compiler
from sandbox_service.errors import SandboxUnavailable
from sandbox_service.models import Judgement, Tier, Verdict
from sandbox_service.sandboxes import Boxes, open_box
from tests.runners.calling import QUICK, RUNNERS, call, judged

TESTS = [
    call("solve", 3, expected=9),
    call("solve", -12, expected=144),
    call("solve", 0, expected=0),
    call("solve", 1.5, expected=2.25),
    call("solve", [2, 3], expected=[4, 9]),
]
RIGHT = "def right(n): return [x * x for x in n] if isinstance(n, list) else n * n\n"

# What an attacker may know of how an answer is left.
FORGE = "def forge(text, kind='returned'): return f'{kind} {len(text)}\\n{text}'.encode()\n"
SCAN = """
import os
def write_everywhere(data):
    for descriptor in range(3, 1024):
        try: os.write(descriptor, data)
        except OSError: pass
"""
TOLD = (Verdict.RUNTIME_ERROR, Verdict.WRONG_ANSWER)
ONLY_RE, ONLY_WA, ONLY_TLE = (Verdict.RUNTIME_ERROR,), (Verdict.WRONG_ANSWER,), (Verdict.TIME_LIMIT_EXCEEDED,)
LIES = "def __eq__(s, o): return True\n    def __ne__(s, o): return False\n    def __hash__(s): return 0\n"

ATTACKS: dict[str, tuple[str, tuple[Verdict, ...]]] = {
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
    "K04 equals everything": (f"class E:\n    {LIES}def solve(n): return E()", ONLY_WA),
    **{
        f"K05 derives from {base}": (
            f"class E({base}):\n    {LIES}    __repr__ = __str__ = lambda s: '9'\n    __int__ = __index__ = lambda s: 9\n"
            f"    __iter__ = lambda s: iter([4, 9])\n    __len__ = lambda s: 2\ndef solve(n): return E()",
            ONLY_WA,
        )
        for base in ("int", "str", "list", "float", "dict", "tuple", "complex", "set", "bytes")
    },
    "K06 pretends its class": (
        "class E:\n    __class__ = property(lambda s: int)\n    def __reduce__(s): return (int, ('9',))\n"
        "    def __index__(s): return 9\n    __float__ = __int__ = __index__\ndef solve(n): return E()",
        ONLY_WA,
    ),
    "K06 pretends by its class of classes": (
        "class M(type):\n    def __instancecheck__(c, o): return True\n    def __subclasscheck__(c, o): return True\n"
        "    __eq__ = lambda a, b: True\n    __hash__ = type.__hash__\nclass E(metaclass=M): pass\ndef solve(n): return E()",
        ONLY_WA,
    ),
    "K06 iterates otherwise": (
        "class L(list):\n    def __iter__(s): return iter([4, 9])\ndef solve(n): return L([0])",
        ONLY_WA,
    ),
    "K07 patches the builtins": (
        "import builtins\nfor name in 'print len all any isinstance issubclass zip sorted open compile exec __import__ type'"
        ".split():\n    setattr(builtins, name, lambda *a, **k: True)\ndef solve(n): return 1",
        TOLD,
    ),
    "K08 patches the encoder": (
        "import json, os, io, sys\njson.dumps = lambda *a, **k: '9'\njson.JSONEncoder.encode = lambda s, o: '9'\n"
        "json.encoder.c_make_encoder = None\nsys.stdout = io.StringIO()\ndef solve(n): return 1",
        TOLD,
    ),
    "K08 patches writing": ("import os\nos.write = lambda fd, b: len(b)\ndef solve(n): return 1", ONLY_WA),
    "K09 replaces json": (
        "import sys, types\nfake = types.ModuleType('json')\nfake.dumps = lambda o: '9'\nsys.modules['json'] = fake\n"
        "def solve(n): return 1",
        ONLY_WA,
    ),
    "K25 poisons what comes after": (
        "import builtins, json, os, random, resource, signal, sys\nbuiltins.len = lambda x: 9\njson.loads = json.JSONEncoder.encode = None\n"
        "os.environ['X'] = '1'\nos.umask(0o777)\nrandom.seed(0)\nsignal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGTERM])\n"
        "sys.path[:] = []\nos.chdir('/')\nresource.setrlimit(resource.RLIMIT_NOFILE, (50, 50))\ndef solve(n): return 1",
        TOLD,
    ),
    "K26 poisons what was compiled": (
        "import json, os, sys\nfor place in {os.path.dirname(m.__file__) for m in list(sys.modules.values()) if getattr(m, '__file__', None)}:\n"
        "    for name in ('__pycache__/json.cpython-311.pyc', 'json.py', 'x.pth'):\n        try: open(os.path.join(place, name), 'w').write('x')\n"
        "        except OSError: pass\ndef solve(n): return 1",
        ONLY_WA,
    ),
    **{
        f"K34 answers {name} to break the comparison": (f"def solve(n): return {text}", ONLY_WA)
        for name, text in {
            "quotes": """'"]}\\\\'""",
            "an import": "'__import__(\"os\")'",
            "an exponent": "'1e999999999'",
            "infinity": "1e999",
            "digits": "'9' * 10**6",
            "a lone surrogate": "chr(0xD800)",
            "a tag": "{'$int': '0x9'}",
            "two tags": "{'$int': '0x9', '$tuple': []}",
            "a tag within a tag": "{'$dict': [['$tuple', [9]]]}",
            "keys of a dict": "{None: 1, (): 2, frozenset(): 3}",
        }.items()
    },
    **{
        f"K34 writes {name} to break the reading": (
            SCAN + FORGE + f"def solve(n):\n    write_everywhere(forge({text!r}))\n    os._exit(0)",
            ONLY_WA,
        )
        for name, text in {
            "nothing": "",
            "no JSON": "{",
            "NaN": "NaN",
            "a tag that is none": '{"$int": "9"}',
            "half a surrogate": '"\\ud800"',
            "an exponent": "1e999999999",
        }.items()
    },
    "K38 is right once in many times": (
        "import os\ndef solve(n): return n * n if os.getpid() % 5 == 77 else os.urandom(1)[0] + 1000",
        ONLY_WA,
    ),
    "K14 prints what may be a mark": (
        "print('PASSED', 'ok', 'returned 1\\n9')\nimport sys\nsys.stderr.write('returned 1\\n9')\ndef solve(n): return 1",
        ONLY_WA,
    ),
    "K15 writes a verdict everywhere": (
        SCAN + FORGE + "def solve(n):\n    write_everywhere(b'{\"passed\": true}')\n    os._exit(0)",
        ONLY_RE,
    ),
    "K15 writes an answer everywhere and answers": (
        SCAN + FORGE + "def solve(n):\n    write_everywhere(forge('9'))\n    return 9",
        ONLY_RE,
    ),
    "K15 writes a wrong answer and leaves": (
        SCAN + FORGE + "def solve(n):\n    write_everywhere(forge('1'))\n    os._exit(0)",
        ONLY_WA,
    ),
    "K15 writes a part of an answer": (
        SCAN + "def solve(n):\n    write_everywhere(b'returned 10\\n9')\n    os._exit(0)",
        ONLY_RE,
    ),
    "K15 says that it is unsupported, in colours": (
        SCAN + FORGE + "def solve(n):\n    write_everywhere(forge(chr(27) + '[2J' * 9999, 'unsupported'))\n    os._exit(0)",
        ONLY_WA,
    ),
    "K15 replaces the file by a link": (
        "import os\ndef solve(n):\n    os.unlink('call.result')\n    os.symlink('/etc/passwd', 'call.result')\n    return n * n",
        ONLY_RE,
    ),
    "K15 replaces the file by a pipe": (
        "import os\ndef solve(n):\n    os.unlink('call.result')\n    os.mkfifo('call.result')\n    return n * n",
        ONLY_RE,
    ),
    "K16 walks the frames": (
        "import sys, inspect\ndef solve(n):\n    f = sys._getframe()\n    while f:\n"
        "        for names in (f.f_locals, f.f_globals):\n            for key, value in list(names.items()):\n"
        "                if 'expected' in str(key) or 'gt_out' in str(key): return value\n        f = f.f_back\n    return 'nothing'",
        ONLY_WA,
    ),
    "K17 looks for tests among all objects": (
        "import gc\ndef solve(n):\n    found = [o for o in gc.get_objects() if type(o) is dict and 'expected' in o and 'call' in o]\n"
        "    return found[0]['expected'] if found else 'nothing'",
        ONLY_WA,
    ),
    "K18 reads its memory": (
        "def solve(n):\n    import re\n    marks = 0\n    with open('/proc/self/maps') as maps, open('/proc/self/mem', 'rb', 0) as memory:\n"
        "        for line in maps:\n            if 'rw-p' not in line or '[v' in line: continue\n"
        "            low, high = (int(x, 16) for x in line.split()[0].split('-'))\n            try: memory.seek(low); data = memory.read(high - low)\n"
        "            except (OSError, ValueError, OverflowError): continue\n            marks += data.count(b'7' * 9 + b'3')\n    return marks > 1",
        ONLY_WA,
    ),
    "K19 traces what comes after": (
        "import sys\ndef trace(frame, event, arg):\n    for name in list(frame.f_locals):\n        frame.f_locals[name] = 9\n    return trace\n"
        "sys.settrace(trace)\nsys.setprofile(trace)\ndef solve(n):\n    sys._getframe(1).f_trace = trace\n    return 1",
        TOLD,
    ),
    "K19 audits": ("import sys\nsys.addaudithook(lambda e, a: None)\ndef solve(n): return 1", ONLY_WA),
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
    "K24 counts its calls": (
        "import os\nanswers = [9, 144, 0, 2.25, [4, 9]]\ndef solve(n):\n    seen = len(os.listdir('.'))\n"
        "    with open('seen', 'a') as f: f.write('x')\n    with open('seen') as f: return answers[len(f.read())]",
        ONLY_WA,
    ),
    "K27 empties its argument": ("def solve(n):\n    if type(n) is list: n.clear()\n    return n", ONLY_WA),
    "K28 answers itself": ("def solve(n):\n    a = []; a.append(a)\n    return a", ONLY_WA),
    "K28 answers a generator": ("import itertools\ndef solve(n): return itertools.count()", ONLY_WA),
    "K28 answers a list without an end": (
        "class L(list):\n    def __iter__(s):\n        while True: yield 9\ndef solve(n): return L()",
        ONLY_WA,
    ),
    "K28 answers a tree that doubles": (
        "def solve(n):\n    a = []\n    for _ in range(90): a = [a, a]\n    return a",
        (Verdict.TIME_LIMIT_EXCEEDED, Verdict.MEMORY_LIMIT_EXCEEDED, Verdict.RUNTIME_ERROR),
    ),
    "K29 answers what is deep": (
        "def solve(n):\n    a = []\n    for _ in range(100000): a = [a]\n    return a",
        ONLY_WA,
    ),
    "K29 answers a long text": (
        "def solve(n): return 'a' * 10**8",
        (Verdict.OUTPUT_LIMIT_EXCEEDED, Verdict.MEMORY_LIMIT_EXCEEDED, Verdict.TIME_LIMIT_EXCEEDED),
    ),
    "K29 answers a large integer": ("def solve(n): return 1 << 10**7", ONLY_WA),
    "K29 writes a large integer": (
        SCAN + FORGE + "def solve(n):\n    write_everywhere(forge('9' * 10**6))\n    os._exit(0)",
        ONLY_WA,
    ),
    "K29 writes what is deep": (
        SCAN + FORGE + "def solve(n):\n    write_everywhere(forge('[' * 10**6))\n    os._exit(0)",
        ONLY_WA,
    ),
    "K29 answers nan": ("def solve(n): return float('nan')", ONLY_WA),
    "K29 answers a set": ("def solve(n): return {4, 9}", ONLY_WA),
    "K29 answers bytes": ("def solve(n): return b'9'", ONLY_WA),
    "K29 answers a decimal": ("from decimal import Decimal\ndef solve(n): return Decimal(9)", ONLY_WA),
    "K29 answers an array of numpy's": ("import numpy\ndef solve(n): return numpy.array([4, 9])", ONLY_WA),
    "K30 has methods that never end": (
        "class E:\n    def _wait(s, *a):\n        while True: pass\n"
        "    __repr__ = __str__ = __hash__ = __len__ = __bool__ = __format__ = __eq__ = _wait\ndef solve(n): return E()",
        ONLY_WA,
    ),
    "K30 raises what never ends": (
        "class E(Exception):\n    def __str__(s):\n        while True: pass\ndef solve(n): raise E",
        ONLY_TLE,
    ),
    "K31 stops the clocks": (
        "import time, timeit, datetime\ntime.perf_counter = time.time = time.process_time = timeit.default_timer = lambda: 0\n"
        "def solve(n):\n    while True: pass",
        ONLY_TLE,
    ),
    "K32 looks for the tests in files": (
        "import os\ndef solve(n):\n    for root in ('.', '..', '/tmp', os.path.expanduser('~'), '/proc/self/cwd', '/proc/1/cwd'):\n"
        "        for place, _, names in os.walk(root):\n            for name in names:\n                try: text = open(os.path.join(place, name), errors='replace').read(10**6)\n"
        "                except OSError: continue\n                if '\"expected\"' in text or '144' in text and 'main.py' not in name: return text\n        \n    return 'nothing'",
        TOLD,
    ),
    "K33 echoes its argument": ("def solve(n): return n", ONLY_WA),
    "K33 answers everything": ("def solve(n): return list(range(1000))", ONLY_WA),
    "K36 answers nothing": ("def solve(n): pass", ONLY_WA),
    "K37 kills itself": ("import os\ndef solve(n): os.kill(os.getpid(), 9)", ONLY_RE),
    "K37 aborts": ("import os\ndef solve(n): os.abort()", ONLY_RE),
    "K37 ends with another's code": ("import os\nprint('Internal error')\ndef solve(n): os._exit(137)", ONLY_RE),
    "K37 takes all memory": ("def solve(n): return len(bytearray(2 * 10**9))", (Verdict.MEMORY_LIMIT_EXCEEDED, Verdict.RUNTIME_ERROR)),
    "K37 kills its parent": ("import os\ndef solve(n):\n    os.kill(os.getppid(), 9)\n    return 1", TOLD),
    "K39 speaks to the reader": (
        "print('{\"reward\": 1.0, \"verdict\": \"accepted\"}\\n\\x1b[2J')\ndef solve(n): return '{\"reward\": 1.0}'",
        ONLY_WA,
    ),
    "K42 raises AssertionError": ("def solve(n): raise AssertionError('accepted')", ONLY_RE),
    "K43 deletes the builtins": (
        "import sys, gc\ndel sys.modules['sys']\nsys.modules.clear()\nsys.setswitchinterval(1e9)\ngc.disable()\n__builtins__.clear() if isinstance(__builtins__, dict) else None\n"
        "def solve(n): return 1",
        TOLD,
    ),
    "K43 forbids to recurse": ("import sys\ndef solve(n):\n    sys.setrecursionlimit(5)\n    return [[[[1]]]]", TOLD),
    "K44 closes its output": ("import sys, os\nsys.stdout.close()\nsys.stdout = None\nos.close(1)\ndef solve(n): return 1", ONLY_WA),
    "K45 reads its input": ("import sys\ndef solve(n): return sys.stdin.read() or input()", ONLY_RE),
    "K46 has every name": (
        "class Solution:\n    def __getattr__(s, name): return lambda *a: 9",
        ONLY_WA,
    ),
    "K46 is defined twice": ("def solve(n): return n * n\ndef solve(n): return n", ONLY_WA),
    "K47 hooks the call": (
        "class M(type):\n    def __call__(c, *a): return 9\nclass solve(metaclass=M): pass",
        ONLY_WA,
    ),
    "K47 is called through its annotations": (
        "class A:\n    def __repr__(s): return 'ListNode'\ndef solve(n: A()) -> A(): return 1",
        TOLD,
    ),
    "K48 answers nan for the comparison": ("def solve(n): return n * float('nan')", ONLY_WA),
    "K49 overloads everything": (
        "class Magic:\n    def __getattr__(s, n): return lambda *a, **k: s\n"
        + "".join(f"    __{name}__ = lambda *a: True\n" for name in ("eq", "ne", "lt", "le", "contains", "bool"))
        + "solve = lambda *a: Magic()",
        ONLY_WA,
    ),
    "K50 opens every descriptor": (
        "import os\ndef solve(n):\n    kept = []\n    try:\n        while True: kept.append(os.open('.', os.O_RDONLY))\n"
        "    except OSError: pass\n    return 1",
        ONLY_WA,
    ),
}  # fmt: skip

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


@pytest.fixture(scope="module", params=["warm", "cold"])
def boxes(request: pytest.FixtureRequest) -> Iterator[Boxes]:
    """Forks of a warm interpreter, and interpreters started anew."""
    try:
        boxes = Boxes(lambda zygote: open_box(Tier.NAMESPACES, zygote=zygote if request.param == "warm" else None))
        boxes.of(None)
    except SandboxUnavailable as error:
        pytest.skip(str(error))
    yield boxes
    boxes.close()


@pytest.fixture(scope="module")
def compiler() -> Compiler:
    return Compiler()


def judge_python(boxes: Boxes, compiler: Compiler, source: str, **more: object) -> Judgement:
    return partial(judged, boxes, compiler, "python", limits=QUICK)(source, TESTS, **more)  # type: ignore[arg-type]


@pytest.mark.parametrize("name", ATTACKS)
def test_nothing_is_gained_by(name: str, boxes: Boxes, compiler: Compiler):
    source, verdicts = ATTACKS[name]

    judgement = judge_python(boxes, compiler, source)

    assert judgement.verdict in verdicts, judgement.results[0]
    assert judgement.reward == 0.0
    honest = judge_python(boxes, compiler, f"{RIGHT}def solve(n): return right(n)")
    assert honest.verdict is Verdict.ACCEPTED, "the box is as it was"


@pytest.mark.parametrize("name", BENIGN)
def test_an_honest_program_is_accepted_that(name: str, boxes: Boxes, compiler: Compiler):
    judgement = judge_python(boxes, compiler, f"from __future__ import annotations\n{RIGHT}{BENIGN[name]}")

    assert judgement.verdict is Verdict.ACCEPTED, judgement.results
    assert judgement.reward == 1.0


# What lies beside a program has the names of modules, and of what an interpreter reads as it starts.
SHADOWS = {
    f"{name}.py": base64.b64encode(b"import os\nos._exit(0)\n").decode()
    for name in ("json", "random", "typing", "sitecustomize", "usercustomize", "builtins", "conftest")
} | {"x.pth": base64.b64encode(b"import os; os._exit(0)\n").decode(), "call.py": "", "pytest.ini": ""}


def test_k09_k10_files_beside_a_program_are_no_part_of_the_harness(boxes: Boxes, compiler: Compiler):
    honest = judge_python(boxes, compiler, f"{RIGHT}def solve(n): return right(n)", files=SHADOWS)
    wrong = judge_python(boxes, compiler, "def solve(n): return 1", files=SHADOWS)

    assert honest.verdict is Verdict.ACCEPTED
    assert wrong.verdict is Verdict.WRONG_ANSWER


CPP_ATTACKS: dict[str, tuple[str, tuple[Verdict, ...]]] = {
    "K02 leaves before main": ("struct A { A() { _exit(0); } } a;\nint solve(int n) { return 1; }", ONLY_RE),
    "K15 answers before main and again": (
        "struct A { ~A() { } A() { } } a;\nint solve(int n) { for (int fd = 3; fd < 64; ++fd) write(fd, \"returned 1\\n9\", 12); return 9; }",
        ONLY_RE,
    ),
    "K40 renames main": ("#define main other\n#define serve nothing\n#define leave nothing\nint solve(int n) { return 1; }", ONLY_WA),
    "K40 runs when loaded": (
        "__attribute__((constructor)) void early() { puts(\"9\"); _exit(0); }\nint solve(int n) { return 1; }",
        ONLY_RE,
    ),
    "K40 prints at the end": ("struct A { ~A() { puts(\"9\"); } } a;\nint solve(int n) { return 1; }", ONLY_WA),
    "K40 leaves by assembly": (
        'int solve(int n) { asm volatile("mov $60, %eax; xor %edi, %edi; syscall"); return 1; }',
        ONLY_RE,
    ),
    "K41 runs others": ('int solve(int n) { system("echo 9"); execl("/bin/sh", "sh", "-c", "echo 9", nullptr); return 1; }', TOLD),
    "K46 overloads everything": (
        "struct Any { template <class T> operator T() const { return T(); } };\nAny solve(int n) { return {}; }",
        (*TOLD, Verdict.COMPILE_ERROR),
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", CPP_ATTACKS)
def test_nothing_is_gained_in_cpp_by(name: str, compiler: Compiler):
    if RUNNERS["cpp"].missing():
        pytest.skip("g++ is missing")
    source, verdicts = CPP_ATTACKS[name]
    box = Boxes(lambda zygote: open_box(Tier.NAMESPACES))

    judgement = judged(box, compiler, "cpp", source, [call("solve", 3, expected=9)], limits=QUICK)

    box.close()
    assert judgement.verdict in verdicts, judgement
    assert judgement.reward == 0.0
