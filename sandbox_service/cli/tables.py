"""Judgements as tables for people."""

import signal
from collections.abc import Sequence

from rich.table import Table
from rich.text import Text

from sandbox_service.doctor import verdict_text
from sandbox_service.models import Judgement, TestResult, Verdict

NOTE_CHARACTERS = 60
LOG_LINES = 20


def results_table(judgement: Judgement, names: Sequence[str]) -> Table:
    """One row per test that ran."""
    table = Table("test", "verdict", box=None, pad_edge=False, header_style="dim")
    for heading in ("cpu s", "wall s", "MiB"):
        table.add_column(heading, justify="right")
    table.add_column("")
    for name, result in zip(names, judgement.results, strict=False):
        table.add_row(
            Text(name),
            verdict_text(result.verdict),
            f"{result.cpu_seconds:.3f}",
            f"{result.wall_seconds:.3f}",
            f"{result.memory_bytes / 2**20:.1f}",
            Text(_note(result), "dim"),
        )
    return table


def judgement_summary(judgement: Judgement, file: str, language: str) -> Text:
    """What is said of the whole, and why."""
    isolation = judgement.isolation or "no isolation"
    summary = Text.assemble(
        (f"{file}: ", "bold"),
        verdict_text(judgement.verdict),
        (f"  {judgement.passed} of {judgement.total} tests, {language}, {isolation}", "dim"),
    )
    if judgement.reason:
        summary.append(f"\n{judgement.reason}")
    if judgement.compilation is not None and not judgement.compilation.succeeded:
        summary.append("\n" + "\n".join(judgement.compilation.log.splitlines()[:LOG_LINES]), "dim")
    return summary


def _note(result: TestResult) -> str:
    """What explains a verdict that is not accepted: how the program ended, or the last it said."""
    if result.verdict is Verdict.ACCEPTED:
        return ""
    if result.signal is not None:
        return _signal_name(result.signal)
    last = result.stderr.strip().splitlines()[-1:]
    ending = [f"exit code {result.exit_code}"] if result.exit_code else []
    return ": ".join(ending + last)[:NOTE_CHARACTERS]


def _signal_name(number: int) -> str:
    try:
        return signal.Signals(number).name
    except ValueError:
        return f"signal {number}"
