"""Benchmarks: each part prints tables and writes bench-results/<part>.json and .png; then the budgets."""

import argparse
import signal
import sys
import time
from collections.abc import Sequence
from pathlib import Path

from rich.console import Console

from tests.benchmarks import machine, page
from tests.benchmarks.budgets import missed
from tests.benchmarks.parts import PARTS
from tests.benchmarks.peers import PEERS
from tests.benchmarks.plan import Plan
from tests.benchmarks.plots import draw
from tests.benchmarks.report import Report, budget_sheet

RESULTS = Path("bench-results")
REPEATS, QUICK_REPEATS = 5, 2
LAST_WORD = "Exit code: 0; 1 when a verdict was wrong, or with --strict when a budget was missed."


def main() -> int:
    chosen = _arguments()
    console = Console(highlight=False)
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))  # so that services that were started are stopped
    if chosen.write_docs:
        console.print(f"{page.write(RESULTS)} results in {' and '.join(map(str, page.PAGES))}")
        return 0
    plan = Plan(
        repeats=chosen.repeats or (QUICK_REPEATS if chosen.quick else REPEATS),
        quick=chosen.quick,
        peers=dict(chosen.peer),
        kattis=tuple(chosen.kattis),
        docker_image=chosen.docker_image,
    )
    described = machine.describe()
    console.print(", ".join(f"{name}: {value}" for name, value in described.items()), style="dim")
    reports = [_measure(name, plan, described, console) for name in chosen.only or _asked_for(plan)]
    return _conclude(reports, console, strict=chosen.strict)


def _asked_for(plan: Plan) -> Sequence[str]:
    """Everything, but for what needs something that was not given."""
    left_out = {name for name, given in (("kattis", plan.kattis), ("peers", plan.peers)) if not given}
    return [name for name in PARTS if name not in left_out]


def _measure(name: str, plan: Plan, described: dict[str, str], console: Console) -> Report:
    console.rule(f"{name}: {PARTS[name].what}", align="left")
    began = time.monotonic()
    with console.status("measuring"):
        report = PARTS[name].measure(plan)
    report.run = {"machine": described, "repeats": plan.repeats, "quick": plan.quick}
    for sheet in report.sheets:
        sheet.show(console)
    written = [report.write(RESULTS), draw(report, RESULTS)]
    said = ", ".join(str(path) for path in written if path)
    console.print(f"{time.monotonic() - began:.0f} s; {said}", style="dim")
    return report


def _conclude(reports: Sequence[Report], console: Console, *, strict: bool) -> int:
    figures = {name: value for report in reports for name, value in report.figures.items()}
    console.rule("budgets", align="left")
    budget_sheet(figures, coloured=True).show(console)
    wrong = [line for report in reports for line in report.wrong]
    for line in wrong:
        console.print("wrong verdict:", line, style="red", markup=False)
    return 1 if wrong or (strict and missed(figures)) else 0


def _peer(text: str) -> tuple[str, str]:
    name, _, url = text.partition("=")
    if name not in PEERS or not url.startswith(("http://", "https://")):
        raise argparse.ArgumentTypeError(f"{text!r} is not NAME=URL with a NAME of {', '.join(PEERS)}")
    return name, url.rstrip("/")


def _arguments() -> argparse.Namespace:
    listed = "\n".join(f"  {name:<10} {part.what}" for name, part in PARTS.items())
    parser = argparse.ArgumentParser(
        prog="python -m tests.benchmarks",
        description=__doc__,
        epilog=f"parts:\n{listed}\n\n{LAST_WORD}",
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--only", nargs="+", choices=PARTS, metavar="NAME", help="these parts, in this order")
    parser.add_argument("--repeats", type=int, help="of which the median counts (5; with --quick 2)")
    parser.add_argument("--quick", action="store_true", help="small amounts: to see that it works, not to quote")
    parser.add_argument("--strict", action="store_true", help="exit with 1 when a budget is missed")
    parser.add_argument(
        "--peer",
        type=_peer,
        action="append",
        default=[],
        metavar="NAME=URL",
        help=f"a running judge to send the same work to; NAME is one of {', '.join(PEERS)}; repeatable",
    )
    parser.add_argument(
        "--kattis", type=Path, action="append", default=[], metavar="DIR", help="a problem, or a folder of problems"
    )
    parser.add_argument("--docker-image", metavar="IMAGE", help="a runner's image, for boxes in containers")
    parser.add_argument(
        "--write-docs",
        action="store_true",
        help=f"measure nothing; fill {' and '.join(map(str, page.PAGES))} from {RESULTS}/*.json",
    )
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
