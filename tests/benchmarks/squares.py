"""Programs that read n and print n²: almost no work of their own, so that what is measured is ours."""

from collections.abc import Sequence
from dataclasses import dataclass

from tests.benchmarks.work import Entry, Task

PRELUDE = """\
import sys, os, math, random, re, string, itertools, functools, operator, heapq, bisect, copy, datetime, json
from typing import *
from collections import *
from itertools import accumulate, combinations, permutations, product
from functools import cache, lru_cache, reduce
from heapq import heapify, heappop, heappush
from bisect import bisect_left, bisect_right
from math import ceil, comb, floor, gcd, inf, sqrt
"""
PYTHON = "print(int(input()) ** 2)\n"
NUMPY = "import numpy as np\nprint(int(np.int64(int(input())) ** 2))\n"
CPP = "#include <bits/stdc++.h>\nusing namespace std;\nint main() { long long n; cin >> n; cout << n * n << '\\n'; }\n"
JAVA = """\
import java.util.*;

public class Main {
    public static void main(String[] arguments) {
        long n = new Scanner(System.in).nextLong();
        System.out.println(n * n);
    }
}
"""
NODE = "const n = BigInt(require('fs').readFileSync(0, 'utf8').trim());\nconsole.log(String(n * n));\n"


@dataclass(frozen=True, slots=True)
class Square:
    """The program in one language, with what a bare loop calls to build and to run it."""

    name: str
    title: str
    language: str
    source: str
    comment: str
    file: str
    build: Sequence[str]
    run: Sequence[str]
    executables: Sequence[str]

    def tagged(self, tag: str) -> str:
        """The same program as a source of its own."""
        return f"{self.source}{self.comment} {tag}\n"

    def wrong(self, tag: str) -> str:
        """A program that is wrong about the last test."""
        return (
            self.tagged(tag)
            .replace("int(input())", "min(18, int(input()))")
            .replace("cin >> n;", "cin >> n; n = min(n, 18LL);")
        )

    def task(self, tag: str, *, submissions: int, tests: int = 20, wrong: int = 0) -> Task:
        """Submissions that differ from each other, the last of them wrong ones, on tests of their own."""
        entries = [Entry(self.language, self.tagged(f"{tag}.{number}")) for number in range(submissions - wrong)]
        entries += [Entry(self.language, self.wrong(f"{tag}.w{number}"), "wrong_answer") for number in range(wrong)]
        return Task(f"{self.name} {tag}", square_tests(tests), entries)


def square_tests(number: int) -> list[tuple[str, str]]:
    return [(f"{n}\n", f"{n * n}\n") for n in range(number)]


def _python(name: str, title: str, source: str, interpreter: str = "python") -> Square:
    executable = {"python": "python3", "pypy": "pypy3"}[interpreter]
    return Square(name, title, interpreter, source, "#", "main.py", (), (executable, "main.py"), (executable,))


LIGHT = (
    _python("python", "Python, light", PYTHON),
    _python("python_prelude", "Python, usual prelude", PRELUDE + PYTHON),
    _python("python_numpy", "Python, numpy", NUMPY),
    _python("pypy", "PyPy, light", PYTHON, "pypy"),
    Square("node", "JavaScript (Node.js)", "javascript", NODE, "//", "main.js", (), ("node", "main.js"), ("node",)),
)
BUILD_CPP = ("g++", "-O2", "-std=gnu++17", "-o", "main", "main.cpp")
COMPILED = (
    Square("cpp", "C++", "cpp", CPP, "//", "main.cpp", BUILD_CPP, ("./main",), ("g++",)),
    Square(
        "java", "Java", "java", JAVA, "//", "Main.java", ("javac", "Main.java"), ("java", "Main"), ("javac", "java")
    ),
)
SQUARES = {square.name: square for square in (*LIGHT, *COMPILED)}
