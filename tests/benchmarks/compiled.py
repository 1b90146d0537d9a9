"""Compiled languages: compile and 20 tests, a source seen before, and the compiler alone."""

from collections.abc import Sequence

from sandbox_service.runners import find_executable
from tests.benchmarks.contestants import Contestant, Round, judge, team
from tests.benchmarks.figures import median, milliseconds, ratio
from tests.benchmarks.plan import Plan
from tests.benchmarks.report import Report, Sheet
from tests.benchmarks.squares import COMPILED, Square

COLUMNS = ["language", "bare", "engine", "ratio", "seen before", "compile", "plain compile", "ratio", "added CPU"]


def measure(plan: Plan) -> Report:
    report = Report("compiled")
    sheet = Sheet("Compile and 20 tests on one core, in ms", COLUMNS)
    report.sheets.append(sheet)
    with team("tests.benchmarks.bare", 1) as bare, team("tests.benchmarks.slot", 1) as slots:
        for square in COMPILED:
            if all(map(find_executable, square.executables)):
                _measure(plan, square, bare, slots, report, sheet)
    return report


def _measure(
    plan: Plan, square: Square, bare: Sequence[Contestant], slots: Sequence[Contestant], report: Report, sheet: Sheet
) -> None:
    rounds: dict[str, list[Round]] = {name: [] for name in ("bare", "first", "again", "single", "single again")}
    judge(slots, square, [[square.task(f"{plan.tag}.warm", submissions=1, tests=1)]], report)
    for repeat in range(plan.repeats):
        work = [[square.task(f"{plan.tag}.{repeat}", submissions=1)]]
        rounds["bare"].append(judge(bare, square, work, report))
        rounds["first"].append(judge(slots, square, work, report))
        rounds["again"].append(judge(slots, square, work, report))
        single = [[square.task(f"{plan.tag}.{repeat}.single", submissions=1, tests=1)]]
        rounds["single"].append(judge(slots, square, single, report))
        rounds["single again"].append(judge(slots, square, single, report))
    wall = {name: [each.wall_seconds for each in of] for name, of in rounds.items()}
    plain = [each.build_seconds for each in rounds["bare"]]
    own = [one - other for one, other in zip(wall["single"], wall["single again"], strict=True)]
    added = median([each.cpu_per_test for each in rounds["again"]]) - median(
        [each.program_cpu_per_test for each in rounds["bare"]]
    )
    report.figures |= {
        f"compiled.{square.name}.ratio": ratio(wall["bare"], wall["first"]),
        f"compiled.{square.name}.ratio_again": ratio(wall["bare"], wall["again"]),
        f"compiled.{square.name}.compile_ratio": ratio(own, plain),
        f"compiled.{square.name}.seen_ratio": ratio(wall["single again"], plain),
        f"compiled.{square.name}.added_ms": added * 1000,
    }
    sheet.rows.append(
        [
            square.title,
            milliseconds(median(wall["bare"])),
            milliseconds(median(wall["first"])),
            f"{ratio(wall['bare'], wall['first']):.2f}",
            milliseconds(median(wall["again"])),
            milliseconds(median(own)),
            milliseconds(median(plain)),
            f"{ratio(own, plain):.2f}",
            milliseconds(added),
        ]
    )
