"""The examples of every language, judged before the service opens."""

import threading
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from itertools import groupby

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn
from rich.table import Table
from rich.text import Text

from sandbox_service import runners
from sandbox_service.doctor import ExampleFinding, boxes_of, judge_examples, verdict_text
from sandbox_service.errors import ConfigurationError
from sandbox_service.models import Tier
from sandbox_service.runners import Runner
from sandbox_service.settings import Settings

MOST_AT_ONCE = 8


def show_examples(settings: Settings, console: Console) -> None:
    """Judge the examples and show what came out.

    Raises:
        ConfigurationError: no language, or no box of the configured minimum, can be had.
    """
    known = runners.read_runners(settings)
    available = runners.available(known)
    if not available:
        raise ConfigurationError("no language's toolchain is installed; `sandbox-service doctor` says what is missing")
    total = sum(1 for runner in available.values() for _ in runners.examples(runner, settings))
    columns = (TextColumn("judging the examples"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(*columns, console=console, transient=True) as progress:
        task = progress.add_task("", total=total)
        found, tier = _judge(settings, available, lambda: progress.advance(task))
    versions = {name: runners.toolchain_version(runner.version) for name, runner in available.items()}
    console.print(_table(found, versions, tier))
    for name in known.keys() - available.keys():
        console.print(Text(f"{name}: not on this machine; `sandbox-service doctor` says how to get it", "yellow"))
    wrong = [finding.name for finding in found if finding.expected is not finding.got]
    if wrong:
        console.print(Text(f"judged otherwise than expected, do not trust these languages: {', '.join(wrong)}", "red"))


def _judge(
    settings: Settings, available: Mapping[str, Runner], step: Callable[[], None]
) -> tuple[Sequence[ExampleFinding], Tier]:
    """The findings in the order of the languages, some of which are judged at once."""
    given_up = threading.Event()

    def judge_language(runner: Runner) -> tuple[list[ExampleFinding], Tier]:
        found = list[ExampleFinding]()
        boxes = boxes_of(settings)  # they belong to their thread
        try:
            tier = boxes.of(None).isolation.tier
            for finding in judge_examples(settings, {runner.name: runner}, boxes):
                found.append(finding)
                step()
                if given_up.is_set():
                    break
            return found, tier
        finally:
            boxes.close()

    with ThreadPoolExecutor(min(settings.workers, MOST_AT_ONCE)) as threads:
        try:
            judged = list(threads.map(judge_language, available.values()))
        except BaseException:
            given_up.set()
            threads.shutdown(wait=False, cancel_futures=True)
            raise
    findings = [finding for found, _ in judged for finding in found]
    return findings, min((tier for _, tier in judged), key=lambda tier: tier.strength)


def _table(found: Sequence[ExampleFinding], versions: dict[str, str], tier: Tier) -> Table:
    table = Table("language", "toolchain", "expected and got", "isolation", box=None, pad_edge=False)
    for language, findings in groupby(found, key=lambda finding: finding.name.partition("/")[0]):
        verdicts = Text(", ").join(_verdict(finding) for finding in findings)
        table.add_row(language, versions[language], verdicts, tier)
    return table


def _verdict(finding: ExampleFinding) -> Text:
    if finding.expected is finding.got:
        return Text.assemble(verdict_text(finding.expected), (" ✓", "green"))
    return Text.assemble(verdict_text(finding.expected), (" ✗ got ", "red"), verdict_text(finding.got))
