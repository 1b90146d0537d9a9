"""Problems in Kattis format."""

from pathlib import Path

from tests.benchmarks.kattis import problems


def problem(folder: Path, described: str = "") -> Path:
    """One sample, one secret test, a right and a wrong submission, and one in a language that is not known."""
    files = {
        "problem.yaml": described,
        "data/sample/1.in": "1\n",
        "data/sample/1.ans": "1\n",
        "data/secret/2.in": "2\n",
        "data/secret/2.ans": "4\n",
        "submissions/accepted/right.py": "print(int(input()) ** 2)",
        "submissions/accepted/right.pas": "",
        "submissions/wrong_answer/wrong.cpp": "int main() {}",
    }
    for name, content in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(content)
    return folder


def test_tests_and_submissions_are_read_with_the_verdicts_of_their_folders(tmp_path):
    (task,) = problems(problem(tmp_path / "squares"))

    assert task.tests == [("1\n", "1\n"), ("2\n", "4\n")]
    assert [(entry.language, entry.verdict) for entry in task.entries] == [
        ("python", "accepted"),
        ("cpp", "wrong_answer"),
    ]
    assert (task.limits, task.checker) == ({}, "tokens")


def test_the_time_limit_and_the_tolerance_are_the_problems_own(tmp_path):
    described = "limits:\n  time_limit: 2.5\nvalidator_flags: float_tolerance 1e-4\n"

    (task,) = problems(problem(tmp_path / "squares", described))

    assert task.limits == {"cpu_seconds": 2.5}
    assert task.checker == {"name": "floats", "relative": 1e-4, "absolute": 1e-4}


def test_a_folder_of_problems_is_read_problem_by_problem(tmp_path):
    for name in ("b", "a"):
        problem(tmp_path / name)
    (tmp_path / "README").write_text("")

    assert [task.name for task in problems(tmp_path)] == ["a", "b"]
