"""One execution of a contender: run it, say what is wrong with it, tell its facts."""

import base64
import codecs
from collections.abc import Mapping
from dataclasses import replace

from sandbox_service.models import MAXIMUM_FILES_BYTES, Execution, Limits, Outcome, TestResult, Verdict
from sandbox_service.trials.contract import Contender

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


def run(contender: Contender, stdin: bytes) -> Execution:
    """One execution; a near-limit timeout is confirmed by one more."""

    def once() -> Execution:
        execution = contender.box.run(contender.command, contender.limits, stdin=stdin, collect=contender.fetch)
        if contender.noted is not None:
            contender.noted(execution)
        return execution

    first = once()
    return confirmed(first, once(), contender.limits) if is_doubtful(first, contender.limits) else first


def is_doubtful(execution: Execution, limits: Limits) -> bool:
    """Whether a second run is to say if the program was too slow, or the machine too busy."""
    return _ended_late(execution, limits) or _kept_waiting(execution, limits)


def confirmed(first: Execution, second: Execution, limits: Limits) -> Execution:
    """What two runs of the same come to.

    A program that ended by itself keeps its first output whatever the second run prints: only its time
    may get better, so that nobody gains a second try at the answer.
    """
    if not _ended_late(first, limits):
        return second
    if second.outcome in ENDED_BY_ITSELF and second.cpu_seconds < first.cpu_seconds:
        return replace(first, cpu_seconds=second.cpu_seconds, wall_seconds=second.wall_seconds)
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


def failure(execution: Execution, contender: Contender) -> Verdict | None:
    """What is wrong with the execution itself, whatever it printed."""
    limits = contender.limits
    if _stuck_at_memory_limit(execution, limits):
        return Verdict.MEMORY_LIMIT_EXCEEDED
    if execution.outcome not in ENDED_BY_ITSELF:
        return VERDICT_OF_OUTCOME[execution.outcome]
    if execution.memory_bytes > limits.memory_bytes or contender.runner.ran_out_of_memory(execution):
        return Verdict.MEMORY_LIMIT_EXCEEDED
    if execution.cpu_seconds > limits.cpu_seconds:
        return Verdict.TIME_LIMIT_EXCEEDED
    if execution.stdout_truncated:
        return Verdict.OUTPUT_LIMIT_EXCEEDED
    if execution.outcome is Outcome.SIGNALLED or execution.exit_code != 0:
        return Verdict.RUNTIME_ERROR
    return None


def _stuck_at_memory_limit(execution: Execution, limits: Limits) -> bool:
    """Whether wall time ran out at the memory limit: a busy kernel takes long to find that there is nothing to free."""
    out_of_wall_time = execution.outcome is Outcome.OUT_OF_TIME and execution.cpu_seconds <= limits.cpu_seconds
    return out_of_wall_time and execution.memory_bytes >= limits.memory_bytes


def result(
    contender: Contender,
    execution: Execution,
    verdict: Verdict,
    score: float,
    *,
    is_checked: bool = True,
    message: str | None = None,
) -> TestResult:
    """The verdict with the facts it rests on; an output that nobody checked is returned whole unless told otherwise."""
    most = returned_bytes(contender, is_checked=is_checked)
    stdout, stdout_cut = text(execution.stdout, most)
    stderr, stderr_cut = text(execution.stderr, most)
    files = _returned(execution.files)
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
        files=files,
        files_truncated=execution.files_left_out or len(files) < len(execution.files),
        message=message,
    )


def not_run(verdict: Verdict) -> TestResult:
    """Of a test that need not be run, for another's verdict."""
    return TestResult(
        verdict=verdict,
        score=0.0,
        cpu_seconds=0.0,
        wall_seconds=0.0,
        memory_bytes=0,
        exit_code=None,
        signal=None,
        stdout="",
        stdout_truncated=False,
        stderr="",
        stderr_truncated=False,
        skipped=True,
    )


def returned_bytes(contender: Contender, *, is_checked: bool) -> int:
    """How much of each output is returned."""
    if contender.returned_output_bytes is not None:
        return contender.returned_output_bytes
    return RETURNED_OUTPUT_BYTES if is_checked else contender.limits.output_bytes


def _returned(files: Mapping[str, bytes]) -> Mapping[str, str]:
    """The files as base64, by their names; what exceeds the maximum is left out."""
    returned: dict[str, str] = {}
    left = MAXIMUM_FILES_BYTES
    for name, content in sorted(files.items()):
        if len(content) <= left:
            left -= len(content)
            returned[name] = base64.b64encode(content).decode()
    return returned


def text(output: bytes, most_bytes: int) -> tuple[str, bool]:
    """The output's beginning as text, and whether something was cut off it."""
    cut = len(output) > most_bytes
    if not cut:
        return output.decode("utf-8", "replace"), False
    # final=False leaves out a character that the cut went through, rather than calling it broken.
    return codecs.getincrementaldecoder("utf-8")("replace").decode(output[:most_bytes], final=False), True
