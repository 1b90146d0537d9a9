"""What is counted, and how Prometheus reads it.

Workers are processes of their own on any machine: they add their counts to one hash in Redis, so that
every API process shows the same numbers, and a restart loses none.
"""

from bisect import bisect_left
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from itertools import accumulate
from typing import NamedTuple

from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, HistogramMetricFamily, Metric
from prometheus_client.registry import Collector

from sandbox_service.models import Judgement
from sandbox_service.queues.contract import WorkerStatus
from sandbox_service.queues.journal import LEASES_LOST
from sandbox_service.queues.lanes import label_of

PREFIX = "sandbox_"
INFINITE = "+Inf"
MIB = 2**20

SUBMISSIONS, TESTS, COMPILATIONS = "submissions", "tests", "compilations"
TESTS_SHARED = "tests_shared"
JUDGE_ERRORS, BOXES_BROKEN, BOXES_OPENED = "judge_errors", "boxes_broken", "boxes_opened"
BOX_RESETS, ZYGOTE_FORKS = "box_resets", "zygote_forks"
SUBMISSION_SECONDS, QUEUE_WAIT_SECONDS = "submission_seconds", "queue_wait_seconds"
TEST_CPU_SECONDS, TEST_MEMORY_BYTES = "test_cpu_seconds", "test_memory_bytes"


class Counted(NamedTuple):
    """A counter as Prometheus shows it; those of the ``known`` labels are shown from the first, as zero.

    An alert on growth would miss the first of its kind otherwise: what appears as 1 has not grown.
    """

    help: str
    labels: tuple[str, ...] = ()
    known: Sequence[tuple[str, ...]] = ()


class Measured(NamedTuple):
    """A histogram as Prometheus shows it."""

    help: str
    labels: tuple[str, ...]
    bounds: tuple[float, ...]


CAUSES = ("BoxBroken", "SandboxUnavailable", "BadRequest", "WorkersDied", "other")

COUNTERS: Mapping[str, Counted] = {
    SUBMISSIONS: Counted("Submissions judged.", ("language", "verdict")),
    TESTS: Counted("Tests run.", ("language", "verdict")),
    TESTS_SHARED: Counted("Tests not run, because an identical submission's results were shared.", ("language",)),
    COMPILATIONS: Counted("Programs made, or found as made before.", ("language", "found")),
    JUDGE_ERRORS: Counted(
        "Submissions that could not be judged, through our fault.", ("cause",), [(cause,) for cause in CAUSES]
    ),
    LEASES_LOST: Counted("Chunks taken over from a worker that was not heard of any more.", known=[()]),
    BOXES_OPENED: Counted("Boxes opened.", known=[()]),
    BOXES_BROKEN: Counted("Boxes thrown away because they could not report.", known=[()]),
    BOX_RESETS: Counted("Commands run in boxes, each of which was then made as new.", known=[()]),
    ZYGOTE_FORKS: Counted("Of these, forks of a warm interpreter.", known=[()]),
}

SECONDS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0, 60.0, 120.0)

HISTOGRAMS: Mapping[str, Measured] = {
    SUBMISSION_SECONDS: Measured(
        "Time to judge a submission, from its first step to its last.", ("language",), SECONDS
    ),
    QUEUE_WAIT_SECONDS: Measured(
        "Time submissions waited until a worker took them.", ("lane",), (0.001, *SECONDS, 300.0, 600.0, 1800.0)
    ),
    TEST_CPU_SECONDS: Measured("CPU time of a test.", ("language",), (0.001, *SECONDS[:12])),
    TEST_MEMORY_BYTES: Measured(
        "Peak memory of a test.", ("language",), tuple(float(MIB * 2**power) for power in range(1, 14))
    ),
}


class Tally:
    """Counts of one worker, taken from it now and then."""

    def __init__(self) -> None:
        self._counts: Counter[str] = Counter()
        self._sums: dict[str, float] = {}

    def count(self, counter: str, *labels: str, times: int = 1) -> None:
        self._counts["|".join((counter, *labels))] += times

    def failed(self, cause: str) -> None:
        """A submission could not be judged; only causes with a name of ours are told apart."""
        self.count(JUDGE_ERRORS, cause if cause in CAUSES else "other")

    def observe(self, histogram: str, *labels: str, value: float, times: int = 1) -> None:
        """The value was measured so many times."""
        bounds = HISTOGRAMS[histogram].bounds
        place = bisect_left(bounds, value)
        bound = str(bounds[place]) if place < len(bounds) else INFINITE
        self._counts["|".join((f"{histogram}_bucket", *labels, bound))] += times
        key = "|".join((f"{histogram}_sum", *labels))
        self._sums[key] = self._sums.get(key, 0.0) + value * times

    def judged(self, language: str, judgement: Judgement, seconds: float) -> None:
        """One submission is done, after this time."""
        self.count(SUBMISSIONS, language, judgement.verdict)
        self.observe(SUBMISSION_SECONDS, language, value=seconds)
        for result in judgement.results:
            self.count(TESTS, language, result.verdict)
            self.observe(TEST_CPU_SECONDS, language, value=result.cpu_seconds)
            self.observe(TEST_MEMORY_BYTES, language, value=result.memory_bytes)

    def shared(self, language: str, judgement: Judgement) -> None:
        """One submission has the judgement of an identical one; nothing was run for it."""
        self.count(SUBMISSIONS, language, judgement.verdict)
        if judgement.results:
            self.count(TESTS_SHARED, language, times=len(judgement.results))

    def take(self) -> dict[str, float]:
        """What was counted since the last call."""
        taken = {**self._counts, **self._sums}
        self._counts.clear()
        self._sums.clear()
        return taken


class Now(NamedTuple):
    """How things stand when Prometheus asks."""

    queued_submissions: int
    maximum_queued_submissions: int
    workers: Sequence[WorkerStatus]
    waiting_chunks: Mapping[str, int]
    """By lane."""


def exposition(counters: Mapping[str, float], now: Now) -> bytes:
    """The text that Prometheus scrapes."""
    registry = CollectorRegistry()
    registry.register(_Snapshot(counters, now))
    return generate_latest(registry)


class _Snapshot(Collector):
    def __init__(self, counters: Mapping[str, float], now: Now) -> None:
        self._counted: dict[str, dict[tuple[str, ...], float]] = {}
        for field, value in counters.items():
            name, *labels = field.split("|")
            self._counted.setdefault(name, {})[*labels,] = value
        self._now = now

    def collect(self) -> Iterator[Metric]:
        yield from _gauges(self._now)
        for name, described in COUNTERS.items():
            family = CounterMetricFamily(PREFIX + name, described.help, labels=described.labels)
            counted = dict.fromkeys(described.known, 0.0) | self._of(name, len(described.labels))
            for labels, value in counted.items():
                family.add_metric(labels, value)
            yield family
        for name, measured in HISTOGRAMS.items():
            yield self._histogram(name, measured)

    def _of(self, name: str, labels: int) -> dict[tuple[str, ...], float]:
        return {found: value for found, value in self._counted.get(name, {}).items() if len(found) == labels}

    def _histogram(self, name: str, measured: Measured) -> HistogramMetricFamily:
        family = HistogramMetricFamily(PREFIX + name, measured.help, labels=measured.labels)
        buckets = self._of(f"{name}_bucket", len(measured.labels) + 1)
        bounds = [*map(str, measured.bounds), INFINITE]
        for labels, total in self._of(f"{name}_sum", len(measured.labels)).items():
            reached = accumulate(buckets.get((*labels, bound), 0.0) for bound in bounds)
            family.add_metric(labels, list(zip(bounds, reached, strict=True)), total)
        return family


def _gauges(now: Now) -> Iterator[Metric]:
    yield _gauge("queued_submissions", "Submissions that wait or run.", now.queued_submissions)
    yield _gauge(
        "queued_submissions_maximum",
        "Submissions that may wait or run before callers are told 429.",
        now.maximum_queued_submissions,
    )
    yield _gauge("workers", "Workers heard from within a lease.", len(now.workers))
    waiting = GaugeMetricFamily(PREFIX + "waiting_chunks", "Chunks that no worker has taken yet.", labels=["lane"])
    for lane, chunks in sorted(now.waiting_chunks.items()):
        waiting.add_metric([label_of(lane)], chunks)
    yield waiting
    yield _slots(now.workers)


def _slots(workers: Sequence[WorkerStatus]) -> Metric:
    slots = GaugeMetricFamily(PREFIX + "slots", "The same by what they do.", labels=["state", "isolation", "lane"])
    found = Counter((w.judging is not None, str(w.isolation.tier), label_of(w.lane)) for w in workers)
    for tier, lane in sorted({(tier, lane) for _, tier, lane in found}):
        for busy, state in ((True, "busy"), (False, "idle")):
            slots.add_metric([state, tier, lane], found[busy, tier, lane])
    return slots


def _gauge(name: str, text: str, value: float) -> GaugeMetricFamily:
    return GaugeMetricFamily(PREFIX + name, text, value=value)
