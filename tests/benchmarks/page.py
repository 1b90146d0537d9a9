"""Fills the marked blocks of the documentation from what the last runs wrote down."""

import re
from collections.abc import Sequence
from pathlib import Path

from tests.benchmarks.report import Report, budget_sheet

PAGE = Path("docs/benchmarks.md")
PAGES = (PAGE, Path("docs/scaling.md"))
BLOCK = re.compile(r"(<!-- figures: (\w+) -->\n).*?(<!-- end -->)", re.DOTALL)


def fill(page: str, reports: Sequence[Report]) -> str:
    """The page with the block of each report filled; a block without a report stays as it is."""
    blocks = {report.part: _tables(report) for report in reports}
    if reports:
        figures = {name: value for report in reports for name, value in report.figures.items()}
        blocks["budgets"] = budget_sheet(figures).markdown()

    def filled(block: re.Match[str]) -> str:
        start, name, end = block.groups()
        return f"{start}\n{blocks[name]}\n{end}" if name in blocks else block[0]

    return BLOCK.sub(filled, page)


def _tables(report: Report) -> str:
    run = report.run
    said = "; ".join(f"{name}: {value}" for name, value in run.get("machine", {}).items())
    repeats = f"median of {run.get('repeats')}" + (", small amounts (`--quick`)" if run.get("quick") else "")
    return "\n".join([*(sheet.markdown() for sheet in report.sheets), f"{said}; {repeats}.", ""])


def write(results: Path, pages: Sequence[Path] = PAGES) -> int:
    """How many results the pages now tell."""
    reports = [Report.read(path) for path in sorted(results.glob("*.json"))]
    for page in pages:
        page.write_text(fill(page.read_text(), reports))
    return len(reports)
