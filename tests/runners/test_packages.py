"""Packages judged in the boxes of this machine: programs of several files, validators, dialogues."""

from pathlib import Path

import pytest

from sandbox_service.packages import read_package
from sandbox_service.runners import read_runners
from sandbox_service.settings import Settings
from sandbox_service.verification import Finding, planned, verify
from tests.runners.test_examples import needs

RUNNERS = read_runners(Settings())
SQUARES = {
    "problem.yaml": "name: Squares\nlimits: {time_limit: 5}\n",
    "data/sample/1.in": "3\n",
    "data/sample/1.ans": "9\n",
}

# Folders that are one program each.
FOLDERS = {
    "java": {
        "Main.java": "import deep.A;\npublic class Main { public static void main(String[] a) { A.square(); } }",
        "A.java": "package deep;\npublic class A { public static void square() {"
        " int n = new java.util.Scanner(System.in).nextInt(); System.out.println(n * n); } }",
    },
    "cpp": {
        "square.cc": '#include "square.hpp"\nint square(int n) { return n * n; }',
        "square.hpp": "int square(int);",
        "start.cc": '#include "square.hpp"\n#include <iostream>\n'
        "int main() { int n; std::cin >> n; std::cout << square(n); }",
    },
    "python": {"main.py": "import other\nprint(other.square(int(input())))", "other.py": "def square(n): return n * n"},
}

EVEN = """\
import sys
accepted, wrong = 42, 43
words = sys.stdin.read().split()
sys.exit(accepted if len(words) == 1 and int(words[0]) % 2 == 0 and sys.argv[4:] == ['flag'] else wrong)
"""
GUESS = """\
import sys
secret = int(open(sys.argv[1]).read())
for _ in range(8):
    line = sys.stdin.readline()
    if not line.strip():
        sys.exit(43)
    guess = int(line)
    print('correct' if guess == secret else 'lower' if guess > secret else 'higher', flush=True)
    if guess == secret:
        sys.exit(42)
sys.exit(43)
"""
BISECT = """\
low, high = 1, 100
while True:
    middle = (low + high) // 2
    print(middle, flush=True)
    said = input()
    if said == 'correct': break
    low, high = (low, middle - 1) if said == 'lower' else (middle + 1, high)
"""


def found(tmp_path: Path, files: dict[str, str]) -> dict[str, Finding]:
    for name, content in {**SQUARES, **files}.items():
        path = tmp_path / "package" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(content)
    package = read_package(tmp_path / "package")
    assert (package.faults, package.lacking) == ((), None)
    settings = Settings(workers=1)
    (findings,) = verify(planned([package], settings), settings, lambda _package, _finding: None)
    assert findings.is_whole
    return {finding.id: finding for finding in findings.findings}


@pytest.mark.parametrize("language", FOLDERS)
def test_a_folder_is_one_program(tmp_path: Path, language: str) -> None:
    needs(RUNNERS[language])

    findings = found(tmp_path, {f"submissions/accepted/{language}/{n}": text for n, text in FOLDERS[language].items()})

    assert findings[f"accepted/{language}"].agrees, findings


def test_the_validator_of_a_package_decides_with_its_flags(tmp_path: Path) -> None:
    files = {
        "problem.yaml": "validation: custom\nvalidator_flags: flag\nlimits: {time_limit: 5}\n",
        "output_validators/even/even.py": EVEN,
        "submissions/accepted/even.py": "print(8)\n",
        "submissions/wrong_answer/odd.py": "print(9)\n",
    }

    findings = found(tmp_path, files)

    assert all(finding.agrees for finding in findings.values()), findings


def test_the_validator_of_an_interactive_package_talks(tmp_path: Path) -> None:
    files = {
        "problem.yaml": "type: interactive\nproblem_format_version: 2025-09\nlimits: {time_limit: 5}\n",
        "output_validator/guess.py": GUESS,
        "data/sample/1.in": "70\n",
        "submissions/accepted/bisect.py": BISECT,
        "submissions/wrong_answer/stubborn.py": "for _ in range(8): print(1, flush=True)\n",
    }

    findings = found(tmp_path, files)

    assert all(finding.agrees for finding in findings.values()), findings
