"""Test code in a box of its own: what crosses, what comes of it, whose fault a failure is."""

import pytest

from sandbox_service.models import Guarantee, Judgement, Verdict
from tests.assertions.conftest import Judge

STACK = """
class Stack:
    def __init__(self, items=()):
        self.items = list(items)
    def push(self, item):
        self.items.append(item)
        return self
    def pop(self):
        return self.items.pop()
    def __len__(self):
        return len(self.items)
    def __iter__(self):
        return iter(self.items)
    @property
    def top(self):
        return self.items[-1]
"""
SHAPES = """
import dataclasses, enum, collections

class Wrong(ValueError):
    code = 7

class Worse(Wrong):
    pass

@dataclasses.dataclass
class Point:
    x: int
    y: int
    def __add__(self, other):
        return Point(self.x + other.x, self.y + other.y)

class Colour(enum.Enum):
    RED = 1
    BLUE = 2

Pair = collections.namedtuple("Pair", "left right")

def fail(value):
    raise Worse("no", value)

def favourite():
    return Colour.BLUE

def pair():
    return Pair(1, [2])
"""
ACCEPTED = {
    "a function": ("def add(a, b): return a + b", "assert add(1, 2) == 3\nassert add('a', b='b') == 'ab'"),
    "check and its candidate": ("def add(a, b): return a + b", "def check(candidate):\n    assert candidate(1, 2) == 3"),
    "plain data": (
        "def same(x): return x",
        """
import collections, datetime, decimal, fractions
for value in (
    None, True, 0, -1, 2**64, -(2**200), 0.1, -0.0, float("inf"), 1e308, 3 + 4j, "", "\\ud800 ä", b"\\0\\xff", (), (1, (2,)),
    [1, [2, [3]]], {1: 2, (3, 4): [5]}, {1, 2}, frozenset({1}), range(3, 9, 2), slice(1, None), ..., int, bytearray(b"x"),
    decimal.Decimal("1.10"), fractions.Fraction(1, 3), datetime.date(2024, 2, 29), datetime.timedelta(1, 2, 3),
    datetime.datetime(2024, 1, 2, 3, 4, 5, 6, datetime.timezone.utc), collections.Counter("aab"),
    collections.OrderedDict([(1, 2), (0, 1)]), collections.deque([1, 2], 5), collections.defaultdict(list, {1: [2]}),
):
    got = same(value)
    assert got == value and type(got) is type(value), (got, value)
assert same(float("nan")) != same(float("nan"))
assert str(same(-0.0)) == "-0.0"
""",
    ),
    "views of a dict": (
        "def keys(d): return d.keys()\ndef items(d): return d.items()",
        "assert list(keys({1: 2})) == [1] and keys({1: 2}) == {1} and list(items({1: 2})) == [(1, 2)]",
    ),
    "what is changed in place": (
        "def sort(a):\n    a.sort(); a.append([a[0]])\ndef put(d, s): d['new'] = s; s.add(5); d.pop('old', 0)",
        "a = [3, 1]\nb = a\nassert sort(a) is None and a == [1, 3, [1]] and b is a\n"
        "d, s = {'old': 1}, {4}\nput(d, s)\nassert d == {'new': {4, 5}} and d['new'] is s",
    ),
    "one thing under two names": (
        "def both(a, b): a.append(1); return b",
        "x = [[0]]\nassert both(x[0], x) is x and x == [[0, 1]]",
    ),
    "what refers to itself": ("def knot():\n    a = [1]; a.append(a); return a", "k = knot()\nassert k[1] is k and k[0] == 1"),
    "a class with its methods": (
        STACK,
        "s = Stack([1])\ns.push([2]).push(3)\nassert len(s) == 3 and s.top == 3 and s.pop() == 3\n"
        "assert list(s) == [1, [2]] and [2] in s and 9 not in s and isinstance(s, Stack) and s\n"
        "s.items = []\nassert not s and s.items == []\n"
        "try:\n    s.pop()\nexcept IndexError as error:\n    assert 'pop from empty' in str(error)\nelse:\n    assert False",
    ),
    "operators between its objects": (SHAPES, "assert Point(1, 2) + Point(3, 4) == Point(4, 6) != Point(0, 0)"),
    "an enumeration": (SHAPES, "assert favourite() is Colour.BLUE and favourite() != Colour.RED and favourite().value == 2"),
    "a named tuple": (SHAPES, "assert pair() == (1, [2]) and pair().right == [2] and pair() == Pair(1, [2])"),
    "exceptions by their classes": (
        SHAPES,
        "import pytest\ndef test_it():\n    with pytest.raises(Wrong, match='no') as caught:\n        fail([1])\n"
        "    assert caught.value.args == ('no', [1]) and caught.value.code == 7 and isinstance(caught.value, ValueError)",
    ),
    "a function that is passed": (
        "def twice(f, x): return f(f(x))\ndef later(): return lambda a, *, b=1: a + b",
        "assert twice(lambda x: x + [1], []) == [1, 1] and later()(1, b=2) == 3",
    ),
    "an endless generator": (
        "def squares():\n    n = 0\n    while True:\n        yield n * n\n        n += 1",
        "import itertools\nassert list(itertools.islice(squares(), 100)) == [n * n for n in range(100)]",
    ),
    "a generator that fails late": (
        "def some():\n    yield from (1, 2, 3)\n    raise KeyError('end')",
        "got = []\ntry:\n    for value in some():\n        got.append(value)\nexcept KeyError:\n    got.append('end')\n"
        "assert got == [1, 2, 3, 'end']",
    ),
    "objects of the test's own classes": (
        "def total(node):\n    found = 0\n    while node:\n        found += node.value; node.seen = True; node = node.next\n"
        "    return found",
        "class Node:\n    def __init__(self, value, next=None): self.value, self.next = value, next\n"
        "last = Node(2)\nassert total(Node(1, last)) == 3 and last.seen",
    ),
    "an object that is only true or not": (
        "import re\ndef found(text): return re.search('ab', text)",
        "assert found('cab') and not found('ba') and found('ab').span() == (0, 2)",
    ),
    "the entry point of a class": (
        "class Solution:\n    def add(self, a, b): return a + b",
        "def check(candidate):\n    assert candidate(1, 2) == 3",
    ),
    "an entry point named as a builtin": ("def sum(a, b): return a + b", "assert sum(1, 2) == 3"),
    "modules that the submission imported": ("import math\ndef f(x): return math.pi * x", "assert f(2) == math.pi * 2"),
    "pytest's functions, parametrized": (
        "def add(a, b): return a + b",
        "import pytest\nfrom solution import add\n@pytest.mark.parametrize('a, b, c', [(1, 2, 3), (0, 0, 0)])\n"
        "def test_add(a, b, c):\n    assert add(a, b) == c\nclass TestMore:\n"
        "    def setup_method(self): self.one = 1\n    def test_floats(self):\n"
        "        assert add(0.1, self.one) == pytest.approx(1.1)",
    ),
    "unittest's classes": (
        "def add(a, b): return a + b",
        "import unittest\nclass T(unittest.TestCase):\n    def setUp(self): self.one = 1\n"
        "    def test_add(self): self.assertEqual(add(self.one, 2), 3)\n"
        "    def test_raises(self):\n        with self.assertRaises(TypeError): add(1, None)\n"
        "if __name__ == '__main__':\n    unittest.main()",
    ),
}  # fmt: skip
ENTRY_POINTS = {
    "check and its candidate": "add",
    "the entry point of a class": "Solution().add",
    "an entry point named as a builtin": "sum",
}
FAILS = {
    "a wrong answer": ("def add(a, b): return a - b", "assert add(1, 2) == 3", Verdict.WRONG_ANSWER),
    "None for an answer": ("def add(a, b): pass", "assert add(1, 2)[0] == 3", Verdict.WRONG_ANSWER),
    "an error": ("def add(a, b): return a.b", "assert add(1, 2) == 3", Verdict.RUNTIME_ERROR),
    "an error as it loads": ("1 / 0", "assert add(1, 2) == 3", Verdict.RUNTIME_ERROR),
    "an endless loop": ("def add(a, b):\n    while True: pass", "assert add(1, 2) == 3", Verdict.TIME_LIMIT_EXCEEDED),
    "all memory": ("def add(a, b): return len([0] * 10**9)", "assert add(1, 2) == 3", Verdict.MEMORY_LIMIT_EXCEEDED),
    "a crash": (
        "import os, signal\ndef add(a, b): os.kill(os.getpid(), signal.SIGSEGV)",
        "assert add(1, 2) == 3",
        Verdict.RUNTIME_ERROR,
    ),
    "one of many": (
        "def add(a, b): return 3",
        "def test_one():\n    assert add(1, 2) == 3\ndef test_two():\n    assert add(2, 2) == 4",
        Verdict.WRONG_ANSWER,
    ),
    "an endless answer": (
        "def add(a, b):\n    while 1: yield a",
        "assert sum(add(1, 2)) == 3",
        Verdict.TIME_LIMIT_EXCEEDED,
    ),
}


def detail(judgement: Judgement) -> str:
    return judgement.results[0].detail or ""


@pytest.mark.parametrize("name", ACCEPTED)
def test_what_a_right_submission_does_is_accepted(judge: Judge, name):
    source, assertions = ACCEPTED[name]
    entry_point = {"entry_point": ENTRY_POINTS[name]} if name in ENTRY_POINTS else {}

    judgement = judge(source, assertions, **entry_point)

    assert judgement.verdict is Verdict.ACCEPTED, (judgement.reason, judgement.results)
    assert judgement.reward == 1
    assert judgement.results[0].guarantee is Guarantee.SPLIT


@pytest.mark.parametrize("name", FAILS)
def test_what_a_wrong_submission_does_has_its_verdict(judge: Judge, name):
    source, assertions, verdict = FAILS[name]

    judgement = judge(source, assertions, limits={"cpu_seconds": 1, "memory_bytes": 2**27})

    assert (judgement.verdict, judgement.reward) == (verdict, 0), judgement


def test_a_failure_says_which_line_of_the_test_code(judge: Judge):
    judgement = judge("def add(a, b): return 4", "x = 1\nassert add(1, 2) == 3, 'sum'")

    assert detail(judgement) == "line 2: assert add(1, 2) == 3, 'sum'\nAssertionError: sum"


def test_an_error_of_the_submission_is_shown_as_python_shows_it(judge: Judge):
    judgement = judge("def add(a, b):\n    return a.b", "add(1, 2)")

    assert judgement.results[0].stderr.startswith("Traceback (most recent call last):\n")
    assert judgement.results[0].stderr.count("File") == 1
    assert judgement.results[0].stderr.endswith("AttributeError: 'int' object has no attribute 'b'\n")


@pytest.mark.parametrize("fields", [{}, {"entry_point": "add"}])
def test_a_name_that_is_not_defined_is_a_mismatch_of_signatures(judge: Judge, fields):
    judgement = judge("def plus(a, b): return a + b", "assert add(1, 2) == 3", **fields)

    assert (judgement.verdict, judgement.reason) == (Verdict.RUNTIME_ERROR, "signature_mismatch")


@pytest.mark.parametrize(
    ("assertions", "said"),
    [
        ("assert add(1, 2) ==", "does not compile"),
        ("assert 1 + 1 == 2", "asks nothing of the program"),
        ("def check(candidate): assert candidate(1, 2) == 3", "entry_point"),
        ("def test_add(tmp_path): assert add(1, 2) == 3", "fixture tmp_path"),
        ("import pytest\n@pytest.fixture\ndef x(): pass\nadd(1, 2)", "pytest.fixture"),
        ("import sys\nadd(sys, 2)", "cannot cross"),
    ],
)
def test_test_code_that_cannot_be_run_is_not_the_submissions_fault(judge: Judge, assertions, said):
    judgement = judge("def add(a, b): return a + b", assertions)

    assert (judgement.verdict, judgement.reward) == (Verdict.JUDGE_ERROR, None)
    assert said in (judgement.reason or "")


@pytest.mark.parametrize(
    "assertions",
    [
        "import pytest\ndef test_add():\n    pytest.skip('later')\n    add(1, 2)",
        "import unittest\nclass T(unittest.TestCase):\n    @unittest.skip('later')\n    def test_add(self): add(1, 2)\nadd(1, 2)",
        "import unittest\nclass T(unittest.TestCase):\n    @unittest.expectedFailure\n    def test_add(self): assert add(1, 2) == 4",
    ],
)
def test_a_test_that_does_not_run_to_its_end_does_not_pass(judge: Judge, assertions):
    assert judge("def add(a, b): return a + b", assertions).verdict is Verdict.WRONG_ANSWER


def test_nothing_of_the_talk_is_shown(judge: Judge):
    judgement = judge("def add(a, b):\n    print('hello')\n    return a + b", "assert add(1, 2) == 3")

    assert (judgement.results[0].stdout, judgement.results[0].stderr) == ("", "hello\n")


def test_files_that_the_submission_leaves_are_fetched(judge: Judge):
    judgement = judge("def write(): open('left.txt', 'w').write('1')", "write()", fetch=["left.txt"])

    assert judgement.results[0].files == {"left.txt": "MQ=="}


def test_files_beside_the_submission_are_there_for_it(judge: Judge):
    files = {"words.txt": "aGVsbG8="}  # hello

    judgement = judge("def read(): return open('words.txt').read()", "assert read() == 'hello'", files=files)

    assert judgement.verdict is Verdict.ACCEPTED, judgement


def test_numbers_of_numpy_are_numbers(judge: Judge):
    pytest.importorskip("numpy")
    judgement = judge("import numpy\ndef f(): return numpy.int64(3), numpy.float64(0.5)", "assert f() == (3, 0.5)")

    assert judgement.verdict is Verdict.ACCEPTED or "No module named 'numpy'" in judgement.results[0].stderr
