"""What is counted, and how Prometheus reads it.

Workers are processes of their own on any machine: they add their counts to one hash in Redis, so that
every API process shows the same numbers, and a restart loses none.
"""

from collections import Counter
from collections.abc import Iterator, Mapping
from typing import NamedTuple

from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, HistogramMetricFamily, Metric
from prometheus_client.registry import Collector

from sandbox_service.models import Judgement
from sandbox_service.queues.journal import LEASES_LOST

PREFIX = "sandbox_"
BUCKETS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0, 60.0, 120.0)
INFINITE = "+Inf"

SUBMISSIONS, TESTS = "submissions", "tests"
BUCKET, SUM = "submission_seconds_bucket", "submission_seconds_sum"
JUDGE_ERRORS, BOXES_BROKEN = "judge_errors", "boxes_broken"


class Described(NamedTuple):
    """A counter as Prometheus shows it."""

    help: str
    labels: tuple[str, ...]


COUNTERS: Mapping[str, Described] = {
    SUBMISSIONS: Described("Submissions judged.", ("language", "verdict")),
    TESTS: Described("Tests run.", ("language", "verdict")),
    JUDGE_ERRORS: Described("Submissions that could not be judged, through our fault.", ("cause",)),
    LEASES_LOST: Described("Chunks taken over from a worker that was not heard of any more.", ()),
    BOXES_BROKEN: Described("Boxes thrown away because they could not report.", ()),
}


class Tally:
    """Counts of one worker, taken from it now and then."""

    def __init__(self) -> None:
        self._counts: Counter[str] = Counter()
        self._sums: dict[str, float] = {}

    def count(self, metric: str, *labels: str, times: int = 1) -> None:
        self._counts["|".join((metric, *labels))] += times

    def judged(self, language: str, judgement: Judgement, seconds: float) -> None:
        """One submission is done, after this time."""
        self.count(SUBMISSIONS, language, judgement.verdict)
        for result in judgement.results:
            self.count(TESTS, language, result.verdict)
        bucket = next((str(bound) for bound in BUCKETS if seconds <= bound), INFINITE)
        self.count(BUCKET, language, bucket)
        key = f"{SUM}|{language}"
        self._sums[key] = self._sums.get(key, 0.0) + seconds

    def take(self) -> dict[str, float]:
        """What was counted since the last call."""
        taken = {**self._counts, **self._sums}
        self._counts.clear()
        self._sums.clear()
        return taken


def exposition(counters: Mapping[str, float], gauges: Mapping[str, float]) -> bytes:
    """The text that Prometheus scrapes; ``gauges`` are queued_submissions and workers."""
    registry = CollectorRegistry()
    registry.register(_Snapshot(counters, gauges))
    return generate_latest(registry)


class _Snapshot(Collector):
    def __init__(self, counters: Mapping[str, float], gauges: Mapping[str, float]) -> None:
        self._counters = [(*name.split("|"),) for name in counters]
        self._values = list(counters.values())
        self._gauges = gauges

    def collect(self) -> Iterator[Metric]:
        for name, value in self._gauges.items():
            yield GaugeMetricFamily(PREFIX + name, GAUGES[name], value=value)
        for name, described in COUNTERS.items():
            family = CounterMetricFamily(PREFIX + name, described.help, labels=described.labels)
            for labels, value in self._of(name, len(described.labels)):
                family.add_metric(labels, value)
            yield family
        yield self._histogram()

    def _of(self, metric: str, labels: int) -> Iterator[tuple[tuple[str, ...], float]]:
        for (name, *found), value in zip(self._counters, self._values, strict=True):
            if name == metric and len(found) == labels:
                yield tuple(found), value

    def _histogram(self) -> HistogramMetricFamily:
        family = HistogramMetricFamily(
            PREFIX + "submission_seconds",
            "Time to judge a submission, from its first step to its last.",
            labels=["language"],
        )
        buckets = dict(self._of(BUCKET, 2))
        for (language,), total in self._of(SUM, 1):
            reached, bounds = 0.0, list[tuple[str, float]]()
            for bound in (*map(str, BUCKETS), INFINITE):
                reached += buckets.get((language, bound), 0.0)
                bounds.append((bound, reached))
            family.add_metric([language], bounds, total)
        return family


GAUGES: Mapping[str, str] = {
    "queued_submissions": "Submissions that wait or run.",
    "workers": "Workers heard from within a lease.",
}
