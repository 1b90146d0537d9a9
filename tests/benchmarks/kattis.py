"""Folders in Kattis' problem format: the jury's submissions must get the verdicts that their folders say."""

import asyncio
import itertools
import re
from collections.abc import Iterator
from pathlib import Path

from sandbox_service.cli.folder import read_tests
from tests.benchmarks.plan import Plan
from tests.benchmarks.report import Report, Sheet
from tests.benchmarks.serving import ask_all, connect, serving
from tests.benchmarks.work import Entry, Task

VERDICTS = {
    "accepted": "accepted",
    "wrong_answer": "wrong_answer",
    "run_time_error": "runtime_error",
    "time_limit_exceeded": "time_limit_exceeded",
}
LANGUAGES = {".py": "python", ".py3": "python", ".cpp": "cpp", ".cc": "cpp", ".java": "java", ".js": "javascript"}
TIME_LIMIT = re.compile(r"^\s*time_limit:\s*([0-9.]+)", re.MULTILINE)
FLAGS = re.compile(r"^\s*(?:validator_flags|output_validator_args):\s*(.+)$", re.MULTILINE)


def measure(plan: Plan) -> Report:
    """Nothing, unless folders are given."""
    report = Report("kattis")
    columns = ["problem", "submissions", "tests", "seconds", "tests/s", "verdicts as expected"]
    report.sheets.append(Sheet("Problems in Kattis format, over HTTP", columns))
    found = [task for folder in plan.kattis for task in problems(folder)]
    if found:
        with serving(plan.cores) as served:
            asyncio.run(_measure(served.url, found, report))
    return report


async def _measure(url: str, tasks: list[Task], report: Report) -> None:
    async with connect(url) as client:
        for task in tasks:
            before = len(report.wrong)
            seconds = (await ask_all(client, [task], report)).seconds
            right = len(task.entries) - (len(report.wrong) - before)
            rate = f"{task.executions / seconds:,.0f}"
            said = f"{right} of {len(task.entries)}"
            row = [task.name, str(len(task.entries)), str(len(task.tests)), f"{seconds:.1f}", rate, said]
            report.sheets[0].rows.append(row)


def problems(folder: Path) -> Iterator[Task]:
    """The problem in the folder, or those in the folders below it; a problem has `data` and `submissions`."""
    if not (folder / "data").is_dir():
        for below in sorted(folder.iterdir()):
            if (below / "data").is_dir():
                yield from problems(below)
        return
    tests = [(each.test.stdin, each.test.expected_text or "") for each in read_tests(folder / "data")]
    described = folder / "problem.yaml"
    text = described.read_text() if described.is_file() else ""
    limit = TIME_LIMIT.search(text)
    limits = {"cpu_seconds": float(limit[1])} if limit else {}
    entries = [
        Entry(LANGUAGES[path.suffix], path.read_text(), verdict)
        for name, verdict in VERDICTS.items()
        for path in sorted((folder / "submissions" / name).glob("*"))
        if path.suffix in LANGUAGES
    ]
    if entries:
        yield Task(folder.name, tests, entries, limits, _checker(text))


def _checker(text: str) -> dict[str, object] | str:
    """What the flags of the default validator ask for."""
    flags = FLAGS.search(text)
    words = flags[1].strip("\"'").split() if flags else []
    found: dict[str, object] = {}
    for word, value in itertools.pairwise(words):
        if word in ("float_tolerance", "float_relative_tolerance"):
            found["relative"] = float(value)
        if word in ("float_tolerance", "float_absolute_tolerance"):
            found["absolute"] = float(value)
    return {"name": "floats", **found} if found else "tokens"
