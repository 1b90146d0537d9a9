"""A checker program decides; when it fails, nothing is said of the submission."""

import base64
from collections.abc import Mapping
from typing import Any

import pytest

from sandbox_service.models import Judgement, Verdict
from tests.trials.conftest import Judge

ACCEPTED, WRONG_ANSWER, JUDGE_ERROR = Verdict.ACCEPTED, Verdict.WRONG_ANSWER, Verdict.JUDGE_ERROR
TESTS = [{"stdin": "10\n", "expected": "3 7\n"}]

# Any two positive numbers with the sum that the input says.
ANY_SUM_PYTHON = """
import sys
given, output, answer = (open(name).read().split() for name in sys.argv[1:4])
if [*map(len, (given, answer))] != [1, 2]:
    sys.exit(3)
if len(output) != 2 or not all(word.isdecimal() for word in output):
    sys.exit('not two numbers')
sys.exit(0 if sum(map(int, output)) == int(given[0]) else 1)
"""
ANY_SUM_CPP = r"""
#include <cstdio>
#include <cstdlib>
int main(int count, char **arguments) {
    long wanted, one, other, expected;
    if (count < 4) return 3;
    FILE *given = fopen(arguments[1], "r"), *answer = fopen(arguments[2], "r");
    if (!given || !answer || fscanf(given, "%ld", &wanted) != 1 || fscanf(answer, "%ld", &expected) != 1) return 3;
    char path[1000];
    snprintf(path, sizeof path, "%sjudgemessage.txt", arguments[3]);
    FILE *message = fopen(path, "a");
    if (!message) return 3;
    if (scanf("%ld %ld", &one, &other) != 2) { fputs("not two numbers", message); fclose(message); return 43; }
    fprintf(message, "%ld and %ld", one, other);
    fclose(message);
    return one + other == wanted ? 42 : 43;
}
"""
GOOD, OTHER, BAD = "print(3, 7)", "print(6, int(input()) - 6)", "print(1, 2)"


def by_testlib(source: str = ANY_SUM_PYTHON, **more: Any) -> Mapping[str, Any]:
    return {"name": "program", "protocol": "testlib", "language": "python", "source": source, **more}


def by_kattis(source: str = ANY_SUM_CPP, **more: Any) -> Mapping[str, Any]:
    return {"name": "program", "protocol": "kattis", "language": "cpp", "source": source, **more}


def by_score(source: str, **more: Any) -> Mapping[str, Any]:
    return {"name": "program", "protocol": "score", "language": "python", "source": source, **more}


def writing(name: str, text: str, exit_code: int) -> str:
    """A checker that leaves a file in its feedback directory."""
    return f"import sys; open(sys.argv[3] + {name!r}, 'w').write({text!r}); sys.exit({exit_code})"


def failed(judgement: Judgement, reason: str) -> bool:
    assert (judgement.verdict, judgement.reward, judgement.score) == (JUDGE_ERROR, None, None)
    assert judgement.reason is not None
    return reason in judgement.reason


@pytest.mark.parametrize("checker", [by_testlib(), by_kattis()], ids=["testlib", "kattis"])
@pytest.mark.parametrize(("source", "verdict"), [(GOOD, ACCEPTED), (OTHER, ACCEPTED), (BAD, WRONG_ANSWER)])
def test_the_checker_decides(judged: Judge, checker: Mapping[str, Any], source: str, verdict: Verdict) -> None:
    judgement = judged(source, {"tests": TESTS, "checker": checker})

    assert (judgement.verdict, judgement.reward) == (verdict, float(verdict is ACCEPTED))


def test_a_program_that_fails_is_not_shown_to_the_checker(judged: Judge) -> None:
    problem = {"tests": TESTS, "checker": by_testlib("import sys; sys.exit(0)")}

    assert judged("print(3, 7); 1 / 0", problem).verdict is Verdict.RUNTIME_ERROR
    assert judged("while True: pass", problem).verdict is Verdict.TIME_LIMIT_EXCEEDED


def test_without_an_expected_output_the_checker_still_decides(judged: Judge) -> None:
    only_input = "import sys; sys.exit(open(sys.argv[2]).read() != open(sys.argv[1]).read() * 2)"

    problem = {"tests": [{"stdin": "ab"}], "checker": by_testlib(only_input)}

    assert judged("print(input() * 2, end='')", problem).verdict is ACCEPTED
    assert judged("print(input() * 3, end='')", problem).verdict is WRONG_ANSWER


def test_what_the_checker_says_is_in_the_result(judged: Judge) -> None:
    by_files = judged(BAD, {"tests": TESTS, "checker": by_kattis()})
    by_stderr = judged(BAD, {"tests": TESTS, "checker": by_testlib("import sys; sys.exit('x' * 100_000)")})

    assert by_files.results[0].message == "1 and 2"
    assert by_stderr.results[0].message == "x" * 4096


def test_files_options_and_arguments_go_with_the_checker(judged: Judge) -> None:
    header = base64.b64encode(b"inline int least() { return 5; }").decode()
    source = '#include "least.h"\n#include <cstdlib>\n#include <cstring>\n' + (
        'int main(int count, char **arguments) { if (count != 6 || std::strcmp(arguments[4], "--of")) return 1;'
        " return std::atoi(arguments[5]) >= least() ? 42 : 43; }"
    )

    def checker(least: str) -> Mapping[str, Any]:
        more = {"files": {"least.h": header}, "arguments": ["--of", least], "options": {"standard": "c++20"}}
        return by_kattis(source, **more)

    assert judged(GOOD, {"tests": TESTS, "checker": checker("5")}).verdict is ACCEPTED
    assert judged(GOOD, {"tests": TESTS, "checker": checker("4")}).verdict is WRONG_ANSWER


def test_a_test_may_have_arguments_for_the_checker(judged: Judge) -> None:
    checker = by_testlib("import sys; sys.exit(sys.argv[4:] != ['all', open(sys.argv[2]).read().strip()])")
    tests = [{"stdin": "1", "checker_arguments": ["1"]}, {"stdin": "2", "checker_arguments": ["7"]}]

    judgement = judged("print(input())", {"tests": tests, "checker": {**checker, "arguments": ["all"]}})

    assert [result.verdict for result in judgement.results] == [ACCEPTED, WRONG_ANSWER]


# ---------------------------------------------------------------- scores


@pytest.mark.parametrize(
    ("checker", "points"),
    [
        (by_score("print(0.25)"), 0.25),
        (by_score("print(1)"), 1.0),
        (by_score("print(40)", full_score=100), 0.4),
        (by_testlib("import sys; sys.stderr.write('points 0.5 half of it'); sys.exit(7)"), 0.5),
        (by_testlib("import sys; sys.stderr.write('partially correct (30)'); sys.exit(16 + 30)", full_score=100), 0.3),
        (
            by_kattis(writing("score.txt", "0.75", 42), language="python"),
            0.75,
        ),
        (
            by_kattis(
                "import sys; open(sys.argv[3] + 'score.txt', 'w').write('9'); sys.exit(42)",
                language="python",
                full_score=12,
            ),
            0.75,
        ),
        (by_kattis("import sys; sys.exit(42)", language="python"), 1.0),
    ],
)
def test_a_checker_may_score(judged: Judge, checker: Mapping[str, Any], points: float) -> None:
    judgement = judged(GOOD, {"tests": TESTS, "checker": checker})

    assert judgement.score == points
    assert judgement.results[0].score == points
    assert judgement.verdict is (ACCEPTED if points == 1 else WRONG_ANSWER)


# ---------------------------------------------------------------- failures of the checker's own


@pytest.mark.parametrize(
    ("checker", "reason"),
    [
        (by_testlib("import os; os.abort()"), "killed by signal 6"),
        (by_testlib("import sys; sys.exit(3)"), "exited with code 3"),
        (by_testlib("import sys; sys.exit(9)"), "exited with code 9"),
        (by_testlib("import sys; sys.exit(7)"), "where a score belongs"),
        (by_testlib("while True: pass", limits={"cpu_seconds": 0.2}), "ran out of time"),
        (by_testlib("import time; time.sleep(60)", limits={"wall_seconds": 0.3}), "ran out of time"),
        (by_testlib("x = bytearray(2**28)", limits={"memory_bytes": 2**26}), "ran out of memory"),
        (by_testlib("while True: print('x' * 1000)", limits={"output_bytes": 10_000}), "wrote more than it may"),
        (by_kattis("import sys; sys.exit(0)", language="python"), "exited with code 0"),
        (by_kattis("1 / 0", language="python"), "ZeroDivisionError"),
        (by_kattis(writing("score.txt", "1", 43), language="python"), "refused and wrote a score"),
        (by_kattis(writing("nextpass.in", "1", 42), language="python"), "after the last of the 'passes'"),
        (by_score("print('very good')"), "'very good' where a score belongs"),
        (by_score("print('nan')"), "no score from 0 to 1"),
        (by_score("print('1e999999999')"), "no score from 0 to 1"),
        (by_score("print(-0.1)"), "no score from 0 to 1"),
        (by_score("print(100)"), "no score from 0 to 1"),
        (by_score(""), "where a score belongs"),
    ],
)
def test_a_checker_that_fails_concludes_nothing(judged: Judge, checker: Mapping[str, Any], reason: str) -> None:
    problem = {"tests": TESTS, "checker": checker}

    assert failed(judged(GOOD, problem), reason)
    assert failed(judged(BAD, problem), reason)


def test_a_checker_that_does_not_compile_is_the_same_failure_for_every_submission(judged: Judge) -> None:
    problem = {"tests": TESTS, "checker": by_kattis("int main() { return missing; }")}

    for source in (GOOD, BAD, "while True: pass", "1 / 0"):
        judgement = judged(source, problem)

        assert failed(judgement, "the problem's checker does not compile")
        assert failed(judgement, "was not declared")
    assert judged(GOOD, {"tests": TESTS, "checker": by_kattis()}).verdict is ACCEPTED


def test_a_python_checker_with_a_syntax_error_does_not_compile(judged: Judge) -> None:
    assert failed(judged(GOOD, {"tests": TESTS, "checker": by_testlib("def")}), "SyntaxError")


# ---------------------------------------------------------------- outputs made to break checkers

HOSTILE = [
    "\"'; DROP TABLE answers; --",
    "__import__('os')._exit(0)",
    "{0.__class__.__mro__}%s%n%999999999d",
    "1e999999999 1",
    "!!python/object/apply:os.system ['exit 42']",
    "9" * 5000 + " 1",
    "a" * 50_000 + "!",
    "\\u0000\\u202e \x1b[2J",
    "int('9'*10**7)",
]


@pytest.mark.parametrize("output", HOSTILE)
@pytest.mark.parametrize(
    "checker",
    [by_testlib(ANY_SUM_PYTHON.replace("sys.exit('not two numbers')", "sys.exit(2)")), by_kattis()],
    ids=["python", "c++"],
)
def test_no_output_breaks_an_honest_checker(judged: Judge, checker: Mapping[str, Any], output: str) -> None:
    judgement = judged(f"print({output!r})", {"tests": TESTS, "checker": checker})

    assert judgement.verdict is WRONG_ANSWER


@pytest.mark.parametrize(
    "output", ["__import__('os')._exit(0)", "exit(0)", "[0]*10**10", "(lambda f: f(f))(lambda f: f(f))", "9**9**9"]
)
def test_what_takes_over_a_careless_checker_does_not_leave_its_box_or_pass(judged: Judge, output: str) -> None:
    """Its own exit code 0 is no opinion under this protocol; a checker that evaluates outputs is the caller's risk."""
    careless = "import sys\nsys.exit(42 if eval(sys.stdin.read()) == 10 else 43)"
    problem = {"tests": TESTS, "checker": by_kattis(careless, language="python", limits={"cpu_seconds": 0.5})}

    assert judged(f"print({output!r})", problem).verdict is JUDGE_ERROR
    assert judged("print('3 + 7')", problem).verdict is ACCEPTED


def test_neither_the_checker_nor_the_answer_is_where_the_submission_is(judged: Judge) -> None:
    spying = (
        "import os\nseen = [name for folder in ('.', '/tmp', '..') for _, below, files in os.walk(folder)"
        " for name in (*below, *files) if name in ('judging', 'answer', 'main')]\nprint(3, 7 if not seen else 0)"
    )

    assert judged(spying, {"tests": TESTS, "checker": by_kattis()}).verdict is ACCEPTED


# ---------------------------------------------------------------- several passes

COUNTDOWN = """
import os, sys
given, feedback = int(open(sys.argv[1]).read()), sys.argv[3]
said = int(sys.stdin.read())
with open(feedback + 'seen.txt', 'a') as seen: seen.write(f'{given}>{said} ')
if said != given - 1: sys.exit(43)
if said > 0:
    open(feedback + 'nextpass.in', 'w').write(str(said))
else:
    open(feedback + 'judgemessage.txt', 'w').write(open(feedback + 'seen.txt').read())
sys.exit(42)
"""


def countdown(passes: int) -> Mapping[str, Any]:
    return {"tests": [{"stdin": "3"}], "passes": passes, "checker": by_kattis(COUNTDOWN, language="python")}


def test_a_program_is_run_again_on_what_the_checker_wrote(judged: Judge) -> None:
    judgement = judged("print(int(input()) - 1)", countdown(3))

    assert judgement.verdict is ACCEPTED
    assert judgement.results[0].message == "3>2 2>1 1>0"
    assert judgement.total == 1


def test_a_later_pass_may_fail(judged: Judge) -> None:
    assert judged("n = int(input()); print(n - 1 if n > 2 else 7)", countdown(3)).verdict is WRONG_ANSWER
    assert judged("n = int(input()); print(n - 1 if n > 2 else 1 / 0)", countdown(3)).verdict is Verdict.RUNTIME_ERROR


def test_a_program_remembers_nothing_of_an_earlier_pass(judged: Judge) -> None:
    source = "import os\nprint(int(input()) - 1 if not os.path.exists('note') else 99)\nopen('note', 'w').close()"

    assert judged(source, countdown(3)).verdict is ACCEPTED


def test_more_passes_than_the_problem_has_conclude_nothing(judged: Judge) -> None:
    assert failed(judged("print(int(input()) - 1)", countdown(2)), "after the last of the 'passes'")
