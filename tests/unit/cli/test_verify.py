"""The command that judges the example submissions of problem packages, with a box that needs no isolation."""

import json
from pathlib import Path

import pytest

from tests.unit.cli.test_cli import run

FILES = {
    "problem.yaml": "name: Squares\n",
    "data/sample/1.in": "2\n",
    "data/sample/1.ans": "4\n",
    "data/secret/1.in": "3\n",
    "data/secret/1.ans": "9\n",
    "submissions/accepted/right.py": "print(int(input()) ** 2)\n",
    "submissions/wrong_answer/wrong.py": "print(4)\n",
    "submissions/run_time_error/crash.py": "print(1 // (int(input()) - 2))\n",
    "submissions/time_limit_exceeded/slow.py": "while True: pass\n",
    "submissions/accepted/old.py": "print 4\n",
}


@pytest.fixture
def package(tmp_path: Path) -> Path:
    for name, content in FILES.items():
        path = tmp_path / "squares" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(content)
    return tmp_path / "squares"


def test_a_package_whose_submissions_all_get_what_is_said_is_exit_code_0(package: Path) -> None:
    done = run("verify", package)

    assert done.returncode == 0, done.stdout
    assert "4 of 4 submissions got what is said of them" in done.stdout
    assert "time limit 1 s by the slowest accepted submission" in done.stdout
    assert "submissions/accepted/old.py: left out, a Python 2 program" in done.stdout


def test_a_submission_that_gets_something_else_is_exit_code_1(package: Path) -> None:
    (package / "submissions/wrong_answer/wrong.py").write_text(FILES["submissions/accepted/right.py"])

    done = run("verify", package, "--only", "wrong_answer/*")

    assert done.returncode == 1
    assert "✗ all tests passed" in done.stdout
    assert "0 of 1 submissions" in done.stdout


def test_what_is_missing_is_named_the_rest_judged_and_the_exit_code_2(package: Path) -> None:
    (package / "data/secret/1.ans").unlink()
    (package / "data/secret/2.in").write_bytes(b"\xff")
    (package / "data/secret/2.ans").write_text("")

    done = run("verify", package, "--json")

    (found,) = json.loads(done.stdout)["packages"]
    assert done.returncode == 2
    assert [fault["where"] for fault in found["faults"]] == ["data/secret/1.ans", "data/secret/2.in"]
    assert {each["id"]: each["got"] for each in found["submissions"]} == {
        "accepted/right.py": "accepted",
        "run_time_error/crash.py": "runtime_error",
        "time_limit_exceeded/slow.py": "time_limit_exceeded",
        "wrong_answer/wrong.py": "accepted",
    }


def test_a_folder_that_is_no_package_is_exit_code_2(tmp_path: Path) -> None:
    done = run("verify", tmp_path)

    assert done.returncode == 2
    assert "no problem package" in done.stderr


def test_the_points_of_a_scoring_problem_are_compared_too(package: Path) -> None:
    (package / "problem.yaml").write_text("type: scoring\n")
    (package / "data/secret/testdata.yaml").write_text("accept_score: 60\n")
    (package / "data/testdata.yaml").write_text("on_reject: continue\ngrader_flags: ignore_sample\n")
    (package / "submissions/partial").mkdir()
    (package / "submissions/partial/some.py").write_text("# @EXPECTED_SCORE@: 60\nprint(9)\n")

    done = run("verify", package, "--only", "{accepted,partial}/*")

    assert done.returncode == 0, done.stdout
    assert "wrong answer, 60 points" in done.stdout
