"""Processes that judge the same work in turn, each pinned to its cores, with all its CPU time counted."""

import json
import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from typing import Any

from tests.benchmarks.cpu import CpuMeter
from tests.benchmarks.report import Report
from tests.benchmarks.squares import Square
from tests.benchmarks.work import Task, executions

STOP_SECONDS = 20.0


@dataclass(frozen=True, slots=True)
class Round:
    """What one contestant, or a few of them at once, needed for the work."""

    executions: int
    wall_seconds: float
    cpu_seconds: float
    program_cpu_seconds: float
    build_seconds: float

    @property
    def tests_per_second(self) -> float:
        return self.executions / self.wall_seconds

    @property
    def cpu_per_test(self) -> float:
        return self.cpu_seconds / self.executions

    @property
    def program_cpu_per_test(self) -> float:
        return self.program_cpu_seconds / self.executions


class Contestant:
    """A child process that is told the work first, then to do it."""

    def __init__(self, module: str, core: int, meter: CpuMeter) -> None:
        def prepare() -> None:
            meter.join()
            os.sched_setaffinity(0, {core})

        self._meter = meter
        self._process = subprocess.Popen(
            [sys.executable, "-m", module],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            preexec_fn=prepare,
        )

    def tell(self, message: Mapping[str, Any]) -> None:
        assert self._process.stdin is not None
        self._process.stdin.write(json.dumps(message).encode() + b"\n")
        self._process.stdin.flush()

    def hear(self) -> Mapping[str, Any]:
        assert self._process.stdout is not None
        line = self._process.stdout.readline()
        if not line:
            raise RuntimeError(f"a contestant ended with exit code {self._process.wait()}")
        said: Mapping[str, Any] = json.loads(line)
        return said

    def cpu_seconds(self) -> float:
        return self._meter.seconds(self._process.pid)

    def close(self) -> None:
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.close()
        try:
            self._process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        self._process.stdout.close()


@contextmanager
def team(module: str, size: int) -> Iterator[list[Contestant]]:
    """That many contestants, each on a core of its own."""
    cores = sorted(os.sched_getaffinity(0))
    with ExitStack() as stack:
        found = list[Contestant]()
        for number in range(size):
            meter = stack.enter_context(CpuMeter())
            found.append(Contestant(module, cores[number % len(cores)], meter))
            stack.callback(found[-1].close)
        for each in found:
            each.hear()  # ready
        yield found


def judge(contestants: Sequence[Contestant], square: Square, shares: Sequence[Sequence[Task]], report: Report) -> Round:
    """All at once, each its share of the work."""
    for each, tasks in zip(contestants, shares, strict=True):
        each.tell(_work(square, tasks))
        each.hear()
    cpu = [each.cpu_seconds() for each in contestants]
    began = time.monotonic()
    for each in contestants:
        each.tell({})
    answers = [each.hear() for each in contestants]
    wall_seconds = time.monotonic() - began
    for tasks, answer in zip(shares, answers, strict=True):
        expected = [entry.verdict for task in tasks for entry in task.entries]
        for got, wanted in zip(answer["verdicts"], expected, strict=True):
            report.check(square.title, got, wanted)
    return Round(
        executions=sum(executions(tasks) for tasks in shares),
        wall_seconds=wall_seconds,
        cpu_seconds=sum(each.cpu_seconds() - before for each, before in zip(contestants, cpu, strict=True)),
        program_cpu_seconds=sum(answer["program_cpu_seconds"] for answer in answers),
        build_seconds=sum(answer.get("build_seconds", 0.0) for answer in answers),
    )


def _work(square: Square, tasks: Sequence[Task]) -> Mapping[str, Any]:
    return {
        "language": square.language,
        "file": square.file,
        "build": square.build,
        "run": square.run,
        "tasks": [{"tests": task.tests, "sources": [entry.source for entry in task.entries]} for task in tasks],
    }


def answer_requests(
    judge: Callable[[Any], Mapping[str, Any]], prepared: Callable[[Mapping[str, Any]], Any] = lambda work: work
) -> None:
    """The child's side: say that it is ready, then prepare and judge until nothing more comes."""
    said = os.fdopen(os.dup(1), "w")  # whatever a program prints must not be taken for an answer
    os.dup2(2, 1)
    print(json.dumps({"ready": True}), file=said, flush=True)
    while line := sys.stdin.readline():
        work = prepared(json.loads(line))
        print(json.dumps({"prepared": True}), file=said, flush=True)
        sys.stdin.readline()
        print(json.dumps(judge(work)), file=said, flush=True)
