"""What the queue costs Redis: up to a thousand workers that sleep instead of judging, on a real server."""

import asyncio
import math
import os
import signal
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import redis
from pydantic import SecretStr

from sandbox_service import children
from sandbox_service.models import Job, Problem, Submission, TestCase, TestSet
from sandbox_service.queues.embedded_redis import EmbeddedRedis
from sandbox_service.queues.rq import RqQueue
from sandbox_service.settings import Settings
from tests.benchmarks.figures import percentile
from tests.benchmarks.noop_workers import TEST_SECONDS
from tests.benchmarks.plan import Plan
from tests.benchmarks.report import Plot, Report, Sheet
from tests.benchmarks.squares import PRELUDE, PYTHON, square_tests
from tests.e2e.service import ROOT

TESTS = 20
IN_FLIGHT = 16
START_SECONDS = 300.0
SIZES = (8, 64, 512)  # submissions a job
MANY = 100  # workers, with which two cores are late at times
TEST_MS = (2.5, 20, 200)  # of a core: light Python, Java or Node, a contest's C++
FULL_ENOUGH = 0.7  # of a Redis and of an API process; the rest is for bursts
FLEETS = (1_000, 100_000)  # cores
LEASE_SECONDS, LONG_LEASE_SECONDS = 3.0, 10.0
LOADED = [
    "workers",
    "submissions a job",
    "commands",
    "to Redis, KB",
    "from Redis, KB",
    "Redis CPU, µs",
    "Redis is full at, /s",
    "API CPU, µs",
]
FED = [
    "workers",
    "a Redis is full at, /s",
    *(f"cores it feeds, {milliseconds:g} ms a test" for milliseconds in TEST_MS),
    *(f"Redis for {cores:,} cores" for cores in FLEETS),
    *(f"API processes for {cores:,}" for cores in FLEETS),
]
IDLE = [
    "workers",
    "lease, s",
    "commands a second and worker",
    "Redis CPU a worker, µs/s",
    "added to a lone answer p50, ms",
    "p99, ms",
]


@dataclass(frozen=True, slots=True)
class Spent:
    """What the server did up to now, or between two moments; commands within scripts are counted too.

    ``api_cpu_seconds`` are this process's own: it does what an API process does behind its HTTP.
    """

    seconds: float
    api_cpu_seconds: float
    cpu_seconds: float
    commands: float
    received_bytes: float
    sent_bytes: float

    @classmethod
    def until_now(cls, client: redis.Redis) -> "Spent":
        said = client.info("everything")
        cpu_seconds = said["used_cpu_user"] + said["used_cpu_sys"]
        network = said["total_net_input_bytes"], said["total_net_output_bytes"]
        return cls(time.monotonic(), time.process_time(), cpu_seconds, said["total_commands_processed"], *network)

    def since(self, before: "Spent") -> "Spent":
        return Spent(*(getattr(self, name) - getattr(before, name) for name in Spent.__slots__))


def measure(plan: Plan) -> Report:
    report = Report("simulation")
    report.sheets.append(Sheet(f"Redis for each submission of {TESTS} tests, workers that only sleep", LOADED))
    report.sheets.append(Sheet("Redis with nothing to do but one submission after another", IDLE))
    report.plots.append(Plot("One Redis is full at", "workers", "submissions/s", {}))
    report.sheets.append(Sheet(f"What that feeds, {FULL_ENOUGH:.0%} full, {TESTS} tests a submission", FED))
    for workers in (16, 64) if plan.quick else (16, 64, 256, 1000):
        with _simulated(workers) as settings:
            asyncio.run(_measure(plan, settings, workers, report))
        _tell_fed(workers, report)
    return report


async def _measure(plan: Plan, settings: Settings, workers: int, report: Report) -> None:
    assert settings.redis_url is not None
    client = redis.Redis.from_url(settings.redis_url.get_secret_value())
    queue = RqQueue(settings)
    await queue.start()
    try:
        digest = await queue.put_test_set(_tests())
        await _until_there(queue, workers)
        await _judge_all(queue, _jobs(f"{plan.tag}.warm", digest, 64, 2 * IN_FLIGHT), report)
        await _tell_idle(plan, queue, client, (workers, settings.lease_seconds), digest, report)
        for size in SIZES:
            jobs = _jobs(f"{plan.tag}.{size}", digest, size, max(plan.of(4096, 1024) // size, 2))
            before = Spent.until_now(client)
            await _judge_all(queue, jobs, report)
            _tell_loaded(Spent.until_now(client).since(before), workers, size, len(jobs), report)
    finally:
        await queue.close()
        client.close()


async def _until_there(queue: RqQueue, workers: int) -> None:
    give_up_at = time.monotonic() + START_SECONDS
    while len(await queue.workers()) < workers:
        if time.monotonic() > give_up_at:
            raise RuntimeError(f"{workers} workers are not there after {START_SECONDS:.0f} s")
        await asyncio.sleep(0.1)


async def _judge_all(queue: RqQueue, jobs: Sequence[Job], report: Report) -> None:
    """A few jobs under way at a time, as trainers keep them."""
    room = asyncio.Semaphore(IN_FLIGHT)

    async def judge(job: Job) -> None:
        async with room:
            job_id = await queue.submit(job, keep_seconds=60)
            answered = [judgement.id async for judgement in queue.watch(job_id)]
        report.check("answers of a job", str(len(set(answered))), str(len(job.submissions)))

    await asyncio.gather(*map(judge, jobs))


async def _tell_idle(
    plan: Plan, queue: RqQueue, client: redis.Redis, there: tuple[int, float], digest: str, report: Report
) -> None:
    workers, lease_seconds = there
    before = Spent.until_now(client)
    await asyncio.sleep(plan.of(10, 3))
    spent = Spent.until_now(client).since(before)
    waits = []
    for job in _jobs(f"{plan.tag}.lone", digest, 1, plan.of(200, 30)):
        began = time.monotonic()
        await _judge_all(queue, [job], report)
        waits.append(time.monotonic() - began - TESTS * TEST_SECONDS)
    found = {
        "idle_commands_a_second": spent.commands / spent.seconds / workers,
        "idle_cpu_us_a_second": spent.cpu_seconds * 1e6 / spent.seconds / workers,
        "lone_p50_ms": percentile(waits, 50) * 1000,
        "lone_p99_ms": percentile(waits, 99) * 1000,
    }
    report.figures |= {f"simulation.{workers}.{name}": value for name, value in found.items()}
    report.sheets[1].rows.append([str(workers), f"{lease_seconds:g}", *(f"{value:,.1f}" for value in found.values())])


def _tell_loaded(spent: Spent, workers: int, size: int, jobs: int, report: Report) -> None:
    submissions = size * jobs
    cpu_us = spent.cpu_seconds * 1e6 / submissions
    full = 1e6 / cpu_us
    found = {
        "commands": spent.commands / submissions,
        "received_kb": spent.received_bytes / submissions / 1000,
        "sent_kb": spent.sent_bytes / submissions / 1000,
        "cpu_us": cpu_us,
        "full_a_second": full,
        "api_cpu_us": spent.api_cpu_seconds * 1e6 / submissions,
    }
    report.figures |= {f"simulation.{workers}.{size}.{name}": value for name, value in found.items()}
    cells = [f"{value:,.1f}" for value in list(found.values())[:4]]
    row = [str(workers), str(size), *cells, f"{full:,.0f}", f"{found['api_cpu_us']:,.0f}"]
    report.sheets[0].rows.append(row)
    report.plots[0].series.setdefault(f"{size} submissions a job", []).append((float(workers), full))


def _tell_fed(workers: int, report: Report) -> None:
    """By the dearest of the kinds of jobs; the fleets judge tests of the lightest kind, which ask most of Redis."""
    figures = report.figures
    full = min(figures[f"simulation.{workers}.{size}.full_a_second"] for size in SIZES)
    api_seconds = max(figures[f"simulation.{workers}.{size}.api_cpu_us"] for size in SIZES) / 1e6
    fed = [FULL_ENOUGH * full * TESTS * milliseconds / 1000 for milliseconds in TEST_MS]
    wanted = [cores / (TESTS * TEST_MS[0] / 1000) for cores in FLEETS]  # submissions a second
    needed = [rate / (FULL_ENOUGH * full) for rate in wanted] + [rate * api_seconds / FULL_ENOUGH for rate in wanted]
    cells = [f"{cores:,.0f}" for cores in fed] + [f"{math.ceil(number):,}" for number in needed]
    report.figures[f"simulation.{workers}.cores_fed"] = fed[0]
    report.sheets[2].rows.append([str(workers), f"{full:,.0f}", *cells])


def _tests() -> TestSet:
    return TestSet(tests=tuple(TestCase(stdin=stdin, expected=expected) for stdin, expected in square_tests(TESTS)))


def _jobs(tag: str, digest: str, size: int, number: int) -> list[Job]:
    problem = Problem(test_set=digest)
    return [
        Job(
            problem=problem,
            submissions=tuple(
                Submission(id=f"s{position}", language="python", source=f"{PRELUDE}{PYTHON}# {tag}.{job}.{position}\n")
                for position in range(size)
            ),
            returned_output_bytes=0,
        )
        for job in range(number)
    ]


@contextmanager
def _simulated(workers: int) -> Iterator[Settings]:
    """A Redis of its own, and so many workers on it."""
    lease_seconds = LEASE_SECONDS if workers < MANY else LONG_LEASE_SECONDS
    with tempfile.TemporaryDirectory(prefix="sandbox-benchmark-") as directory:
        server = EmbeddedRedis(Path(directory))
        server.start()
        environment = {
            **{name: value for name, value in os.environ.items() if not name.startswith("SANDBOX_")},
            "PYTHONPATH": str(ROOT),
            "SANDBOX_REDIS_URL": server.url,
            "SANDBOX_LEASE_SECONDS": str(lease_seconds),
        }
        argv = [sys.executable, "-m", "tests.benchmarks.noop_workers", str(workers)]
        process = children.spawn(argv, environment=environment, death_signal=signal.SIGKILL)
        try:
            yield Settings(redis_url=SecretStr(server.url), lease_seconds=lease_seconds)
        finally:
            process.kill()
            process.wait()
            server.stop()
