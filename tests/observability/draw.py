"""Draws the dashboard's panels as Prometheus answers them; Grafana lays them out alike."""

import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import matplotlib

matplotlib.use("Agg")  # no window

from matplotlib import pyplot
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter

from tests.e2e.service import Running, running
from tests.observability.prometheus import DASHBOARD, Prometheus, panels, scraping

SECONDS, STEP_SECONDS, WINDOW = 120, 2, "15s"
COLUMNS, ROW_INCHES, WIDTH_INCHES = 24, 0.36, 17.0
# Grafana's names of the colours that the dashboard gives to verdicts.
COLOURS = {
    "green": "#56a64b",
    "orange": "#ff9830",
    "red": "#e02f44",
    "purple": "#a352cc",
    "blue": "#3274d9",
    "semi-dark-yellow": "#e0b400",
    "text": "#8e8e8e",
    "dark-red": "#ad0317",
}
SQUARE = {
    "python": ("print(int(input()) ** 2)  # {}", "print(4)  # {}", "while True: pass  # {}"),
    "c": ('#include <stdio.h>\nint main() {{ long n; scanf("%ld", &n); printf("%ld\\n", n * n); }} // {}',),
    "javascript": ("console.log(Number(require('fs').readFileSync(0)) ** 2) // {}",),
}


def keep_busy(service: Running, seconds: float) -> None:
    """Jobs of several languages and verdicts, in waves."""
    end, number = time.monotonic() + seconds, 0
    while time.monotonic() < end:
        for language, sources in SQUARE.items():
            for source in sources:
                number += 1
                size = 1 if "while" in source else 6 + 40 * (number % 7 == 0) * (language == "python")
                programs = [source.format(f"{number}.{each}") for each in range(size)]
                service.client.post("/v1/jobs", json=_job(language, programs)).raise_for_status()
        while time.monotonic() < end and service.client.get("/readyz").json()["queued"] > 30:
            time.sleep(0.2)


def _job(language: str, programs: Sequence[str]) -> Mapping[str, Any]:
    return {
        "problem": {
            "tests": [{"stdin": f"{n}\n", "expected": f"{n * n}\n"} for n in range(2, 7)],
            "limits": {"cpu_seconds": 0.3},
        },
        "submissions": [{"id": f"s{i}", "language": language, "source": each} for i, each in enumerate(programs)],
        "stop_on_failure": True,
    }


def draw(prometheus: Prometheus, began: float, ended: float, path: Path) -> None:
    shown = panels()
    rows = max(panel["gridPos"]["y"] + panel["gridPos"]["h"] for panel in shown)
    figure = pyplot.figure(figsize=(WIDTH_INCHES, rows * ROW_INCHES), facecolor="#f4f6f8")
    for panel in shown:
        _draw_panel(figure, panel, rows, prometheus, began, ended)
    figure.savefig(path, dpi=80)


def _draw_panel(
    figure: Figure, panel: dict[str, Any], rows: int, prometheus: Prometheus, began: float, ended: float
) -> None:
    grid, defaults = panel["gridPos"], panel["fieldConfig"]["defaults"]
    left, width = grid["x"] / COLUMNS, grid["w"] / COLUMNS
    bottom, height = 1 - (grid["y"] + grid["h"]) / rows, grid["h"] / rows
    card = figure.add_axes((left + 0.003, bottom + 0.2 / rows, width - 0.006, height - 0.4 / rows), facecolor="white")
    card.set(xticks=[], yticks=[])
    _frame(card)
    card.annotate(
        panel["title"], (0, 1), (8, -8), "axes fraction", "offset points", fontsize=9, fontweight="bold", va="top"
    )
    series = {
        _named(target["legendFormat"], found["metric"]): [(float(at), float(value)) for at, value in found["values"]]
        for target in panel["targets"]
        for found in prometheus.ask_over(target["expr"].replace("$__rate_interval", WINDOW), began, ended, STEP_SECONDS)
    }
    if panel["type"] == "stat":
        last = next((points[-1][1] for points in series.values() if points), float("nan"))
        card.text(0.5, 0.4, _said(last, defaults["unit"]), fontsize=20, fontweight="bold", va="center", ha="center")
        return
    place = figure.add_axes((left + 0.035, bottom + 1.2 / rows, width - 0.045, height - 2.9 / rows))
    place.yaxis.set_major_formatter(FuncFormatter(lambda value, _: _said(value, defaults["unit"])))
    colours = {
        o["matcher"]["options"]: o["properties"][0]["value"]["fixedColor"] for o in panel["fieldConfig"]["overrides"]
    }
    _draw_lines(place, series, began, "stacking" in defaults["custom"], colours)


def _frame(card: Axes) -> None:
    for side in card.spines.values():
        side.set_color("#d8dee5")


def _draw_lines(
    place: Axes,
    series: Mapping[str, Sequence[tuple[float, float]]],
    began: float,
    stacked: bool,
    colours: Mapping[str, str],
) -> None:
    place.tick_params(labelsize=7, length=2, color="#8590a0", labelcolor="#566171")
    place.grid(alpha=0.25)
    for side in place.spines.values():
        side.set_visible(False)
    floor: dict[float, float] = {}
    for name, points in sorted(series.items()):
        at = [moment - began for moment, _ in points]
        below = [floor.get(moment, 0.0) if stacked else 0.0 for moment, _ in points]
        top = [base + value for base, (_, value) in zip(below, points, strict=True)]
        colour = COLOURS.get(colours.get(name, ""))
        (line,) = place.plot(at, top, linewidth=1.2, label=name, color=colour)
        place.fill_between(at, below, top, alpha=0.35 if stacked else 0.06, color=line.get_color(), linewidth=0)
        floor.update({moment: high for (moment, _), high in zip(points, top, strict=True)})
    place.set_ylim(bottom=0)
    place.legend(fontsize=6.5, loc="lower right", bbox_to_anchor=(1.0, 1.0), frameon=False, ncols=3)


def _named(template: str, labels: Mapping[str, str]) -> str:
    for name, value in labels.items():
        template = template.replace("{{" + name + "}}", value)
    return template


def _said(value: float, unit: str) -> str:
    match unit:
        case "percentunit":
            return f"{value:.0%}"
        case "s":
            return f"{value:.2f} s"
        case "ops" | "reqps":
            return f"{value:,.3g} /s"
        case "bytes":
            return f"{value / 2**20:,.1f} MiB"
    return f"{value:,.3g}"


def main(path: Path) -> None:
    with (
        tempfile.TemporaryDirectory() as directory,
        running(Path(directory), workers=2) as service,
        scraping(service.port, Path(directory)) as prometheus,
    ):
        began = time.time()
        keep_busy(service, SECONDS)
        draw(prometheus, began + 10, time.time(), path)
    print(f"{path}: {len(panels())} panels of {DASHBOARD.name}", file=sys.stderr)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
