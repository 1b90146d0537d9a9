"""Draws a part's plots into one picture."""

from pathlib import Path

import matplotlib

matplotlib.use("Agg")  # no window: benchmarks run where there is no screen

from matplotlib import pyplot
from matplotlib.axes import Axes

from tests.benchmarks.report import Plot, Report

WIDTH, HEIGHT = 8.0, 4.5


def draw(report: Report, folder: Path) -> Path | None:
    """The picture's place; none when the part has nothing to draw."""
    plots = [plot for plot in report.plots if any(plot.series.values())]
    if not plots:
        return None
    figure, axes = pyplot.subplots(len(plots), 1, figsize=(WIDTH, HEIGHT * len(plots)), squeeze=False)
    for plot, (place,) in zip(plots, axes, strict=True):
        _draw(plot, place)
    figure.tight_layout()
    path = folder / f"{report.part}.png"
    figure.savefig(path, dpi=120)
    pyplot.close(figure)
    return path


def _draw(plot: Plot, place: Axes) -> None:
    by_name = any(isinstance(x, str) for points in plot.series.values() for x, _ in points)
    if by_name:
        _bars(plot, place)
    else:
        for name, points in plot.series.items():
            place.plot([float(x) for x, _ in points], [y for _, y in points], marker="o", label=name)
        if plot.logarithmic and plot.x != "percentile":
            place.set_xscale("log")
    if plot.logarithmic:
        place.set_yscale("log")
    place.set(title=plot.title, xlabel=plot.x, ylabel=plot.y)
    place.grid(alpha=0.3)
    place.legend()


def _bars(plot: Plot, place: Axes) -> None:
    names = list(dict.fromkeys(str(x) for points in plot.series.values() for x, _ in points))
    width = 0.8 / len(plot.series)
    for number, (name, points) in enumerate(plot.series.items()):
        values = {str(x): y for x, y in points}
        heights = [values.get(each, 0.0) for each in names]
        bars = place.bar([at + number * width for at in range(len(names))], heights, width, label=name)
        place.bar_label(bars, fmt="{:.3g}", fontsize=7)
    place.set_xticks([at + width * (len(plot.series) - 1) / 2 for at in range(len(names))], names)
