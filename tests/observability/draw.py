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

from tests.e2e.service import Running, running
from tests.observability.prometheus import DASHBOARD, Prometheus, panels, scraping

SECONDS, STEP_SECONDS, WINDOW = 120, 2, "15s"
COLUMNS, ROW_INCHES, WIDTH_INCHES = 24, 0.36, 17.0
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
    grid = panel["gridPos"]
    pad_x, pad_y = 0.022, 1.1 / rows
    left, bottom = grid["x"] / COLUMNS + pad_x, 1 - (grid["y"] + grid["h"]) / rows + pad_y * 0.8
    place = figure.add_axes((left, bottom, grid["w"] / COLUMNS - 1.35 * pad_x, grid["h"] / rows - 2.1 * pad_y))
    place.set_title(panel["title"], loc="left", fontsize=9, fontweight="bold")
    series = {
        _named(target["legendFormat"], found["metric"]): [(float(at), float(value)) for at, value in found["values"]]
        for target in panel["targets"]
        for found in prometheus.ask_over(target["expr"].replace("$__rate_interval", WINDOW), began, ended, STEP_SECONDS)
    }
    unit = panel["fieldConfig"]["defaults"]["unit"]
    if panel["type"] == "stat":
        place.axis("off")
        last = next((points[-1][1] for points in series.values() if points), float("nan"))
        place.text(0.0, 0.35, _said(last, unit), fontsize=20, fontweight="bold", va="center")
    else:
        _draw_lines(place, series, began, panel["fieldConfig"]["defaults"]["custom"].get("stacking") is not None)


def _draw_lines(place: Axes, series: Mapping[str, Sequence[tuple[float, float]]], began: float, stacked: bool) -> None:
    place.set_facecolor("#ffffff")
    place.tick_params(labelsize=7)
    place.grid(alpha=0.25)
    floor: dict[float, float] = {}
    for name, points in sorted(series.items()):
        at = [moment - began for moment, _ in points]
        below = [floor.get(moment, 0.0) if stacked else 0.0 for moment, _ in points]
        top = [base + value for base, (_, value) in zip(below, points, strict=True)]
        (line,) = place.plot(at, top, linewidth=1.2, label=name)
        place.fill_between(at, below, top, alpha=0.35 if stacked else 0.08, color=line.get_color())
        floor.update({moment: high for (moment, _), high in zip(points, top, strict=True)})
    place.set_ylim(bottom=0)
    place.legend(fontsize=6.5, loc="upper left", frameon=False, ncols=2)


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
        case "ops":
            return f"{value:,.0f} /s"
    return f"{value:,.0f}"


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
