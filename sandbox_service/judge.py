"""Compile once, run every test, decide the verdict."""

import base64
import codecs
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Self

from sandbox_service import checkers, chosen_tests, rewards
from sandbox_service.checkers import Checker
from sandbox_service.compilers import Compiler
from sandbox_service.errors import Stopped
from sandbox_service.models import (
    MAXIMUM_FILES_BYTES,
    Execution,
    Job,
    Judgement,
    Limits,
    Outcome,
    RequestedLimits,
    Submission,
    TestCase,
    TestResult,
    Verdict,
)
from sandbox_service.programs import Program
from sandbox_service.rewards import Reward
from sandbox_service.runners import Runner, files_of
from sandbox_service.sandboxes.contract import Box, Command

RETURNED_OUTPUT_BYTES = 4096
NEAR_LIMIT = 1.1  # a box kills on CPU time within a tenth past the limit; what used more was not near it
BUSY_FRACTION = 0.1  # a program that used this much of the wall time was working, and perhaps kept waiting

VERDICT_OF_OUTCOME: Mapping[Outcome, Verdict] = {
    Outcome.SIGNALLED: Verdict.RUNTIME_ERROR,
    Outcome.OUT_OF_TIME: Verdict.TIME_LIMIT_EXCEEDED,
    Outcome.OUT_OF_MEMORY: Verdict.MEMORY_LIMIT_EXCEEDED,
    Outcome.OUT_OF_OUTPUT: Verdict.OUTPUT_LIMIT_EXCEEDED,
}
ENDED_BY_ITSELF = (Outcome.EXITED, Outcome.SIGNALLED)


@dataclass(frozen=True, slots=True)
class Test:
    """A test case as a box and a checker want it."""

    __test__ = False  # not a test class, whatever pytest makes of its name

    stdin: bytes
    expected: bytes | None


@dataclass(frozen=True, slots=True)
class Rules:
    """How every submission of a job is judged."""

    tests: Sequence[Test]
    limits: RequestedLimits
    checker: Checker
    reward: Reward | None = None
    stop_on_failure: bool = False
    returned_output_bytes: int | None = None

    @classmethod
    def of(cls, job: Job, tests: Sequence[TestCase]) -> Self:
        """The job's rules; ``tests`` are all of the problem's own or of its test set.

        Raises:
            BadRequest: the job names a checker or a reward that cannot be.
        """
        return cls(
            tests=tuple(
                Test(t.stdin.encode(), None if t.expected is None else t.expected.encode())
                for t in chosen_tests.choose(job.tests, tests)
            ),
            limits=job.problem.limits,
            checker=checkers.build(job.problem.checker),
            reward=None if job.reward is None else rewards.build(job.reward),
            stop_on_failure=job.stop_on_failure,
            returned_output_bytes=job.returned_output_bytes,
        )


def judge(
    submission: Submission,
    rules: Rules,
    runner: Runner,
    box: Box,
    compiler: Compiler,
    *,
    stopping: Callable[[], bool] = lambda: False,
) -> Judgement:
    """Compile once, run every test, decide the verdict.

    Raises:
        BadRequest: the submission has an option that its language has not.
        BoxBroken: the box could not report; nothing is concluded.
        Stopped: ``stopping`` said so between two tests; nothing is concluded.
    """
    runner.check_options(submission.options)
    program = compiler.compile(submission, runner, box)
    results = _run_tests(submission, program, rules, runner, box, stopping) if program.runs else ()
    judgement = Judgement(
        id=submission.id,
        verdict=_overall(program, results),
        reward=None,
        score=sum(result.score for result in results) / len(rules.tests),
        passed=sum(result.verdict is Verdict.ACCEPTED for result in results),
        total=len(rules.tests),
        compilation=program.compilation,
        results=results,
        isolation=box.isolation.tier,
        reason=program.compilation.reason if program.compilation else None,
    )
    return rewards.rewarded(judgement, rules.reward)


def _overall(program: Program, results: Sequence[TestResult]) -> Verdict:
    if not program.runs:
        return Verdict.COMPILE_ERROR
    return next((result.verdict for result in results if result.verdict is not Verdict.ACCEPTED), Verdict.ACCEPTED)


def _run_tests(
    submission: Submission, program: Program, rules: Rules, runner: Runner, box: Box, stopping: Callable[[], bool]
) -> tuple[TestResult, ...]:
    limits = runner.resolve_limits(rules.limits)
    files = {**files_of(submission), **program.files} if submission.files else program.files
    command = runner.run_command(files, submission.options, program.entry, limits, program.code)
    results = list[TestResult]()
    for test in rules.tests:
        if stopping():
            raise Stopped
        result = _run_test(test, command, runner, runner.box_limits(limits), box, rules, submission.fetch)
        results.append(result)
        if rules.stop_on_failure and result.verdict is not Verdict.ACCEPTED:
            break
    return tuple(results)


def _run_test(
    test: Test, command: Command, runner: Runner, limits: Limits, box: Box, rules: Rules, fetch: Sequence[str]
) -> TestResult:
    execution = _run(test, command, limits, box, fetch)
    verdict, score = _decide(execution, test, runner, limits, rules.checker)
    returned_bytes = rules.returned_output_bytes
    if returned_bytes is None:
        returned_bytes = limits.output_bytes if test.expected is None else RETURNED_OUTPUT_BYTES
    return _result(execution, verdict, score, returned_bytes)


def _run(test: Test, command: Command, limits: Limits, box: Box, fetch: Sequence[str]) -> Execution:
    """One execution; a near-limit timeout is confirmed by one more.

    A program that ended by itself keeps its first output whatever the second run prints: only its time
    may get better, so that nobody gains a second try at the answer.
    """
    first = box.run(command, limits, stdin=test.stdin, collect=fetch)
    if _ended_late(first, limits):
        second = box.run(command, limits, stdin=test.stdin, collect=fetch)
        if second.outcome in ENDED_BY_ITSELF and second.cpu_seconds < first.cpu_seconds:
            return replace(first, cpu_seconds=second.cpu_seconds, wall_seconds=second.wall_seconds)
    elif _kept_waiting(first, limits):
        return box.run(command, limits, stdin=test.stdin, collect=fetch)
    return first


def _ended_late(execution: Execution, limits: Limits) -> bool:
    """Whether the program ended just past its limit, before the box would have killed it."""
    late = limits.cpu_seconds < execution.cpu_seconds <= NEAR_LIMIT * limits.cpu_seconds
    return late and execution.outcome in ENDED_BY_ITSELF


def _kept_waiting(execution: Execution, limits: Limits) -> bool:
    """Whether wall time ran out while the program was computing: the machine may have been busy."""
    return (
        execution.outcome is Outcome.OUT_OF_TIME
        and BUSY_FRACTION * execution.wall_seconds <= execution.cpu_seconds <= limits.cpu_seconds
    )


def _decide(
    execution: Execution, test: Test, runner: Runner, limits: Limits, checker: Checker
) -> tuple[Verdict, float]:
    failure = _failure(execution, runner, limits)
    if failure is not None:
        return failure, 0.0
    score = 1.0 if test.expected is None else checker(test.expected, execution.stdout)
    return (Verdict.ACCEPTED if score >= 1 else Verdict.WRONG_ANSWER), score


def _failure(execution: Execution, runner: Runner, limits: Limits) -> Verdict | None:
    """What is wrong with the execution itself, whatever it printed."""
    if execution.outcome not in ENDED_BY_ITSELF:
        return VERDICT_OF_OUTCOME[execution.outcome]
    if execution.memory_bytes > limits.memory_bytes or runner.ran_out_of_memory(execution):
        return Verdict.MEMORY_LIMIT_EXCEEDED
    if execution.cpu_seconds > limits.cpu_seconds:
        return Verdict.TIME_LIMIT_EXCEEDED
    if execution.stdout_truncated:
        return Verdict.OUTPUT_LIMIT_EXCEEDED
    if execution.outcome is Outcome.SIGNALLED or execution.exit_code != 0:
        return Verdict.RUNTIME_ERROR
    return None


def _result(execution: Execution, verdict: Verdict, score: float, returned_bytes: int) -> TestResult:
    stdout, stdout_cut = _text(execution.stdout, returned_bytes)
    stderr, stderr_cut = _text(execution.stderr, returned_bytes)
    return TestResult(
        verdict=verdict,
        score=score,
        cpu_seconds=execution.cpu_seconds,
        wall_seconds=execution.wall_seconds,
        memory_bytes=execution.memory_bytes,
        exit_code=execution.exit_code,
        signal=execution.signal,
        stdout=stdout,
        stdout_truncated=stdout_cut or execution.stdout_truncated,
        stderr=stderr,
        stderr_truncated=stderr_cut or execution.stderr_truncated,
        files=_returned(execution.files),
    )


def _returned(files: Mapping[str, bytes]) -> Mapping[str, str]:
    """The files as base64, by their names; what exceeds the maximum is left out."""
    returned: dict[str, str] = {}
    left = MAXIMUM_FILES_BYTES
    for name, content in sorted(files.items()):
        if len(content) <= left:
            left -= len(content)
            returned[name] = base64.b64encode(content).decode()
    return returned


def _text(output: bytes, returned_bytes: int) -> tuple[str, bool]:
    """The output's beginning as text, and whether something was cut off it."""
    cut = len(output) > returned_bytes
    # final=False leaves out a character that the cut went through, rather than calling it broken.
    return codecs.getincrementaldecoder("utf-8")("replace").decode(output[:returned_bytes], final=not cut), cut
