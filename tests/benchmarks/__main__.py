"""The benchmark's command line: measures what is asked for, prints it, writes it down."""

import argparse
import sys
import time
from collections.abc import Callable
from pathlib import Path

from rich.console import Console

from tests.benchmarks import compiled, engine, growth, http, latency, machine, memory, scaling
from tests.benchmarks.budgets import missed
from tests.benchmarks.plan import Plan
from tests.benchmarks.report import Report, budget_sheet

RESULTS = Path("bench-results")

# Each part with what it measures.
PARTS: dict[str, tuple[Callable[[Plan], Report], str]] = {
    "engine": (engine.measure, "interpreted languages against a bare loop; one core and two"),
    "compiled": (compiled.measure, "C++ and Java: compile and 20 tests, seen before, compile alone"),
    "http": (http.measure, "through HTTP, Redis and RQ at saturation, as a share of the engine"),
    "latency": (latency.measure, "one small submission: idle and under load"),
    "scaling": (scaling.measure, "one worker against two"),
    "tests": (growth.measure_tests, "from 1 to 10,000 tests of a submission"),
    "inputs": (growth.measure_inputs, "from 1 KB to 64 MB of input"),
    "memory": (memory.measure, "an idle worker slot"),
}


def main() -> int:
    chosen = _arguments()
    console = Console(highlight=False)
    plan = Plan(repeats=chosen.repeats or (2 if chosen.quick else 5), quick=chosen.quick)
    described = machine.describe()
    console.print(", ".join(f"{name}: {value}" for name, value in described.items()), style="dim")
    reports = [_measure(name, plan, described, console) for name in chosen.only or PARTS]
    figures = {name: value for report in reports for name, value in report.figures.items()}
    budget_sheet(figures, coloured=True).show(console)
    wrong = [line for report in reports for line in report.wrong]
    for line in wrong:
        console.print(f"[red]wrong verdict[/] {line}")
    if wrong:
        return 1
    return 1 if chosen.strict and missed(figures) else 0


def _measure(name: str, plan: Plan, described: dict[str, str], console: Console) -> Report:
    measure, what = PARTS[name]
    console.rule(f"{name}: {what}", align="left")
    began = time.monotonic()
    report = measure(plan)
    report.run = {"machine": described, "repeats": plan.repeats, "quick": plan.quick}
    for sheet in report.sheets:
        sheet.show(console)
    console.print(f"{time.monotonic() - began:.0f} s, {report.write(RESULTS)}", style="dim")
    return report


def _arguments() -> argparse.Namespace:
    listed = "\n".join(f"  {name:<10} {what}" for name, (_, what) in PARTS.items())
    parser = argparse.ArgumentParser(
        prog="python -m tests.benchmarks",
        description=__doc__,
        epilog=f"parts:\n{listed}",
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--only", nargs="+", choices=PARTS, metavar="NAME", help="these parts, not all")
    parser.add_argument("--repeats", type=int, help="of which the median counts (5; 2 with --quick)")
    parser.add_argument("--quick", action="store_true", help="small amounts: to see that it works, not to quote")
    parser.add_argument("--strict", action="store_true", help="exit with 1 when a budget is missed")
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
