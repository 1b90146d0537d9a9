"""Medians and percentiles of what was measured."""

import statistics
from collections.abc import Sequence

median = statistics.median


def percentile(values: Sequence[float], percent: float) -> float:
    """The value below which that many of a hundred are, between two neighbours in proportion.

    Raises:
        ValueError: there are no values.
    """
    if not values:
        raise ValueError("no values")
    ordered = sorted(values)
    place = (len(ordered) - 1) * percent / 100
    below = int(place)
    above = min(below + 1, len(ordered) - 1)
    return ordered[below] + (ordered[above] - ordered[below]) * (place - below)


def ratio(mine: Sequence[float], theirs: Sequence[float]) -> float:
    """The median of the ratios of each repeat: what disturbs one repeat disturbs both sides of it."""
    return median([one / other for one, other in zip(mine, theirs, strict=True)])


def spread(values: Sequence[float]) -> float:
    """How far the values are apart, as a share of their median."""
    return (max(values) - min(values)) / median(values)


def milliseconds(seconds: float) -> str:
    """For a cell of a table."""
    return f"{seconds * 1000:.2f}" if seconds < 1 else f"{seconds * 1000:,.0f}"
