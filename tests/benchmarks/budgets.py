"""What the service promises, as data, and whether the figures of a run keep it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum


class Bound(StrEnum):
    AT_LEAST = "≥"
    AT_MOST = "≤"


class Standing(StrEnum):
    MET = "met"
    MISSED = "missed"
    NOT_MEASURED = "not measured"


@dataclass(frozen=True, slots=True)
class Budget:
    """A bound on a figure, by the name that a part of the benchmark gives it."""

    figure: str
    what: str
    bound: Bound
    value: float
    unit: str

    def standing(self, figures: Mapping[str, float]) -> Standing:
        found = figures.get(self.figure)
        if found is None:
            return Standing.NOT_MEASURED
        met = found >= self.value if self.bound is Bound.AT_LEAST else found <= self.value
        return Standing.MET if met else Standing.MISSED

    def __str__(self) -> str:
        return f"{self.bound} {self.value:g} {self.unit}".rstrip()


def _least(figure: str, what: str, value: float, unit: str = "×") -> Budget:
    return Budget(figure, what, Bound.AT_LEAST, value, unit)


def _most(figure: str, what: str, value: float, unit: str = "×") -> Budget:
    return Budget(figure, what, Bound.AT_MOST, value, unit)


BUDGETS: Sequence[Budget] = (
    _least("engine.python.ratio", "Python, light, 20 tests a submission, against a bare loop on the same core", 5),
    _least("engine.python_prelude.ratio", "the same with the usual prelude of a model", 12),
    _least("engine.python_numpy.ratio", "the same with numpy", 30),
    _most("engine.python.added_ms", "what is added per test to a Python program's own CPU time", 2.5, "ms"),
    _most("compiled.cpp.added_ms", "what is added per test to a native program's own CPU time", 2, "ms"),
    _most("compiled.cpp.compile_ratio", "C++ compile against plain g++ -O2", 0.45),
    _most("compiled.cpp.seen_ratio", "a C++ source seen before, with one test, against plain g++ -O2", 0.05),
    _least("compiled.cpp.ratio", "C++, compile and 20 tests, against a bare loop that compiles once", 2),
    _least("compiled.java.ratio", "Java, compile and 20 tests, against plain javac and java per test", 3),
    _least("http.share", "through HTTP, Redis and RQ, saturated, as a share of the engine's own throughput", 0.85, ""),
    _most("latency.idle.p50_ms", "one small Python submission, idle service, p50", 20, "ms"),
    _most("latency.idle.p99_ms", "the same, p99", 60, "ms"),
    _least("peers.code-judge.python_prelude", "over HTTP, light Python, against code-judge", 12),
    _least("peers.sandboxfusion.python_prelude", "over HTTP, light Python, against SandboxFusion", 18),
    _least("peers.scalebox.python_prelude", "over HTTP, light Python, against ScaleBox", 2),
    _least("peers.code-judge.cpp", "over HTTP, C++, against code-judge", 30),
    _least("peers.sandboxfusion.cpp", "over HTTP, C++, against SandboxFusion", 30),
    _most("tests.growth", "cost per test with the most tests of one submission, against that with 20", 1.2),
    _least("tasks.per_core", "tasks a second and core: a mixed set of whole problems", 3, "/s"),
    _most("memory.slot_mb", "memory of an idle worker slot with its interpreters", 80, "MB"),
)


def missed(figures: Mapping[str, float], budgets: Sequence[Budget] = BUDGETS) -> Sequence[Budget]:
    return [budget for budget in budgets if budget.standing(figures) is Standing.MISSED]
