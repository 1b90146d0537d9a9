"""Each example submission is found with its language, its files and what it is said to get."""

import pytest

from sandbox_service.models import Verdict
from sandbox_service.packages import languages, read_package


def by_id(path):
    package = read_package(path)
    assert package.faults == ()
    return {each.submission.id: each for each in package.submissions}, {
        each.where: each.why for each in package.skipped
    }


def test_the_folders_say_what_is_expected(make_package):
    found, _ = by_id(make_package({}))

    assert found["accepted/right.py"].expectation.verdicts == {Verdict.ACCEPTED}
    assert found["accepted/right.py"].sets_time_limit
    assert found["wrong_answer/wrong.py"].expectation.verdicts == {Verdict.WRONG_ANSWER}
    assert Verdict.MEMORY_LIMIT_EXCEEDED in (found["run_time_error/crash.py"].expectation.verdicts or ())
    assert not found["run_time_error/crash.py"].sets_time_limit


def test_a_note_of_domjudge_says_it_in_other_folders_and_not_in_the_four(make_package):
    found, skipped = by_id(
        make_package(
            {
                "submissions/mixed/a.py": "# @EXPECTED_RESULTS@: CORRECT, WRONG-ANSWER\n",
                "submissions/accepted/b.py": "# @EXPECTED_RESULTS@: TIMELIMIT\n",
                "submissions/mixed/c.py": "# @EXPECTED_RESULTS@: CHECK-MANUALLY\n",
                "submissions/mixed/d.py": "print()\n",
                "submissions/mixed/e.py": "# @expected_results@: run_time_error\n",
                "submissions/partial/f.py": "# @EXPECTED_SCORE@: 74.42\n",
            }
        )
    )

    assert found["mixed/a.py"].expectation.verdicts == {Verdict.ACCEPTED, Verdict.WRONG_ANSWER}
    assert found["accepted/b.py"].expectation.verdicts == {Verdict.ACCEPTED}
    assert Verdict.RUNTIME_ERROR in (found["mixed/e.py"].expectation.verdicts or ())
    assert found["partial/f.py"].expectation.score == pytest.approx((74.415, 74.425))
    assert "by hand" in skipped["submissions/mixed/c.py"]
    assert "nothing is said" in skipped["submissions/mixed/d.py"]


def test_submissions_yaml_speaks_of_each_test(make_package):
    listed = "mixed/{a,b}.py:\n  secret/2: {permitted: [TLE], required: [TLE]}\n  sample: {permitted: [AC]}\n"
    found, _ = by_id(make_package({"submissions/submissions.yaml": listed, "submissions/mixed/a.py": "print()\n"}))

    rules = found["mixed/a.py"].expectation.rules

    assert [(rule.pattern, rule.permitted) for rule in rules] == [
        ("secret/2", {Verdict.TIME_LIMIT_EXCEEDED}),
        ("sample", {Verdict.ACCEPTED}),
    ]


def test_the_folders_of_2025_speak_of_each_test_too(make_package):
    found, _ = by_id(make_package({"problem.yaml": "problem_format_version: 2025-09\n"}))

    (rule,) = found["wrong_answer/wrong.py"].expectation.rules

    assert (rule.permitted, rule.required) == ({Verdict.ACCEPTED, Verdict.WRONG_ANSWER}, {Verdict.WRONG_ANSWER})
    assert found["wrong_answer/wrong.py"].expectation.verdicts is None


def test_a_folder_is_one_submission_that_begins_where_its_main_is(make_package):
    found, _ = by_id(
        make_package(
            {
                "submissions/accepted/two/message.py": "def message(): return 1\n",
                "submissions/accepted/two/main.py": "from message import message\nprint(message())\n",
                "submissions/accepted/three/a.cc": "int one() { return 1; }\n",
                "submissions/accepted/three/b.cc": "int one();\nint main() { return one() - 1; }\n",
                "submissions/accepted/three/words.txt": "a b\n",
            }
        )
    )

    assert "print(message())" in found["accepted/two"].submission.source
    assert list(found["accepted/two"].submission.files) == ["message.py"]
    assert "int main()" in found["accepted/three"].submission.source
    assert (found["accepted/three"].submission.language, set(found["accepted/three"].submission.files)) == (
        "cpp",
        {"a.cc", "words.txt"},
    )


def test_domjudge_names_the_entry_point_itself(make_package):
    listed = '{"submissions/accepted/two/": {"entry_point": "start.py"}}'
    found, _ = by_id(
        make_package(
            {
                "submissions.json": listed,
                "submissions/accepted/two/main.py": "print(1)\n",
                "submissions/accepted/two/start.py": "print(2)\n",
            }
        )
    )

    assert found["accepted/two"].submission.source == "print(2)\n"


@pytest.mark.parametrize(
    ("name", "content", "why"),
    [
        ("old.py", "print 'hello'\n", "Python 2"),
        ("old2.py", "#!/usr/bin/env python2\nprint(1)\n", "Python 2"),
        ("old3.py2", "print(1)\n", "Python 2"),
        ("a.exe", b"MZ\x90", "no language is known for .exe"),
        ("README", "read me\n", "no language is known for files without an ending"),
    ],
)
def test_what_is_no_program_that_runs_here_is_left_out_with_the_reason(make_package, name, content, why):
    _, skipped = by_id(make_package({f"submissions/accepted/{name}": content}))

    assert why in skipped[f"submissions/accepted/{name}"]


@pytest.mark.parametrize(
    ("source", "is_old"),
    [
        ("print 'a'\n", True),
        ("print x\n", True),
        ("print >>f, x\n", True),
        ("    print a[0], b\n", True),
        ("print '%d' % x\n", True),
        ("n = int(raw_input())\n", True),
        ("for i in xrange(3): pass\n", True),
        ("try: pass\nexcept ValueError, e: pass\n", True),
        ("print('a')\n", False),
        ("print ('a')\n", False),
        ("print (x), y\n", False),
        ("raw_input = input\nraw_input()\n", False),
        ("try: xrange\nexcept NameError: xrange = range\nxrange(3)\n", False),
        ("#!/usr/bin/env python3\nprint 'a'\n", False),
        ("# print the answer\nprint(1)\n", False),
        ("", False),
    ],
)
def test_python_2_is_known_by_what_python_3_has_not(source, is_old):
    assert languages.is_python_2(source) is is_old


@pytest.mark.parametrize(
    ("source", "language"),
    [
        ("main :-\n  write('hello').\n", "prolog"),
        (":- initialization(main).\n", "prolog"),
        ("use strict;\nprint 1;\n", "perl"),
        ("$x = <STDIN>;\nprint $x;\n", "perl"),
    ],
)
def test_pl_is_perl_or_prolog(source, language):
    assert languages.language_of(".pl", source) == language


def test_a_source_that_is_not_utf8_is_taken_as_latin_1(make_package):
    found, _ = by_id(make_package({"submissions/accepted/a.c": b"/* caf\xe9 */ int main() {}\n"}))

    assert "café" in found["accepted/a.c"].submission.source
