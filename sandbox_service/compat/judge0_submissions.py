"""What is sent to Judge0 as a submission, and the job that it is here."""

import base64
from collections.abc import Mapping

from pydantic import Field, JsonValue, ValidationError

from sandbox_service.api.failures import bad_request_of
from sandbox_service.compat.routing import Foreign
from sandbox_service.errors import BadRequest
from sandbox_service.models import (
    LEAST_MEMORY_BYTES,
    Choice,
    Job,
    Problem,
    RequestedLimits,
    Submission,
    TestCase,
)

MOST_IN_A_BATCH = 1000
RETURNED_OUTPUT_BYTES = 2**20
CPU_SECONDS, WALL_SECONDS, MEMORY_KILOBYTES, PROCESSES = 5, 10, 128_000, 60  # unless a submission says otherwise

# The numbers that Judge0 gives to languages, as far as there are such here.
LANGUAGES: Mapping[int, str] = {
    45: "nasm", 46: "bash", 75: "c", 48: "c", 49: "c", 50: "c", 76: "cpp", 52: "cpp", 53: "cpp", 54: "cpp",
    51: "csharp", 55: "lisp", 56: "d", 57: "elixir", 59: "fortran", 60: "go", 61: "haskell", 62: "java",
    63: "javascript", 78: "kotlin", 64: "lua", 65: "ocaml", 66: "octave", 67: "pascal", 85: "perl", 68: "php",
    69: "prolog", 71: "python", 80: "r", 72: "ruby", 73: "rust", 81: "scala", 82: "sql", 74: "typescript",
}  # fmt: skip

# What may be asked of Judge0 and is not had here; what asks for nothing is let through.
NOT_HERE = ("compiler_options", "command_line_arguments", "callback_url", "additional_files", "enable_network")


class Refused(BadRequest):
    """An attribute of a submission that cannot be, in Judge0's way of saying so."""

    def __init__(self, attribute: str, message: str) -> None:
        super().__init__(f"{attribute} {message}", field=attribute)
        self.body = {attribute: [message]}


class Asked(Foreign):
    """A submission as it was sent; its texts may be base64."""

    source_code: str
    language_id: int
    stdin: str | None = None
    expected_output: str | None = None
    cpu_time_limit: float | None = Field(None, gt=0)
    wall_time_limit: float | None = Field(None, gt=0)
    memory_limit: float | None = Field(None, gt=0)
    max_processes_and_or_threads: int | None = Field(None, gt=0)
    compiler_options: str | None = None
    command_line_arguments: str | None = None
    callback_url: str | None = None
    additional_files: str | None = None
    enable_network: bool | None = None

    def decoded(self) -> "Asked":
        """Raises Refused when a text is not base64 of UTF-8."""
        texts = {name: _plain(name, getattr(self, name)) for name in ("source_code", "stdin", "expected_output")}
        return self.model_copy(update=texts)


class AskedBatch(Foreign):
    submissions: tuple[JsonValue, ...] = Field(min_length=1, max_length=MOST_IN_A_BATCH)


class Kept(Foreign):
    """What is kept of a submission beside its judgement."""

    source_code: str
    language_id: int
    stdin: str | None
    expected_output: str | None


def job_of(asked: Asked) -> Job:
    """Raises Refused for what cannot be or is not had here."""
    for attribute in NOT_HERE:
        if getattr(asked, attribute):
            raise Refused(attribute, "is not supported here")
    if asked.language_id not in LANGUAGES:
        raise Refused("language_id", f"language with id {asked.language_id} doesn't exist")
    test = {"stdin": asked.stdin or "", "expected": asked.expected_output}
    try:
        submission = Submission(id="r0", language=LANGUAGES[asked.language_id], source=asked.source_code)
        problem = Problem(tests=(TestCase.model_validate(test),), limits=_limits(asked), checker=Choice(name="lines"))
    except ValidationError as error:
        bad = bad_request_of(error)
        raise Refused(attribute_of(bad.field), str(bad)) from None
    return Job(problem=problem, submissions=(submission,), returned_output_bytes=RETURNED_OUTPUT_BYTES)


def _limits(asked: Asked) -> RequestedLimits:
    return RequestedLimits(
        cpu_seconds=asked.cpu_time_limit or CPU_SECONDS,
        wall_seconds=asked.wall_time_limit or max(WALL_SECONDS, 2 * (asked.cpu_time_limit or CPU_SECONDS)),
        memory_bytes=max(LEAST_MEMORY_BYTES, int((asked.memory_limit or MEMORY_KILOBYTES) * 1024)),
        processes=asked.max_processes_and_or_threads or PROCESSES,
    )


_ATTRIBUTES = {
    "source": "source_code", "stdin": "stdin", "expected": "expected_output", "language": "language_id",
    "cpu_seconds": "cpu_time_limit", "wall_seconds": "wall_time_limit", "memory_bytes": "memory_limit",
    "processes": "max_processes_and_or_threads",
}  # fmt: skip


def attribute_of(field: str | None) -> str:
    """Judge0's word for a field of ours."""
    last = (field or "").rpartition(".")[2]
    return _ATTRIBUTES.get(last, last or "submission")


def _plain(name: str, text: str | None) -> str | None:
    try:
        # Line breaks within are allowed there.
        return None if text is None else base64.b64decode("".join(text.split()), validate=True).decode()
    except ValueError:
        raise Refused(name, "is not base64 of UTF-8") from None
