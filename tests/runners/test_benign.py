"""Honest programs that lesser judges fail are accepted."""

import re

import pytest

from sandbox_service.compilers import Compiler
from sandbox_service.equipment import boxes_of
from sandbox_service.judge import Rules, judge
from sandbox_service.models import Job, Judgement, Verdict
from sandbox_service.runners import Runner, find, read_runners, toolchain_version
from sandbox_service.sandboxes import Box, Boxes
from sandbox_service.settings import Settings
from tests.runners.honest import MORE_PROGRAMS
from tests.runners.test_examples import needs

SETTINGS = Settings()
RUNNERS = read_runners(SETTINGS)
MIB = 2**20
READ = "new java.util.Scanner(System.in).nextInt()"
MAIN = f"public static void main(String[] a) {{ System.out.println({READ} * 2); }}"

# Each reads 21 and answers 42.
PYTHON = {
    "exits by itself": "import sys\nprint(int(input()) * 2)\nsys.exit(0)",
    "M02 exits at once after a flush": "import os\nprint(int(input()) * 2, flush=True)\nos._exit(0)",
    "reads bytes": "import sys\nprint(int(sys.stdin.buffer.read()) * 2)",
    "opens descriptor 0": "print(int(open(0).read()) * 2)",
    "iterates over its input": "import sys\nfor line in sys.stdin:\n    print(int(line) * 2)",
    "has a main guard": "if __name__ == '__main__':\n    print(int(input()) * 2)\nelse:\n    print('imported')",
    "imports from the future": "from __future__ import annotations\ndef f(x: Nothing): return x\nprint(f(42))",
    "has a coding line": "# -*- coding: utf-8 -*-\nword = 'é'\nprint(42 if len(word) == 1 else word)",
    "has a byte order mark": "\ufeffprint(int(input()) * 2)",
    "has DOS line ends": "n = int(input())\r\nif n:\r\n    print(n * 2)\r\n",
    "writes to standard error": "import sys\nsys.stderr.write('x' * 1000000)\nprint(42)",
    "M28 writes another script": "import sys\nprint('é日本', file=sys.stderr)\nprint(42)",
    "M14 does not read its input": "print(42)",
    "M14 reads a part of its input": "import os\nprint(int(os.read(0, 2)) * 2)",
    "writes a file": "with open('note', 'w') as note:\n    note.write('42')\nprint(open('note').read())",
    "has an at-exit hook": "import atexit\natexit.register(print, 42)",
    "recurses deep": (
        "import sys, threading\nsys.setrecursionlimit(100000)\nthreading.stack_size(64 * 2**20)\n"
        "def f(n): return 0 if n == 0 else 1 + f(n - 1)\n"
        "def main(): print(f(9000) - 8958)\n"
        "t = threading.Thread(target=main)\nt.start()\nt.join()"
    ),
    "M15 has no line end": "print(42, end='')",
    "M15 writes DOS line ends": "print(42, end='\\r\\n')",
    "knows its own file": "import os\nprint(42 if os.path.basename(__file__) == 'main.py' else __file__)",
}
CPYTHON = {
    "runs itself again": (
        "import subprocess, sys\n"
        "print(subprocess.run([sys.executable, '-c', 'print(42)'], capture_output=True, text=True).stdout)"
    ),
}
CPP = {
    "M10 recurses deep": (
        "#include <cstdio>\nint f(volatile int n) { volatile char pad[400]; pad[0] = 1; "
        'return n == 0 ? 0 : f(n - 1) + pad[0]; }\nint main() { std::printf("%d", f(100000) - 99958); }'
    ),
    "is told that it is judged": '#include <cstdio>\n#ifdef ONLINE_JUDGE\nint main() { std::puts("42"); }\n#endif',
    "M19 reserves more than it uses": (
        '#include <cstdio>\nstatic char big[3ll << 30];\nint main() { big[7] = 42; std::printf("%d", big[7]); }'
    ),
    "uses names that GNU adds": '#include <cstdio>\nint main() { typeof(1) n = 42; std::printf("%d", n); }',
    "warns a lot": "#include <cstdio>\n" + "static int unused();\n" * 5000 + 'int main() { std::printf("42"); }',
}
JAVA = {
    "public class Main": f"public class Main {{ {MAIN} }}",
    "public class of another name": f"public class Solution {{ {MAIN} }}",
    "class that is not public": f"class Solution {{ {MAIN} }}",
    "package": f"package kattis.a; public class Solution {{ {MAIN} }}",
    "several classes, main in the last": f"class A {{ int x; }} interface B {{ }} class C {{ {MAIN} }}",
    "inner classes": f"public class Out {{ class In {{ }} static class Nested {{ }} {MAIN} }}",
    "lambdas": (
        "public class L { public static void main(String[] a) { Runnable r = () -> System.out.println(42); r.run(); } }"
    ),
    "records": "record P(int x) { public static void main(String[] a) { System.out.println(new P(42).x()); } }",
    "deep recursion": (
        "class R { static int f(int n) { return n == 0 ? 0 : 1 + f(n - 1); } "
        "public static void main(String[] a) { System.out.println(f(100000) - 99958); } }"
    ),
    "M18 much garbage in a small heap": (
        "class G { public static void main(String[] a) { long s = 0; for (int i = 0; i < 3000; i++) "
        "s += new byte[1 << 20].length; System.out.println(s / s * 42); } }"
    ),
    "threads": (
        "class T { public static void main(String[] a) throws Exception { Thread[] t = new Thread[20]; int[] n = {0}; "
        "for (int i = 0; i < 20; i++) { t[i] = new Thread(() -> { synchronized (n) { n[0] += 2; } }); t[i].start(); } "
        "for (Thread x : t) x.join(); System.out.println(n[0] + 2); } }"
    ),
    "M28 another script": (
        'class Größe { public static void main(String[] a) { String ä = "日"; System.out.println(41 + ä.length()); } }'
    ),
}
JAVASCRIPT = {
    "require": "console.log(Number(require('fs').readFileSync('/dev/stdin')) * 2)",
    "readline": (
        "require('readline').createInterface({ input: process.stdin })"
        ".on('line', (line) => console.log(Number(line) * 2))"
    ),
    "exit code 0 said aloud": "console.log(42); process.exit(0)",
    "a shebang": "#!/usr/bin/env node\nconsole.log(42)",
    "M19 much garbage in a small heap": (
        "let s = 0; for (let i = 0; i < 2e6; i++) s += [i, i].length; console.log(s / s * 42)"
    ),
}
MODULES = {
    "import": "import { readFileSync } from 'fs';\nconsole.log(Number(readFileSync(0)) * 2)",
    "await at the top": "const n = await Promise.resolve(42);\nconsole.log(n)",
}
NODE_VERSION = tuple(map(int, re.findall(r"\d+", toolchain_version(RUNNERS["javascript"].version))))
if NODE_VERSION >= (20, 19):  # an older one takes every .js file for a script
    JAVASCRIPT |= MODULES
PROGRAMS = {
    "python": PYTHON | CPYTHON,
    "pypy": PYTHON,
    "cpp": CPP,
    "java": JAVA,
    "javascript": JAVASCRIPT,
    **MORE_PROGRAMS,
}
EVERY_PROGRAM = [
    pytest.param(language, source, id=f"{language}: {what}")
    for language, programs in PROGRAMS.items()
    for what, source in programs.items()
]


def judged(language: str, source: str, box: Box | Boxes, runner: Runner | None = None, **options: str) -> Judgement:
    runner = runner or find(RUNNERS, language)
    needs(runner)
    job = Job.model_validate(
        {
            "problem": {
                "tests": [{"stdin": "21\n", "expected": "42\n"}],
                "limits": {"cpu_seconds": 5, "memory_bytes": 128 * MIB},
            },
            "submissions": [{"id": "r0", "language": language, "source": source, "options": options}],
        }
    )
    assert job.problem.tests is not None
    boxes = box if isinstance(box, Boxes) else Boxes(lambda _: box)
    return judge(job.submissions[0], Rules.of(job, job.problem.tests), runner, boxes, Compiler())


@pytest.mark.parametrize(("language", "source"), EVERY_PROGRAM)
def test_an_honest_program_is_accepted(language: str, source: str, box):
    judgement = judged(language, source, box)

    assert judgement.verdict == Verdict.ACCEPTED, judgement


@pytest.mark.parametrize("standard", RUNNERS["cpp"].options["standard"].choices)
def test_every_standard_of_cpp_compiles(standard: str, box):
    year = "20" + standard.removeprefix("c++")
    source = f"#include <iostream>\nint main() {{ std::cout << (__cplusplus / 100 >= {year} - 2 ? 42 : 0); }}"

    assert judged("cpp", source, box, standard=standard).verdict == Verdict.ACCEPTED


@pytest.mark.parametrize("standard", RUNNERS["c"].options["standard"].choices)
def test_every_standard_of_c_compiles(standard: str, box):
    source = '#include <stdio.h>\n#include <math.h>\nint main(void) { double x = 42; printf("%.0f", sqrt(x * x)); }'

    assert judged("c", source, box, standard=standard, optimisation="O0").verdict == Verdict.ACCEPTED


@pytest.mark.parametrize(
    ("target", "constants_hold"),
    [(target, target != "es5") for target in RUNNERS["typescript"].options["target"].choices],
)
def test_every_target_of_typescript_is_its_own_language(target: str, constants_hold: bool, box):
    source = "const sum = 0;\nfor (const n of new Set([20, 22])) sum += n;\nconsole.log(sum);"

    checked = judged("typescript", source, box, target=target)
    ignored = judged("typescript", source, box, target=target, types="ignored")

    assert checked.verdict is Verdict.COMPILE_ERROR
    assert ignored.verdict is (Verdict.RUNTIME_ERROR if constants_hold else Verdict.ACCEPTED)


@pytest.mark.parametrize(
    ("language", "source"),
    [
        ("python", "print(42)\nraise ValueError('no')"),
        ("pypy", "print(42)\nraise ValueError('no')"),
        ("java", "class M { public static void main(String[] a) { throw new IllegalStateException(); } }"),
        ("javascript", "console.log(42); throw new Error('no')"),
    ],
    ids="M29 {}".format,
)
def test_an_uncaught_exception_is_a_runtime_error_with_exit_code_1(language: str, source: str, box):
    judgement = judged(language, source, box)

    assert (judgement.verdict, judgement.results[0].exit_code) == (Verdict.RUNTIME_ERROR, 1)


SUMS = """\
#include <cstdio>
#include <vector>
extern "C" const char *__asan_default_options() { return "detect_leaks=0"; }  // which would trace the process
int main() {
    int n;
    std::scanf("%d", &n);
    std::vector<int> twice(1000, n * 2);
    std::printf("%d", twice[AT]);
}
"""


@pytest.mark.parametrize(
    ("flags", "at", "verdict"),
    [
        pytest.param((), 999, Verdict.ACCEPTED, id="M20 off"),
        pytest.param(("-fsanitize=address,undefined",), 999, Verdict.ACCEPTED, id="M20 on"),
        pytest.param(("-fsanitize=address,undefined",), 1000, Verdict.RUNTIME_ERROR, id="M20 on, with a fault"),
    ],
)
def test_sanitizers_work_in_a_box_that_holds(flags: tuple[str, ...], at: int, verdict: Verdict):
    runner = RUNNERS["cpp"]
    needs(runner)
    assert runner.compile is not None
    compiler, *rest = runner.compile.argv
    step = runner.compile.model_copy(update={"argv": (compiler, *flags, *rest)})
    boxes = boxes_of(SETTINGS)
    try:
        judgement = judged("cpp", SUMS.replace("AT", str(at)), boxes, runner.model_copy(update={"compile": step}))
    finally:
        boxes.close()

    assert judgement.verdict is verdict, judgement


@pytest.mark.parametrize("language", ["c", "cpp", "java"])
def test_an_empty_source_does_not_compile(language: str, box):
    assert judged(language, "", box).verdict == Verdict.COMPILE_ERROR


@pytest.mark.parametrize("language", ["python", "pypy", "javascript"])
def test_an_empty_source_prints_nothing(language: str, box):
    assert judged(language, "", box).verdict == Verdict.WRONG_ANSWER


@pytest.mark.parametrize("language", ["python", "pypy"])
@pytest.mark.parametrize("source", ["(" * 100_000, "-" * 1_000_000 + "1", "x = 1 if", "\tx\n  y", "'\\N{no such}'"])
def test_a_source_that_no_parser_takes_is_a_verdict(language: str, source: str, box):
    assert judged(language, source, box).verdict in (Verdict.COMPILE_ERROR, Verdict.RUNTIME_ERROR)


def test_a_syntax_error_is_shown_as_the_interpreter_shows_it(box):
    judgement = judged("python", "n = int(input()\nprint(n)\n", box)

    assert judgement.compilation is not None
    assert judgement.compilation.log.startswith('  File "main.py", line 1\n')
