"""The command line, with a box that needs no isolation."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[3]
RIGHT = "print(int(input()) ** 2)\n"
ENVIRONMENT = {name: value for name, value in os.environ.items() if not name.startswith("SANDBOX_")}
ENVIRONMENT |= {"PYTHONPATH": str(ROOT), "COLUMNS": "160"}
ENVIRONMENT |= {"SANDBOX_ISOLATION": "unsafe", "SANDBOX_MINIMUM_ISOLATION": "unsafe"}


def run(*arguments: str | Path, **variables: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "sandbox_service", *map(str, arguments)]
    return subprocess.run(command, env=ENVIRONMENT | variables, capture_output=True, text=True, timeout=60)


@pytest.fixture
def tests(tmp_path: Path) -> Path:
    folder = tmp_path / "tests"
    (folder / "secret").mkdir(parents=True)
    for name, stdin, suffix, expected in [
        ("1", "2", ".ans", "4\n"),
        ("secret/10", "4", ".out", "16\n"),
        ("secret/2", "3", ".ans", "9\n"),
    ]:
        (folder / name).with_suffix(".in").write_text(stdin)
        (folder / name).with_suffix(suffix).write_text(expected)
    return folder


def program(directory: Path, source: str, name: str = "square.py") -> Path:
    path = directory / name
    path.write_text(source)
    return path


def test_an_accepted_program_is_exit_code_0(tmp_path: Path, tests: Path) -> None:
    done = run("judge", program(tmp_path, RIGHT), "--tests", tests)

    assert done.returncode == 0
    assert "square.py: accepted  3 of 3 tests, Python (CPython), unsafe" in done.stdout


@pytest.mark.parametrize("source", ["print(4)\n", "print(", "1 / 0\n"])
def test_a_program_that_is_not_accepted_is_exit_code_1(tmp_path: Path, tests: Path, source: str) -> None:
    assert run("judge", program(tmp_path, source), "--tests", tests).returncode == 1


def test_every_test_has_a_row_in_the_order_of_the_names(tmp_path: Path, tests: Path) -> None:
    lines = run("judge", program(tmp_path, RIGHT), "--tests", tests).stdout.splitlines()

    assert [line.split()[0] for line in lines[1:4]] == ["1", "secret/2", "secret/10"]


def test_the_judgement_can_be_had_as_json(tmp_path: Path, tests: Path) -> None:
    done = run("judge", program(tmp_path, "print(4)"), "--tests", tests, "--json", "--stop-on-failure")

    judgement = json.loads(done.stdout)
    assert (judgement["verdict"], judgement["passed"], len(judgement["results"])) == ("wrong_answer", 1, 2)


def test_limits_checkers_and_languages_can_be_chosen(tmp_path: Path, tests: Path) -> None:
    source = program(tmp_path, "print(int(input()) ** 2 + 0.001)", "noname")
    checker = '{"name": "floats", "absolute": 0.01}'

    done = run(
        "judge", source, "--tests", tests, "--language", "python", "--checker", checker,
        "--cpu-seconds", "2", "--wall-seconds", "9", "--memory", "256M",
    )  # fmt: skip

    assert done.returncode == 0


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["--checker", "diff"], "unknown checker 'diff'; available: common_oj, exact"),
        (["--checker", "{"], "--checker is not JSON"),
        (["--language", "cobol"], "unknown language 'cobol'; available: bash, c, cpp"),
        (["--option", "standard"], "not of the form NAME=CHOICE"),
        (["--option", "standard=c++20"], "unknown option of python 'standard'"),
        (["--memory", "lots"], "--memory 'lots' is not a number of bytes"),
        (["--memory", "64G"], "memory_bytes"),
        (["--cpu-seconds", "-1"], "cpu_seconds"),
        (["--cpu-seconds", "nan"], "cpu_seconds"),
    ],
)
def test_what_cannot_be_asked_for_is_one_line_and_exit_code_2(
    tmp_path: Path, tests: Path, arguments: list[str], says: str
) -> None:
    done = run("judge", program(tmp_path, RIGHT), "--tests", tests, *arguments)

    assert (done.returncode, done.stdout) == (2, "")
    assert says in done.stderr
    assert done.stderr.count("\n") == 1


def test_a_folder_without_tests_is_said(tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()

    done = run("judge", program(tmp_path, RIGHT), "--tests", tmp_path / "empty")

    assert done.returncode == 2
    assert "expected NAME.in with NAME.ans or NAME.out" in done.stderr


def test_a_test_that_is_not_text_is_named(tmp_path: Path, tests: Path) -> None:
    (tests / "1.in").write_bytes(b"\xff")

    done = run("judge", program(tmp_path, RIGHT), "--tests", tests)

    assert done.returncode == 2
    assert "1.in is not UTF-8" in done.stderr


def test_a_file_whose_name_tells_no_language_needs_one(tmp_path: Path, tests: Path) -> None:
    done = run("judge", program(tmp_path, RIGHT, "square.txt"), "--tests", tests)

    assert done.returncode == 2
    assert "say --language, one of: bash, c, cpp" in done.stderr


@pytest.mark.parametrize("command", ["serve", "api", "worker", "doctor"])
def test_a_setting_that_does_not_exist_is_one_line_and_exit_code_2(command: str) -> None:
    done = run(command, SANDBOX_PROT="1")

    assert done.returncode == 2
    assert done.stderr == "error: unknown setting SANDBOX_PROT; did you mean SANDBOX_PORT?\n"


def test_an_isolation_below_the_minimum_is_unhealthy() -> None:
    done = run("doctor", "--json", SANDBOX_ISOLATION="landlock", SANDBOX_MINIMUM_ISOLATION="namespaces")

    findings = json.loads(done.stdout)
    assert (done.returncode, findings["healthy"], findings["in_force"]) == (1, False, None)
    assert "below the configured minimum" in findings["why_not"]


def test_the_doctor_names_every_language() -> None:
    findings = json.loads(run("doctor", "--json").stdout)

    assert [language["name"] for language in findings["languages"]] == sorted(
        path.parent.name for path in ROOT.glob("runners/*/runner.toml")
    )
    assert all(language["version"] or language["missing"] for language in findings["languages"])


def test_the_version_is_told() -> None:
    assert run("--version").stdout.startswith("sandbox-service ")


def test_help_names_every_command() -> None:
    text = run("--help").stdout

    assert all(command in text for command in ("serve", "api", "worker", "judge", "doctor"))


def test_a_program_with_nul_characters_is_refused_in_one_line(tmp_path: Path, tests: Path) -> None:
    done = run("judge", program(tmp_path, "print(4)\0"), "--tests", tests)

    assert (done.returncode, done.stderr) == (2, "error: source: must not contain NUL characters\n")
