"""Languages are data, and what the data says is checked."""

from pathlib import Path

import pytest

from sandbox_service import runners
from sandbox_service.entry_points import EntryPoint
from sandbox_service.errors import BadRequest, ConfigurationError, UnknownName
from sandbox_service.models import Execution, Outcome, RequestedLimits, Submission
from sandbox_service.sandboxes.contract import File
from sandbox_service.settings import Settings

SETTINGS = Settings()
SHIPPED = runners.read_runners(SETTINGS)
MIB = 2**20

MINIMAL = """
title = "Echo"
source = "main.echo"
version = ["echo", "1.0"]
[executables]
no-such-thing = "apt-get install -y no-such-thing"
[limits]
cpu_seconds = 1
memory_bytes = 1000
output_bytes = 1000
processes = 1
[run]
argv = ["echo", "{source}"]
"""


def read(directory: Path, text: str, *, name: str = "echo", **settings: object):
    (directory / name).mkdir(exist_ok=True)
    (directory / name / "runner.toml").write_text(text)
    return runners.read_runners(Settings(runners_directory=directory, **settings))


def program(language: str, source: str = "", **options: str) -> Submission:
    return Submission(id="r0", language=language, source=source, options=options)


LANGUAGES = """
bash c cpp csharp d elixir fortran go haskell java javascript kotlin lisp lua nasm ocaml octave pascal perl php prolog
pypy python r racket ruby rust scala sql typescript
"""
# As other judges and benchmarks spell them.
OTHER_NAMES = {
    "bash": "sh shell",
    "c": "gcc",
    "cpp": "C++ g++",
    "csharp": "cs C# mono",
    "d": "D_ut dlang",
    "elixir": "ex exs",
    "fortran": "f90 gfortran",
    "go": "golang",
    "haskell": "hs ghc",
    "javascript": "js node nodejs",
    "kotlin": "kt kotlin-jvm",
    "lisp": "commonlisp common-lisp clisp cl sbcl",
    "lua": "lua5.4",
    "nasm": "asm assembly nasm64",
    "ocaml": "ml",
    "octave": "matlab m",
    "pascal": "pas fpc freepascal",
    "perl": "pl",
    "php": "php8",
    "prolog": "swipl pro",
    "pypy": "pypy3",
    "python": "python3 py cpython",
    "r": "R Rscript",
    "racket": "rkt",
    "ruby": "rb",
    "rust": "rs",
    "scala": "scala2",
    "sql": "sqlite sqlite3",
    "typescript": "ts ts-node",
}


def test_the_shipped_languages_are_there():
    assert set(SHIPPED) == set(LANGUAGES.split())


@pytest.mark.parametrize(
    ("name", "found"), [(name, found) for found, names in OTHER_NAMES.items() for name in [found, *names.split()]]
)
def test_a_language_is_found_by_name_and_by_alias(name: str, found: str):
    assert runners.find(SHIPPED, name) is SHIPPED[found]


def test_an_unknown_language_is_refused_with_what_exists():
    with pytest.raises(UnknownName, match="unknown language 'pyhton'; available: bash, c, cpp") as raised:
        runners.find(SHIPPED, "pyhton")

    assert raised.value.field == "language"


def test_a_missing_toolchain_is_named_with_the_way_to_get_it(tmp_path: Path):
    found = read(tmp_path, MINIMAL)

    assert found["echo"].missing() == {"no-such-thing": "apt-get install -y no-such-thing"}
    assert runners.available(found) == {}


def test_executables_are_not_looked_up_through_path(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    (tmp_path / "no-such-thing").write_text("#!/bin/sh\n")
    (tmp_path / "no-such-thing").chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path))

    assert runners.find_executable("no-such-thing") is None


def test_the_version_is_the_first_line_the_toolchain_says():
    assert runners.toolchain_version(("echo", "Echo 1.0\nand more")) == "Echo 1.0"
    assert runners.toolchain_version(("no-such-thing", "--version")) == "missing"


# ---------------------------------------------------------------- the file


@pytest.mark.parametrize(
    ("change", "complaint"),
    [
        (("title", "titel"), "titel"),
        (('source = "main.echo"', ""), "source"),
        (("processes = 1", "processes = 1\nfiles = 3"), "limits.files"),
        (("processes = 1", "processes = 0"), "limits.processes"),
        (("{source}", "{sauce}"), r"unknown placeholder \{sauce\}; available: box, entry, linked, memory_mb, source"),
        (('title = "Echo"', 'title = "Echo"\nentry_point = "cobol"'), "'cobol'; available: java"),
        (('title = "Echo"', "title = "), "Invalid value"),
        (('title = "Echo"', 'title = "Echo"\nname = "x"'), "name"),
        (("[run]", '[options.a]\ndefault = "x"\nchoices = {}\n[run]'), "default 'x' is none of the choices"),
    ],
)
def test_a_mistake_in_a_runner_is_named_with_its_file(tmp_path: Path, change: tuple[str, str], complaint: str):
    with pytest.raises(ConfigurationError, match=rf"echo/runner\.toml.*{complaint}"):
        read(tmp_path, MINIMAL.replace(*change))


def test_two_languages_cannot_share_a_name(tmp_path: Path):
    read(tmp_path, MINIMAL)

    with pytest.raises(ConfigurationError, match="'echo'"):
        read(tmp_path, 'aliases = ["echo"]' + MINIMAL, name="other")


def test_a_directory_without_runners_is_refused(tmp_path: Path):
    with pytest.raises(ConfigurationError, match="SANDBOX_RUNNERS_DIRECTORY"):
        runners.read_runners(Settings(runners_directory=tmp_path))


# ---------------------------------------------------------------- limits


def test_the_language_completes_the_limits():
    limits = SHIPPED["cpp"].resolve_limits(RequestedLimits(memory_bytes=64 * MIB))

    assert limits.memory_bytes == 64 * MIB
    assert limits.cpu_seconds == SHIPPED["cpp"].limits.cpu_seconds
    assert limits.output_bytes == SHIPPED["cpp"].limits.output_bytes


def test_wall_time_is_a_multiple_of_the_cpu_time_and_a_little():
    assert SHIPPED["cpp"].resolve_limits(RequestedLimits(cpu_seconds=2)).wall_seconds == 8
    assert SHIPPED["cpp"].resolve_limits(RequestedLimits(cpu_seconds=2, wall_seconds=3)).wall_seconds == 3


def test_the_runtime_s_own_memory_and_threads_come_on_top():
    java = SHIPPED["java"]
    limits = java.resolve_limits(RequestedLimits(memory_bytes=64 * MIB, processes=1))

    held_to = java.box_limits(limits)

    assert held_to.memory_bytes == 64 * MIB + java.overhead.memory_bytes > 64 * MIB
    assert held_to.processes == 1 + java.overhead.processes > 1
    assert SHIPPED["c"].box_limits(limits) == limits


@pytest.mark.parametrize("name", RequestedLimits.model_fields)
def test_a_limit_above_the_maximum_is_refused_by_its_name(name: str):
    maximum = getattr(SETTINGS, f"maximum_{name}")
    runners.check_limits(RequestedLimits(**{name: maximum}), SETTINGS)

    with pytest.raises(BadRequest, match=f"at most {maximum}") as raised:
        runners.check_limits(RequestedLimits(**{name: maximum + 1}), SETTINGS)

    assert raised.value.field == f"problem.limits.{name}"


def test_a_language_s_own_limits_never_exceed_the_maximum(tmp_path: Path):
    found = read(tmp_path, MINIMAL, maximum_output_bytes=10)

    assert found["echo"].limits.output_bytes == 10


# ---------------------------------------------------------------- options and commands


def test_options_fall_back_to_their_defaults():
    cpp = SHIPPED["cpp"]

    argv = cpp.compile_command(program("cpp"), EntryPoint("main.cpp", "main.cpp")).argv

    assert "-std=gnu++17" in argv
    assert "-O2" in argv


def test_a_choice_stands_for_its_words():
    cpp = SHIPPED["cpp"]
    submission = program("cpp", standard="c++20", optimisation="O0")

    argv = cpp.compile_command(submission, EntryPoint("main.cpp", "main.cpp")).argv

    assert {"-O0", "-std=gnu++20"} <= {*argv}
    assert not {"-O2", "-std=gnu++17"} & {*argv}


def test_an_unknown_option_is_refused_with_what_exists():
    with pytest.raises(UnknownName, match="'flags'; available: optimisation, standard") as raised:
        SHIPPED["cpp"].check_options({"flags": "-fplugin=x"})

    assert raised.value.field == "options.flags"


def test_an_unknown_choice_is_refused_with_what_exists():
    with pytest.raises(UnknownName, match=r"'-O9'; available: O0, O1, O2, O3") as raised:
        SHIPPED["c"].check_options({"optimisation": "-O9"})

    assert raised.value.field == "options.optimisation"


def test_a_language_without_options_refuses_all():
    with pytest.raises(UnknownName, match="available: none"):
        SHIPPED["ruby"].check_options({"standard": "3"})


def test_the_heap_follows_the_memory_limit():
    java = SHIPPED["java"]
    limits = java.resolve_limits(RequestedLimits(memory_bytes=64 * MIB))

    command = java.run_command({"classes/A.class": File(b"")}, {}, EntryPoint("A.java", "A"), limits)

    assert "-Xmx64m" in command.argv
    assert command.argv[-1] == "A"


def test_a_source_can_say_nothing_in_a_command_but_its_entry_point():
    java = SHIPPED["java"]
    submission = program("java", "public class A { }")

    command = java.compile_command(submission, java.find_entry_point(submission.source))

    assert command.argv[-1] == "A.java"
    assert command.files == {"A.java": File(b"public class A { }")}


@pytest.mark.parametrize("language", SHIPPED)
def test_a_command_gets_nothing_of_our_environment(language: str, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("SANDBOX_REDIS_URL", "redis://secret")
    runner = SHIPPED[language]

    command = runner.run_command({}, {}, EntryPoint("a", "a"), runner.resolve_limits(RequestedLimits()))

    assert command.environment["PATH"] == "/usr/local/bin:/usr/bin:/bin"
    assert "secret" not in str(command.environment)


def test_a_full_heap_is_known_by_how_the_runtime_ends():
    full = Execution(Outcome.EXITED, 3, None, b"", b"", 0.1, 0.1, 1)

    assert SHIPPED["java"].ran_out_of_memory(full)
    assert not SHIPPED["python"].ran_out_of_memory(full)


@pytest.mark.parametrize("runner", SHIPPED.values(), ids=SHIPPED)
def test_examples_are_named_after_their_verdicts(runner: runners.Runner):
    for example in runners.examples(runner, SETTINGS):
        assert example.submission.id.startswith(f"{runner.name}/{example.verdict}.")
        assert example.submission.language == runner.name


def test_the_runner_that_the_manual_shows_is_a_good_one(tmp_path: Path):
    manual = (Path(__file__).parents[2] / "docs" / "languages.md").read_text("utf-8")
    shown = manual.partition("```toml\n")[2].partition("```")[0]

    assert read(tmp_path, shown, name="go")["go"].title == "Go"


@pytest.mark.parametrize(
    ("source", "loaded"),
    [
        ("import numpy as np", True),
        ("def f():\n    from numpy.linalg import norm", True),
        ("print('import numpy')", False),
        ("import numpyro", False),
        ("", False),
    ],
)
def test_a_program_is_forked_from_an_interpreter_that_has_what_it_imports(source: str, loaded: bool):
    zygote = runners.read_runners(Settings())["python"].zygote(Submission(id="r0", language="python", source=source))

    assert zygote is not None
    assert ("numpy" in zygote.preload) == loaded


def test_a_program_with_files_beside_it_is_started_anew():
    shadowing = {"random.py": "cHJpbnQoMSk="}
    submission = Submission.model_validate(
        {"id": "r0", "language": "python", "source": "import random", "files": shadowing}
    )

    assert runners.read_runners(Settings())["python"].zygote(submission) is None


def test_a_program_to_be_called_is_forked_from_the_same_interpreter():
    runner = runners.read_runners(SETTINGS)["python"]
    zygotes = [*runner.zygotes()]

    assert [each.preload for each in runner.for_calls.zygotes()] == [each.preload for each in zygotes]
