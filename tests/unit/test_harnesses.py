"""What is put around a program, so that its functions can be called."""

import base64

import pytest

from sandbox_service.errors import BadRequest
from sandbox_service.harnesses import harnessed
from sandbox_service.models import Submission
from sandbox_service.runners import read_runners
from sandbox_service.settings import Settings

RUNNERS = read_runners(Settings())


def submission(language: str, source: str) -> Submission:
    return Submission(id="r0", language=language, source=source)


def source_of(language: str, source: str, *functions: str) -> str:
    return harnessed(submission(language, source), RUNNERS[language], functions or ("f",)).submission.source


def table_of(language: str, source: str, *functions: str) -> list[str]:
    """The lines that stand for the functions."""
    made = harnessed(submission(language, source), RUNNERS[language], functions)
    texts = [made.submission.source, *(base64.b64decode(file).decode() for file in made.submission.files.values())]
    marks = ("SANDBOX_METHOD(", "SANDBOX_FUNCTION(", '"f"', '"Solution.f"', '"Other.f"')
    lines = (line.strip() for text in texts for line in text.splitlines())
    return [line for line in lines if line.startswith(marks)]


def test_a_language_without_a_harness_says_so():
    with pytest.raises(BadRequest, match="functions cannot be called in ruby"):
        harnessed(submission("ruby", "def f = 1"), RUNNERS["ruby"], ["f"])


def test_a_program_stays_as_it_is_where_nothing_must_stand_around_it():
    for language in ("python", "javascript", "typescript"):
        assert source_of(language, "anything @CALLS@ @BEFORE@") == "anything @CALLS@ @BEFORE@"


def test_the_first_line_stays_the_first():
    for language, source in {"java": "class Solution {}", "go": "func f() {}"}.items():
        assert source in source_of(language, source).splitlines()[0]
    assert '#line 1 "main.cpp"\nint f();' in source_of("cpp", "int f();")


def test_a_program_with_a_package_of_its_own_gets_none():
    assert source_of("java", "// a\npackage a.b;\nclass Solution {}").startswith("// a\npackage a.b;")
    assert source_of("go", "package main\nfunc f() {}").startswith("package main\nfunc f() {}")
    assert source_of("go", "// package main\nfunc f() {}").startswith("package main;")


def test_go_imports_what_is_used():
    assert 'import "sort";' in source_of("go", "func f() { sort.Ints(nil) }")
    assert 'import "sort";' not in source_of("go", "func f() { } // sort.Ints")
    assert 'import "sort";' not in source_of("go", 'import "sort"\nfunc f() { sort.Ints(nil) }')


def test_nodes_are_given_to_who_mentions_them_and_has_none():
    assert "struct ListNode { int val;" in source_of("cpp", "// struct ListNode { };\nint f(ListNode* h);")
    assert "struct ListNode { int val;" not in source_of("cpp", "struct ListNode { int x; };\nint f(ListNode* h);")
    assert "struct ListNode { int val;" not in source_of("cpp", "int f(); // ListNode")


@pytest.mark.parametrize(
    ("source", "function", "line"),
    [
        ("class Solution { int f(); };", "f", 'SANDBOX_METHOD(0, "f", Solution, f)'),
        ("class Solution { int f(); };", "Solution.f", 'SANDBOX_METHOD(0, "Solution.f", Solution, f)'),
        ("struct Other { int f(); };", "Other.f", 'SANDBOX_METHOD(0, "Other.f", Other, f)'),
        ("int f();", "f", 'SANDBOX_FUNCTION(0, "f", f)'),
        ("class Solution;\nint f();", "f", 'SANDBOX_FUNCTION(0, "f", f)'),
        ("int f();", "Solution.f", None),
        ("int g(); // f", "f", None),
        ("int g(); const char* s = \"f\";", "f", None),
    ],
)  # fmt: skip
def test_cpp_has_a_line_for_what_it_may_have(source: str, function: str, line: str | None):
    assert table_of("cpp", source, function) == ([line] if line else [])


def test_go_takes_a_function_for_a_method_where_there_is_no_such_type():
    assert table_of("go", "func f() {}", "Solution.f") == ['"Solution.f": f,']
    assert table_of("go", "type Solution struct{}\nfunc (s Solution) f() {}", "f") == ['"f": (&Solution{}).f,']


@pytest.mark.parametrize(
    "piece", ["func ", "\n", "/*", '"', "\\", "class Solution ", "package\t", "import\n", "struct\t"]
)
def test_a_hostile_source_is_read_in_one_go(piece: str):
    for language in ("cpp", "go", "java"):
        assert source_of(language, piece * 50_000, "f", "Solution.g")
