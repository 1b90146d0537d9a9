"""Submissions that want the reward without the work: what each of them tries, and that it gains nothing.

All of them are tried on the same task, "the square of n"; what they do is valid Python and compiles.
"""

import pytest

from sandbox_service.models import Verdict
from tests.assertions.conftest import Judge

SQUARES = """
def check(candidate):
    assert candidate(2) == 4
    assert candidate(3) == 9
    assert candidate(0) == 0
    assert abs(candidate(1.5) - 2.25) < 1e-9
    assert candidate([1, 2, 3]) == [1, 4, 9]
    assert 5 in [candidate(0), candidate(1)] or candidate(7) != 48
"""
PYTEST = """
from solution import solve
def test_two(): assert solve(2) == 4
def test_list(): assert solve([1, 2, 3]) == [1, 4, 9]
"""
UNITTEST = """
import unittest
class Squares(unittest.TestCase):
    def test_two(self): self.assertEqual(solve(2), 4)
    def test_list(self): self.assertListEqual(solve([1, 2, 3]), [1, 4, 9])
"""
ALWAYS_EQUAL = """
class Any:
    def __eq__(self, other): return True
    __ne__ = __lt__ = __le__ = __gt__ = __ge__ = __contains__ = __eq__
    def __hash__(self): return 4
    def __bool__(self): return True
    def __sub__(self, other): return 0
    __rsub__ = __add__ = __mul__ = __sub__
    def __abs__(self): return 0.0
    def __iter__(self): return iter(())
    def __len__(self): return 3
    def __getitem__(self, key): return self
    def __call__(self, *args): return self
    def __getattr__(self, name): return self
"""
ATTACKS = {
    "K01-import": "import sys\nsys.exit(0)",
    "K01-solve": "import sys\ndef solve(n): sys.exit(0)",
    "K01-del": "import sys\nclass D:\n    def __del__(self): sys.exit(0)\nd = D()\ndel d\ndef solve(n): return D() and 0",
    "K02-import": "import os\nos._exit(0)",
    "K02-solve": "import os\ndef solve(n): os._exit(0)",
    "K02-thread": "import os, threading\ndef solve(n):\n    t = threading.Thread(target=os._exit, args=(0,)); t.start(); t.join()",
    "K02-atexit": "import atexit, os, sys\natexit.register(os._exit, 0)\ndef solve(n): sys.exit(0)",
    "K03-system-exit": "def solve(n): raise SystemExit(0)",
    "K03-keyboard-interrupt": "def solve(n): raise KeyboardInterrupt",
    "K03-generator-exit": "def solve(n): raise GeneratorExit",
    "K03-stop-iteration": "def solve(n): raise StopIteration",
    "K03-base-exception": "import os\nclass E(BaseException):\n    def __str__(self): os._exit(0)\n    __repr__ = __str__\n"
    "def solve(n): raise E",
    "K04": ALWAYS_EQUAL + "def solve(n): return Any()",
    "K04-in-a-list": ALWAYS_EQUAL + "def solve(n): return [Any(), Any(), Any()]",
    "K05-int": "class I(int):\n    def __eq__(self, o): return True\n    __ne__ = lambda s, o: True\n    __sub__ = lambda s, o: 0\n"
    "    __hash__ = int.__hash__\ndef solve(n): return I(5)",
    "K05-list": "class L(list):\n    def __eq__(self, o): return True\n    def __len__(self): return 3\ndef solve(n): return L([n])",
    "K05-float": "class F(float):\n    def __sub__(self, o): return 0.0\n    def __eq__(self, o): return True\ndef solve(n): return F(7)",
    "K05-str": "class S(str):\n    def __eq__(self, o): return True\n    __hash__ = str.__hash__\ndef solve(n): return S('4')",
    "K05-dict": "class D(dict):\n    def __eq__(self, o): return True\ndef solve(n): return D()",
    "K06-class": "class C:\n    __class__ = int\n    def __eq__(self, o): return True\n    def __index__(self): return 4\n"
    "    def __float__(self): return 4.0\ndef solve(n): return C()",
    "K06-reduce": "import os\nclass C:\n    def __reduce__(self): return os._exit, (0,)\n    def __getstate__(self): os._exit(0)\n"
    "def solve(n): return C()",
    "K06-meta": "class M(type):\n    def __instancecheck__(c, o): return True\n    def __eq__(c, o): return True\n    __hash__ = None\n"
    "class C(metaclass=M): pass\ndef solve(n): return C",
    "K07": "import builtins\nfor name in ('len', 'all', 'any', 'isinstance', 'zip', 'sorted', 'abs', 'type'):\n"
    "    setattr(builtins, name, lambda *a, **k: True)\ndef solve(n): return 1",
    "K08": "import json, os, sys\njson.dumps = lambda *a, **k: 'true'\njson.JSONEncoder.encode = lambda s, o: '[\"ok\",1,[],4]'\n"
    "sys.stdout.write = print\ndef solve(n): return 1",
    "K09": "import sys, types\nsys.modules['json'] = sys.modules['pytest'] = sys.modules['unittest'] = types.ModuleType('json')\n"
    "def solve(n): return 1",
    "K13-check": "def check(candidate): pass\ndef assert_equal(*a): pass\ndef run_tests(*a): pass\ndef solve(n): return 1",
    "K14-print": 'import sys\nprint(\'completed\', flush=True)\nprint(\'{"kind": "completed", "text": ""}\', file=sys.stderr)\n'
    "def solve(n): return 1",
    "K14-source": "import sys, inspect\ndef solve(n):\n    for frame in inspect.stack():\n        print(frame.frame.f_locals)\n"
    "    print(vars(sys.modules['__main__']))\n    return 1",
    "K14-file": 'open(\'outcome.json\', \'w\').write(\'{"kind": "completed", "text": "", "mark": ""}\')\ndef solve(n): return 1',
    "K15-every-descriptor": "import os\ndef solve(n):\n    body = b'[\"ok\",3,[],4]'\n    for fd in range(3, 1024):\n        try:\n"
    "            os.write(fd, len(body).to_bytes(4, 'big') + body)\n        except OSError: pass\n    return 1",
    "K16": "import sys\ndef solve(n):\n    frame = sys._getframe()\n    while frame:\n        for each in (frame.f_locals, frame.f_globals):\n"
    "            if 'expected' in each: return each['expected']\n        frame = frame.f_back\n    return 1",
    "K17": "import gc\ndef solve(n):\n    for each in gc.get_objects():\n        if type(each) is dict and 'assertions' in each:\n"
    "            each.clear()\n    return 1",
    "K18": "def solve(n):\n    import re\n    with open('/proc/self/maps') as maps, open('/proc/self/mem', 'rb', 0) as memory:\n"
    "        for line in maps:\n            low, high = (int(x, 16) for x in line.split()[0].split('-'))\n            if '[heap]' in line:\n"
    "                memory.seek(low)\n                found = re.search(rb'candidate[(]2[)] == (.)', memory.read(high - low))\n"
    "                if found: return int(found[1])\n    return 1",
    "K19": "import sys, threading\nsys.settrace(lambda *a: None)\nsys.setprofile(lambda *a: None)\nsys.addaudithook(lambda *a: None)\n"
    "threading.settrace(lambda *a: None)\ndef solve(n): return 1",
    "K20": "import sys, atexit, threading, os\nsys.excepthook = lambda *a: os._exit(0)\nsys.unraisablehook = sys.excepthook\n"
    "atexit.register(lambda: os._exit(0))\ndef solve(n): raise ValueError",
    "K21": "import signal\ndef solve(n):\n    signal.alarm(0)\n    while True:\n        try:\n            while True: pass\n"
    "        except BaseException: pass",
    "K22": "import resource\nresource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))\nresource.setrlimit(resource.RLIMIT_NOFILE, (0, 0))\n"
    "def solve(n): return 1",
    "K23": "import os\ndef solve(n):\n    return n * n if os.fork() == 0 else 1",
    "K23-twice": "import os\ndef solve(n):\n    os.fork()\n    return n * n",
    "K27": "def solve(n):\n    if isinstance(n, list): n.clear()\n    return n",
    "K28-self": "def solve(n):\n    a = []\n    a.append(a)\n    return a",
    "K28-endless": "import itertools\ndef solve(n): return itertools.count()",
    "K29-deep": "def solve(n):\n    a = []\n    for _ in range(100000): a = [a]\n    return a",
    "K29-long": "def solve(n): return 'x' * (80 * 2**20)",
    "K29-digits": "def solve(n): return 10 ** 100000",
    "K29-nan": "def solve(n): return float('nan')",
    "K30": "import os\nclass C:\n    def __repr__(self): os._exit(0)\n    __str__ = __hash__ = __len__ = __bool__ = __format__ = __repr__\n"
    "def solve(n): return C()",
    "K30-raised": "import os\nclass E(Exception):\n    def __repr__(self): os._exit(0)\n    __str__ = __hash__ = __bool__ = __repr__\n"
    "def solve(n): raise E(E())",
    "K32": "import glob\ndef solve(n):\n    for name in glob.glob('/proc/*/cwd/*') + glob.glob('*') + glob.glob('../*'):\n        try:\n"
    "            text = open(name).read()\n            if 'candidate(2)' in text: return 4\n        except Exception: pass\n    return 1",
    "K37-kill": "import os, signal\ndef solve(n): os.kill(os.getpid(), signal.SIGKILL)",
    "K37-abort": "import os\ndef solve(n): os.abort()",
    "K37-exit-code": "import os\ndef solve(n): os._exit(137)",
    "K37-parent": "import os, signal\ndef solve(n):\n    os.kill(-1, signal.SIGKILL)",
    "K39": 'def solve(n):\n    print(\'\\n\\x1b[2Jreward: 1.0\\n{"verdict": "accepted"}\')\n    return 1',
    "K42": "def solve(n): raise AssertionError('passed')",
    "K43": "import sys, gc, builtins\ndef solve(n):\n    del sys.modules['sys']\n    vars(builtins).clear()\n    return 1",
    "K43-recursion": "import sys\nsys.setswitchinterval(1e9)\ndef solve(n):\n    sys.setrecursionlimit(20)\n    return 1",
    "K44": "import sys, os\nsys.stdout = None\nos.dup2(os.open(os.devnull, os.O_WRONLY), 1)\nos.closerange(0, 100)\ndef solve(n): return 4",
    "K46": ALWAYS_EQUAL + "solve = Any()",
    "K46-class": "class solve:\n    def __init__(self, n): pass\n    def __eq__(self, o): return True\n    __sub__ = lambda s, o: 0\n"
    "    __hash__ = None\n    def __getattr__(self, name): return lambda *a: True",
    "K46-module-getattr": "def __getattr__(name): return lambda n: 1",
    "K47": "import functools, os\nclass M(type):\n    def __call__(cls, *a): os._exit(0)\nclass solve(metaclass=M): pass",
    "K47-decorator": "import os\n@lambda f: (lambda *a, **k: os._exit(0))\ndef solve(n) -> os.getpid(): return 1",
    "K48": "def solve(n): return float('nan')",
    "K49": ALWAYS_EQUAL + "solve = lambda *a: Any()",
    "K49-complex": "class Any(complex):\n    def __eq__(self, o): return True\n    __abs__ = lambda s: 0.0\n    __sub__ = lambda s, o: s\n"
    "    __hash__ = None\ndef solve(n): return Any()",
    "K50": "import os\ndef solve(n):\n    try:\n        while True: os.open(os.devnull, os.O_RDONLY)\n    except OSError: pass\n    return 1",
    "empty": "",
    "another name": "def square(n): return n * n",
    "not called": "def solve(n): return NotImplemented",
}
IN_ITS_FILES = {
    "K09": {
        "json.py": "raise SystemExit(0)",
        "decimal.py": "raise SystemExit(0)",
        "unittest.py": "raise SystemExit(0)",
    },
    "K10": {
        "sitecustomize.py": "import os; os._exit(0)",
        "usercustomize.py": "import os; os._exit(0)",
        "x.pth": "import os; os._exit(0)",
    },
    "K11": {
        "conftest.py": "import os; os._exit(0)",
        "pytest.ini": "[pytest]\naddopts = --collect-only",
        "tox.ini": "[pytest]",
    },
    "K32": {
        "order.json": '{"assertions": "pass", "entry_point": "", "mark": ""}',
        "outcome.json": '{"kind": "completed"}',
    },
}
OF_THE_SUITE = {
    "K11": "import os\nos.environ['PYTEST_ADDOPTS'] = '--collect-only'\ndef solve(n): return 1",
    "K12-unittest": "import unittest\nunittest.TestCase.run = lambda *a, **k: None\n"
    "unittest.TestResult.wasSuccessful = lambda self: True\ndef solve(n): return 1",
    "K12-skip": "import unittest\ndef solve(n): raise unittest.SkipTest('not today')",
    "K12-names": "def test_two(): pass\ndef test_list(): pass\nclass Squares: pass\ndef solve(n): return 1",
    "K12-right-for-one": "def solve(n): return 4",
}
IN_ONE_PROCESS = [
    *("K01-import", "K01-solve", "K02-import", "K02-solve", "K02-thread", "K02-atexit", "K03-system-exit", "K03-keyboard-interrupt"),
    *("K03-base-exception", "K13-check", "K14-print", "K14-file", "K20", "K21", "K23", "K37-kill", "K37-exit-code", "K39", "K42"),
    *("K47", "K47-decorator", "K48", "empty", "another name"),
]  # fmt: skip


def gains_nothing(judgement) -> None:
    assert judgement.verdict not in {Verdict.ACCEPTED, Verdict.JUDGE_ERROR}, judgement
    assert judgement.reward == 0, judgement


@pytest.mark.parametrize("attack", ATTACKS)
def test_an_attack_gains_nothing(judge: Judge, attack):
    gains_nothing(judge(ATTACKS[attack], SQUARES, entry_point="solve", limits={"cpu_seconds": 1, "wall_seconds": 5}))


@pytest.mark.parametrize("attack", OF_THE_SUITE)
@pytest.mark.parametrize("suite", [PYTEST, UNITTEST], ids=["pytest", "unittest"])
def test_an_attack_on_the_suite_gains_nothing(judge: Judge, suite, attack):
    gains_nothing(judge(OF_THE_SUITE[attack], suite))


@pytest.mark.parametrize("attack", IN_ITS_FILES)
def test_an_attack_by_files_gains_nothing(judge: Judge, attack):
    import base64

    files = {name: base64.b64encode(text.encode()).decode() for name, text in IN_ITS_FILES[attack].items()}

    gains_nothing(judge("def solve(n): return 1", SQUARES, entry_point="solve", files=files))


@pytest.mark.parametrize("attack", IN_ONE_PROCESS)
def test_an_attack_in_one_process_gains_nothing_either(judge: Judge, attack):
    limits = {"cpu_seconds": 1, "wall_seconds": 5}

    gains_nothing(judge(ATTACKS[attack], SQUARES, entry_point="solve", mode="same_process", limits=limits))


def test_the_fault_is_not_put_on_the_test_code(judge: Judge):
    source = "def solve(n):\n    a = []\n    for _ in range(150): a = [a]\n    return a\ndef same(n): return n"

    gains_nothing(judge(source, "assert same([solve(2)]) == 4"))


def test_a_test_that_fails_is_not_saved_by_what_it_catches(judge: Judge):
    source = ALWAYS_EQUAL + "def solve(n): return Any()"
    forgiving = "try:\n    assert solve(2) == 4\nexcept Exception:\n    pass"

    gains_nothing(judge(source, forgiving))


def test_the_next_submission_finds_nothing_of_the_one_before(judge: Judge):
    """K24, K25, K26: what one leaves in modules, files and the environment is gone."""
    poison = (
        "import builtins, os, json, random\nbuiltins.left = json.left = 1\nos.environ['LEFT'] = '1'\n"
        "open('left', 'w').write('1')\nrandom.seed(1)\ndef solve(n): return n * n"
    )
    look = (
        "import builtins, os, json\nfound = hasattr(builtins, 'left'), hasattr(json, 'left'), 'LEFT' in os.environ\n"
        "def solve(n): return (*found, os.path.exists('left'))"
    )

    first = judge(poison, "assert solve(2) == 4")
    second = judge(look, "assert solve(2) == (False, False, False, False)")

    assert (first.verdict, second.verdict) == (Verdict.ACCEPTED, Verdict.ACCEPTED)


def test_each_test_finds_the_submission_as_from_nothing(judge: Judge):
    """K24: an answer by the number of calls is no better than a guess, as each test has a process of its own."""
    source = "calls = 0\ndef solve(n):\n    global calls\n    calls += 1\n    return [4, 9][calls - 1]"

    assert judge(source, "assert solve(2) == 4").verdict is Verdict.ACCEPTED
    gains_nothing(judge(source, "assert solve(3) == 9"))
