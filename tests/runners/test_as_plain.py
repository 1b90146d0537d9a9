"""A fork of the warm interpreter is, to the program, a plain ``python3 main.py``: everything it can observe is equal."""

import builtins
import re
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import NamedTuple

import pytest

from sandbox_service.errors import SandboxUnavailable
from sandbox_service.models import Execution
from sandbox_service.runners import read_runners
from sandbox_service.sandboxes import Box, open_box
from sandbox_service.sandboxes.contract import Command, File, Step, Zygote
from sandbox_service.settings import Settings
from tests.contract.conftest import TIERS, limits

_ADDRESS = re.compile(rb"0x[0-9a-f]+")
STDIN = b"3 4\nsecond line\n\nlast without end"

RAISED = {
    f"raises {name}": f"def f(x):\n    if x:\n        raise {name}({arguments})\n\n\nf(1)"
    for name, kind in vars(builtins).items()
    if isinstance(kind, type) and issubclass(kind, Exception) and kind.__module__ == "builtins"
    for arguments in [
        "'x', b'y', 0, 1, 'z'" if name == "UnicodeDecodeError"
        else "'x', 'y', 0, 1, 'z'" if name == "UnicodeEncodeError"
        else "'y', 0, 1, 'z'" if name == "UnicodeTranslateError"
        else "'x', [ValueError(1)]" if "Group" in name
        else "'said'"
    ]
}  # fmt: skip
ENDINGS = {
    f"ends by {ending}": f"import os, sys, signal, atexit\nprint('before')\n{ending}\nprint('after')"
    for ending in [
        "sys.exit()", "sys.exit(0)", "sys.exit(3)", "sys.exit(256)", "sys.exit(-1)", "sys.exit('a reason')",
        "sys.exit(None)", "sys.exit(True)", "sys.exit([1, 2])", "raise SystemExit(7)", "raise SystemExit(1, 2)",
        "exit(4)", "quit()", "os._exit(5)", "raise KeyboardInterrupt", "raise BaseException('base')",
        "raise GeneratorExit", "os.abort()", "os.kill(os.getpid(), signal.SIGTERM)",
        "os.kill(os.getpid(), signal.SIGKILL)", "os.kill(os.getpid(), signal.SIGINT)", "1 / 0", "assert False, 'why'",
        "undefined", "import no_such_module", "from math import nothing", "[][1]", "{}['k']", "int('x')",
        "open('missing')", "'a' + 1", "None.x", "print(", "raise ValueError from KeyError('cause')",
        "class E(Exception):\n    def __str__(self): return 'own'\nraise E",
        "sys.stdout.close()", "os.close(1)", "del sys.stdout", "sys.stdout = None", "sys.exit(sys.stdin.read())",
        "sys.setrecursionlimit(50)\ndef f(): f()\nf()", "def f(n): return f(n + 1)\nf(0)",
        "sys.excepthook = lambda *a: print('hooked', a[0].__name__)\n1 / 0",
        "sys.excepthook = lambda *a: sys.exit(9)\n1 / 0", "sys.excepthook = None\n1 / 0",
        "try:\n    1 / 0\nexcept ZeroDivisionError:\n    int('y')", "atexit.register(lambda: 1 / 0)",
        "atexit.register(print, 'bye')\nsys.exit(2)", "atexit.register(os._exit, 6)", "sys.tracebacklimit = 0\n1 / 0",
        "import warnings; warnings.warn('careful')", "import warnings; warnings.warn('old', DeprecationWarning)",
        "sys.exit(2.5)", "raise type('Odd', (SystemExit,), {})(8)",
    ]
}  # fmt: skip
READING = {
    f"reads by {way}": f"import sys, os, io, fileinput\n{way}"
    for way in [
        "print(input())", "print(input('ask'), input())", "print(sys.stdin.read())", "print(sys.stdin.readline())",
        "print(sys.stdin.readlines())", "print([l for l in sys.stdin])", "print(list(map(int, input().split())))",
        "print(sys.stdin.buffer.read())", "print(sys.stdin.buffer.readline())", "print(open(0).read())",
        "print(open('/dev/stdin').read())", "print(os.read(0, 100))", "print(io.BytesIO(os.read(0, 9)).getvalue())",
        "print(input()); print(sys.stdin.read())", "print(*fileinput.input())", "input(); input(); input(); input(); input()",
        "print(sys.stdin.fileno(), sys.stdin.isatty(), sys.stdin.seekable(), sys.stdin.tell())",
        "print(sys.stdin.seek(2), sys.stdin.read(3))", "print(next(sys.stdin)); print(next(sys.stdin))",
        "print(os.fstat(0).st_size, os.isatty(0))", "print(iter(input, 'second line').__next__())",
        "sys.stdin.close(); print(sys.stdin.closed)", "sys.stdin = io.StringIO('own'); print(input())",
    ]
}  # fmt: skip
LOOKS = {
    f"looks at {what}": f"import sys, os, time, signal, gc, locale, threading, atexit, resource\nprint({what})"
    for what in [
        "__name__, __file__, __doc__, __package__, __spec__, __cached__, __builtins__, type(__loader__)",
        "sorted(globals())", "sys.argv", "sys.orig_argv", "sys.path", "sys.flags", "sys.executable", "sys.prefix",
        "sys.base_prefix", "sys.version", "sys.platform", "sys.getrecursionlimit()", "sys.gettrace(), sys.getprofile()",
        "sys.dont_write_bytecode", "sys.warnoptions", "sys._xoptions", "sys.float_info", "sys.hash_info",
        "sys.getdefaultencoding(), sys.getfilesystemencoding()", "sys.meta_path", "sys.byteorder, sys.maxsize",
        "[(s.encoding, s.errors, s.newlines, s.line_buffering, s.name, s.mode) for s in (sys.stdin, sys.stdout, sys.stderr)]",
        "sys.stdout.isatty(), sys.stdout.writable(), sys.stdout.seekable()", "sys.excepthook, sys.displayhook",
        "sys._getframe().f_back, sys._getframe().f_code.co_name, sys._getframe().f_lineno", "sys.exc_info()",
        "sys.getswitchinterval()", "sys.get_int_max_str_digits()", "os.getcwd()", "os.listdir('.')",
        "dict(os.environ)", "os.getpid() == os.getpgid(0) == os.getsid(0)", "sorted(map(int, os.listdir('/proc/self/fd')))[:3]",
        "os.umask(0)", "os.nice(0)", "os.sched_getaffinity(0)", "open('/proc/self/cmdline').read()",
        "[signal.getsignal(s) for s in sorted(signal.valid_signals())]", "signal.pthread_sigmask(signal.SIG_BLOCK, ())",
        "signal.getitimer(signal.ITIMER_REAL)", "gc.isenabled(), gc.get_threshold(), gc.get_debug()",
        "locale.getlocale(), locale.getpreferredencoding()", "threading.active_count(), threading.current_thread().name",
        "threading.current_thread() is threading.main_thread()", "threading.stack_size()",
        "[(k, resource.getrlimit(k)) for k in range(16)]", "time.tzname", "hash('a'), hash((1, 'b')), hash(b'c')",
        "__import__('__main__') is sys.modules['__main__']",
        "vars() is globals() is locals()", "dir()", "[m for m in ('numpy', 'asyncio', 'unittest') if m in sys.modules]",
        "[l for l in open('/proc/self/status') if l.startswith(('Sig', 'Cap', 'NoNew', 'Seccomp:', 'Uid', 'Gid', 'Groups'))]",
        "repr(__builtins__)[:20], hasattr(__builtins__, '__dict__')", "__annotations__", "id.__self__",
        "len(__import__('inspect').stack()), __import__('traceback').extract_stack()",
        "open(__file__).read()", "__import__('inspect').getsource(sys.modules['__main__'])",
    ]
}  # fmt: skip
WHOLE = {
    "a traceback through functions": "def a():\n    b()\n\ndef b():\n    x = [1, 2]\n    return x[5] + 1\n\n\na()",
    "a traceback over a long line": "x = {'a': {'b': None}}\nprint(x['a']['b']['c']['d'], " + ", ".join(map(str, range(40))) + ")",
    "a syntax warning": "x = 1\nprint(x is 1)",
    "an escape that is none": "print('\\d')",
    "objects that say goodbye": "class A:\n    def __del__(self): print('gone')\na = A()\nb = [A()]; b.append(b)",
    "an old object that says goodbye": "import gc\nclass A:\n    def __del__(self): print('gone')\na = A(); a.a = a\ngc.collect(); gc.collect()\nprint('on')",
    "an object grown old by itself": "class A:\n    def __del__(self): print('gone')\na = A(); a.a = a\nkept = [[i] for i in range(300000)]\nprint('on')",
    "a goodbye that fails": "class A:\n    def __del__(self): 1 / 0\na = A()\ndel a\nprint('on')",
    "goodbyes in order": "class A:\n    def __init__(s, n): s.n = n\n    def __del__(s): print(s.n)\nx = A(1); _y = A(2); z = A(3)",
    "a thread that goes on": "import threading, time\nthreading.Thread(target=lambda: (time.sleep(0.05), print('later'))).start()\nprint('main')",
    "a daemon thread": "import threading, time\nthreading.Thread(target=time.sleep, args=(9,), daemon=True).start()\nprint('main')",
    "exit functions and a thread that goes on": "import atexit, threading, time\natexit.register(print, 'bye')\nthreading.Thread(target=lambda: (time.sleep(0.05), print('later'))).start()\nprint('main')",
    "exit functions taken away": "import atexit\natexit.register(print, 'bye')\natexit._clear()\nprint('main')",
    "an executor left open": "from concurrent.futures import ThreadPoolExecutor as T\nimport atexit, time\natexit.register(print, 'bye')\nt = T(1); t.submit(lambda: (time.sleep(0.05), print('done')))\nprint('main')",
    "an executor left idle": "from concurrent.futures import ThreadPoolExecutor as T\nt = T(1); print(t.submit(abs, -1).result())",
    "a thread that ended": "import atexit, threading\natexit.register(print, 'bye')\nt = threading.Thread(target=print, args=('in',)); t.start(); t.join(); print('main')",
    "a thread that fails": "import threading\nt = threading.Thread(target=lambda: 1 / 0, name='T'); t.start(); t.join(); print('on')",
    "a deep thread": "import sys, threading\nsys.setrecursionlimit(10**6); threading.stack_size(128 << 20)\ndef f(n): return n and 1 + f(n - 1)\nt = threading.Thread(target=lambda: print(f(50000))); t.start(); t.join()",
    "deep recursion": "import sys\nsys.setrecursionlimit(40000)\ndef f(n): return n and 1 + f(n - 1)\nprint(f(30000))",
    "the depth it reaches": "import sys\ndef f(n):\n    global most\n    most = n\n    f(n + 1)\ntry: f(1)\nexcept RecursionError: print(most)",
    "a fork": "import os, sys\npid = os.fork()\nif not pid: print('child'); sys.exit(3)\nprint(os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]))",
    "forks that draw numbers": "import os, random\nr, w = os.pipe()\nif not os.fork(): os.write(w, str(random.random()).encode()); os._exit(0)\nos.wait(); print(os.read(r, 99).decode() != str(random.random()))",
    "processes": "import multiprocessing as m\ndef f(x): return x * x\nif __name__ == '__main__':\n    with m.get_context('fork').Pool(2) as p: print(p.map(f, range(5)))",
    "processes started anew": "import multiprocessing as m\ndef f(q): q.put(42)\nif __name__ == '__main__':\n    c = m.get_context('spawn'); q = c.Queue(); p = c.Process(target=f, args=(q,)); p.start(); print(q.get()); p.join()",
    "executors": "from concurrent.futures import ThreadPoolExecutor as T\nwith T(2) as t: print(list(t.map(abs, [-1, -2])))",
    "asyncio": "import asyncio\nasync def f(): await asyncio.sleep(0); return 5\nprint(asyncio.run(f()))",
    "itself as another process": "import subprocess, sys\nprint(subprocess.run([sys.executable, '-c', 'import sys; print(sys.path[1:], sys.flags)'], capture_output=True, text=True).stdout)",
    "dataclasses and pickles": "import pickle\nfrom dataclasses import dataclass\n@dataclass\nclass P:\n    x: int\nprint(pickle.loads(pickle.dumps(P(3))), P.__module__)",
    "annotations": "from __future__ import annotations\nx: int = 3\ndef f(a: Nothing) -> None: ...\nprint(__annotations__, f.__annotations__)",
    "exec and eval": "exec('y = 2'); print(eval('y + 1'), compile('z', 'f', 'eval').co_filename)\nexec('1 / 0')",
    "a module of its own": "open('mod.py', 'w').write('import sys\\nX = __name__, __file__\\n')\nimport mod\nprint(mod.X)\nimport os; print(sorted(os.listdir('.')))",
    "its own __main__": "import __main__\n__main__.z = 4\nprint(z)",
    "names that shadow": "list = 3\nprint = print\nprint(list)",
    "star imports": "from math import *\nfrom collections import *\nfrom typing import *\nfrom itertools import *\nprint(sorted(globals()))",
    "alarms": "import signal, time\nsignal.signal(signal.SIGALRM, lambda *a: print('rang'))\nsignal.setitimer(signal.ITIMER_REAL, 0.02)\ntime.sleep(0.1)",
    "an interrupt handled": "import os, signal\ntry: os.kill(os.getpid(), signal.SIGINT); import time; time.sleep(1)\nexcept KeyboardInterrupt: print('caught')",
    "a broken pipe": "import os\nr, w = os.pipe(); os.close(r)\ntry: os.write(w, b'x')\nexcept BrokenPipeError as e: print(e)",
    "errors before output": "import sys\nprint('out'); print('err', file=sys.stderr); print('out')",
    "output without an end": "import sys\nsys.stdout.write('x' * 100000)",
    "bytes that are no text": "import sys\nsys.stdout.buffer.write(bytes(range(256)))",
    "text of many scripts": "print('é日本 \\U0001f600 \\udcff'.encode('utf-8', 'surrogateescape'))\nprint('é日本')",
    "seeded numbers": "import random\nrandom.seed(7); print(random.random(), random.sample(range(99), 5))",
    "an empty program": "",
    "a comment": "# nothing",
    "a docstring": "'''said'''\nprint(__doc__)",
    "a huge literal": "x = [" + "1, " * 20000 + "]\nprint(len(x))",
    "a main guard": "def main(): print('main')\n\n\nif __name__ == '__main__':\n    main()",
    "classes and closures": "class A:\n    x = [i for i in range(3)]\n    def f(self): return lambda: (self.x, __class__)\nprint(A().f()())",
    "generators left open": "def g():\n    try: yield 1\n    finally: print('closed')\nx = g(); print(next(x))",
    "a context left open": "class C:\n    def __enter__(s): return s\n    def __exit__(s, *a): print('left', a[0])\nwith C(): 1 / 0",
    "weak references": "import weakref\nclass A: pass\na = A(); r = weakref.ref(a, lambda r: print('dead')); del a; print(r())",
    "finalizers": "import weakref\nclass A: pass\na = A(); weakref.finalize(a, print, 'finalized')",
    "a hook for what cannot be raised": "import sys\nsys.unraisablehook = lambda u: print('hook', u.exc_type.__name__)\nclass A:\n    def __del__(s): 1 / 0\nA()",
    "frames and tracebacks": "import sys, traceback\ndef f():\n    print(traceback.format_stack())\n    return sys._getframe(1).f_back\nprint(f())",
    "logging": "import logging\nlogging.warning('careful')\nlogging.getLogger('x').error('bad')",
    "decimals": "from decimal import *\nprint(getcontext(), Decimal(1) / 3)",
    "locals of a class": "class A:\n    print(sorted(locals()))",
    "input echoed after a prompt": "n = input('how many? ')\nprint(n[::-1])",
}  # fmt: skip
PROGRAMS = RAISED | ENDINGS | READING | LOOKS | WHOLE


class WarmBox(NamedTuple):
    """A box with a warm interpreter, and how its programs are run."""

    box: Box
    zygote: Zygote


@pytest.fixture(scope="module", params=[(name, tier) for name in ("python", "pypy") for tier in TIERS], ids="-".join)
def warm(request: pytest.FixtureRequest) -> Iterator[WarmBox]:
    language, tier = request.param
    zygote = next(read_runners(Settings())[language].zygotes())
    try:
        with as_in_the_background_of_a_shell():
            box = open_box(tier, zygote=zygote)
    except SandboxUnavailable as error:
        pytest.skip(str(error))
    yield WarmBox(box, zygote)
    box.close()


@contextmanager
def as_in_the_background_of_a_shell() -> Iterator[None]:
    """Signals are ignored that programs are to know nothing of."""
    before = [
        (number, signal.signal(number, signal.SIG_IGN)) for number in (signal.SIGHUP, signal.SIGINT, signal.SIGQUIT)
    ]
    try:
        yield
    finally:
        for number, handler in before:
            signal.signal(number, handler)


def observed(execution: Execution) -> tuple[object, ...]:
    said = [_ADDRESS.sub(b"0x", output) for output in (execution.stdout, execution.stderr)]
    return execution.outcome, execution.exit_code, execution.signal, *said


@pytest.mark.parametrize("what", PROGRAMS)
def test_a_program_cannot_tell(warm: WarmBox, what: str) -> None:
    box, zygote = warm
    command = Command(zygote.argv, {"main.py": File(PROGRAMS[what].encode())}, zygote.environment)
    compiled = box.run(replace(command, step=Step.COMPILE), limits(), collect=("main.code",))

    plain = box.run(command, limits(cpu_seconds=5), stdin=STDIN)

    if "main.code" not in compiled.files:  # a syntax error is told before anything runs
        assert (compiled.exit_code, plain.exit_code) == (1, 1)
        assert box.run(replace(command, step=Step.FIRST_RUN), limits(), stdin=STDIN).compiled is None
        return
    forked = box.run(
        replace(command, step=Step.RUN, code=compiled.files["main.code"]), limits(cpu_seconds=5), stdin=STDIN
    )
    first = box.run(replace(command, step=Step.FIRST_RUN), limits(cpu_seconds=5), stdin=STDIN)
    assert observed(forked) == observed(plain)
    assert observed(first) == observed(plain)
    assert first.compiled is not None


def test_two_programs_draw_different_numbers(warm: WarmBox) -> None:
    box, zygote = warm
    source = b"import os, random, uuid\nprint(random.random(), random.SystemRandom().random(), os.urandom(8).hex(), uuid.uuid4())"
    command = Command(zygote.argv, {"main.py": File(source)}, zygote.environment)
    compiled = box.run(replace(command, step=Step.COMPILE), limits(), collect=("main.code",))
    forked = replace(command, step=Step.RUN, code=compiled.files["main.code"])

    first, second = (box.run(forked, limits()).stdout.split() for _ in range(2))

    assert len(first) == len(second) == 4
    assert not set(first) & set(second)
