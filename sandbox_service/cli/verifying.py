"""Shows how the example submissions of problem packages fared against what is said of them."""

import json
from collections.abc import Sequence
from dataclasses import asdict, replace
from pathlib import Path

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn
from rich.table import Table
from rich.text import Text

from sandbox_service.packages import Package, packages_in, read_package
from sandbox_service.settings import Settings
from sandbox_service.verification import Finding, PackageFindings, planned, verify

PIPED_WIDTH = 200

ALL_AGREE, DISAGREEMENT, NOT_WHOLE = 0, 1, 2


def verify_packages(
    folders: Sequence[Path], settings: Settings, *, only: str | None, cpu_seconds: float | None, as_json: bool
) -> int:
    """Read, judge and show; answers the exit code.

    Raises:
        BadRequest: a folder is no package and holds none.
        ConfigurationError: this machine lacks the box.
    """
    errors = Console(stderr=True)
    with errors.status("reading the packages"):
        packages = [read_package(path) for folder in folders for path in packages_in(folder)]
    if cpu_seconds is not None:
        packages = [_with_limit(each, cpu_seconds) for each in packages]
    plans = planned(packages, settings, only)
    columns = (TextColumn("judging submissions"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    # On stderr, so that the rest can be piped.
    with Progress(*columns, console=errors, transient=True, disable=not errors.is_terminal) as progress:
        task = progress.add_task("", total=sum(len(plan.tasks) for plan in plans))
        found = verify(plans, settings, lambda: progress.advance(task))
    console = Console()
    if not console.is_terminal:
        console.width = max(console.width, PIPED_WIDTH)
    if as_json:
        console.print_json(json.dumps(_as_json(found)))
    else:
        show(found, console)
    return exit_code(found)


def exit_code(found: Sequence[PackageFindings]) -> int:
    """What is missing goes before what disagrees: it may be the reason."""
    if not all(each.is_whole for each in found):
        return NOT_WHOLE
    return ALL_AGREE if all(finding.agrees for each in found for finding in each.findings) else DISAGREEMENT


def show(found: Sequence[PackageFindings], console: Console) -> None:
    """A table for each package, and one line for all."""
    for each in found:
        console.print(_heading(each))
        if each.findings:
            console.print(_table(each.findings))
        if each.package.lacking:
            console.print(Text(f"  nothing was judged: {each.package.lacking} is not to be had", "red"))
        for fault in each.package.faults:
            console.print(Text(f"  {fault}", "red"))
        for skipped in each.skipped:
            console.print(Text(f"  {skipped.where}: left out, {skipped.why}", "dim"))
        console.print()
    findings = [finding for each in found for finding in each.findings]
    agreeing = sum(finding.agrees for finding in findings)
    unjudged = sum(finding.got is None for finding in findings)
    summary = Text.assemble(
        (
            f"{agreeing} of {len(findings)} submissions got what is said of them",
            "green" if agreeing == len(findings) else "red",
        )
    )
    if unjudged:
        summary.append(f", {unjudged} could not be judged", "magenta")
    not_whole = [each.package.name for each in found if not each.is_whole]
    if not_whole:
        summary.append(f"; not whole: {', '.join(not_whole)}", "red")
    console.print(summary)


def _heading(each: PackageFindings) -> Text:
    said = [f"{len(each.package.test_names)} tests"]
    if each.time_limit_seconds is not None:
        how = "" if each.package.timing.limit_seconds else " by the slowest accepted submission"
        said.append(f"time limit {each.time_limit_seconds:g} s{how}")
    return Text.assemble((each.package.name, "bold"), (f"  {', '.join(said)}", "dim"))


def _table(findings: Sequence[Finding]) -> Table:
    table = Table("submission", "language", "expected", "got", box=None, pad_edge=False, header_style="dim")
    table.add_column("cpu s", justify="right")
    table.add_column("")
    for finding in findings:
        mark = Text("✓", "green") if finding.agrees else Text(f"✗ {finding.why or ''}", "red")
        table.add_row(
            Text(f"  {finding.id}"),
            finding.language,
            Text(finding.expected.replace("_", " ")),
            Text((finding.got or "not judged").replace("_", " ")),
            f"{finding.cpu_seconds:.2f}",
            mark,
        )
    return table


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
