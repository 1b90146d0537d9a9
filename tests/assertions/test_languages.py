"""Test code of every language that has a rule for it: right, wrong, and ended before its end."""

import pytest

from sandbox_service.models import Guarantee, Verdict
from tests.assertions.conftest import RUNNERS, Judge, needs

GO_TEST = """import (
    "testing"
    "github.com/stretchr/testify/assert"
)

func TestAdd(t *testing.T) {
    assert := assert.New(t)
    assert.Equal(3, add(1, 2))
}
"""
# The submission, the test code, and a submission that ends the program with exit code 0.
PROGRAMS = {
    "bash": ("add() { echo $(($1 + $2)); }", '[ "$(add 1 2)" = 3 ]', "exit 0"),
    "c": (
        "#include <assert.h>\n#include <stdlib.h>\nint add(int a, int b) { return a + b; }",
        "int main() {\n    assert(add(1, 2) == 3);\n    return 0;\n}",
        "#include <assert.h>\n#include <stdlib.h>\nint add(int a, int b) { exit(0); }",
    ),
    "cpp": (
        "#include <bits/stdc++.h>\nusing namespace std;\nint add(int a, int b) { return a + b; }",
        "#undef NDEBUG\n#include <assert.h>\nint main(){\n    assert (add(1, 2) == 3); // }\n}",
        "#include <bits/stdc++.h>\nint add(int a, int b) { exit(0); }",
    ),
    "csharp": (
        "using System;\nclass S { public static int Add(int a, int b) { return a + b; }",
        'public static void Main(string[] args) { if (Add(1, 2) != 3) { throw new Exception("}"); } }\n}',
        "using System;\nclass S { public static int Add(int a, int b) { Environment.Exit(0); return 3; }",
    ),
    "d": (
        "int add(int a, int b) { return a + b; }",
        "void main() { assert(add(1, 2) == 3); }",
        "import core.stdc.stdlib;\nint add(int a, int b) { exit(0); return 3; }",
    ),
    "go": (
        "package main\n\nfunc add(a, b int) int { return a + b }",
        GO_TEST,
        'package main\n\nimport "os"\n\nfunc add(a, b int) int { os.Exit(0); return 3 }',
    ),
    "java": (
        "import java.util.*;\n\nclass Solution {\n    int add(int a, int b) { return a + b; }\n}",
        "public class Main {\n    public static void main(String[] args) {\n        List<Boolean> correct = Arrays.asList(\n"
        "            new Solution().add(1, 2) == 3);\n        if (correct.contains(false)) {\n"
        "            throw new AssertionError();\n        }\n    }\n}",
        "import java.util.*;\n\nclass Solution {\n    int add(int a, int b) { System.exit(0); return 3; }\n}",
    ),
    "javascript": ("const add = (a, b) => a + b;", "console.assert(add(1, 2) === 3)", "process.exit(0)"),
    "kotlin": (
        "fun add(a: Int, b: Int): Int = a + b",
        'fun main() {\n    if (add(1, 2) != 3) throw Exception("no")\n}',
        "fun add(a: Int, b: Int): Int { System.exit(0); return 3 }",
    ),
    "lua": ("function add(a, b) return a + b end", "assert(add(1, 2) == 3)", "os.exit(0)"),
    "perl": ("sub add { return $_[0] + $_[1]; }", "die unless add(1, 2) == 3;", "exit(0);"),
    "php": (
        "<?php\nfunction add($a, $b) { return $a + $b; }",
        'if (add(1, 2) != 3) { throw new Exception("no"); }',
        "<?php\nexit(0);",
    ),
    "pypy": ("def add(a, b): return a + b", "assert add(1, 2) == 3", "import os\nos._exit(0)"),
    "python": ("def add(a, b): return a + b", "assert add(1, 2) == 3", "import os\nos._exit(0)"),
    "r": ("add <- function(a, b) a + b", "stopifnot(add(1, 2) == 3)", "quit(status = 0)"),
    "ruby": ("def add(a, b) = a + b", 'raise "no" if add(1, 2) != 3', "exit(0)"),
    "rust": (
        "fn add(a: i32, b: i32) -> i32 { a + b }",
        "fn main() {\n    assert_eq!(add(1, 2), 3);\n}",
        "fn add(a: i32, b: i32) -> i32 { std::process::exit(0) }",
    ),
    "scala": (
        "object S { def add(a: Int, b: Int): Int = a + b }",
        "object Main {\n  def main(args: Array[String]): Unit = {\n    assert(S.add(1, 2) == 3)\n  }\n}",
        "object S { def add(a: Int, b: Int): Int = { sys.exit(0); 3 } }",
    ),
    "typescript": (
        "const add = (a: number, b: number): number => a + b;",
        "import * as assert from 'assert'\nassert.deepEqual(add(1, 2), 3)",
        "const add = (a: number, b: number): number => process.exit(0);",
    ),
}
SPLIT = {"python", "pypy"}


def test_every_language_with_a_rule_is_tried():
    assert set(PROGRAMS) == {name for name, runner in RUNNERS.items() if runner.assertions is not None}


@pytest.mark.parametrize("language", PROGRAMS)
def test_a_right_submission_is_accepted_with_its_guarantee(judge: Judge, language):
    needs(RUNNERS[language])
    right, tests, _ = PROGRAMS[language]

    judgement = judge(right, tests, language=language, limits={"cpu_seconds": 10})

    assert judgement.verdict is Verdict.ACCEPTED, judgement
    assert judgement.results[0].guarantee is (Guarantee.SPLIT if language in SPLIT else Guarantee.COMPLETION)


@pytest.mark.parametrize("language", PROGRAMS)
def test_a_wrong_submission_is_refused(judge: Judge, language):
    needs(RUNNERS[language])
    right, tests, _ = PROGRAMS[language]

    judgement = judge(right, tests.replace("3", "4"), language=language, limits={"cpu_seconds": 10})

    assert judgement.verdict in {Verdict.RUNTIME_ERROR, Verdict.WRONG_ANSWER}, judgement


@pytest.mark.parametrize("language", PROGRAMS)
def test_a_submission_that_ends_the_program_is_refused(judge: Judge, language):
    needs(RUNNERS[language])
    _, tests, ending = PROGRAMS[language]

    judgement = judge(ending, tests, language=language, limits={"cpu_seconds": 10})

    assert judgement.verdict is Verdict.RUNTIME_ERROR, judgement
    assert judgement.reward == 0


# What is left open at the end of a wrong submission, and what in the test code would close it, behind the only check.
LEFT_OPEN = [
    ("c", "/*", "/* done */"),
    ("cpp", "/*", "/* done */"),
    ("cpp", 'const char *text = R"(', 'const char *done = ")";'),
    ("csharp", "/*", "/* done */"),
    ("d", "/*", "/* done */"),
    ("go", "/*", "/* done */"),
    ("java", "/*", "/* done */"),
    ("javascript", "/*", "/* done */"),
    ("javascript", "const text = `", "`done`"),
    ("kotlin", "/*", "/* done */"),
    ("lua", "--[[", "local t, u = {}, {1}; t[u[1]] = 1"),
    ("lua", "local text = [[", "local t, u = {}, {1}; t[u[1]] = 1"),
    ("perl", "my $text = '", "# it's done"),
    ("php", "/*", "/* done */"),
    ("php", "$text = '", "# it's done"),
    ("r", "text <- '", "# it's done"),
    ("ruby", "text = '", "# it's done"),
    ("rust", "/*", "/* done */"),
    ("scala", "/*", "/* done */"),
    ("typescript", "/*", "/* done */"),
    ("typescript", "const text = `", "`done`"),
]


@pytest.mark.parametrize(("language", "opening", "closing"), LEFT_OPEN)
def test_what_a_submission_leaves_open_swallows_no_check(judge: Judge, language, opening, closing):
    needs(RUNNERS[language])
    right, tests, _ = PROGRAMS[language]
    wrong = right.replace("+ b", "- b").replace("+ $b", "- $b").replace("+ $_[1]", "- $_[1]")
    source = f"{wrong}\n{opening}"

    judgement = judge(source, f"{tests}\n{closing}\n", language=language, limits={"cpu_seconds": 10})

    assert wrong != right
    assert judgement.reward == 0, judgement


@pytest.mark.parametrize("types", ["checked", "ignored"])
def test_a_target_that_knows_no_constants_swallows_none_either(judge: Judge, types):
    needs(RUNNERS["typescript"])
    right, tests, _ = PROGRAMS["typescript"]
    options = {"target": "es5", "types": types}

    whole, swallowing = (
        judge(
            f"{right}\n{end}", f"{tests}\n{close}", language="typescript", options=options, limits={"cpu_seconds": 10}
        )
        for end, close in (("", ""), ("const text = `", "`done`"))
    )

    assert (whole.verdict, swallowing.reward) == (Verdict.ACCEPTED, 0), (whole, swallowing)


@pytest.mark.parametrize("language", ["c", "cpp", "csharp", "d", "go", "java", "javascript", "php", "typescript"])
def test_a_comment_that_a_right_submission_leaves_open_does_not_count_against_it(judge: Judge, language):
    needs(RUNNERS[language])
    right, tests, _ = PROGRAMS[language]

    judgement = judge(f"{right}\n/* so", tests, language=language, limits={"cpu_seconds": 10})

    assert judgement.verdict is Verdict.ACCEPTED, judgement


def test_an_app_of_scala_that_the_test_code_closes_leaves_proof(judge: Judge):
    needs(RUNNERS["scala"])
    tests = "    assert(add(1, 2) == 3)\n}"
    opened = "object Main extends App {\n    def add(a: Int, b: Int): Int = {"

    right = judge(opened + " a + b }", tests, language="scala", limits={"cpu_seconds": 10})
    ending = judge(opened + " sys.exit(0) }", tests, language="scala", limits={"cpu_seconds": 10})

    assert (right.verdict, ending.verdict) == (Verdict.ACCEPTED, Verdict.RUNTIME_ERROR)
    assert right.results[0].guarantee is Guarantee.COMPLETION


@pytest.mark.parametrize("closing", ["?>", "?>\n", "// done ?>", "?>\n\nThat is it.\n"])
@pytest.mark.parametrize("tests", ["{}", "<?php\n{}\n?>\n"], ids=["bare", "in tags"])
def test_a_submission_that_closes_the_tag_of_php_is_tested_all_the_same(judge: Judge, closing, tests):
    needs(RUNNERS["php"])
    source = f"<?php\nfunction add($a, $b) {{ return $a + $b; }}\n{closing}"

    right, wrong = (
        judge(source, tests.format(f"if (add(1, 2) != {sum_}) {{ throw new Exception('no'); }}"), language="php")
        for sum_ in (3, 4)
    )

    assert (right.verdict, wrong.verdict) == (Verdict.ACCEPTED, Verdict.RUNTIME_ERROR), right
    assert right.results[0].guarantee is Guarantee.COMPLETION


@pytest.mark.parametrize(
    ("unit", "main", "verdict"),
    [
        (3, 3, Verdict.ACCEPTED),
        (4, 3, Verdict.RUNTIME_ERROR),
        (3, 4, Verdict.RUNTIME_ERROR),
    ],
)
def test_unit_tests_of_d_are_run_and_then_the_test_code_in_main(judge: Judge, unit, main, verdict):
    needs(RUNNERS["d"])
    source = f"int add(int a, int b) {{ return a + b; }}\nunittest {{ assert(add(1, 2) == {unit}); }}"
    tests = f"void main() {{ assert(add(1, 2) == {main}); }}"

    judgement = judge(source, tests, language="d", options={"unittests": "on"})

    assert judgement.verdict is verdict, judgement


def test_tests_of_a_problem_have_a_program_each(judge: Judge):
    needs(RUNNERS["javascript"])
    source = "const add = (a, b) => a + b;"

    right = judge(source, "console.assert(add(1, 2) === 3)", language="javascript")
    wrong = judge(source, "console.assert(add(1, 2) === 4)", language="javascript")

    assert (right.verdict, wrong.verdict) == (Verdict.ACCEPTED, Verdict.RUNTIME_ERROR)


@pytest.mark.parametrize(
    ("language", "fields", "said"),
    [
        ("sql", {}, "test code cannot be run in sql"),
        ("ruby", {"mode": "split"}, "ruby has no 'split'"),
    ],
)
def test_what_a_language_has_not_is_said(judge: Judge, language, fields, said):
    needs(RUNNERS[language])

    judgement = judge("x", "y", language=language, **fields)

    assert judgement.verdict is Verdict.JUDGE_ERROR
    assert said in (judgement.reason or "")
