"""Through HTTP, Redis and RQ at saturation, as a share of what the engine does by itself on the same cores."""

import asyncio
import time
from collections.abc import Sequence

from tests.benchmarks.contestants import Contestant, judge, team
from tests.benchmarks.figures import median, milliseconds, ratio
from tests.benchmarks.plan import Plan
from tests.benchmarks.report import Report, Sheet
from tests.benchmarks.serving import Served, ask_all, connect, serving
from tests.benchmarks.squares import SQUARES
from tests.benchmarks.work import Task, executions

PROGRAMS = ("python_prelude", "cpp")
COLUMNS = ["program", "engine /s", "HTTP /s", "share", "engine CPU", "service CPU", "sender CPU"]


def measure(plan: Plan) -> Report:
    report = Report("http")
    report.sheets.append(
        Sheet("Tests a second on two cores, 8 submissions × 20 tests a job; CPU per test in ms", COLUMNS)
    )
    with serving(plan.cores) as served, team("tests.benchmarks.slot", plan.cores) as slots:
        asyncio.run(_measure(plan, served, slots, report))
    return report


async def _measure(plan: Plan, served: Served, slots: Sequence[Contestant], report: Report) -> None:
    async with connect(served.url) as client:
        for name in PROGRAMS:
            problems = plan.of(24, 4) if name != "cpp" else plan.of(2, 1)
            square = SQUARES[name]
            engine, service, cpu = [], [], []
            await ask_all(client, [square.task(f"{plan.tag}.warm", submissions=4)], report)
            judge(
                slots, square, [[square.task(f"{plan.tag}.warm{n}", submissions=1)] for n in range(len(slots))], report
            )
            for repeat in range(plan.repeats):
                shares = [_tasks(name, f"{plan.tag}.{repeat}.{n}", problems) for n in range(len(slots))]
                alone = judge(slots, square, shares, report)
                engine.append(alone.tests_per_second)
                tasks = _tasks(name, f"{plan.tag}.{repeat}.http", problems * len(slots))
                before, own = served.cpu_seconds(), time.process_time()
                seconds = (await ask_all(client, tasks, report)).seconds
                service.append(executions(tasks) / seconds)
                used, sent = served.cpu_seconds() - before, time.process_time() - own
                cpu.append((alone.cpu_per_test, used / executions(tasks), sent / executions(tasks)))
            share = ratio(service, engine)
            report.figures |= {f"http.{name}.share": share, f"http.{name}.per_second": median(service)}
            report.sheets[0].rows.append(
                [square.title, f"{median(engine):,.0f}", f"{median(service):,.0f}", f"{share:.2f}"]
                + [milliseconds(median(list(each))) for each in zip(*cpu, strict=True)]
            )
    report.figures["http.share"] = report.figures["http.python_prelude.share"]


def _tasks(name: str, tag: str, problems: int) -> list[Task]:
    """Rollouts of many problems: every source and every problem's tests are its own."""
    return [_with_own_tests(SQUARES[name].task(f"{tag}.{number}", submissions=8), number) for number in range(problems)]


def _with_own_tests(task: Task, number: int) -> Task:
    """The same tests in another order, so that no two problems share a test set."""
    turned = number % len(task.tests)
    return Task(task.name, [*task.tests[turned:], *task.tests[:turned]], task.entries)
