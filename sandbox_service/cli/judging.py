"""Judges one file on this machine, without a server."""

import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from pydantic import ValidationError
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from sandbox_service import runners
from sandbox_service.cli.folder import NamedTest, read_tests, read_text
from sandbox_service.cli.tables import judgement_summary, results_table
from sandbox_service.equipment import boxes_of, compiler_of
from sandbox_service.errors import BadRequest, ConfigurationError, UnknownName
from sandbox_service.judge import Rules, judge
from sandbox_service.models import Choice, Job, Judgement, Problem, RequestedLimits, Submission, Verdict
from sandbox_service.runners import Runner
from sandbox_service.settings import Settings

EXIT_CODES = {Verdict.ACCEPTED: 0, Verdict.JUDGE_ERROR: 2}
NOT_ACCEPTED = 1
BYTES_OF_UNIT = {"": 1, "K": 2**10, "M": 2**20, "G": 2**30}

# Suffixes that are no name of the language, beside those that are.
LANGUAGE_OF_SUFFIX = {"cc": "cpp", "cxx": "cpp", "mjs": "javascript", "cjs": "javascript"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """What was asked for on the command line."""

    file: Path
    tests: Path
    language: str | None
    options: Sequence[str]
    checker: str
    cpu_seconds: float | None
    wall_seconds: float | None
    memory: str | None
    stop_on_failure: bool


def judge_file(request: Request, settings: Settings, *, as_json: bool) -> int:
    """Judge the file and show the judgement; answers the exit code.

    Raises:
        BadRequest: something that was asked for does not exist or is not allowed.
        ConfigurationError: this machine lacks the box or the toolchain.
    """
    known = runners.read_runners(settings)
    runner = runner_of(request, known)
    tests = read_tests(request.tests)
    job = job_of(request, runner, tests)
    runner.check_options(job.submissions[0].options)
    runners.check_limits(job.problem.limits, settings)
    _require_toolchain(runner)
    judgement = _judge(job, runner, settings)
    console = Console()
    if as_json:
        console.print_json(judgement.model_dump_json())
    else:
        console.print(results_table(judgement, [test.name for test in tests]))
        console.print(judgement_summary(judgement, request.file.name, runner.title))
    return EXIT_CODES.get(judgement.verdict, NOT_ACCEPTED)


def runner_of(request: Request, known: Mapping[str, Runner]) -> Runner:
    """The language that was named, or the one the file's name tells."""
    if request.language is not None:
        return runners.find(known, request.language)
    suffix = request.file.suffix.removeprefix(".").lower()
    try:
        return runners.find(known, LANGUAGE_OF_SUFFIX.get(suffix, suffix))
    except UnknownName:
        names = ", ".join(sorted(known))
        raise BadRequest(f"{request.file.name} does not tell its language; say --language, one of: {names}") from None


def job_of(request: Request, runner: Runner, tests: Sequence[NamedTest]) -> Job:
    """The request as the API would have taken it."""
    try:
        return Job(
            problem=Problem(
                tests=tuple(named.test for named in tests),
                limits=RequestedLimits(
                    cpu_seconds=request.cpu_seconds,
                    wall_seconds=request.wall_seconds,
                    memory_bytes=_bytes(request.memory),
                ),
                checker=_checker(request.checker),
            ),
            submissions=(
                Submission(
                    id=request.file.name,
                    language=runner.name,
                    source=read_text(request.file),
                    options=_options(request.options),
                ),
            ),
            stop_on_failure=request.stop_on_failure,
        )
    except ValidationError as error:
        first = error.errors()[0]
        raise BadRequest(f"{'.'.join(map(str, first['loc']))}: {first['msg'].removeprefix('Value error, ')}") from None


def _judge(job: Job, runner: Runner, settings: Settings) -> Judgement:
    rules = Rules.of(job, job.problem.tests or ())
    boxes = boxes_of(settings)
    try:
        with _progress(len(rules.trial.tests)) as before_each_test:
            return judge(job.submissions[0], rules, runner, boxes, compiler_of(settings), stopping=before_each_test)
    finally:
        boxes.close()


@contextmanager
def _progress(total: int) -> Iterator["_Steps"]:
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    console = Console(stderr=True)  # so that what is printed can be piped
    with Progress(*columns, console=console, transient=True, disable=not console.is_terminal) as progress:
        yield _Steps(progress, total)


class _Steps:
    """Moves the bar whenever the judge asks whether to stop, which it does before each test."""

    def __init__(self, progress: Progress, total: int) -> None:
        self._progress = progress
        self._task = progress.add_task("compiling", total=total)
        self._begun = 0

    def __call__(self) -> bool:
        self._progress.update(self._task, completed=self._begun, description="running")
        self._begun += 1
        return False


def _require_toolchain(runner: Runner) -> None:
    missing = runner.missing()
    if missing:
        ways = "; ".join(f"{name} (get it with: {hint})" for name, hint in missing.items())
        raise ConfigurationError(f"{runner.title} needs {ways}")


def _checker(text: str) -> Choice:
    if not text.lstrip().startswith("{"):
        return Choice.model_validate(text)
    try:
        return Choice.model_validate(json.loads(text))
    except json.JSONDecodeError as error:
        raise BadRequest(f"--checker is not JSON: {error}") from None


def _options(choices: Sequence[str]) -> Mapping[str, str]:
    pairs = [choice.partition("=") for choice in choices]
    for name, equals, _ in pairs:
        if not equals:
            raise BadRequest(f"--option {name!r} is not of the form NAME=CHOICE")
    return {name: value for name, _, value in pairs}


def _bytes(text: str | None) -> int | None:
    if text is None:
        return None
    number, unit = text.upper().removesuffix("B").removesuffix("I"), ""
    if number[-1:] in BYTES_OF_UNIT:
        number, unit = number[:-1], number[-1:]
    if not (number.isascii() and number.isdecimal() and len(number) <= 18):
        raise BadRequest(f"--memory {text!r} is not a number of bytes, nor one with K, M or G")
    return int(number) * BYTES_OF_UNIT[unit]
