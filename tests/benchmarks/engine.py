"""Interpreted languages: the engine against a bare loop, on one core and on both."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from sandbox_service.runners import find_executable
from tests.benchmarks.bare import python_own_seconds
from tests.benchmarks.contestants import Contestant, Round, judge, team
from tests.benchmarks.figures import median, milliseconds, ratio
from tests.benchmarks.plan import Plan
from tests.benchmarks.report import Plot, Report, Sheet
from tests.benchmarks.squares import LIGHT, Square, square_tests
from tests.benchmarks.work import Task

COLUMNS = ["program", "bare /s", "engine /s", "ratio", "bare ×2 /s", "engine ×2 /s", "ratio ×2"]
CPU_COLUMNS = ["program", "bare", "engine", "said to be the program's", "added"]


@dataclass(slots=True)
class Rounds:
    """The same work in every repeat, by who did it."""

    bare: list[Round] = field(default_factory=list)
    engine: list[Round] = field(default_factory=list)
    bare_on_all: list[Round] = field(default_factory=list)
    engine_on_all: list[Round] = field(default_factory=list)


def measure(plan: Plan) -> Report:
    report = Report("engine")
    speed = Sheet("Tests a second, 20 tests a submission: one core, and two cores with two slots", COLUMNS)
    cpu = Sheet("CPU time per test in ms, of all processes", CPU_COLUMNS)
    report.sheets += [speed, cpu]
    bars: dict[str, list[tuple[float | str, float]]] = {"bare loop": [], "engine": []}
    report.plots.append(Plot("Tests a second on one core", "", "tests/s", bars))
    with team("tests.benchmarks.bare", plan.cores) as bare, team("tests.benchmarks.slot", plan.cores) as slots:
        for square in LIGHT:
            if all(map(find_executable, square.executables)):
                rounds = _rounds(plan, square, bare, slots, report)
                _tell(square, rounds, report, speed, cpu)
                bars["bare loop"].append((square.title, median([each.tests_per_second for each in rounds.bare])))
                bars["engine"].append((square.title, median([each.tests_per_second for each in rounds.engine])))
    return report


def _rounds(
    plan: Plan, square: Square, bare: Sequence[Contestant], slots: Sequence[Contestant], report: Report
) -> Rounds:
    rounds = Rounds()
    few, many = (1, 2) if plan.quick else (1, 4)
    judge(slots, square, _shares(square, f"{plan.tag}.warm", 1, len(slots)), report)
    for repeat in range(plan.repeats):
        tag = f"{plan.tag}.{repeat}"
        rounds.bare.append(judge(bare[:1], square, _shares(square, tag, few, 1), report))
        rounds.engine.append(judge(slots[:1], square, _shares(square, tag, many, 1), report))
        rounds.bare_on_all.append(judge(bare, square, _shares(square, f"{tag}.all", few, len(bare)), report))
        rounds.engine_on_all.append(judge(slots, square, _shares(square, f"{tag}.all", many, len(slots)), report))
    return rounds


def _shares(square: Square, tag: str, submissions: int, contestants: int) -> list[list[Task]]:
    return [[square.task(f"{tag}.{number}", submissions=submissions)] for number in range(contestants)]


def _tell(square: Square, rounds: Rounds, report: Report, speed: Sheet, cpu: Sheet) -> None:
    per_second = [
        [each.tests_per_second for each in of]
        for of in (rounds.bare, rounds.engine, rounds.bare_on_all, rounds.engine_on_all)
    ]
    on_one, on_all = ratio(per_second[1], per_second[0]), ratio(per_second[3], per_second[2])
    bare_said, engine_said, bare_all_said, engine_all_said = (f"{median(values):,.0f}" for values in per_second)
    speed.rows.append(
        [square.title, bare_said, engine_said, f"{on_one:.1f}", bare_all_said, engine_all_said, f"{on_all:.1f}"]
    )
    bare_cpu = median([each.program_cpu_per_test for each in rounds.bare])
    engine_cpu = median([each.cpu_per_test for each in rounds.engine])
    said = median([each.program_cpu_per_test for each in rounds.engine])
    # What a Python program does itself is measured without starting an interpreter; elsewhere the start is its own.
    is_python = square.language == "python"
    own = python_own_seconds(square.source, square_tests(20)) if is_python else bare_cpu
    cpu.rows.append([square.title, *map(milliseconds, (bare_cpu, engine_cpu, said, engine_cpu - own))])
    report.figures |= {
        f"engine.{square.name}.ratio": on_one,
        f"engine.{square.name}.ratio_on_all": on_all,
        f"engine.{square.name}.per_second": median(per_second[1]),
        f"engine.{square.name}.added_ms": (engine_cpu - own) * 1000,
    }
