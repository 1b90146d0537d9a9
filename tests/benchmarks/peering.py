"""The same work over HTTP to this service and to running peers, in turn: tests a second, ratios, agreement."""

import asyncio
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import httpx

from tests.benchmarks.figures import median, ratio
from tests.benchmarks.peers import OURS, PEERS, Judge
from tests.benchmarks.plan import Plan
from tests.benchmarks.report import Plot, Report, Sheet
from tests.benchmarks.serving import connect, serving
from tests.benchmarks.squares import SQUARES
from tests.benchmarks.work import Task, executions

COLUMNS = ["judge", "program", "tests/s", "ours against it", "right verdicts"]
US = "this service"
IN_FLIGHT = 4
# How many jobs of 8 submissions × 20 tests we do, and how many each peer, which would take too long with as many.
JOBS = {"python_prelude": (12, 2), "python_numpy": (8, 1), "cpp": (1, 1)}
SUBMISSIONS = {"cpp": 4}


@dataclass(slots=True)
class Found:
    """What one judge did in every repeat."""

    per_second: list[float] = field(default_factory=list)
    right: int = 0
    asked: int = 0


def measure(plan: Plan) -> Report:
    """Nothing, unless peers are given."""
    report = Report("peers")
    report.sheets.append(Sheet("20 tests a submission, a quarter of these wrong, over HTTP", COLUMNS))
    if plan.peers:
        report.plots.append(Plot("Tests a second over HTTP", "", "tests/s", {}))
        with serving(plan.cores) as served:
            judges = {US: (served.url, OURS), **{name: (url, PEERS[name]) for name, url in plan.peers.items()}}
            for program in JOBS:
                found = asyncio.run(_measure(plan, program, judges, report))
                _tell(program, found, report)
    return report


async def _measure(
    plan: Plan, program: str, judges: Mapping[str, tuple[str, Judge]], report: Report
) -> dict[str, Found]:
    found = {name: Found() for name in judges}
    for repeat in range(plan.repeats + 1):
        for name, (url, judge) in judges.items():
            tag = f"{plan.tag}.{repeat}.{name}"
            jobs = 1 if repeat == 0 or plan.quick else JOBS[program][name != US]
            submissions = plan.of(SUBMISSIONS.get(program, 8), 1 if program == "cpp" else 2)
            tasks = _tasks(program, tag, jobs, submissions, warming=repeat == 0)
            async with connect(url) as client:
                began = time.monotonic()
                answers = await _judge_all(judge, client, tasks)
                seconds = time.monotonic() - began
            if repeat == 0:  # the first warms up
                continue
            found[name].per_second.append(executions(tasks) / seconds)
            expected = [entry.verdict == "accepted" for task in tasks for entry in task.entries]
            found[name].asked += len(expected)
            found[name].right += sum(one == other for one, other in zip(answers, expected, strict=True))
    if found[US].right < found[US].asked:
        report.wrong.append(f"peers: {program}: {found[US].right} of {found[US].asked} verdicts were right")
    return found


def _tasks(program: str, tag: str, jobs: int, submissions: int, *, warming: bool) -> list[Task]:
    """Jobs, a quarter of their submissions wrong; to warm up, little for each worker."""
    square, wrong = SQUARES[program], submissions // 4
    if warming:
        return [square.task(tag, submissions=2 if program == "cpp" else 16, tests=1)]
    return [square.task(f"{tag}.{number}", submissions=submissions, wrong=wrong) for number in range(jobs)]


async def _judge_all(judge: Judge, client: httpx.AsyncClient, tasks: Sequence[Task]) -> list[bool]:
    room = asyncio.Semaphore(IN_FLIGHT)

    async def one(task: Task) -> list[bool]:
        async with room:
            return await judge(client, task)

    return [passed for answer in await asyncio.gather(*map(one, tasks)) for passed in answer]


def _tell(program: str, found: Mapping[str, Found], report: Report) -> None:
    ours = found[US].per_second
    for name, theirs in found.items():
        times = ratio(ours, theirs.per_second)
        said = "" if name == US else f"{times:.1f} ×"
        row = [name, SQUARES[program].title, f"{median(theirs.per_second):,.1f}", said]
        report.sheets[0].rows.append([*row, f"{theirs.right} of {theirs.asked}"])
        report.plots[0].series.setdefault(name, []).append((SQUARES[program].title, median(theirs.per_second)))
        if name != US:
            report.figures[f"peers.{name}.{program}"] = times
