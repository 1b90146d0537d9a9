"""The command that judges the example submissions of problem packages, with a box that needs no isolation."""

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from tests.unit.cli.test_cli import ENVIRONMENT, run

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


def started(*arguments: str | Path, **variables: str) -> subprocess.Popen[str]:
    command = [sys.executable, "-m", "sandbox_service", *map(str, arguments)]
    return subprocess.Popen(
        command, env=ENVIRONMENT | variables, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )


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
    assert "accepted/right.py" in done.stderr, "whoever waits for the JSON sees how far it is"
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


def test_programs_of_one_language_can_be_judged_in_another(package: Path) -> None:
    (package / "submissions/accepted/right.py").write_text("#!/bin/sh\nread n; echo $((n * n))\n")

    done = run("verify", package, "--only", "accepted/*", "--instead", "py=bash", "--json")

    (found,) = json.loads(done.stdout)["packages"]
    assert [(each["language"], each["got"]) for each in found["submissions"]] == [("bash", "accepted")]


@pytest.mark.parametrize(("instead", "says"), [("python", "not of the form"), ("python=pypyp", "unknown language")])
def test_a_language_that_cannot_be_is_exit_code_2(package: Path, instead: str, says: str) -> None:
    done = run("verify", package, "--instead", instead)

    assert (done.returncode, done.stdout) == (2, "")
    assert says in done.stderr


def test_a_language_s_option_can_be_chosen(package: Path) -> None:
    (package / "submissions/accepted/right.cpp").write_text(
        '#include <cstdio>\nint main() { int n; scanf("%d", &n); printf("%d", __cplusplus > 201703L ? n * n : -1); }'
    )

    chosen = [
        run("verify", package, "--only", "accepted/*.cpp", "--option", f"c++.standard={standard}", "--json")
        for standard in ("c++17", "c++20")
    ]

    found = [json.loads(done.stdout)["packages"][0]["submissions"][0]["got"] for done in chosen]
    assert found == ["wrong_answer", "accepted"]


@pytest.mark.parametrize(
    ("option", "says"),
    [
        ("cpp=c++20", "not of the form"),
        ("cpq.standard=c++20", "unknown language"),
        ("cpp.standards=c++20", "unknown option of cpp"),
        ("cpp.standard=c++99", "unknown standard of cpp"),
    ],
)
def test_an_option_that_cannot_be_is_exit_code_2(package: Path, option: str, says: str) -> None:
    done = run("verify", package, "--option", option)

    assert (done.returncode, done.stdout) == (2, "")
    assert says in done.stderr


def test_the_points_of_a_scoring_problem_are_compared_too(package: Path) -> None:
    (package / "problem.yaml").write_text("type: scoring\n")
    (package / "data/secret/testdata.yaml").write_text("accept_score: 60\n")
    (package / "data/testdata.yaml").write_text("on_reject: continue\ngrader_flags: ignore_sample\n")
    (package / "submissions/partial").mkdir()
    (package / "submissions/partial/some.py").write_text("# @EXPECTED_SCORE@: 60\nprint(9)\n")

    done = run("verify", package, "--only", "{accepted,partial}/*")

    assert done.returncode == 0, done.stdout
    assert "wrong answer, 60 points" in done.stdout


def test_each_result_is_shown_as_it_comes_and_an_interrupt_ends_with_those_that_came(package: Path) -> None:
    for number in range(200):
        (package / f"data/secret/{number}.in").write_text("5\n")
        (package / f"data/secret/{number}.ans").write_text("25\n")
    (package / "submissions/accepted/zzz.py").write_text(
        "import time\ntime.sleep(0.1)\nprint(int(input()) ** 2)\n"  # 20 s for all the tests
    )

    with started("verify", package, "--only", "accepted/*", SANDBOX_WORKERS="1") as verifying:
        assert verifying.stdout is not None
        first = next(line for line in verifying.stdout if "accepted/right.py" in line)
        verifying.send_signal(signal.SIGINT)
        rest, errors = verifying.communicate(timeout=30)

    assert "✓" in first
    assert "1 of 1 submissions got what is said of them" in rest
    assert "interrupted: 1 of 2 submissions were not judged" in errors
    assert verifying.returncode == 130


def test_a_second_interrupt_ends_at_once(package: Path) -> None:
    (package / "submissions/accepted/zzz.py").write_text("import time\ntime.sleep(50)\n")

    with started(
        "verify", package, "--only", "accepted/*", "--cpu-seconds", "20", SANDBOX_WORKERS="1", COLUMNS="80"
    ) as verifying:
        assert verifying.stdout is not None
        assert verifying.stderr is not None
        next(line for line in verifying.stdout if "accepted/right.py" in line)
        verifying.send_signal(signal.SIGINT)
        next(line for line in verifying.stderr if "stopping" in line)
        verifying.send_signal(signal.SIGINT)
        verifying.communicate(timeout=20)

    assert verifying.returncode == -signal.SIGINT


def test_what_an_interrupted_run_found_can_be_had_as_json(package: Path) -> None:
    met = package / "met"
    os.mkfifo(met)
    (package / "submissions/accepted/zzz.py").write_text(
        f"import time\nopen({str(met)!r}, 'w').write('here')\ntime.sleep(1)\nprint(4)\n"
    )

    with started("verify", package, "--json", "--only", "accepted/*", SANDBOX_WORKERS="1") as verifying, met.open():
        verifying.send_signal(signal.SIGINT)
        out, _ = verifying.communicate(timeout=30)

    (found,) = json.loads(out)["packages"]
    assert [each["id"] for each in found["submissions"]] == ["accepted/right.py"]
    assert verifying.returncode == 130
