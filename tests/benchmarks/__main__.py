"""The engine in its strongest box against a bare loop of the same programs on one core: ratios of one run."""

import argparse
import json
import statistics
import subprocess
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

from rich.console import Console
from rich.table import Table

from sandbox_service.equipment import boxes_of, compiler_of
from sandbox_service.judge import Rules, judge
from sandbox_service.models import Job, Problem, Submission, TestCase, Verdict
from sandbox_service.runners import Runner, read_runners
from sandbox_service.sandboxes import Boxes
from sandbox_service.settings import read_settings

PRELUDE = "import sys, math, heapq, bisect, itertools\nfrom typing import *\nfrom collections import *\n"
NUMPY = "import numpy\nprint(int(numpy.int64(int(input())) ** 2))\n"
SQUARE = "print(int(input()) ** 2)\n"
CPP = "#include <bits/stdc++.h>\nint main() { long long n; std::cin >> n; std::cout << n * n; }\n"
# What to run: the language, the source, and the bare command of a file, compiled first where there is a compiler.
WORKLOADS: dict[str, tuple[str, str, Sequence[str], Sequence[str]]] = {
    "Python, light": ("python", SQUARE, (), ("/usr/bin/python3", "main")),
    "Python, usual prelude": ("python", PRELUDE + SQUARE, (), ("/usr/bin/python3", "main")),
    "Python, numpy": ("python", NUMPY, (), ("/usr/bin/python3", "main")),
    "C++": ("cpp", CPP, ("g++", "-O2", "-x", "c++", "main", "-o", "program"), ("./program",)),
}


def main() -> None:
    """Print a table and write ``bench-results/engine.json``."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--tests", type=int, default=20, help="tests of a submission")
    parser.add_argument("--repeats", type=int, default=5, help="runs, of which the median counts")
    chosen = parser.parse_args()
    runners = read_runners(read_settings())
    boxes = boxes_of(read_settings())
    box = boxes.of(None)
    tests = tuple(TestCase(stdin=f"{n}\n", expected=f"{n * n}\n") for n in range(chosen.tests))
    table = Table("workload", "bare tests/s", "engine tests/s", "ratio", title=f"one core, {box.isolation.tier} box")
    results = {}
    for name, (language, source, build, bare) in WORKLOADS.items():
        ratios, bares, engines = [], [], []
        for repeat in range(chosen.repeats):
            bares.append(chosen.tests / bare_seconds(source, build, bare, tests))
            # A comment of its own, so that no repeat finds the program compiled already.
            text = source + (f"// {repeat} {time.monotonic_ns()}\n" if language == "cpp" else f"# {repeat}\n")
            engines.append(chosen.tests / engine_seconds(text, runners[language], boxes, tests))
            ratios.append(engines[-1] / bares[-1])
        figures = {"bare": bares, "engine": engines, "ratio": ratios}
        results[name] = {kind: statistics.median(values) for kind, values in figures.items()}
        table.add_row(name, *(f"{value:.1f}" for value in results[name].values()))
    boxes.close()
    Console().print(table)
    folder = Path("bench-results")
    folder.mkdir(exist_ok=True)
    (folder / "engine.json").write_text(json.dumps(results, indent=1))


def bare_seconds(source: str, build: Sequence[str], bare: Sequence[str], tests: Sequence[TestCase]) -> float:
    """Compile once, then start the program for each test; no limits, no isolation."""
    with tempfile.TemporaryDirectory() as folder:
        Path(folder, "main").write_text(source)
        began = time.monotonic()
        if build:
            subprocess.run(build, cwd=folder, check=True)
        for test in tests:
            done = subprocess.run(bare, cwd=folder, input=test.stdin, capture_output=True, text=True, check=True)
            assert test.expected is not None
            assert done.stdout.split() == test.expected.split()
        return time.monotonic() - began


def engine_seconds(source: str, runner: Runner, boxes: Boxes, tests: tuple[TestCase, ...]) -> float:
    submission = Submission(id="s", language=runner.name, source=source)
    rules = Rules.of(Job(problem=Problem(tests=tests), submissions=(submission,)), tests)
    began = time.monotonic()
    judgement = judge(submission, rules, runner, boxes.of(runner.zygote(source)), compiler_of(read_settings()))
    assert judgement.verdict == Verdict.ACCEPTED, judgement
    return time.monotonic() - began


if __name__ == "__main__":
    main()
