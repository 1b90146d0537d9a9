"""Whole problems a second: a mixed set of light, typical and heavy programs with all their tests."""

import asyncio
from collections.abc import Mapping, Sequence

from tests.benchmarks.figures import median, spread
from tests.benchmarks.plan import Plan
from tests.benchmarks.problems import SHAPES, Weight, made_tests, task_of
from tests.benchmarks.report import Report, Sheet
from tests.benchmarks.serving import ask_all, connect, serving
from tests.benchmarks.work import Entry, Task, Test, executions

# How many of ten problems are of each weight, as a training set has them.
MIX: Sequence[Weight] = (*[Weight.LIGHT] * 5, *[Weight.TYPICAL] * 4, Weight.HEAVY)
LANGUAGES = ("python", "python", "cpp", "python", "pypy", "java", "python", "javascript")
TESTS = 20

Tests = Mapping[tuple[str, Weight], Sequence[Test]]


def measure(plan: Plan) -> Report:
    report = Report("tasks")
    columns = ["repeat", "problems", "tests", "seconds", "problems/s", "problems/s and core", "at most", "program CPU"]
    report.sheets.append(Sheet(f"One program a problem with all its {TESTS} tests, over HTTP", columns))
    tests = made_sets(plan)
    with serving(plan.cores) as served:
        rates = asyncio.run(_measure(plan, served.url, tests, report))
    report.figures |= {"tasks.per_core": median(rates) / plan.cores, "tasks.spread": spread(rates)}
    return report


def made_sets(plan: Plan) -> Tests:
    """The tests of every problem in every weight; they are made once and judged many times."""
    weights = [weight for weight in Weight if not (plan.quick and weight is Weight.HEAVY)]
    return {(shape.name, weight): made_tests(shape, weight, TESTS, seed=1) for shape in SHAPES for weight in weights}


async def _measure(plan: Plan, url: str, tests: Tests, report: Report) -> list[float]:
    rates = list[float]()
    async with connect(url) as client:
        for repeat in range(plan.repeats + 1):
            tasks = mixed(plan, tests, f"{plan.tag}.{repeat}")
            asked = await ask_all(client, tasks, report)
            if repeat == 0:  # the first warms up
                continue
            rates.append(len(tasks) / asked.seconds)
            row = [str(repeat), str(len(tasks)), f"{executions(tasks):,}", f"{asked.seconds:.1f}"]
            # What the compilers and the programs need themselves, without anything of ours, is the bound.
            at_most = len(tasks) / (asked.compiler_cpu_seconds + asked.program_cpu_seconds)
            share = asked.program_cpu_seconds / (asked.seconds * plan.cores)
            row += [f"{rates[-1]:.2f}", f"{rates[-1] / plan.cores:.2f}", f"{at_most:.2f}", f"{share:.0%}"]
            report.sheets[0].rows.append(row)
    return rates


def mixed(plan: Plan, tests: Tests, tag: str) -> list[Task]:
    """One program a problem, one in eight of them wrong, in a language that the problem has a solution in."""
    tasks = []
    for number in range(plan.of(60, 20)):
        shape = SHAPES[number % len(SHAPES)]
        weight = MIX[number % len(MIX)]
        if (shape.name, weight) not in tests:
            weight = Weight.TYPICAL
        wanted = LANGUAGES[number % len(LANGUAGES)]
        language = wanted if wanted in shape.solutions else "cpp"
        whole = task_of(shape, weight, tests[shape.name, weight], [language], f"{tag}.{number}")
        tasks.append(Task(whole.name, whole.tests, [_one(whole.entries, number)]))
    return tasks


def _one(entries: Sequence[Entry], number: int) -> Entry:
    return entries[-1] if number % 8 == 7 else entries[0]
