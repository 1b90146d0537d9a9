"""What this machine can isolate, which languages it has, and whether their examples come out right."""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass

from rich.console import Console
from rich.table import Table
from rich.text import Text

from sandbox_service import runners
from sandbox_service.compilers import Compiler
from sandbox_service.equipment import boxes_of, compiler_of
from sandbox_service.errors import BoxBroken, SandboxUnavailable
from sandbox_service.judge import Rules, judge
from sandbox_service.models import Isolation, Job, Tier, Verdict
from sandbox_service.runners import Example, Runner
from sandbox_service.sandboxes import Boxes, survey
from sandbox_service.settings import Settings

HEALTHY, UNHEALTHY = 0, 1
STYLES = {Verdict.ACCEPTED: "green", Verdict.JUDGE_ERROR: "magenta"}
OTHER_STYLE = "red"


@dataclass(frozen=True, slots=True)
class TierFinding:
    """A tier: its layers in force and those missing, or why it cannot be had at all."""

    tier: Tier | None
    layers: Mapping[str, str]
    missing: Mapping[str, str]
    unavailable: str | None


@dataclass(frozen=True, slots=True)
class LanguageFinding:
    """A language: the version of its toolchain, or how to get what is missing of it."""

    name: str
    title: str
    version: str | None
    missing: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class ExampleFinding:
    """An example: the verdict that its name tells, and the one it got."""

    name: str
    expected: Verdict
    got: Verdict | None
    reason: str | None


@dataclass(frozen=True, slots=True)
class Findings:
    """Everything the doctor found."""

    minimum: Tier
    in_force: Tier | None
    why_not: str | None
    tiers: Sequence[TierFinding]
    languages: Sequence[LanguageFinding]
    examples: Sequence[ExampleFinding]

    @property
    def healthy(self) -> bool:
        return self.in_force is not None and all(example.expected is example.got for example in self.examples)


def examine(settings: Settings, *, with_examples: bool, as_json: bool) -> int:
    """Look at the machine and show what was found; answers the exit code."""
    known = runners.read_runners(settings)
    console = Console(stderr=as_json)
    with console.status("looking"):
        findings = find(settings, known, with_examples=with_examples)
    if as_json:
        Console().print_json(json.dumps(asdict(findings) | {"healthy": findings.healthy}))
    else:
        show(findings, console)
    return HEALTHY if findings.healthy else UNHEALTHY


def find(settings: Settings, known: Mapping[str, Runner], *, with_examples: bool) -> Findings:
    """The findings; examples are judged only when a box can be had."""
    in_force, why_not, examples = None, None, list[ExampleFinding]()
    try:
        boxes = boxes_of(settings)
        in_force = boxes.of(None).isolation.tier
    except SandboxUnavailable as error:
        why_not = str(error)
    else:
        try:
            if with_examples:
                examples = list(judge_examples(settings, runners.available(known), boxes))
        finally:
            boxes.close()
    return Findings(
        minimum=settings.minimum_isolation,
        in_force=in_force,
        why_not=why_not,
        tiers=[_tier_finding(found) for found in survey()],
        languages=[_language_finding(runner) for runner in known.values()],
        examples=examples,
    )


def judge_examples(settings: Settings, available: Mapping[str, Runner], boxes: Boxes) -> Iterator[ExampleFinding]:
    """Every example of the languages, judged in the boxes that their submissions are judged in."""
    compiler = compiler_of(settings)
    for runner in available.values():
        for example in runners.examples(runner, settings):
            yield judge_example(example, runner, boxes, compiler)


def judge_example(example: Example, runner: Runner, boxes: Boxes, compiler: Compiler) -> ExampleFinding:
    """The verdict that the example gets in its box; the first test that fails decides it."""
    name = example.submission.id
    job = Job(problem=example.problem, submissions=(example.submission,), stop_on_failure=True)
    try:
        judgement = judge(example.submission, Rules.of(job, example.problem.tests or ()), runner, boxes, compiler)
    except BoxBroken as error:
        return ExampleFinding(name, example.verdict, None, str(error))
    return ExampleFinding(name, example.verdict, judgement.verdict, judgement.reason)


def _tier_finding(found: Isolation | SandboxUnavailable) -> TierFinding:
    if isinstance(found, SandboxUnavailable):
        return TierFinding(None, {}, {}, str(found))
    return TierFinding(found.tier, dict(found.layers), dict(found.missing), None)


def _language_finding(runner: Runner) -> LanguageFinding:
    missing = dict(runner.missing())
    version = None if missing else runners.toolchain_version(runner.version)
    return LanguageFinding(runner.name, runner.title, version, missing)


def show(findings: Findings, console: Console) -> None:
    """The findings as tables."""
    console.print(_tiers_table(findings.tiers), _languages_table(findings.languages), sep="\n\n")
    if findings.examples:
        console.print(_examples_table(findings.examples))
    if findings.in_force is None:
        console.print(Text(f"minimum isolation {findings.minimum}: does not hold; {findings.why_not}", "red"))
    else:
        console.print(Text(f"minimum isolation {findings.minimum}: holds; in force: {findings.in_force}", "green"))
    wrong = sum(example.expected is not example.got for example in findings.examples)
    if wrong:
        console.print(Text(f"{wrong} of {len(findings.examples)} examples came out otherwise than expected", "red"))


def _tiers_table(tiers: Sequence[TierFinding]) -> Table:
    table = Table("isolation", "layer", "", box=None, pad_edge=False, header_style="dim")
    for tier in tiers:
        if tier.tier is None:
            table.add_row(Text("not to be had", "red"), "", Text(tier.unavailable or ""))
            continue
        name = Text(tier.tier, "green")
        for layer, how in tier.layers.items():
            table.add_row(name, Text(layer), Text(how))
            name = Text("")
        for layer, why in tier.missing.items():
            table.add_row(name, Text(layer, "yellow"), Text(f"missing: {why}", "yellow"))
            name = Text("")
    return table


def _languages_table(languages: Sequence[LanguageFinding]) -> Table:
    table = Table("language", "toolchain", box=None, pad_edge=False, header_style="dim")
    for language in languages:
        if language.version is None:
            ways = "; ".join(f"{name} is missing: {hint}" for name, hint in language.missing.items())
            table.add_row(language.name, Text(ways, "yellow"))
        else:
            table.add_row(language.name, Text(language.version))
    return table


def _examples_table(examples: Sequence[ExampleFinding]) -> Table:
    table = Table("example", "expected", "got", "", box=None, pad_edge=False, header_style="dim")
    for example in examples:
        mark = Text("✓", "green") if example.expected is example.got else Text(f"✗ {example.reason or ''}", "red")
        table.add_row(Text(example.name), verdict_text(example.expected), verdict_text(example.got), mark)
    return table


def verdict_text(verdict: Verdict | None) -> Text:
    """The verdict in words and in its colour."""
    if verdict is None:
        return Text("not judged", "dim")
    return Text(verdict.replace("_", " "), STYLES.get(verdict, OTHER_STYLE))
