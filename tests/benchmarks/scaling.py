"""One worker against two: how much the second one adds."""

import asyncio

from tests.benchmarks.figures import median, ratio
from tests.benchmarks.plan import Plan
from tests.benchmarks.report import Report, Sheet
from tests.benchmarks.serving import ask_all, connect, serving
from tests.benchmarks.squares import SQUARES
from tests.benchmarks.work import Task, executions


def measure(plan: Plan) -> Report:
    report = Report("scaling")
    report.sheets.append(Sheet("Tests a second over HTTP, by workers", ["program", "1 worker", "2 workers", "ratio"]))
    with serving(1) as one, serving(2) as two:
        found = asyncio.run(_measure(plan, (one.url, two.url), report))
    row = [SQUARES["python_prelude"].title, *(f"{median(rates):,.0f}" for rates in found)]
    report.sheets[0].rows.append([*row, f"{ratio(found[1], found[0]):.2f}"])
    report.figures["scaling.two_workers"] = ratio(found[1], found[0])
    return report


async def _measure(plan: Plan, urls: tuple[str, str], report: Report) -> tuple[list[float], list[float]]:
    found: tuple[list[float], list[float]] = ([], [])
    for repeat in range(plan.repeats + 1):
        for number, url in enumerate(urls):
            tasks = _tasks(f"{plan.tag}.{repeat}.{number}", plan.of(16, 3))
            async with connect(url) as client:
                seconds = (await ask_all(client, tasks, report)).seconds
            if repeat:  # the first warms up
                found[number].append(executions(tasks) / seconds)
    return found


def _tasks(tag: str, problems: int) -> list[Task]:
    return [SQUARES["python_prelude"].task(f"{tag}.{number}", submissions=8) for number in range(problems)]
