"""What is made ready for compilers makes them faster, and nothing else: a source means what it would mean without."""

import re
import subprocess
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from sandbox_service.compilers import Compiler, prepared_folder
from sandbox_service.models import Execution, Outcome, RequestedLimits, Submission
from sandbox_service.preparations import Preparations
from sandbox_service.programs import Program
from sandbox_service.runners import Runner, read_runners
from sandbox_service.sandboxes import Box, open_box
from sandbox_service.settings import Settings

RUNNERS = read_runners(Settings())
CPP, JAVA = RUNNERS["cpp"], RUNNERS["java"]
INCLUDE = "#include <bits/stdc++.h>\n"
NAME = re.compile(r"[A-Za-z_]\w*")


def needs(runner: Runner) -> None:
    if missing := runner.missing():
        pytest.skip(f"needs {', '.join(missing)}")


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("programs")
    folder.chmod(0o755)
    for parent in (folder.parent, folder.parent.parent):
        parent.chmod(0o755)  # for boxes have a uid of their own
    return folder


@pytest.fixture(scope="module")
def box(folder: Path) -> Iterator[Box]:
    box = open_box(prepared=prepared_folder(folder))
    yield box
    box.close()


@pytest.fixture(scope="module")
def compiler(folder: Path) -> Compiler:
    return Compiler.with_folder(folder)


def compiled(source: str, compiler: Compiler, box: Box, **options: str) -> Program:
    submission = Submission(id="r0", language="cpp", source=INCLUDE + source, options=options)
    return compiler.compile(submission, CPP, box)


# ---------------------------------------------------------------- C++

# Each is an error on one of its lines unless the name is known: globally, to the library, to the preprocessor.
FORMS = ("namespace a {{ using ::{}; }}\n", "namespace a {{ using std::{}; }}\n", "#ifndef {}\n#error\n#endif\n")
NAMESPACE = "namespace a {{ using namespace std::{}; }}\n"


def known(names: list[str], form: str, header: list[str], scratch: Path) -> set[str]:
    """The names that are known after the header."""
    file = scratch / "names.cpp"
    file.write_text("".join(map(form.format, names)))
    command = ["g++", *header, "-include", "bits/stdc++.h", "-fsyntax-only", "-fmax-errors=0", str(file)]
    said = subprocess.run([*command, "-fno-diagnostics-show-caret"], capture_output=True, text=True, check=False).stderr
    lines = form.count("\n")
    unknown = {(int(line) - 1) // lines for line in re.findall(r"names\.cpp:(\d+):\d+: error:", said)}
    return {name for number, name in enumerate(names) if number not in unknown}


@pytest.mark.timeout(300)
@pytest.mark.parametrize("standard", CPP.options["standard"].choices)
def test_a_source_that_says_a_name_gets_the_header_that_has_it(
    standard: str, folder: Path, box: Box, tmp_path: Path
) -> None:
    needs(CPP)
    place = prepared_folder(folder)
    flags = ["-O2", *CPP.options["standard"].choices[standard], "-pipe", "-w", "-fmax-errors=20"]
    flags += ["-fdiagnostics-color=never", "-DONLINE_JUDGE"]  # those that it was prepared with
    found = Preparations(place).find(CPP, {"standard": standard}, INCLUDE, box)
    usual, whole = ([*flags, ready.to_compile[0].replace("{prepared}", str(place))] for ready in found)
    text = subprocess.run(
        ["g++", *flags, "-x", "c++", "-E", "-P", "-dD", "-"], input=INCLUDE, capture_output=True, text=True, check=True
    ).stdout
    names = sorted({name for name in NAME.findall(text) if not name.startswith("_")})  # those are the compiler's own

    missing: set[str] = set()
    for form, of in [*((form, names) for form in FORMS), (NAMESPACE, re.findall(r"namespace ([a-z]\w*)", text))]:
        missing |= known(of, form, whole, tmp_path) - known(of, form, usual, tmp_path)

    assert {"regex", "async", "regex_constants"} <= missing
    assert [name for name in sorted(missing) if CPP.prepare[0].is_for(INCLUDE + name)] == []


MUTEX = 'std::mutex m; int main() { std::lock_guard<std::mutex> held(m); puts("1"); }'
SOURCES = {
    "a usual one": "int main() { std::vector<int> v{1}; std::cout << v[0] << '\\n'; }",
    "a part that few use": MUTEX,
    "a name put together": "#define NAME(a, b) a##b\n" + MUTEX.replace("std::mutex m", "std::NAME(mut, ex) m"),
    "a name over two lines": MUTEX.replace("std::mutex m", "std::mut\\\nex m"),
    "a name that only the compiler's own files say": 'using std::__future_base; int main() { puts("1"); }',
    "the part by itself": "#include <mutex>\n" + MUTEX,
    "the header twice": INCLUDE + 'int main() { puts("1"); }',
}


@pytest.mark.parametrize("what", SOURCES)
def test_a_program_compiles_whatever_it_takes_of_the_header(what: str, compiler: Compiler, box: Box) -> None:
    needs(CPP)

    program = compiled(SOURCES[what], compiler, box)

    assert program.compilation is not None
    assert program.runs, program.compilation.log
    limits = CPP.resolve_limits(RequestedLimits())
    command = CPP.run_command(program.files, {}, program.entry, limits, fast=program.fast)
    assert box.run(command, CPP.box_limits(limits)).stdout == b"1\n"


@pytest.mark.parametrize("name", ["lock", "async", "thread", "regex_match", "promise", "future", "launch"])
def test_a_name_that_is_ambiguous_without_is_ambiguous_with(name: str, compiler: Compiler, box: Box) -> None:
    needs(CPP)

    program = compiled(f"using namespace std;\nint {name};\nint main() {{ return {name}; }}", compiler, box)

    assert program.compilation is not None
    assert f"reference to ‘{name}’ is ambiguous" in program.compilation.log


def test_what_does_not_compile_is_told_by_the_whole_header(compiler: Compiler, box: Box) -> None:
    needs(CPP)

    program = compiled("int main() { return undeclared; }", compiler, box)

    assert program.compilation is not None
    assert program.compilation.log.count("‘undeclared’ was not declared in this scope") == 1


# ---------------------------------------------------------------- Java

SQUARE = """import java.util.*;
public class Main {
  public static void main(String[] arguments) { System.out.println(Math.pow(new Scanner(System.in).nextInt(), 2)); }
}
"""


def test_a_java_program_runs_with_the_usual_classes_at_hand(compiler: Compiler, box: Box) -> None:
    needs(JAVA)
    program = compiler.compile(Submission(id="r0", language="java", source=SQUARE), JAVA, box)
    limits = JAVA.resolve_limits(RequestedLimits())

    def run(*more: str) -> Execution:
        command = JAVA.run_command(program.files, {}, program.entry, limits, fast=program.fast)
        argv = (command.argv[0], *more, *command.argv[1:])
        return box.run(replace(command, argv=argv), JAVA.box_limits(limits), stdin=b"3")

    assert any("SharedArchiveFile" in word for word in program.fast)
    assert run().stdout == b"9.0\n"
    used = run("-Xlog:class+load:file=loaded", "-Xshare:on")
    assert (used.exit_code, used.stdout) == (0, b"9.0\n"), used.stderr


def test_an_archive_that_is_gone_costs_time_alone(compiler: Compiler, box: Box) -> None:
    needs(JAVA)
    program = compiler.compile(Submission(id="r0", language="java", source=SQUARE), JAVA, box)
    limits = JAVA.resolve_limits(RequestedLimits())
    fast = tuple(word.replace("run.jsa", "gone.jsa") for word in program.fast)

    execution = box.run(
        JAVA.run_command(program.files, {}, program.entry, limits, fast=fast), JAVA.box_limits(limits), stdin=b"3"
    )

    assert (execution.outcome, execution.stdout, execution.stderr) == (Outcome.EXITED, b"9.0\n", b"")
