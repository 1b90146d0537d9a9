"""What a language costs: compiling a program of few lines, and running it on one test."""

import argparse
import statistics
from collections.abc import Iterator

from sandbox_service.compilers import Compiler
from sandbox_service.models import Execution, Outcome, Problem, Submission, Verdict
from sandbox_service.programs import Program
from sandbox_service.runners import Runner, available, examples, read_runners
from sandbox_service.sandboxes import Box, open_box
from sandbox_service.settings import Settings, read_settings

MIB = 2**20
HEAD = ("language", "check or compile, CPU s", "its memory, MiB", "one test, CPU ms", "wall ms", "memory, MiB")


def main() -> None:
    """Print a table in Markdown, from the quickest start to the slowest."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("languages", nargs="*", help="all that are installed, by default")
    parser.add_argument("--repeats", type=int, default=5, help="runs, of which the median counts")
    chosen = parser.parse_args()
    settings = read_settings()
    known = available(read_runners(settings))
    box = open_box()
    rows = [measure(known[name], box, settings, chosen.repeats) for name in chosen.languages or known]
    box.close()
    print("|", " | ".join(HEAD), "|")
    print("|---|" + "--:|" * (len(HEAD) - 1))
    for row in sorted(rows, key=lambda row: row[3]):
        name, compile_seconds, compile_memory, cpu, wall, memory = row
        print(f"| `{name}` | {compile_seconds:.2f} | {compile_memory} | {cpu:.0f} | {wall:.0f} | {memory} |")


def measure(runner: Runner, box: Box, settings: Settings, repeats: int) -> tuple[str, float, int, float, float, int]:
    example = next(each for each in examples(runner, settings) if each.verdict is Verdict.ACCEPTED)
    compiled = [compile_anew(example.submission, runner, box) for _ in range(repeats)]
    runs = [run for program in compiled for run in run_once(program, runner, example.problem, box)]
    steps = [program.compilation for program in compiled if program.compilation is not None]
    return (
        runner.name,
        statistics.median(step.cpu_seconds for step in steps) if steps else 0.0,
        max((step.memory_bytes for step in steps), default=0) // MIB,
        statistics.median(run.cpu_seconds for run in runs) * 1000,
        statistics.median(run.wall_seconds for run in runs) * 1000,
        max(run.memory_bytes for run in runs) // MIB,
    )


def compile_anew(submission: Submission, runner: Runner, box: Box) -> Program:
    """A compiler of its own each time, so that nothing is found compiled already."""
    program = Compiler().compile(submission, runner, box)
    assert program.runs, program.compilation
    return program


def run_once(program: Program, runner: Runner, problem: Problem, box: Box) -> Iterator[Execution]:
    limits = runner.resolve_limits(problem.limits)
    command = runner.run_command(program.files, {}, program.entry, limits)
    for test in (problem.tests or ())[:1]:
        execution = box.run(command, runner.box_limits(limits), stdin=test.stdin.encode())
        assert execution.outcome is Outcome.EXITED, execution
        yield execution


if __name__ == "__main__":
    main()
