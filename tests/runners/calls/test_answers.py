"""Programs whose answers want to be taken for the right ones, or to break whoever reads them."""

import pytest

from sandbox_service.models import Verdict
from tests.runners.calls.attacks import LIES, ONLY_TLE, ONLY_WA, TOLD, Attack, Judge, gains_nothing

ATTACKS: dict[str, Attack] = {
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
    "K38 is right once in many times": (
        "import os\ndef solve(n): return n * n if os.getpid() % 5 == 77 else os.urandom(1)[0] + 1000",
        ONLY_WA,
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
    "K33 echoes its argument": ("def solve(n): return n", ONLY_WA),
    "K33 answers everything": ("def solve(n): return list(range(1000))", ONLY_WA),
    "K36 answers nothing": ("def solve(n): pass", ONLY_WA),
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
}  # fmt: skip


@pytest.mark.parametrize("name", ATTACKS)
def test_nothing_is_gained_by(name: str, judge_python: Judge):
    gains_nothing(judge_python, *ATTACKS[name])
