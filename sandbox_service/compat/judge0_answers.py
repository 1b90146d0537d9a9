"""What Judge0 tells of a submission, in its statuses and fields."""

import base64
from collections.abc import Mapping, Sequence

from sandbox_service.errors import BadRequest
from sandbox_service.models import Judgement, TestResult, Verdict
from sandbox_service.queues.contract import JobState

STATUSES: Mapping[int, str] = {
    1: "In Queue",
    2: "Processing",
    3: "Accepted",
    4: "Wrong Answer",
    5: "Time Limit Exceeded",
    6: "Compilation Error",
    7: "Runtime Error (SIGSEGV)",
    8: "Runtime Error (SIGXFSZ)",
    9: "Runtime Error (SIGFPE)",
    10: "Runtime Error (SIGABRT)",
    11: "Runtime Error (NZEC)",
    12: "Runtime Error (Other)",
    13: "Internal Error",
    14: "Exec Format Error",
}
STATUS_OF_VERDICT: Mapping[Verdict, int] = {
    Verdict.ACCEPTED: 3,
    Verdict.WRONG_ANSWER: 4,
    Verdict.TIME_LIMIT_EXCEEDED: 5,
    Verdict.COMPILE_ERROR: 6,
    Verdict.OUTPUT_LIMIT_EXCEEDED: 8,
    Verdict.MEMORY_LIMIT_EXCEEDED: 12,
    Verdict.JUDGE_ERROR: 13,
}
STATUS_OF_SIGNAL: Mapping[int, int] = {11: 7, 25: 8, 8: 9, 6: 10}
STATUS_OF_STATE: Mapping[JobState, int] = {JobState.QUEUED: 1, JobState.RUNNING: 2, JobState.CANCELLED: 13}

ENCODED = ("stdout", "stderr", "compile_output", "message", "source_code", "stdin", "expected_output")
DEFAULT_FIELDS = ("stdout", "time", "memory", "stderr", "token", "compile_output", "message", "status")
MORE_FIELDS = (
    "source_code", "language_id", "stdin", "expected_output", "exit_code", "exit_signal", "wall_time", "status_id",
)  # fmt: skip


def fields_of(asked: str | None) -> Sequence[str]:
    """The names of what is to be told.

    Raises:
        BadRequest: there is no such field.
    """
    if asked is None or not asked.strip():
        return DEFAULT_FIELDS
    names = [name.strip() for name in asked.split(",") if name.strip()]
    if "*" in names:
        return (*DEFAULT_FIELDS, *MORE_FIELDS)
    wrong = [name for name in names if name not in DEFAULT_FIELDS + MORE_FIELDS]
    if wrong:
        raise BadRequest(f"invalid fields: [{', '.join(wrong)}]", field="fields")
    return names


def told_of(known: Mapping[str, object], judgement: Judgement | None, state: JobState) -> Mapping[str, object]:
    """All that can be told of a submission of which this is known, and judged so, if it is judged."""
    found = {"status_id": STATUS_OF_STATE.get(state, 2)} if judgement is None else _of_judgement(judgement)
    status = int(str(found["status_id"]))
    return {**known, **found, "status": {"id": status, "description": STATUSES[status]}}


def encoded(told: Mapping[str, object]) -> Mapping[str, object]:
    """The same with its texts in base64."""
    texts = {name: text for name, text in told.items() if name in ENCODED and isinstance(text, str)}
    return {**told, **{name: base64.b64encode(text.encode()).decode() for name, text in texts.items()}}


def _of_judgement(judgement: Judgement) -> Mapping[str, object]:
    compilation = judgement.compilation
    log = compilation.log if compilation else ""
    if not judgement.results:
        number = STATUS_OF_VERDICT[judgement.verdict]
        return {"status_id": number, "compile_output": log or None, "message": judgement.reason}
    result = judgement.results[0]
    return {
        "status_id": _status(result),
        "stdout": result.stdout or None,
        "stderr": result.stderr or None,
        "compile_output": log or None,
        "message": _message(result),
        "time": f"{result.cpu_seconds:.3f}",
        "wall_time": f"{result.wall_seconds:.3f}",
        "memory": result.memory_bytes // 1024,
        "exit_code": result.exit_code,
        "exit_signal": result.signal,
    }


def _status(result: TestResult) -> int:
    if result.verdict in STATUS_OF_VERDICT:
        return STATUS_OF_VERDICT[result.verdict]
    if result.signal is not None:
        return STATUS_OF_SIGNAL.get(result.signal, 12)
    return 11


def _message(result: TestResult) -> str | None:
    match result.verdict:
        case Verdict.TIME_LIMIT_EXCEEDED:
            return "Time limit exceeded"
        case Verdict.MEMORY_LIMIT_EXCEEDED:
            return "Memory limit exceeded"
        case Verdict.RUNTIME_ERROR:
            return f"Exited with error status {result.exit_code}" if result.exit_code else None
    return None
