"""An interactor decides, unless the submission failed before it did; whoever is to blame gets the blame."""

from collections.abc import Mapping
from typing import Any

import pytest

from sandbox_service.models import Judgement, Verdict
from tests.trials.conftest import Judge

ACCEPTED, WRONG_ANSWER, JUDGE_ERROR = Verdict.ACCEPTED, Verdict.WRONG_ANSWER, Verdict.JUDGE_ERROR
RUNTIME_ERROR, TIME_LIMIT = Verdict.RUNTIME_ERROR, Verdict.TIME_LIMIT_EXCEEDED

# A number below 1000 is to be guessed with ten questions.
GUESSING_CPP = r"""
#include <cstdio>
#include <csignal>
#include <string>
int end(const char *feedback, const char *what, int code) {
    FILE *file = fopen((std::string(feedback) + "judgemessage.txt").c_str(), "w");
    if (!file) return 1;
    fputs(what, file);
    fclose(file);
    return code;
}
int main(int count, char **arguments) {
    signal(SIGPIPE, SIG_IGN);
    int secret, guess;
    FILE *given = fopen(arguments[1], "r");
    if (count < 4 || !given || fscanf(given, "%d", &secret) != 1) return 1;
    for (int questions = 0; questions < 10; ++questions) {
        if (scanf("%d", &guess) != 1) return end(arguments[3], "no guess", 43);
        puts(guess == secret ? "correct" : guess < secret ? "higher" : "lower");
        fflush(stdout);
        if (guess == secret) return end(arguments[3], "guessed", 42);
    }
    return end(arguments[3], "too many questions", 43);
}
"""
GUESSING_PYTHON = """
import sys
secret = int(open(sys.argv[1]).read())
def end(what, code):
    open(sys.argv[3] + 'judgemessage.txt', 'w').write(what)
    sys.exit(code)
for _ in range(10):
    line = sys.stdin.readline().strip()
    if not line.isdecimal(): end('no guess', 43)
    guess = int(line)
    print('correct' if guess == secret else 'higher' if guess < secret else 'lower', flush=True)
    if guess == secret: end('guessed', 42)
end('too many questions', 43)
"""
BISECTING_PYTHON = """
low, high = 0, 999
while True:
    middle = (low + high) // 2
    print(middle, flush=True)
    answer = input()
    if answer == 'correct': break
    if answer == 'lower': high = middle - 1
    else: low = middle + 1
"""
BISECTING_CPP = r"""
#include <iostream>
int main() {
    int low = 0, high = 999;
    std::string answer;
    for (;;) {
        int middle = (low + high) / 2;
        std::cout << middle << std::endl;
        if (!(std::cin >> answer) || answer == "correct") return 0;
        if (answer == "lower") high = middle - 1; else low = middle + 1;
    }
}
"""
TESTS = [{"stdin": "777\n"}, {"stdin": "0\n"}]


def kattis(source: str, language: str = "python", **more: Any) -> Mapping[str, Any]:
    return {"protocol": "kattis", "language": language, "source": source, **more}


def guessing(language: str = "cpp") -> Mapping[str, Any]:
    source = GUESSING_CPP if language == "cpp" else GUESSING_PYTHON
    return {"tests": TESTS, "interactor": kattis(source, language)}


def with_interactor(source: str, **more: Any) -> dict[str, Any]:
    return {"tests": [{"stdin": "5"}], "interactor": kattis(source, **more)}


def failed(judgement: Judgement, reason: str) -> bool:
    assert (judgement.verdict, judgement.reward, judgement.score) == (JUDGE_ERROR, None, None)
    assert judgement.reason is not None
    return reason in judgement.reason


@pytest.mark.parametrize("interactor", ["cpp", "python"])
@pytest.mark.parametrize(("source", "language"), [(BISECTING_PYTHON, "python"), (BISECTING_CPP, "cpp")])
def test_a_submission_that_plays_well_is_accepted(judged: Judge, interactor: str, source: str, language: str) -> None:
    judgement = judged(source, guessing(interactor), language=language)

    assert (judgement.verdict, judgement.reward, judgement.passed) == (ACCEPTED, 1.0, 2)
    assert judgement.results[0].message == "guessed"
    assert judgement.results[0].stdout.startswith("499\n749\n")


@pytest.mark.parametrize("interactor", ["cpp", "python"])
@pytest.mark.parametrize(
    ("source", "message"),
    [
        ("for guess in range(1000): print(guess, flush=True); input()", "too many questions"),
        ("print('seven', flush=True)", "no guess"),
        ("pass", "no guess"),
    ],
)
def test_a_submission_that_plays_badly_is_refused(judged: Judge, interactor: str, source: str, message: str) -> None:
    judgement = judged(source, {**guessing(interactor), "tests": TESTS[:1]})

    assert (judgement.verdict, judgement.reward) == (WRONG_ANSWER, 0.0)
    assert judgement.results[0].message == message


# ---------------------------------------------------------------- who is to blame

ACCEPTING = "import sys; sys.exit(42)"
REFUSING = "import sys; sys.exit(43)"
READING = "import sys\nsys.exit(42 if sys.stdin.read().split() == ['5'] else 43)"
ONE_LINE = "import sys\nsys.exit(42 if sys.stdin.readline() else 43)"
LATE = "import sys, time\ntime.sleep(0.3)\n"
SHOUTING = "while True: print('x' * 999)"
PATIENT = {"limits": {"cpu_seconds": 1, "wall_seconds": 20}}
QUIET = {"limits": {"cpu_seconds": 1, "wall_seconds": 20, "output_bytes": 10_000}}
WRITING = "for _ in range(1000): print('x' * 999)\n"
OUTPUT_LIMIT, MEMORY_LIMIT = Verdict.OUTPUT_LIMIT_EXCEEDED, Verdict.MEMORY_LIMIT_EXCEEDED

DIALOGUES = {
    "closing its stdout is the end of an answer": (
        "import os, time\nprint(5, flush=True); os.close(1); time.sleep(0.5)",
        READING,
        ACCEPTED,
    ),
    "closing it before an answer": ("import os, time\nos.close(1); time.sleep(0.5)", READING, WRONG_ANSWER),
    "closing its stdin, to which the interactor writes on": (
        "import os\nos.close(0); print(5)",
        WRITING + READING,
        ACCEPTED,
    ),
    "leaving without an answer": ("pass", f"print('5 or 6?', flush=True)\n{READING}", WRONG_ANSWER),
    "leaving, while the interactor writes on": (
        "print(5)",
        f"import signal\nsignal.signal(signal.SIGPIPE, signal.SIG_DFL)\n{LATE}{WRITING}{READING}",
        ACCEPTED,
    ),
    "answering before the question": (
        "print(5, flush=True); assert input() == 'what?'",
        f"{LATE}print('what?', flush=True)\n{READING}",
        ACCEPTED,
    ),
    "writing more than a pipe holds to somebody who does not read yet": (
        "print('5\\n' * 300_000)",
        f"{LATE}sys.exit(42 if len(sys.stdin.read().split()) == 300_000 else 43)",
        ACCEPTED,
    ),
    "never flushing": ("import sys\nsys.stdout.write('5\\n'); sys.stdin.readline()", ONE_LINE, TIME_LIMIT),
    "never saying anything": ("import sys, time\nsys.stdin.readline(); time.sleep(100)", ONE_LINE, TIME_LIMIT),
    "an interactor that never says anything": ("input()", "import sys\nsys.stdin.read(); sys.exit(42)", TIME_LIMIT),
    "talking without end": (
        "while True: print('5', flush=True); input()",
        "while True: input(); print('and?', flush=True)",
        TIME_LIMIT,
    ),
    "a flood": ("while True: print('5' * 1000)", "import sys\nfor line in sys.stdin: pass\nsys.exit(42)", OUTPUT_LIMIT),
    "refused while it waits": ("input()", REFUSING, WRONG_ANSWER),
    "refused while it sleeps": ("import time; time.sleep(100)", REFUSING, WRONG_ANSWER),
    "refused, and crashing afterwards": ("import time; time.sleep(0.5); raise SystemExit(1)", REFUSING, WRONG_ANSWER),
    "accepted, and ending well": ("import sys; sys.stdin.read()", ACCEPTING, ACCEPTED),
    "accepted, and crashing afterwards": ("import sys; sys.stdin.read(); sys.exit(1)", ACCEPTING, RUNTIME_ERROR),
    "accepted, and sleeping on": ("import time; time.sleep(100)", ACCEPTING, TIME_LIMIT),
    "accepted, and computing on": ("while True: pass", ACCEPTING, TIME_LIMIT),
    "crashing at once": ("raise SystemExit(1)", READING, RUNTIME_ERROR),
    "killing itself, so that the interactor crashes": (
        "import os; os.kill(os.getpid(), 9)",
        "assert input()",
        RUNTIME_ERROR,
    ),
    "being killed for its time, so that the interactor crashes": ("while True: pass", "assert input()", TIME_LIMIT),
    "being killed for its memory, so that it crashes": ("x = bytearray(2**30)", "assert input()", MEMORY_LIMIT),
}


@pytest.mark.parametrize("dialogue", DIALOGUES, ids="K35 {}".format)
def test_the_right_side_is_blamed(judged: Judge, dialogue: str) -> None:
    submission, interactor, verdict = DIALOGUES[dialogue]
    problem = {**with_interactor(interactor), "limits": {"cpu_seconds": 1, "wall_seconds": 3, "memory_bytes": 2**26}}

    judgement = judged(submission, problem)

    assert judgement.verdict is verdict
    assert judgement.reward == float(verdict is ACCEPTED)


@pytest.mark.parametrize(
    ("interactor", "reason"),
    [
        (with_interactor("1 / 0"), "ZeroDivisionError"),
        (with_interactor("import sys; sys.exit(0)"), "the problem's interactor exited with code 0"),
        (with_interactor("import os; os.abort()"), "killed by signal 6"),
        (with_interactor(SHOUTING, limits={"output_bytes": 10_000}) | QUIET, "wrote more than it may"),
        (with_interactor("while True: pass", limits={"cpu_seconds": 0.3}) | PATIENT, "ran out of time"),
        (with_interactor("int main(", language="cpp"), "the problem's interactor does not compile"),
    ],
)
def test_an_interactor_that_fails_concludes_nothing(judged: Judge, interactor: Mapping[str, Any], reason: str) -> None:
    assert failed(judged("import sys; sys.stdin.read()", interactor), reason)


def test_waiting_for_the_interactor_costs_no_cpu_time(judged: Judge) -> None:
    slow = "import sys, time\nwhile time.process_time() < 0.4: pass\nprint('go', flush=True); sys.exit(42)"
    problem = {**with_interactor(slow), "limits": {"cpu_seconds": 0.3, "wall_seconds": 20}}

    judgement = judged("input()", problem)

    assert judgement.verdict is ACCEPTED
    assert judgement.results[0].cpu_seconds < 0.3


def test_the_answer_is_the_interactors_alone(judged: Judge) -> None:
    reading = "import sys\nsys.exit(42 if sys.stdin.read() == open(sys.argv[2]).read() else 43)"
    problem = {"tests": [{"stdin": "5", "expected": "canary"}], "interactor": kattis(reading)}
    spying = """
import os
for folder, _, names in os.walk('.'):
    for name in names:
        if name != 'main.py': print(open(os.path.join(folder, name), errors='replace').read())
"""

    assert judged("print('canary', end='')", problem).verdict is ACCEPTED
    assert "canary" not in judged(spying, problem).results[0].stdout


def test_a_test_may_have_arguments_for_the_interactor(judged: Judge) -> None:
    asking = "import sys\nsys.exit(42 if sys.stdin.readline().split() == sys.argv[4:] else 43)"
    problem = {"tests": [{"checker_arguments": ["5", "6"]}], "interactor": kattis(asking)}

    assert judged("print(5, 6)", problem).verdict is ACCEPTED
    assert judged("print(5)", problem).verdict is WRONG_ANSWER


# ---------------------------------------------------------------- testlib's

ADDING = r"""
#include <cstdio>
int main(int count, char **arguments) {
    FILE *given = fopen(arguments[1], "r"), *record = fopen(arguments[2], "w");
    int one, other, sum, n = 0;
    if (count < 4 || !given || !record) return 3;
    while (fscanf(given, "%d %d", &one, &other) == 2) {
        printf("%d %d\n", one, other);
        fflush(stdout);
        if (scanf("%d", &sum) != 1) { fprintf(stderr, "wrong answer no sum"); return 1; }
        fprintf(record, "%d\n", sum);
        ++n;
    }
    puts("0 0");
    fclose(record);
    fprintf(stderr, "ok %d sums", n);
    return 0;
}
"""
SUMS_ARE_RIGHT = """
import sys
output, answer = (open(name).read().split() for name in sys.argv[2:4])
sys.exit(0 if output == answer else 1)
"""
ANSWERING = "while True:\n    a, b = map(int, input().split())\n    if a == b == 0: break\n    print(a + b, flush=True)"


def adding(**more: Any) -> Mapping[str, Any]:
    interactor = {"protocol": "testlib", "language": "cpp", "source": ADDING}
    return {"tests": [{"stdin": "1 2\n30 4\n", "expected": "3\n34\n"}], "interactor": interactor, **more}


def test_a_testlib_interactor_decides_alone(judged: Judge) -> None:
    judgement = judged(ANSWERING, adding())

    assert (judgement.verdict, judgement.results[0].message) == (ACCEPTED, "ok 2 sums")
    assert judged("print(3)", adding()).verdict is WRONG_ANSWER


def test_it_may_leave_what_it_wrote_to_a_checker(judged: Judge) -> None:
    checker = {"name": "program", "protocol": "testlib", "language": "python", "source": SUMS_ARE_RIGHT}

    assert judged(ANSWERING, adding(checker=checker)).verdict is ACCEPTED
    assert judged(ANSWERING.replace("a + b", "a - b"), adding(checker=checker)).verdict is WRONG_ANSWER
    assert judged(ANSWERING.replace("a + b", "a - b"), adding()).verdict is ACCEPTED


# ---------------------------------------------------------------- several passes

RELAYING = """
import sys
left, feedback = int(open(sys.argv[1]).read()), sys.argv[3]
print(left, flush=True)
if sys.stdin.readline().strip() != str(left - 1): sys.exit(43)
if left > 1: open(feedback + 'nextpass.in', 'w').write(str(left - 1))
sys.exit(42)
"""


def test_a_dialogue_may_be_held_again_on_what_the_interactor_wrote(judged: Judge) -> None:
    problem = {"tests": [{"stdin": "3"}], "interactor": kattis(RELAYING), "passes": 3}

    assert judged("print(int(input()) - 1)", problem).verdict is ACCEPTED
    assert judged("n = int(input()); print(n - 1 if n > 1 else 9)", problem).verdict is WRONG_ANSWER
    assert failed(judged("print(int(input()) - 1)", {**problem, "passes": 2}), "after the last of the 'passes'")
