"""Shows how the example submissions of problem packages fare against what is said of them."""

import json
import signal
import threading
from collections.abc import Callable, Sequence
from dataclasses import asdict, replace
from pathlib import Path
from types import FrameType

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn
from rich.text import Text

from sandbox_service.errors import BadRequest
from sandbox_service.packages import Package, packages_in, read_package
from sandbox_service.settings import Settings
from sandbox_service.verification import ChosenOption, Finding, PackageFindings, Plan, planned, verify

VERDICT_WIDTH, SCORED_WIDTH = len("memory limit exceeded"), len("memory limit exceeded, 100 points")

ALL_AGREE, DISAGREEMENT, NOT_WHOLE = 0, 1, 2
INTERRUPTED = 128 + signal.SIGINT
ENDS = (signal.SIGINT, signal.SIGTERM)


def verify_packages(
    folders: Sequence[Path],
    settings: Settings,
    *,
    only: str | None,
    cpu_seconds: float | None,
    instead: Sequence[str],
    options: Sequence[str],
    as_json: bool,
) -> int:
    """Read, judge and show; answers the exit code.

    Raises:
        BadRequest: a folder is no package and holds none, or ``instead`` or ``options`` say what cannot be.
        ConfigurationError: this machine lacks the box.
    """
    errors, console = Console(stderr=True), Console()
    with errors.status("reading the packages"):
        packages = [read_package(path) for folder in folders for path in packages_in(folder)]
    if cpu_seconds is not None:
        packages = [_with_limit(each, cpu_seconds) for each in packages]
    plans = planned(packages, settings, only, dict(map(_languages, instead)), [*map(_choice, options)])
    stopping = _stop_asked(errors)
    columns = (TextColumn("judging submissions"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    # What is to be piped goes to stdout: the JSON, or the rows, which stand above the bar where both go to a terminal.
    told = errors if as_json else console
    above = told if told.is_terminal else errors
    rows = Rows(plans, told)
    with Progress(*columns, console=above, transient=True, disable=not above.is_terminal) as progress:
        task = progress.add_task("", total=sum(len(plan.tasks) for plan in plans))

        def came(package: Package, finding: Finding) -> None:
            rows.show(package, finding)
            progress.advance(task)

        found = verify(plans, settings, came, stopping)
    if as_json:
        console.print_json(json.dumps(_as_json(found)))
    else:
        summarize(found, rows, console)
    if stopping():
        tasks = [task for plan in plans for task in plan.tasks]
        missing = sum(task.finding is None for task in tasks)
        errors.print(Text(f"interrupted: {missing} of {len(tasks)} submissions were not judged", "red"))
        return INTERRUPTED
    return exit_code(found)


def _languages(text: str) -> tuple[str, str]:
    name, separator, other = text.partition("=")
    if not separator:
        raise BadRequest(f"--instead {text!r} is not of the form LANGUAGE=LANGUAGE, as python=pypy")
    return name, other


def _choice(text: str) -> ChosenOption:
    named, separator, choice = text.partition("=")
    language, dot, option = named.partition(".")
    if not separator or not dot:
        raise BadRequest(f"--option {text!r} is not of the form LANGUAGE.OPTION=CHOICE, as cpp.standard=c++20")
    return ChosenOption(language, option, choice)


def _stop_asked(errors: Console) -> Callable[[], bool]:
    """Whether Ctrl-C or a SIGTERM came; the first lets the test at hand end, the second ends everything at once."""
    asked = threading.Event()

    def ask(_number: int, _frame: FrameType | None) -> None:
        asked.set()
        for each in ENDS:
            signal.signal(each, signal.SIG_DFL)
        errors.print(Text("stopping after the tests at hand; once more ends them too", "yellow"))

    for each in ENDS:
        signal.signal(each, ask)
    return asked.is_set


def exit_code(found: Sequence[PackageFindings]) -> int:
    """What is missing goes before what disagrees: it may be the reason."""
    if not all(each.is_whole for each in found):
        return NOT_WHOLE
    return ALL_AGREE if all(finding.agrees for each in found for finding in each.findings) else DISAGREEMENT


class Rows:
    """One line for each finding, in columns whose widths are known before the first comes."""

    def __init__(self, plans: Sequence[Plan], console: Console) -> None:
        tasks = [task for plan in plans for task in plan.tasks]
        self._console = console
        self._of_many = len(plans) > 1
        names = [self._name(task.package, task.packaged.submission.id) for task in tasks]
        self._name_width = _widest(names)
        self._language_width = _widest([task.runner.name for task in tasks])
        self._expected_width = _widest([task.packaged.expectation.said for task in tasks])
        is_scored = any(task.problem.scoring is not None for task in tasks)
        self._got_width = SCORED_WIDTH if is_scored else VERDICT_WIDTH
        headings = Text.assemble((self._row("submission", "language", "expected", "got", "cpu s"), "dim"))
        if tasks:
            console.print(headings, soft_wrap=True)

    def show(self, package: Package, finding: Finding) -> None:
        """The line of this finding."""
        expected, got = finding.expected.replace("_", " "), (finding.got or "not judged").replace("_", " ")
        name = self._name(package, finding.id)
        row = self._row(name, finding.language, expected, got, f"{finding.cpu_seconds:.2f}")
        mark = ("  ✓", "green") if finding.agrees else (f"  ✗ {finding.why or ''}", "red")
        self._console.print(Text.assemble(row, mark), soft_wrap=True)

    def _name(self, package: Package, submission: str) -> str:
        return f"{package.name}/{submission}" if self._of_many else submission

    def _row(self, name: str, language: str, expected: str, got: str, cpu: str) -> str:
        return (
            f"  {name:{self._name_width}}  {language:{self._language_width}}  "
            f"{expected:{self._expected_width}}  {got:{self._got_width}}  {cpu:>6}"
        )


def _widest(texts: Sequence[str]) -> int:
    return max(map(len, ("submission", *texts)))


def summarize(found: Sequence[PackageFindings], rows: Rows, console: Console) -> None:
    """Each package with what came out otherwise and what is missing of it, and one line for all."""
    for each in found:
        console.print()
        console.print(_heading(each), soft_wrap=True)
        for finding in each.findings:
            if not finding.agrees:
                rows.show(each.package, finding)
        if each.package.lacking:
            console.print(Text(f"  nothing was judged: {each.package.lacking} is not to be had", "red"), soft_wrap=True)
        for fault in each.package.faults:
            console.print(Text(f"  {fault}", "red"), soft_wrap=True)
        for skipped in each.skipped:
            console.print(Text(f"  {skipped.where}: left out, {skipped.why}", "dim"), soft_wrap=True)
    console.print()
    console.print(_all_in_all(found), soft_wrap=True)


def _all_in_all(found: Sequence[PackageFindings]) -> Text:
    findings = [finding for each in found for finding in each.findings]
    agreeing = sum(finding.agrees for finding in findings)
    unjudged = sum(finding.got is None for finding in findings)
    colour = "green" if agreeing == len(findings) else "red"
    summary = Text.assemble((f"{agreeing} of {len(findings)} submissions got what is said of them", colour))
    if unjudged:
        summary.append(f", {unjudged} could not be judged", "magenta")
    not_whole = [each.package.name for each in found if not each.is_whole]
    if not_whole:
        summary.append(f"; not whole: {', '.join(not_whole)}", "red")
    return summary


def _heading(each: PackageFindings) -> Text:
    said = [f"{len(each.package.test_names)} tests"]
    if each.time_limit_seconds is not None:
        how = "" if each.package.timing.limit_seconds else " by the slowest accepted submission"
        said.append(f"time limit {each.time_limit_seconds:g} s{how}")
    agreeing = sum(finding.agrees for finding in each.findings)
    said.append(f"{agreeing} of {len(each.findings)} submissions as said")
    return Text.assemble((each.package.name, "bold"), (f"  {', '.join(said)}", "dim"))


def _with_limit(package: Package, cpu_seconds: float) -> Package:
    problem = package.problem
    if problem is not None:
        limits = problem.limits.model_copy(update={"cpu_seconds": cpu_seconds})
        problem = problem.model_copy(update={"limits": limits})
    return replace(package, problem=problem, timing=replace(package.timing, limit_seconds=cpu_seconds))


def _as_json(found: Sequence[PackageFindings]) -> dict[str, object]:
    findings = [finding for each in found for finding in each.findings]
    return {
        "packages": [
            {
                "name": each.package.name,
                "folder": str(each.package.folder),
                "tests": len(each.package.test_names),
                "time_limit_seconds": each.time_limit_seconds,
                "submissions": [asdict(finding) for finding in each.findings],
                "skipped": [asdict(skipped) for skipped in each.skipped],
                "faults": [asdict(fault) for fault in each.package.faults],
                "lacking": each.package.lacking,
            }
            for each in found
        ],
        "submissions": len(findings),
        "agree": sum(finding.agrees for finding in findings),
        "not_judged": sum(finding.got is None for finding in findings),
    }
