"""The memory of an idle worker slot: the worker and its boxes, pages that are shared counted in parts."""

import asyncio
import time
from contextlib import suppress
from pathlib import Path

from sandbox_service.queues.consumer import DEQUEUE_SECONDS, IDLE_SECONDS
from tests.benchmarks.cpu import descendants
from tests.benchmarks.figures import median
from tests.benchmarks.plan import Plan
from tests.benchmarks.report import Report, Sheet
from tests.benchmarks.serving import Served, ask_all, connect, serving
from tests.benchmarks.squares import SQUARES


def measure(plan: Plan) -> Report:
    report = Report("memory")
    columns = ["slot", "processes", "worker, MB", "boxes, MB", "together, MB"]
    report.sheets.append(Sheet("Proportional set size of a slot with nothing to do", columns))
    with serving(plan.cores) as served:
        _tell("as started", served, report)
        asyncio.run(_use(plan, served.url, report))
        _tell("after Python with and without numpy, and C++", served, report)
        time.sleep(IDLE_SECONDS + DEQUEUE_SECONDS + 1)
        slots = _tell("after a minute of rest", served, report)
    report.figures["memory.slot_mb"] = median(slots)
    return report


async def _use(plan: Plan, url: str, report: Report) -> None:
    async with connect(url) as client:
        for name in ("python_prelude", "python_numpy", "cpp"):
            tasks = [SQUARES[name].task(f"{plan.tag}.{number}", submissions=2) for number in range(4)]
            await ask_all(client, tasks, report)


def _tell(when: str, served: Served, report: Report) -> list[float]:
    slots = []
    workers = served.workers()
    shared = sum(map(_megabytes, served.forked_from())) / len(workers)  # its part of the process that stands by
    for number, worker in enumerate(workers, 1):
        boxes = descendants(worker)
        own, theirs = shared + _megabytes(worker), sum(map(_megabytes, boxes))
        slots.append(own + theirs)
        row = [f"{number}, {when}", str(1 + len(boxes)), f"{own:.1f}", f"{theirs:.1f}", f"{own + theirs:.1f}"]
        report.sheets[0].rows.append(row)
    return slots


def _megabytes(pid: int) -> float:
    with suppress(OSError):
        for line in Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines():
            if line.startswith("Pss:"):
                return int(line.split()[1]) * 1024 / 1e6
    return 0.0
