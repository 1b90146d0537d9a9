"""What a part of the benchmark found: tables, named figures, curves, and verdicts that were wrong."""

import json
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, Self

from rich.console import Console
from rich.table import Table

from tests.benchmarks.budgets import BUDGETS, Standing

_STYLES = {Standing.MET: "green", Standing.MISSED: "red", Standing.NOT_MEASURED: "dim"}


@dataclass(slots=True)
class Sheet:
    """A table, for a terminal and for a page."""

    title: str
    columns: list[str]
    rows: list[list[str]] = field(default_factory=list)

    def show(self, console: Console) -> None:
        table = Table(title=self.title, title_justify="left")
        for position, column in enumerate(self.columns):
            table.add_column(column, justify="right" if position else "left")
        for row in self.rows:
            table.add_row(*row)
        console.print(table)

    def markdown(self) -> str:
        lines = [f"**{self.title}**", "", _line(self.columns), _line(["---", *["---:"] * (len(self.columns) - 1)])]
        return "\n".join([*lines, *(_line(row) for row in self.rows)]) + "\n"


def _line(cells: Iterable[str]) -> str:
    return "| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |"


@dataclass(slots=True)
class Plot:
    """Bars over names, or lines over numbers, for each series."""

    title: str
    x: str
    y: str
    series: dict[str, list[tuple[float | str, float]]]
    logarithmic: bool = True


@dataclass(slots=True)
class Report:
    """One part's findings."""

    part: str
    sheets: list[Sheet] = field(default_factory=list)
    figures: dict[str, float] = field(default_factory=dict)
    plots: list[Plot] = field(default_factory=list)
    wrong: list[str] = field(default_factory=list)
    run: dict[str, Any] = field(default_factory=dict)

    def check(self, what: str, got: str, expected: str) -> None:
        """Remember a verdict that is not the expected one: speed without it is worth nothing."""
        if got != expected:
            self.wrong.append(f"{self.part}: {what}: {got}, expected {expected}")

    def write(self, folder: Path) -> Path:
        folder.mkdir(parents=True, exist_ok=True)
        path = folder / f"{self.part}.json"
        path.write_text(json.dumps(asdict(self), indent=1, ensure_ascii=False) + "\n")
        return path

    @classmethod
    def read(cls, path: Path) -> Self:
        found = json.loads(path.read_text())
        found["sheets"] = [Sheet(**sheet) for sheet in found["sheets"]]
        found["plots"] = [Plot(**plot) for plot in found["plots"]]
        return cls(**found)


def budget_sheet(figures: Mapping[str, float], *, coloured: bool = False) -> Sheet:
    """Every budget with its figure and whether it is kept."""
    sheet = Sheet("Budgets", ["what", "budget", "measured", ""])
    for budget in BUDGETS:
        standing = budget.standing(figures)
        figure = figures.get(budget.figure)
        measured = "–" if figure is None else f"{figure:.3g} {budget.unit}".rstrip()
        said = f"[{_STYLES[standing]}]{standing}[/]" if coloured else str(standing)
        sheet.rows.append([budget.what, str(budget), measured, said])
    return sheet
