"""A submission is compiled once, and only what would come out the same again is kept."""

from collections.abc import Mapping

from sandbox_service.compilers import LOG_BYTES, Compiler
from sandbox_service.models import Execution, Isolation, Limits, Outcome, Submission, Tier
from sandbox_service.programs import RecentPrograms
from sandbox_service.runners import read_runners
from sandbox_service.sandboxes.contract import Command
from sandbox_service.settings import Settings
from tests.unit.boxes import RunsAlone

CPP = read_runners(Settings())["cpp"]
PYTHON = read_runners(Settings())["python"]
PROGRAM = Submission(id="r0", language="cpp", source="int main() {}")


class FakeCompilerBox(RunsAlone):
    """Answers every command with the same end and the same files."""

    isolation = Isolation(tier=Tier.UNSAFE, layers={})
    takes_steps = False

    def __init__(
        self,
        outcome: Outcome = Outcome.EXITED,
        exit_code: int | None = 0,
        files: Mapping[str, bytes] | None = None,
        stderr: bytes = b"",
    ) -> None:
        self.execution = Execution(outcome, exit_code, None, b"", stderr, 0.5, 0.6, 7, files=files or {})
        self.commands: list[Command] = []

    def run(self, command: Command, limits: Limits, *, stdin: bytes = b"", collect: object = ()) -> Execution:
        self.commands.append(command)
        return self.execution

    def close(self) -> None: ...


def test_what_the_compiler_left_is_the_program():
    program = Compiler().compile(PROGRAM, CPP, FakeCompilerBox(files={"main": b"ELF"}))

    assert program.runs
    assert {name: file.content for name, file in program.files.items()} == {"main": b"ELF"}
    assert program.files["main"].executable


def test_a_source_that_is_only_checked_is_itself_the_program():
    submission = Submission(id="r0", language="python", source="print(1)")

    program = Compiler().compile(submission, PYTHON, FakeCompilerBox())

    assert {name: file.content for name, file in program.files.items()} == {"main.py": b"print(1)"}


def test_a_source_seen_before_is_not_compiled_again():
    compiler, box = Compiler(), FakeCompilerBox(files={"main": b"ELF"})

    first = compiler.compile(PROGRAM, CPP, box)
    again = compiler.compile(PROGRAM.model_copy(update={"id": "r1"}), CPP, box)

    assert again is first
    assert len(box.commands) == 1


def test_a_compile_error_is_remembered_too():
    compiler, box = Compiler(), FakeCompilerBox(exit_code=1)

    compiler.compile(PROGRAM, CPP, box)
    again = compiler.compile(PROGRAM, CPP, box)

    assert not again.runs
    assert len(box.commands) == 1


def test_another_source_or_option_is_another_program():
    compiler, box = Compiler(), FakeCompilerBox(files={"main": b"ELF"})
    others: list[dict[str, object]] = [
        {"source": "int main() { }"},
        {"options": {"standard": "c++20"}},
        {"options": {"optimisation": "O0"}},
    ]

    compiler.compile(PROGRAM, CPP, box)
    for other in others:
        compiler.compile(PROGRAM.model_copy(update=other), CPP, box)

    assert len(box.commands) == 1 + len(others)


def test_what_is_made_ready_beforehand_makes_another_program():
    compiler, box = Compiler(), FakeCompilerBox(files={"main": b"ELF"})
    other = CPP.model_copy(update={"prepare": CPP.prepare[1:]})

    compiler.compile(PROGRAM, CPP, box)
    compiler.compile(PROGRAM, other, box)

    assert len(box.commands) == 2


def test_naming_the_default_makes_no_other_program():
    compiler, box = Compiler(), FakeCompilerBox(files={"main": b"ELF"})

    compiler.compile(PROGRAM, CPP, box)
    compiler.compile(PROGRAM.model_copy(update={"options": {"standard": "c++17"}}), CPP, box)

    assert len(box.commands) == 1


def test_a_compiler_that_was_stopped_is_asked_again():
    compiler, box = Compiler(), FakeCompilerBox(Outcome.OUT_OF_TIME, None)

    program = compiler.compile(PROGRAM, CPP, box)
    compiler.compile(PROGRAM, CPP, box)

    assert program.compilation is not None
    assert program.compilation.reason == "the compiler ran out of time"
    assert len(box.commands) == 2


def test_the_programs_used_longest_ago_make_room():
    compiler, box = Compiler(RecentPrograms(memory_bytes=250)), FakeCompilerBox(files={"main": b"x" * 100})
    sources = [PROGRAM.model_copy(update={"source": str(number)}) for number in range(3)]

    for submission in (sources[0], sources[1], sources[0], sources[2], sources[0], sources[1]):
        compiler.compile(submission, CPP, box)

    compiled = [command.files["main.cpp"].content for command in box.commands]
    assert compiled == [b"0", b"1", b"2", b"1"]


def test_a_program_larger_than_the_room_is_not_kept():
    compiler, box = Compiler(RecentPrograms(memory_bytes=50)), FakeCompilerBox(files={"main": b"x" * 100})

    compiler.compile(PROGRAM, CPP, box)
    compiler.compile(PROGRAM, CPP, box)

    assert len(box.commands) == 2


def test_a_compiler_that_leaves_nothing_has_failed():
    program = Compiler().compile(PROGRAM, CPP, FakeCompilerBox(files={}))

    assert not program.runs
    assert program.compilation is not None
    assert program.compilation.reason == "the compiler left no program behind"


def test_a_long_log_is_cut_and_marked():
    box = FakeCompilerBox(exit_code=1, stderr=b"a" + "é".encode() * LOG_BYTES)

    compilation = Compiler().compile(PROGRAM, CPP, box).compilation

    assert compilation is not None
    assert compilation.log_truncated
    assert compilation.log == "a" + "é" * ((LOG_BYTES - 1) // 2)
