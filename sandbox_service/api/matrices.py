"""A matrix as a job, and its judgements as a matrix: what is the same is run once and told once."""

import hashlib
from collections.abc import Mapping, Sequence

from sandbox_service.models import (
    Cell,
    Job,
    Judgement,
    Matrix,
    MatrixRequest,
    Problem,
    Row,
    Submission,
    TestCase,
    TestResult,
    Verdict,
)

# Where a fault of the job stands in the request for the matrix.
FIELDS: Mapping[str, str] = {"problem.tests": "inputs", "problem.limits": "limits", "submissions": "solutions"}


def job_of(request: MatrixRequest) -> Job:
    """Every different solution, to be run on every different input."""
    different: dict[tuple[object, ...], Submission] = {}
    for solution in request.solutions:
        different.setdefault(_program(solution), solution)
    tests = tuple(TestCase(stdin=text) for text in dict.fromkeys(request.inputs))
    return Job(
        problem=Problem(tests=tests, limits=request.limits),
        submissions=tuple(different.values()),
        returned_output_bytes=request.returned_output_bytes,
    )


def field_of(field: str | None, request: MatrixRequest, job: Job) -> str | None:
    """The same place in the words of the request."""
    for prefix, name in FIELDS.items():
        if field is not None and (field == prefix or field.startswith(f"{prefix}.")):
            position, _, rest = field[len(prefix) + 1 :].partition(".")
            if prefix == "submissions" and position:
                position = str(request.solutions.index(job.submissions[int(position)]))
            return ".".join(part for part in (name, position, rest) if part)
    return field


def matrix_of(request: MatrixRequest, job: Job, judgements: Sequence[Judgement]) -> Matrix:
    """The job's judgements for all solutions and inputs as they were sent."""
    outputs: dict[str, str] = {}
    columns = {text: column for column, text in enumerate(dict.fromkeys(request.inputs))}
    wanted = [columns[text] for text in request.inputs]
    of_program = {
        _program(submission): (judgement, _cells(judgement, len(columns), outputs))
        for submission, judgement in zip(job.submissions, judgements, strict=True)
    }
    rows = []
    for solution in request.solutions:
        judgement, cells = of_program[_program(solution)]
        row = Row.model_construct(
            id=solution.id,
            verdict=judgement.verdict,
            reason=judgement.reason,
            cells=tuple(cells[column] for column in wanted),
        )
        rows.append(row)
    return Matrix.model_construct(outputs=outputs, rows=tuple(rows))


def _program(submission: Submission) -> tuple[object, ...]:
    options, files = (tuple(sorted(given.items())) for given in (submission.options, submission.files))
    return submission.language, submission.source, options, files, submission.fetch


def _cells(judgement: Judgement, inputs: int, outputs: dict[str, str]) -> Sequence[Cell]:
    if not judgement.results:  # it did not compile, or we failed
        return [Cell(verdict=judgement.verdict, output=None, truncated=False, cpu_seconds=0.0)] * inputs
    return [_cell(result, outputs) for result in judgement.results]


def _cell(result: TestResult, outputs: dict[str, str]) -> Cell:
    digest = "sha256:" + hashlib.sha256(result.stdout.encode()).hexdigest()
    outputs.setdefault(digest, result.stdout)
    return Cell.model_construct(
        verdict=Verdict(result.verdict),
        output=digest,
        truncated=result.stdout_truncated,
        cpu_seconds=result.cpu_seconds,
    )
