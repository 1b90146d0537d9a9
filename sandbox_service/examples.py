"""The examples of every language: an accepted one each before the service opens, the others while it serves."""

import queue
from collections.abc import Callable, Collection, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn
from rich.table import Table
from rich.text import Text

from sandbox_service import logs, remembered, runners
from sandbox_service.doctor import ExampleFinding, judge_example, verdict_text
from sandbox_service.equipment import boxes_of, compiler_of
from sandbox_service.models import Isolation, Verdict
from sandbox_service.remembered import Remembered
from sandbox_service.runners import Example, Runner
from sandbox_service.settings import Settings, state_directory
from sandbox_service.side_by_side import side_by_side

MOST_AT_ONCE = 8

log = logs.get(__name__)


@dataclass(frozen=True, slots=True)
class Known:
    """An example with the digest by which it is remembered."""

    example: Example
    runner: Runner
    digest: str

    @property
    def name(self) -> str:
        return self.example.submission.id


def show_examples(settings: Settings, console: Console) -> bool:
    """Judge an accepted example of each language, show what is known; answers whether others are left to judge.

    Raises:
        ConfigurationError: no language, or no box of the configured minimum, can be had.
    """
    languages = runners.read_runners(settings)
    available = runners.require_available(languages)
    with console.status("asking the toolchains for their versions"):
        isolation = _isolation(settings)
        known = _known(settings, available, isolation)
    memory = Remembered(state_directory(settings.state_directory))
    before = {each.name for each in known if each.digest in memory}
    now = [each for each in known if each.name not in before and each.example.verdict is Verdict.ACCEPTED]
    columns = (
        TextColumn("judging an example of each language"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
    )
    with Progress(*columns, console=console, transient=True, disable=not now) as progress:
        task = progress.add_task("", total=len(now))
        found = _judge(settings, now, settings.workers, lambda: progress.advance(task))
    _remember(memory, now, found)
    console.print(_table(known, before, found, isolation))
    for name in languages.keys() - available.keys():
        console.print(Text(f"{name}: not on this machine; `sandbox-service doctor` says how to get it", "yellow"))
    if wrong := _wrong(found.values()):
        console.print(Text(f"judged otherwise than expected, do not trust these languages: {', '.join(wrong)}", "red"))
    return len(before) + len(now) < len(known)


def judge_others(settings: Settings) -> None:
    """Judge the examples that no start of the service has seen come out as expected; says what came out.

    Raises:
        ConfigurationError: the state directory cannot be written.
        SandboxUnavailable: no box of the configured minimum can be had.
    """
    available = runners.available(runners.read_runners(settings))
    memory = Remembered(state_directory(settings.state_directory))
    known = _known(settings, available, _isolation(settings))
    left = [each for each in known if each.digest not in memory and each.example.verdict is not Verdict.ACCEPTED]
    for name in available:
        of_language = [each for each in left if each.runner.name == name]
        found = _judge(settings, of_language, 1, lambda: None)
        _remember(memory, of_language, found)
        for finding in found.values():
            if finding.expected is not finding.got:
                log.error("do not trust this language: an example was judged otherwise than expected", **_said(finding))
    log.info("judged the other examples of every language", examples=len(left))


def _said(finding: ExampleFinding) -> Mapping[str, str | None]:
    return {"example": finding.name, "expected": finding.expected, "got": finding.got, "reason": finding.reason}


def _isolation(settings: Settings) -> Isolation:
    boxes = boxes_of(settings)
    try:
        return boxes.of(None).isolation
    finally:
        boxes.close()


def _known(settings: Settings, available: Mapping[str, Runner], isolation: Isolation) -> Sequence[Known]:
    with ThreadPoolExecutor(MOST_AT_ONCE) as threads:  # some toolchains take their time to say their version
        list(threads.map(lambda runner: runners.toolchain_version(runner.version), available.values()))
    return [
        Known(example, runner, remembered.digest(example, runner, isolation))
        for runner in available.values()
        for example in runners.examples(runner, settings)
    ]


def _judge(
    settings: Settings, known: Sequence[Known], at_once: int, step: Callable[[], None]
) -> Mapping[str, ExampleFinding]:
    """The finding of each by its name."""
    left: queue.SimpleQueue[Known] = queue.SimpleQueue()
    for each in known:
        left.put(each)
    found = dict[str, ExampleFinding]()

    def work(is_over: Callable[[], bool]) -> None:
        boxes = boxes_of(settings)  # they belong to their thread
        compiler = compiler_of(settings)
        try:
            with suppress(queue.Empty):
                while not is_over():
                    each = left.get_nowait()
                    zygote = each.runner.zygote(each.example.submission)
                    found[each.name] = judge_example(each.example, each.runner, boxes, compiler)
                    step()
                    if found[each.name].got is None:  # the box broke
                        boxes.throw_away(zygote)
        finally:
            boxes.close()

    side_by_side(min(at_once, MOST_AT_ONCE, len(known)), work)
    return found


def _remember(memory: Remembered, known: Sequence[Known], found: Mapping[str, ExampleFinding]) -> None:
    memory.add(each.digest for each in known if found[each.name].got is each.example.verdict)


def _wrong(found: Collection[ExampleFinding]) -> Sequence[str]:
    return [finding.name for finding in found if finding.expected is not finding.got]


def _table(
    known: Sequence[Known], before: Collection[str], found: Mapping[str, ExampleFinding], isolation: Isolation
) -> Table:
    table = Table("language", "toolchain", "examples", "", "isolation", box=None, pad_edge=False, header_style="dim")
    for runner in {each.runner.name: each.runner for each in known}.values():
        own = [each for each in known if each.runner.name == runner.name]
        judged = [_verdict(found[each.name]) for each in own if each.name in found]
        remembered_ones = sum(each.name in before for each in own)
        if remembered_ones:
            judged.append(Text(f"{remembered_ones} as remembered ✓", "dim"))
        left = len(own) - len(judged) - remembered_ones + bool(remembered_ones)
        table.add_row(
            runner.name,
            Text(runners.toolchain_version(runner.version)),
            Text(", ").join(judged),
            Text(f"{left} to be judged" if left else "", "dim"),
            isolation.tier,
        )
    return table


def _verdict(finding: ExampleFinding) -> Text:
    if finding.expected is finding.got:
        return Text.assemble(verdict_text(finding.expected), (" ✓", "green"))
    return Text.assemble(verdict_text(finding.expected), (" ✗ got ", "red"), verdict_text(finding.got))
