"""What a box costs in each tier: to open it, to run a light Python program warm or anew, to hold a conversation."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace

from sandbox_service.errors import SandboxUnavailable
from sandbox_service.models import Limits, Tier
from sandbox_service.runners import Runner, read_runners
from sandbox_service.sandboxes import Box, open_box
from sandbox_service.sandboxes.contract import Command, File, Step, Zygote
from sandbox_service.sandboxes.conversation import Party, converse
from sandbox_service.sandboxes.docker import Containers, DockerBox, connect
from sandbox_service.settings import Settings
from tests.benchmarks.figures import median, milliseconds
from tests.benchmarks.plan import Plan
from tests.benchmarks.report import Report, Sheet

SQUARE = "print(int(input()) ** 2)\n"
ASKS = """
for number in range(100):
    print(number, flush=True)
    assert int(input()) == number ** 2
print(flush=True)
"""
ANSWERS = """
for line in iter(input, ""):
    print(int(line) ** 2, flush=True)
"""
LIMITS = Limits(cpu_seconds=5, wall_seconds=20, memory_bytes=2**28, output_bytes=2**20, processes=32)
COLUMNS = ["tier", "opened in, s", "warm run", "against namespaces", "run anew", "100 questions and answers"]


def measure(plan: Plan) -> Report:
    report = Report("tiers")
    report.sheets.append(Sheet("Boxes, one run after the other on one core; ms, the median", COLUMNS))
    python = read_runners(Settings())["python"]
    first: float | None = None
    for tier in (Tier.NAMESPACES, Tier.LANDLOCK, *([Tier.DOCKER] if plan.docker_image else [])):
        try:
            opened, warm, anew, talk = _measured(tier, python, plan)
        except SandboxUnavailable as error:
            report.sheets[0].rows.append([str(tier), str(error), *[""] * 4])
            continue
        first = first or warm
        report.figures |= {f"tiers.{tier}.warm_ms": warm * 1000, f"tiers.{tier}.open_seconds": opened}
        row = [str(tier), f"{opened:.2f}", milliseconds(warm), f"{warm / first:.1f}×", milliseconds(anew)]
        report.sheets[0].rows.append([*row, milliseconds(talk)])
    return report


def _measured(tier: Tier, python: Runner, plan: Plan) -> tuple[float, float, float, float]:
    (zygote, *_) = python.zygotes()
    runs, talks = plan.of(500, 20), plan.of(20, 2)
    began = time.monotonic()
    with _opened(tier, zygote, plan) as box, _opened(tier, zygote, plan) as beside:
        opened = (time.monotonic() - began) / 2
        square, asks, answers = (_compiled(box, python, source) for source in (SQUARE, ASKS, ANSWERS))
        warm = _median_seconds(lambda: _checked(box, square), runs)
        talk = _median_seconds(lambda: _talked(Party(box, answers, LIMITS), Party(beside, asks, LIMITS)), talks)
    with _opened(tier, None, plan) as box:
        anew = _median_seconds(lambda: _checked(box, replace(square, step=None, code=b"")), runs // 5)
    return opened, warm, anew, talk


@contextmanager
def _opened(tier: Tier, zygote: Zygote | None, plan: Plan) -> Iterator[Box]:
    box: Box
    if tier is Tier.DOCKER:
        containers = Containers(plan.docker_image or "", memory_bytes=2**32, processes=1024)
        box = DockerBox(connect(), containers, zygote, Tier.LANDLOCK)
    else:
        box = open_box(tier, zygote=zygote)
    try:
        yield box
    finally:
        box.close()


def _compiled(box: Box, python: Runner, source: str) -> Command:
    (zygote, *_) = python.zygotes()
    command = Command(("python3", "main.py"), {"main.py": File(source.encode())}, zygote.environment, Step.COMPILE)
    code = box.run(command, LIMITS, collect=("main.code",)).files["main.code"]
    return replace(command, step=Step.RUN, code=code)


def _checked(box: Box, command: Command) -> None:
    if box.run(command, LIMITS, stdin=b"12\n").stdout != b"144\n":
        raise RuntimeError("a box ran something else")


def _talked(answers: Party, asks: Party) -> None:
    if [execution.exit_code for execution in converse(answers, asks).executions] != [0, 0]:
        raise RuntimeError("the conversation went wrong")


def _median_seconds(run: Callable[[], None], times: int) -> float:
    seconds: list[float] = []
    for _ in range(max(times, 1)):
        began = time.monotonic()
        run()
        seconds.append(time.monotonic() - began)
    return median(seconds)
