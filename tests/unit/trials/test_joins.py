"""Where test code stands behind a source, and where proof of its end stands in it."""

import pytest

from sandbox_service.runners import Assertions
from sandbox_service.trials.joins import join

MAIN = Assertions(main=r"\bmain\s*\(", proof="proof();")
GO = Assertions(join="go", proof="sandbox_end.Reached()")


def test_proof_stands_at_the_end_of_the_file():
    joined = join("f = 1", "assert f", Assertions(proof="proof"))

    assert joined == ("f = 1\nassert f\nproof\n", True)


def test_a_language_without_proof_says_so():
    assert join("f = 1", "assert f", Assertions()) == ("f = 1\nassert f", False)


@pytest.mark.parametrize(
    "tests",
    [
        "int main() { check();@}",
        "int main() { check();@return 0;\n}\n",
        "int main(int argc, char **argv) { if (a) { return 1; }@}",
        "int main() { check(\"}\"); char c = '}'; /* } */ // }\n@}",
        "void before() { }\nint main() { for (;;) { a(); }@}\nvoid after() { }",
    ],
)
def test_proof_stands_at_the_end_of_main(tests):
    joined = join("", tests.replace("@", ""), MAIN)

    assert joined == ("\n" + tests.replace("@", "\nproof();\n"), True)


@pytest.mark.parametrize("tests", ["void test() { }", "int main() { { }", "int main();", ""])
def test_without_an_end_of_main_there_is_no_proof(tests):
    assert join("", tests, MAIN) == ("\n" + tests, False)


def test_a_go_program_has_one_list_of_imports_and_keeps_the_lines_of_its_source():
    source = 'package main\n\nimport "math"\n\nfunc f() float64 { return math.Pi }'
    tests = 'package main\n\nimport (\n\t"math"\n\t"testing"\n)\n\nfunc TestF(t *testing.T) { f() }\n'

    joined = join(source, tests, GO)

    assert joined.proves
    assert joined.source.count("import") == joined.source.count("package") == 1
    assert joined.source.splitlines()[0].startswith('package main; import ("math"; "testing"; "sandbox_end");')
    assert joined.source.splitlines()[4] == source.splitlines()[4]
    assert '{Name: "TestF", F: TestF}' in joined.source


def test_a_go_program_with_a_main_ends_with_proof():
    joined = join("package main\n\nfunc f() {}", "func main() {\n\tf()\n}", GO)

    assert joined.proves
    assert joined.source.endswith("f()\n\nsandbox_end.Reached()\n}")


PHP = Assertions(join="php", proof="proof();")


@pytest.mark.parametrize(
    ("source", "tests", "joined"),
    [
        ("<?php\nf();", "g();", "<?php\nf();\ng();\nproof();\n"),
        ("<?php\nf();\n?>", "g();", "<?php\nf();\n?><?php \ng();\nproof();\n"),
        ("<?php\nf();\n?>\n", "g(); ?>", "<?php\nf();\n?>\n<?php \ng(); ?><?php \nproof();\n"),
        ("<?php\nf();\n?>", "<?php\ng();\n?>\n", "<?php\nf();\n?>\n<?php\ng();\n?>\n<?php \nproof();\n"),
        ("<?php\nf();", "\n<?php g();", "<?php\nf();\n?>\n\n<?php g();\nproof();\n"),
        ("<?php f(); ?>\n<p>text</p>\n", "g();", "<?php f(); ?>\n<p>text</p>\n<?php \ng();\nproof();\n"),
        ("text", "g();", "text<?php \ng();\nproof();\n"),
    ],
)
def test_test_code_of_php_stands_within_the_tags(source, tests, joined):
    assert join(source, tests, PHP) == (joined, True)


@pytest.mark.parametrize(
    ("source", "closed"),
    [
        ("<?php // a ?>", True),
        ("<?php # a ?>", True),
        ("<?= 1 ?>", True),
        ('<?php f(\'?>\', "\\"?>", `?>`);', False),
        ("<?php /* ?> */", False),
        ("<?php $a = <<<END\n?>\nEND;", False),
        ("<?php $a = <<<'END'\n?>\n  END . '';", False),
        ("<?php #[A('x')]\nfunction f() {}", False),
        ("<?php f(); ?>\n<?PHP g();", False),
        ("<?php f(); ?>\n<?xml g();", True),
    ],
)
def test_a_tag_of_php_in_a_text_or_a_comment_closes_nothing(source, closed):
    assert join(source, "g();", PHP).source == f"{source}{'<?php ' if closed else ''}\ng();\nproof();\n"
