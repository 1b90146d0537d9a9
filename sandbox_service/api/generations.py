"""A generator as a job, and its judgement as what it generated."""

import base64
import re
from collections.abc import Iterator, Mapping, Sequence

from pydantic import ValidationError

from sandbox_service.models import (
    GeneratedRun,
    GenerateRequest,
    Generation,
    Job,
    Judgement,
    Problem,
    Submission,
    TestCase,
    TestResult,
    TestSet,
    Verdict,
)

GENERATOR = "generator"
MOST_FILES = 100  # of a run; their bytes are bounded where they are brought back

# Where a fault of the job stands in the request.
FIELDS: Mapping[str, str] = {"problem.limits": "limits", "submissions.0": "", "problem.tests": "arguments"}


def job_of(request: GenerateRequest) -> Job:
    """The program, to be run once for each seed or list of arguments; nothing is expected of what it prints."""
    return Job(
        problem=Problem(
            tests=tuple(TestCase(arguments=arguments) for arguments in _runs(request)), limits=request.limits
        ),
        submissions=(
            Submission(
                id=GENERATOR,
                language=request.language,
                source=request.source,
                options=request.options,
                files=request.files,
                fetch=request.fetch,
            ),
        ),
        returned_output_bytes=4096,
    )


def field_of(field: str | None) -> str | None:
    """The same place in the words of the request."""
    for prefix, name in FIELDS.items():
        if field is not None and (field == prefix or field.startswith(f"{prefix}.")):
            rest = field[len(prefix) + 1 :]
            return ".".join(part for part in (name, rest) if part)
    return field


def generation_of(request: GenerateRequest, judgement: Judgement) -> Generation:
    """What was made, by run."""
    runs = tuple(_run(arguments, result) for arguments, result in zip(_runs(request), judgement.results, strict=False))
    failed = (run.verdict for run in runs if run.verdict is not Verdict.ACCEPTED)
    verdict = judgement.verdict if judgement.verdict is not Verdict.ACCEPTED else next(failed, Verdict.ACCEPTED)
    return Generation(verdict=verdict, reason=judgement.reason, compilation=judgement.compilation, runs=runs)


def kept(generation: Generation) -> tuple[TestSet | None, Generation]:
    """The files as a test set, and what is said of it; None when a run failed, or a file cannot be an input."""
    if generation.verdict is not Verdict.ACCEPTED:
        return None, generation
    tests: dict[str, TestCase] = {}
    names = list[str]()
    for name, content in _files(generation.runs):
        try:
            text = base64.b64decode(content).decode()
            test = TestCase(stdin=text)
        except (UnicodeDecodeError, ValidationError):
            return None, generation.model_copy(update={"reason": f"{name} is no text in UTF-8; no test set was kept"})
        if text not in tests:
            tests[text] = test
            names.append(name)
    if not tests:
        return None, generation.model_copy(update={"reason": "no file was left; no test set was kept"})
    return TestSet(tests=tuple(tests.values())), generation.model_copy(update={"tests": tuple(names)})


def _files(runs: Sequence[GeneratedRun]) -> Iterator[tuple[str, str]]:
    """All files by run and name, 2 before 10; the run is told where there are many."""
    for position, run in enumerate(runs):
        for name, content in sorted(run.files.items(), key=lambda file: _natural(file[0])):
            yield (f"{position}/{name}" if len(runs) > 1 else name), content


def _natural(name: str) -> list[tuple[int, str]]:
    parts = re.findall(r"[0-9]+|[^0-9]+", name)
    # A number of a thousand digits is compared as what it looks like.
    return [(int(part), "") if part.isdecimal() and len(part) < 19 else (-1, part) for part in parts]


def _runs(request: GenerateRequest) -> Sequence[tuple[str, ...]]:
    if request.seeds is not None:
        return [("--seed", str(seed)) for seed in request.seeds]
    return request.arguments if request.arguments is not None else [()]


def _run(arguments: tuple[str, ...], result: TestResult) -> GeneratedRun:
    too_much = result.files_truncated or len(result.files) > MOST_FILES
    ended_well = result.verdict is Verdict.ACCEPTED
    return GeneratedRun(
        arguments=arguments,
        verdict=Verdict.OUTPUT_LIMIT_EXCEEDED if too_much and ended_well else result.verdict,
        files={} if too_much else result.files,
        cpu_seconds=result.cpu_seconds,
        exit_code=result.exit_code,
        signal=result.signal,
        stdout=result.stdout,
        stderr=result.stderr,
    )
