"""How long one small submission takes, when the service is idle and when it is under load."""

import asyncio
import itertools
import time

import httpx

from tests.benchmarks.figures import percentile
from tests.benchmarks.plan import Plan
from tests.benchmarks.report import Plot, Report, Sheet
from tests.benchmarks.serving import IN_FLIGHT, Served, ask, body, connect, serving, upload
from tests.benchmarks.squares import SQUARES

PERCENTILES = (50, 95, 99)
TESTS = 3


def measure(plan: Plan) -> Report:
    report = Report("latency")
    columns = ["service", "requests", *(f"p{percent}" for percent in PERCENTILES), "most"]
    report.sheets.append(Sheet(f"One Python submission with {TESTS} tests, end to end, in ms", columns))
    report.plots.append(Plot("Latency of one small submission", "percentile", "ms", {}))
    with serving(plan.cores) as served:
        asyncio.run(_measure(plan, served, report))
    return report


async def _measure(plan: Plan, served: Served, report: Report) -> None:
    async with connect(served.url) as client:
        await _ask_one_by_one(client, f"{plan.tag}.warm", 20, report)
        _tell("idle", await _ask_one_by_one(client, f"{plan.tag}.idle", plan.of(500, 50), report), report)
        load = asyncio.create_task(_keep_busy(served.url, plan.tag))
        try:
            await asyncio.sleep(2)
            _tell("loaded", await _ask_one_by_one(client, f"{plan.tag}.loaded", plan.of(100, 10), report), report)
        finally:
            load.cancel()
            await asyncio.gather(load, return_exceptions=True)


async def _ask_one_by_one(client: httpx.AsyncClient, tag: str, number: int, report: Report) -> list[float]:
    seconds = []
    for position in range(number):
        task = SQUARES["python"].task(f"{tag}.{position}", submissions=1, tests=TESTS)
        request = body(task)
        began = time.monotonic()
        judgements = await ask(client, request)
        seconds.append(time.monotonic() - began)
        report.check(task.name, judgements[0]["verdict"], "accepted")
    return seconds


async def _keep_busy(url: str, tag: str) -> None:
    """Jobs as a trainer sends them, without end."""
    numbers = itertools.count()

    async def send(client: httpx.AsyncClient) -> None:
        for number in numbers:
            task = SQUARES["python_prelude"].task(f"{tag}.load.{number}", submissions=8)
            await ask(client, body(task, await upload(client, task)))

    async with connect(url) as client:
        await asyncio.gather(*(send(client) for _ in range(IN_FLIGHT)))


def _tell(name: str, seconds: list[float], report: Report) -> None:
    found = {percent: percentile(seconds, percent) * 1000 for percent in PERCENTILES}
    report.figures |= {f"latency.{name}.p{percent}_ms": value for percent, value in found.items()}
    row = [name, str(len(seconds)), *(f"{value:.1f}" for value in found.values()), f"{max(seconds) * 1000:.1f}"]
    report.sheets[0].rows.append(row)
    points = [1, 5, 10, 25, 50, 75, 90, 95, 99]
    report.plots[0].series[name] = [(float(percent), percentile(seconds, percent) * 1000) for percent in points]
