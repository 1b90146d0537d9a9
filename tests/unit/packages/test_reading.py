"""A package is read as its format says; what cannot be read is named, and the rest is there."""

import os
from pathlib import Path

import pytest

from sandbox_service.errors import BadRequest
from sandbox_service.models import CheckerProgram, Choice
from sandbox_service.packages import packages_in, read_package

# ---------------------------------------------------------------- tests and limits


def test_samples_come_before_secret_tests_in_the_order_of_their_names(make_package):
    package = read_package(make_package({"data/secret/10.in": "5\n", "data/secret/10.ans": "25\n"}))

    assert package.problem is not None
    assert list(package.test_names) == ["sample/1", "secret/1", "secret/10", "secret/2"]
    assert [test.expected for test in package.problem.tests or ()] == ["4\n", "9\n", "25\n", "144\n"]
    assert package.faults == ()


@pytest.mark.parametrize(
    ("files", "seconds"),
    [
        ({}, None),
        ({"problem.yaml": "limits: {time_limit: 3}\n"}, 3.0),
        ({".timelimit": "1.5\n"}, 1.5),
        ({"domjudge-problem.ini": "timelimit='7'\nname = x\n", ".timelimit": "1"}, 7.0),
        ({"../problems.yaml": "- {id: squares, time_limit: 4}\n- {id: cubes, time_limit: 5}\n"}, 4.0),
    ],
)
def test_the_time_limit_stands_in_one_of_many_places(make_package, files, seconds):
    package = read_package(make_package(files))

    assert package.timing.limit_seconds == seconds
    assert package.problem is not None
    assert package.problem.limits.cpu_seconds == seconds


def test_limits_and_multipliers_of_the_legacy_format(make_package):
    package = read_package(
        make_package(
            {"problem.yaml": "limits: {memory: 512, output: 1, time_multiplier: 3.5, time_safety_margin: 4}\n"}
        )
    )

    assert package.problem is not None
    assert package.problem.limits.memory_bytes == 512 * 2**20
    assert package.problem.limits.output_bytes == 2**20
    assert (package.timing.multiplier, package.timing.safety_margin) == (3.5, 4.0)


def test_multipliers_of_the_format_of_2025(make_package):
    described = (
        "problem_format_version: 2025-09\nlimits: {time_multipliers: {ac_to_time_limit: 3}, time_resolution: 0.5}\n"
    )

    package = read_package(make_package({"problem.yaml": described}))

    assert package.timing.multiplier == 3.0
    assert (package.timing.safety_margin, package.timing.resolution_seconds) == (1.5, 0.5)


def test_the_flags_of_the_default_validator_are_those_of_our_checker(make_package):
    package = read_package(make_package({"problem.yaml": "validator_flags: case_sensitive float_tolerance 1e-6\n"}))

    assert package.problem is not None
    assert isinstance(package.problem.checker, Choice)
    assert package.problem.checker.name == "kattis"
    assert package.problem.checker.parameters == {"case_sensitive": True, "float_tolerance": 1e-6}


def test_the_flags_of_a_validator_of_its_own_may_differ_from_test_to_test(make_package):
    described = "validation: custom\nvalidator_flags: all\n"
    files = {
        "output_validators/check.py": "import sys; sys.exit(42)\n",
        "data/sample/1.in": "",
        "data/sample/1.ans": "",
    }
    files |= {"data/secret/testdata.yaml": "output_validator_flags: most few\n", "data/secret/a/3.in": "4\n"}
    files |= {"data/secret/a/testdata.yaml": "output_validator_flags: none\n", "data/secret/a/3.ans": "16\n"}

    package = read_package(make_package({"problem.yaml": described, **files}))

    assert package.problem is not None
    assert isinstance(package.problem.checker, CheckerProgram)
    assert package.problem.checker.arguments == ("all",)
    found = {test.stdin: test.checker_arguments for test in package.problem.tests or ()}
    assert found == {"3\n": ("most", "few"), "12\n": ("most", "few"), "4\n": ("none",)}
    assert not package.faults


# ---------------------------------------------------------------- what is missing or cannot be read


@pytest.mark.parametrize(
    ("files", "where", "what"),
    [
        ({"data/secret/2.ans": ""}, "data/secret/2.ans", "missing"),
        ({"data/secret/2.in": ""}, "data/secret/2.in", "missing"),
        ({"data/secret/2.in": b"\xff\xfe"}, "data/secret/2.in", "not UTF-8"),
        ({"data/secret/2.ans": b"\xff\xfe"}, "data/secret/2.ans", "not UTF-8"),
        ({"data/secret/2.in": b"a\0b"}, "data/secret/2.in", "NUL"),
        ({"data/secret/2.files/a.txt": "a"}, "data/secret/2.files", "not supported"),
    ],
)
def test_a_test_that_cannot_be_read_is_named_and_left_out(make_package, files, where, what):
    package = read_package(make_package(files))

    assert [fault.where for fault in package.faults] == [where]
    assert what in package.faults[0].what
    assert list(package.test_names) == ["sample/1", "secret/1"]
    assert len(package.submissions) == 3


@pytest.mark.parametrize(
    "described",
    ["{", "- a list\n", "limits: {time_multiplier: many}\n", "limits: {memory: -1}\n", "validator_flags: nonsense\n"],
)
def test_settings_that_cannot_be_are_named_and_the_defaults_hold(make_package, described):
    package = read_package(make_package({"problem.yaml": described}))

    assert [fault.where for fault in package.faults] == ["problem.yaml"]
    assert package.problem is not None
    assert len(package.test_names) == 3


def test_yaml_that_would_run_something_is_not_run(make_package, tmp_path):
    path = make_package({"problem.yaml": f"name: !!python/object/apply:os.mkdir ['{tmp_path}/made']\n"})

    package = read_package(path)

    assert not (tmp_path / "made").exists()
    assert [fault.where for fault in package.faults] == ["problem.yaml"]


def test_a_link_within_the_package_is_followed_and_one_that_leads_out_is_not(make_package, tmp_path):
    (tmp_path / "secret.txt").write_text("secret")
    path = make_package({"data/secret/1.ans": "", "data/secret/2.ans": ""})
    os.symlink("../sample/1.ans", path / "data/secret/1.ans")
    os.symlink("../../../secret.txt", path / "data/secret/2.ans")
    os.symlink(tmp_path / "secret.txt", path / "submissions/accepted/outside.py")
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "elsewhere/9.in").write_text("secret")
    os.symlink(tmp_path / "elsewhere", path / "data/secret/more")

    package = read_package(path)

    assert list(package.test_names) == ["sample/1", "secret/1"]
    assert {fault.where for fault in package.faults} == {
        "data/secret/2.ans",
        "data/secret/more",
        "submissions/accepted/outside.py",
    }
    assert "secret" not in repr(package.problem)


def test_a_named_pipe_is_not_waited_for(make_package):
    path = make_package({"data/secret/2.ans": ""})
    os.mkfifo(path / "data/secret/2.ans")

    package = read_package(path)

    assert [fault.where for fault in package.faults] == ["data/secret/2.ans"]


def test_a_folder_that_is_no_package_is_said_to_be_none(tmp_path):
    with pytest.raises(BadRequest, match="no problem package"):
        list(packages_in(tmp_path))


def test_a_folder_of_packages_is_all_of_them(make_package):
    path = make_package({"../other/problem.yaml": "name: other\n", "../notes/a.txt": "a"})

    assert [found.name for found in packages_in(path.parent)] == ["other", "squares"]


# ---------------------------------------------------------------- scoring


def scoring_of(path: Path):
    package = read_package(path)
    assert package.problem is not None
    assert package.problem.scoring is not None
    return package.problem.scoring, {group.name: group for group in package.problem.scoring.groups}, package


def test_legacy_groups_inherit_and_their_tests_are_worth_what_is_accepted(make_package):
    path = make_package(
        {
            "problem.yaml": "type: scoring\n",
            "data/testdata.yaml": "on_reject: continue\ngrader_flags: ignore_sample\n",
            "data/secret/testdata.yaml": "grader_flags: min\naccept_score: 50\n",
            "data/secret/a/1.in": "1\n",
            "data/secret/a/1.ans": "1\n",
            "data/secret/a/testdata.yaml": "on_reject: break\n",
        }
    )

    scoring, groups, package = scoring_of(path)

    assert scoring.on_reject == "continue"
    assert groups["sample"].points == 0
    assert (groups["secret/a"].aggregation, groups["secret/a"].on_reject) == ("min", "break")
    assert package.problem is not None
    assert {test.group: test.weight for test in package.problem.tests or ()} == {
        "sample": None,
        "secret": 50,
        "secret/a": 50,
    }


def test_a_group_of_domjudge_is_worth_its_score_when_all_is_passed(make_package):
    path = make_package(
        {".timelimit": "1", "problem.yaml": "type: scoring\n", "data/secret/testdata.yaml": "accept_score: 30\n"}
    )

    _, groups, package = scoring_of(path)

    assert (groups["secret"].points, groups["secret"].aggregation, groups["sample"].points) == (30, "pass_fail", 0)
    assert package.problem is not None
    assert all(test.weight is None for test in package.problem.tests or ())


def test_groups_of_2025_have_points_and_requirements(make_package):
    path = make_package(
        {
            "problem.yaml": "problem_format_version: 2025-09\ntype: scoring\n",
            "data/secret/1.in": "",
            "data/secret/1.ans": "",
            "data/secret/2.in": "",
            "data/secret/2.ans": "",
            **{f"data/secret/{name}/1.{end}": "1\n" for name in ("a", "b") for end in ("in", "ans")},
            "data/secret/a/test_group.yaml": "max_score: 40\nrequire_pass: sample\n",
            "data/secret/b/test_group.yaml": "max_score: 60\nscore_aggregation: sum\nrequire_pass: [secret/a]\n",
        }
    )

    _, groups, _ = scoring_of(path)

    assert (groups["sample"].points, groups["secret"].points, groups["secret"].aggregation) == (0, None, "sum")
    assert (groups["secret/a"].points, groups["secret/a"].aggregation) == (40, "pass_fail")
    assert (groups["secret/b"].aggregation, groups["secret/b"].requires) == ("sum", ("secret/a",))


# ---------------------------------------------------------------- validators of the package's own


def test_a_validator_becomes_a_checker_program_with_its_flags_and_limits(make_package):
    package = read_package(
        make_package(
            {
                "problem.yaml": "validation: custom\nvalidator_flags: a b\nlimits: {validation_time: 7}\n",
                "output_validators/check/validate.cc": "int main() { return 42; }\n",
                "output_validators/check/validate.h": "#define X\n",
            }
        )
    )

    assert package.lacking is None
    assert package.problem is not None
    checker = package.problem.checker
    assert isinstance(checker, CheckerProgram)
    assert (checker.language, checker.protocol, checker.arguments) == ("cpp", "kattis", ("a", "b"))
    assert (checker.limits.cpu_seconds, list(checker.files)) == (7.0, ["validate.h"])


@pytest.mark.parametrize(
    ("described", "passes"),
    [
        ("validation: custom interactive\n", 1),
        ("problem_format_version: 2025-09\ntype: [interactive, multi-pass]\nlimits: {validation_passes: 3}\n", 3),
    ],
)
def test_a_validator_that_talks_becomes_an_interactor(make_package, described, passes):
    package = read_package(make_package({"problem.yaml": described, "output_validator/v.py": "exit(42)\n"}))

    assert package.problem is not None
    assert package.problem.interactor is not None
    assert (package.problem.interactor.language, package.problem.passes) == ("python", passes)


def test_the_scores_of_a_validator_are_a_part_of_the_range(make_package):
    package = read_package(
        make_package(
            {
                "problem.yaml": "type: scoring\nvalidation: custom score\n",
                "data/secret/testdata.yaml": "range: 0 100\n",
                "output_validators/v.py": "exit(42)\n",
            }
        )
    )

    assert package.problem is not None
    assert isinstance(package.problem.checker, CheckerProgram)
    assert package.problem.checker.full_score == 100
    assert {test.weight for test in package.problem.tests or ()} == {100.0}


@pytest.mark.parametrize(
    ("files", "lacking"),
    [
        ({}, "there is no output validator"),
        ({"output_validators/v/build": "make", "output_validators/v/a.c": "int main() {}"}, "scripts of its own"),
        ({"output_validators/a/a.py": "1", "output_validators/b/b.py": "1"}, "several"),
        ({"output_validators/v.xyz": "1"}, "no language is known for .xyz"),
        ({"output_validators/v.py": "print 1\n"}, "Python 2"),
        ({"output_validators/v/judging/a.txt": "1", "output_validators/v/v.py": "1"}, "judging"),
    ],
)
def test_a_validator_that_cannot_be_had_is_named_and_nobody_is_judged(make_package, files, lacking):
    package = read_package(make_package({"problem.yaml": "validation: custom\n", **files}))

    assert lacking in (package.lacking or "")


def test_a_test_says_what_the_program_and_the_validator_are_called_with_on_it(make_package):
    package = read_package(
        make_package(
            {
                "problem.yaml": "problem_format_version: 2025-09\n",
                "output_validator/v.py": "exit(42)\n",
                "data/secret/test_group.yaml": "output_validator_args: [strict]\n",
                "data/secret/2.yaml": "args: ['-n', 5]\noutput_validator_args: [loose, x]\n",
            }
        )
    )

    assert package.problem is not None
    assert [(test.arguments, test.checker_arguments) for test in package.problem.tests or ()] == [
        ((), ()),
        ((), ("strict",)),
        (("-n", "5"), ("loose", "x")),
    ]
