"""The parts of the benchmark, by name."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from tests.benchmarks import (
    compiled,
    engine,
    growth,
    http,
    kattis,
    kills,
    latency,
    memory,
    peering,
    scaling,
    simulation,
    step,
    tasks,
    tiers,
)
from tests.benchmarks.plan import Plan
from tests.benchmarks.report import Report


@dataclass(frozen=True, slots=True)
class Part:
    measure: Callable[[Plan], Report]
    what: str


PARTS: Mapping[str, Part] = {
    "engine": Part(engine.measure, "interpreted languages against a bare loop, on one core and on two"),
    "compiled": Part(compiled.measure, "C++ and Java: compile and 20 tests, seen before, compile alone"),
    "http": Part(http.measure, "through HTTP, Redis and RQ at saturation, as a share of the engine"),
    "latency": Part(latency.measure, "one small submission: idle and under load"),
    "scaling": Part(scaling.measure, "one worker against two"),
    "tests": Part(growth.measure_tests, "from 1 to 10,000 tests of a submission"),
    "inputs": Part(growth.measure_inputs, "from 1 KiB to 64 MiB of input"),
    "memory": Part(memory.measure, "an idle worker slot"),
    "tasks": Part(tasks.measure, "whole problems: a mixed set of light, typical and heavy ones"),
    "step": Part(step.measure, "the 41,000 executions of a training step, as X-Coder posts them"),
    "kills": Part(kills.measure, "a job while a worker is killed twice"),
    "simulation": Part(simulation.measure, "what the queue costs Redis, with up to a thousand workers that only sleep"),
    "tiers": Part(tiers.measure, "what a box costs in each tier; in containers with --docker-image"),
    "kattis": Part(kattis.measure, "problems in Kattis format, with --kattis"),
    "peers": Part(peering.measure, "the same work at running peers, with --peer"),
}
