"""Cost per test from one to ten thousand tests, and from a kilobyte to 64 megabytes of input."""

import asyncio
import time

from tests.benchmarks.figures import median
from tests.benchmarks.plan import Plan
from tests.benchmarks.report import Plot, Report, Sheet
from tests.benchmarks.serving import ask_all, connect, serving
from tests.benchmarks.squares import SQUARES
from tests.benchmarks.work import Entry, Task

KIB, MIB = 2**10, 2**20
COUNTS = (1, 5, 20, 100, 1000, 10_000)
SIZES = (KIB, 16 * KIB, 256 * KIB, MIB, 4 * MIB, 16 * MIB, 64 * MIB)
COUNTING = "import sys\nprint(len(sys.stdin.buffer.read()))\n"
ROOM = str(160 * MIB)  # for a request with the largest input


def measure_tests(plan: Plan) -> Report:
    report = Report("tests")
    sheet = Sheet("One Python submission over HTTP, by the number of its tests", ["tests", "ms", "ms per test"])
    report.sheets.append(sheet)
    points: list[tuple[float | str, float]] = []
    counts = COUNTS[:-1] if plan.quick else COUNTS
    with serving(1) as served:
        found = asyncio.run(_by_count(plan, served.url, counts, report))
    for count in counts:
        seconds = median(found[count])
        points.append((float(count), seconds / count * 1000))
        sheet.rows.append([f"{count:,}", f"{seconds * 1000:,.1f}", f"{seconds / count * 1000:.2f}"])
    report.plots.append(Plot("Cost per test", "tests of a submission", "ms per test", {"service": points}))
    report.figures["tests.growth"] = (median(found[counts[-1]]) / counts[-1]) / (median(found[20]) / 20)
    return report


async def _by_count(plan: Plan, url: str, counts: tuple[int, ...], report: Report) -> dict[int, list[float]]:
    found: dict[int, list[float]] = {count: [] for count in counts}
    async with connect(url) as client:
        await ask_all(client, [SQUARES["python"].task(f"{plan.tag}.warm", submissions=1)], report)
        for repeat in range(plan.repeats):
            for count in counts:
                times = max(1, 20 // count)  # a few one after another where one alone is hardly to be timed
                tasks = [
                    SQUARES["python"].task(f"{plan.tag}.{repeat}.{count}.{number}", submissions=1, tests=count)
                    for number in range(times)
                ]
                seconds = [(await ask_all(client, [task], report)).seconds for task in tasks]
                found[count].append(median(seconds))
    return found


def measure_inputs(plan: Plan) -> Report:
    report = Report("inputs")
    columns = ["input", "service, ms", "MB/s", "copying it, ms"]
    sheet = Sheet("One Python submission with one test over HTTP, uploaded before, by the size of its input", columns)
    report.sheets.append(sheet)
    service: list[tuple[float | str, float]] = []
    copied: list[tuple[float | str, float]] = []
    sizes = SIZES[:5] if plan.quick else SIZES
    with serving(1, SANDBOX_MAXIMUM_REQUEST_BYTES=ROOM) as served:
        found = asyncio.run(_by_size(plan, served.url, sizes, report))
    for size in sizes:
        seconds, copying = median(found[size]), _copy_seconds(size)
        service.append((size / MIB, seconds * 1000))
        copied.append((size / MIB, copying * 1000))
        sheet.rows.append(
            [_size(size), f"{seconds * 1000:,.1f}", f"{size / 1e6 / seconds:,.0f}", f"{copying * 1000:.3f}"]
        )
    series = {"service": service, "one copy in memory": copied}
    report.plots.append(Plot("Cost of input", "MiB of input", "ms", series))
    smallest, largest = median(found[sizes[0]]), median(found[sizes[-1]])
    report.figures["inputs.ms_per_mb"] = (largest - smallest) * 1000 / (sizes[-1] / 1e6)
    return report


async def _by_size(plan: Plan, url: str, sizes: tuple[int, ...], report: Report) -> dict[int, list[float]]:
    found: dict[int, list[float]] = {size: [] for size in sizes}
    async with connect(url) as client:
        for repeat in range(plan.repeats + 1):
            for size in sizes:
                source = f"{COUNTING}# {plan.tag}.{repeat}\n"
                task = Task(f"{size} bytes", [("7" * size, str(size))], [Entry("python", source)])
                seconds = (await ask_all(client, [task], report)).seconds
                if repeat:  # the first brings the test set to the worker
                    found[size].append(seconds)
    return found


def _copy_seconds(size: int) -> float:
    content = bytearray(size)
    seconds = []
    for _ in range(5):
        began = time.perf_counter()
        bytes(content)
        seconds.append(time.perf_counter() - began)
    return median(seconds)


def _size(size: int) -> str:
    return f"{size // MIB} MiB" if size >= MIB else f"{size // KIB} KiB"
