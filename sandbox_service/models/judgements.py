"""What the judge says: opinions, and the facts they rest on."""

from collections.abc import Mapping
from enum import StrEnum

from pydantic import Field

from sandbox_service.models.facts import Tier
from sandbox_service.models.fields import Digest, Frozen, is_empty, is_false, is_none


class Verdict(StrEnum):
    """What we say of a test or of a submission; judge_error is our failure, never the program's."""

    ACCEPTED = "accepted"
    WRONG_ANSWER = "wrong_answer"
    RUNTIME_ERROR = "runtime_error"
    TIME_LIMIT_EXCEEDED = "time_limit_exceeded"
    MEMORY_LIMIT_EXCEEDED = "memory_limit_exceeded"
    OUTPUT_LIMIT_EXCEEDED = "output_limit_exceeded"
    COMPILE_ERROR = "compile_error"
    JUDGE_ERROR = "judge_error"


class Reason(StrEnum):
    """Why a completion did not pass; finer than a verdict."""

    NO_CODE = "no_code"
    INCOMPLETE_CODE = "incomplete_code"
    CODE_TOO_LARGE = "code_too_large"
    SYNTAX_ERROR = "syntax_error"
    COMPILE_ERROR = "compile_error"
    SIGNATURE_MISMATCH = "signature_mismatch"
    WRONG_ANSWER = "wrong_answer"
    RUNTIME_ERROR = "runtime_error"
    TIME_LIMIT_EXCEEDED = "time_limit_exceeded"
    MEMORY_LIMIT_EXCEEDED = "memory_limit_exceeded"
    OUTPUT_LIMIT_EXCEEDED = "output_limit_exceeded"
    JUDGE_ERROR = "judge_error"


class Guarantee(StrEnum):
    """What a passed assertion test rests on, from the strongest to the weakest."""

    SPLIT = "split"  # the test code ran apart from the submission, which could do no more than answer
    COMPLETION = "completion"  # one process, and proof that it came to the end of the test code
    EXIT_CODE = "exit_code"  # one process, and only its exit code


class Compilation(Frozen):
    """How the compiler fared; ``log`` is what it printed, capped.

    A short Python source is compiled by the run of its first test: ``memory_bytes`` is then what both took together.
    """

    succeeded: bool
    exit_code: int | None
    signal: int | None
    cpu_seconds: float
    wall_seconds: float
    memory_bytes: int
    log: str
    log_truncated: bool = False
    reason: str | None = None


class TestResult(Frozen):
    """The verdict on one test and the facts it rests on."""

    __test__ = False

    verdict: Verdict
    score: float
    cpu_seconds: float
    wall_seconds: float
    memory_bytes: int
    exit_code: int | None
    signal: int | None
    stdout: str
    stdout_truncated: bool
    stderr: str
    stderr_truncated: bool
    files: Mapping[str, str] = Field(default_factory=dict, description="what was fetched, base64 by relative name")
    message: str | None = Field(
        None, exclude_if=is_none, description="what the problem's checker program or interactor said"
    )
    returned: str | None = Field(
        None, exclude_if=is_none, description="of a call: what the function answered, as JSON, capped"
    )
    returned_truncated: bool = Field(False, exclude_if=is_false)
    files_truncated: bool = Field(
        False, exclude_if=is_false, description="there were more files, or larger ones, than are brought back"
    )
    skipped: bool = Field(
        False, exclude_if=is_false, description="not run: the verdict is that of a test whose group ended with it"
    )
    guarantee: Guarantee | None = Field(
        None, exclude_if=is_none, description="of assertions: what a passed test rests on"
    )
    reason: str | None = Field(
        None, exclude_if=is_none, description="what was wrong, where the verdict and the facts do not tell"
    )
    detail: str | None = Field(
        None, exclude_if=is_none, description="of assertions: what the test code said, and on which line"
    )


class GroupScore(Frozen):
    """What a group of tests came to, of what it is worth; the verdict is that of its first test that failed."""

    name: str
    score: float
    maximum_score: float
    verdict: Verdict


class Judgement(Frozen):
    """The one answer to a submission; ``reward`` is null when none was asked for or when the failure is ours.

    ``results`` stand in the order of the tests; with stop_on_failure they end at the first failure.
    """

    id: str
    verdict: Verdict
    reward: float | None
    score: float | None
    passed: int
    total: int
    compilation: Compilation | None
    results: tuple[TestResult, ...]
    isolation: Tier | None
    reason: str | None = None
    maximum_score: float | None = Field(
        None,
        exclude_if=is_none,
        description="what the score is a part of, where weights or a scoring say; else it is 1",
    )
    groups: tuple[GroupScore, ...] = Field((), exclude_if=is_empty, description="the groups of the scoring")

    @property
    def has_no_code(self) -> bool:
        """Whether there was nothing to compile, because a completion held no whole program."""
        return self.reason in (Reason.NO_CODE, Reason.INCOMPLETE_CODE)


class CompletionReward(Frozen):
    """The one answer to a completion; ``reward`` is null when the failure is ours.

    ``verdicts`` stand in the order of the tests that were run; ``code`` is what ran, null when there was none.
    """

    id: str
    reward: float | None
    verdict: Verdict
    reason: Reason | None = Field(description="what went wrong; null when every test was passed")
    passed: int
    total: int
    verdicts: tuple[Verdict, ...]
    code: str | None
    detail: str | None = Field(None, description="the same in words: what the compiler said, or how we failed")


class GeneratedRun(Frozen):
    """One run of a generator: how it ended, and the files that it left.

    A run that left more than may be brought back is output_limit_exceeded, and none of its files are.
    """

    arguments: tuple[str, ...]
    verdict: Verdict
    files: Mapping[str, str] = Field(description="base64 by relative name")
    cpu_seconds: float
    exit_code: int | None
    signal: int | None
    stdout: str
    stderr: str


class Generation(Frozen):
    """What a generator made; the verdict is that of the first run that did not end well.

    ``test_set`` names the files as tests, where that was asked for and all runs ended well, and ``tests`` says which
    file is which: of those with the same content the first alone.
    """

    verdict: Verdict
    reason: str | None
    compilation: Compilation | None
    runs: tuple[GeneratedRun, ...]
    test_set: Digest | None = None
    tests: tuple[str, ...] = ()


class Cell(Frozen):
    """One solution's run on one input; ``output`` names the text, and is null when the program did not run."""

    verdict: Verdict
    output: Digest | None
    truncated: bool
    cpu_seconds: float


class Row(Frozen):
    """One solution's runs, in the order of the inputs; ``verdict`` is accepted when every run ended well."""

    id: str
    verdict: Verdict
    reason: str | None
    cells: tuple[Cell, ...]


class Matrix(Frozen):
    """What solutions did with inputs; ``outputs`` has every different text once, by its digest."""

    outputs: Mapping[Digest, str]
    rows: tuple[Row, ...]
