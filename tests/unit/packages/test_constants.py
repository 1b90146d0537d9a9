"""Constants and included files of a package reach its programs."""

import base64

import pytest

from sandbox_service.packages import read_package

CONSTANTS = "name: Squares\nproblem_format_version: 2025-09\nconstants:\n  two: 2\n  one: {value: 1.0, word: one}\n"


def submissions(path):
    package = read_package(path)
    assert package.faults == ()
    return {each.submission.id: each.submission for each in package.submissions}


def laid_beside(submission):
    return {name: base64.b64decode(content).decode() for name, content in submission.files.items()}


def test_constants_stand_in_submissions_and_unknown_ones_stay(make_package):
    source = "print(int(input()) ** {{two}})  # {{one}} {{one.value}} {{one.word}} {{two.word}} {{three}} {{ two }}\n"

    found = submissions(make_package({"problem.yaml": CONSTANTS, "submissions/accepted/right.py": source}))

    said = "print(int(input()) ** 2)  # 1.0 1.0 one {{two.word}} {{three}} {{ two }}\n"
    assert found["accepted/right.py"].source == said


def test_constants_stand_in_validators_and_settings_of_groups_and_not_in_tests(make_package):
    path = make_package(
        {
            "problem.yaml": CONSTANTS,
            "output_validator/validate.py": "import sys\nsys.exit(4{{two}})\n",
            "data/secret/test_group.yaml": "output_validator_args: ['{{two}}']\n",
            "data/secret/1.in": "{{two}}\n",
        }
    )

    problem = read_package(path).problem

    assert problem is not None
    assert problem.checker is not None
    assert problem.tests is not None
    assert getattr(problem.checker, "source", None) == "import sys\nsys.exit(42)\n"
    assert [test.checker_arguments for test in problem.tests] == [(), ("2",), ("2",)]
    assert problem.tests[1].stdin == "{{two}}\n"


@pytest.mark.parametrize("constants", ["  1x: 2\n", "  x: [1]\n", "  x: {word: 1}\n", "  x: true\n"])
def test_a_constant_that_cannot_be_is_noted(make_package, constants):
    package = read_package(make_package({"problem.yaml": f"name: Squares\nconstants:\n{constants}"}))

    assert [fault.where for fault in package.faults] == ["problem.yaml"]
    assert "is none that can be" in package.faults[0].what


def test_without_constants_braces_are_what_they_are(make_package):
    found = submissions(make_package({"submissions/accepted/braces.cpp": "int a[1][1] = {{two}};\n"}))

    assert found["accepted/braces.cpp"].source == "int a[1][1] = {{two}};\n"


def test_included_files_lie_beside_the_submissions_of_their_language_and_else_the_default_ones(make_package):
    found = submissions(
        make_package(
            {
                "problem.yaml": CONSTANTS,
                "include/python3/power.py": "POWER = {{two}}\n",
                "include/default/power.txt": "{{two}}\n",
                "submissions/accepted/right.py": "import power\nprint(int(input()) ** power.POWER)\n",
                "submissions/accepted/right.php": "<?php\n",
            }
        )
    )

    assert laid_beside(found["accepted/right.py"]) == {"power.py": "POWER = 2\n"}
    assert laid_beside(found["accepted/right.php"]) == {"power.txt": "2\n"}
    assert found["accepted/right.py"].source.startswith("import power")


def test_an_included_file_with_the_name_of_the_entry_point_is_where_the_program_begins(make_package):
    driver = "import right\nprint(right.square(int(input())))\n"
    found = submissions(
        make_package(
            {
                "include/python3/__main__.py": driver,
                "submissions/accepted/right.py": "def square(n): return n * n\n",
                "submissions/wrong_answer/wrong.py": "",
                "submissions/run_time_error/crash.py": "",
            }
        )
    )

    assert found["accepted/right.py"].source == driver
    assert laid_beside(found["accepted/right.py"]) == {"right.py": "def square(n): return n * n\n"}
