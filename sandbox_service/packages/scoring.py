"""How the folders of a scoring problem count, by the rules of the tool that they were written for."""

import math
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from sandbox_service.models import Aggregation, Group, OnReject, Scoring
from sandbox_service.packages.files import Folder
from sandbox_service.packages.metadata import number
from sandbox_service.packages.tests import GROUP_FILES, Directory, PackagedTest, Tests, with_group

OF_GRADER_FLAG = {
    "sum": Aggregation.SUM,
    "avg": Aggregation.AVERAGE,
    "min": Aggregation.MIN,
    "max": Aggregation.MAX,
}
OF_SCORE_AGGREGATION = {
    "sum": Aggregation.SUM,
    "min": Aggregation.MIN,
    "pass-fail": Aggregation.PASS_FAIL,
}
OTHER_FLAGS = ("ignore_sample", "accept_if_any_accepted", "always_accept", "worst_error", "first_error")


def full_score_of(tests: Tests) -> float:
    """The most that a validator says of a test, by the upper end of a range; 1 where there is none."""
    uppers = [_upper_end(test.settings.get("range")) for test in tests.tests]
    return max((upper for upper in uppers if upper is not None), default=1.0)


def _upper_end(said: object) -> float | None:
    try:
        upper = float(str(said).split()[-1])
    except (ValueError, IndexError):
        return None
    return upper if 0 < upper < math.inf else None


def scored(
    tests: Tests, folder: Folder, *, is_domjudge: bool, full_score: float
) -> tuple[tuple[PackagedTest, ...], Scoring]:
    """The tests in their groups, and how these count; ``full_score`` is what a validator's scores are a part of."""
    if any((folder.path / "data" / each.name / GROUP_FILES[0]).exists() for each in tests.directories):
        return _as_of_2025(tests, folder)
    as_written = _as_domjudge if is_domjudge else _as_legacy
    return as_written(tests, folder, full_score)


def _as_legacy(tests: Tests, folder: Folder, full_score: float) -> tuple[tuple[PackagedTest, ...], Scoring]:
    """Each test is worth accept_score; a folder without settings has those of the one around it."""
    groups = [_legacy_group(each, each.inherited, folder) for each in _used(tests)]
    found = []
    for test in tests.tests:
        path = _settings_path(folder, _group_of(test))
        if number(test.settings.get("reject_score"), folder, path):
            folder.note(path, "a reject_score is not supported; it is taken as 0")
        weight = number(test.settings.get("accept_score"), folder, path)
        if weight is None and full_score != 1:
            weight = full_score
        found.append(with_group(test, _group_of(test), weight))
    return tuple(found), _whole(tests, groups, tests.directories[0].own)


def _as_domjudge(tests: Tests, folder: Folder, full_score: float) -> tuple[tuple[PackagedTest, ...], Scoring]:
    """A folder without others in it is worth its own accept_score when all its tests are passed."""
    names = [each.name for each in tests.directories]
    groups = []
    for each in _used(tests):
        group = _legacy_group(each, each.own, folder)
        if not any(name.startswith(f"{each.name}/") for name in names) and "range" not in each.own:
            points = number(each.own.get("accept_score"), folder, _settings_path(folder, each.name)) or 0.0
            group = group.model_copy(update={"aggregation": Aggregation.PASS_FAIL, "points": points})
        groups.append(group)
    weight = None if full_score == 1 else full_score
    found = tuple(with_group(test, _group_of(test), weight) for test in tests.tests)
    return found, _whole(tests, groups, tests.directories[0].own)


def _as_of_2025(tests: Tests, folder: Folder) -> tuple[tuple[PackagedTest, ...], Scoring]:
    """max_score, score_aggregation and require_pass; samples count for nothing."""
    has_groups = any(each.name.startswith("secret/") and _is_group(folder, each) for each in tests.directories)
    groups = []
    for each in _used(tests):
        if each.name == "sample":
            groups.append(Group(name="sample", points=0.0, aggregation=Aggregation.PASS_FAIL))
        elif each.name == "secret":
            points = None if has_groups else _max_score(each, folder, default=100.0)
            groups.append(_group(each, points, Aggregation.SUM, folder))
        elif _is_group(folder, each):
            groups.append(_group(each, _max_score(each, folder, default=None), Aggregation.PASS_FAIL, folder))
    declared = {group.name for group in groups}
    kept = [
        group.model_copy(update={"requires": tuple(r for r in group.requires if r in declared)}) for group in groups
    ]
    return tuple(with_group(test, _group_of(test), None) for test in tests.tests), Scoring(groups=tuple(kept))


def _group(each: Directory, points: float | None, default: Aggregation, folder: Folder) -> Group:
    asked = each.own.get("score_aggregation")
    if asked is not None and asked not in OF_SCORE_AGGREGATION:
        folder.note(_settings_path(folder, each.name), f"score_aggregation {str(asked)[:100]!r} does not exist")
    required = each.own.get("require_pass") or ()
    return Group(
        name=each.name,
        aggregation=OF_SCORE_AGGREGATION.get(str(asked), default),
        points=points,
        requires=(required,) if isinstance(required, str) else tuple(map(str, required)),
    )


def _max_score(each: Directory, folder: Folder, default: float | None) -> float | None:
    asked = each.own.get("max_score", default)
    return None if asked == "unbounded" else number(asked, folder, _settings_path(folder, each.name))


def _legacy_group(each: Directory, settings: Mapping[str, Any], folder: Folder) -> Group:
    flags = str(settings.get("grader_flags") or "").split()
    if settings.get("grading") == "custom":
        folder.note(
            _settings_path(folder, each.name), "a grader of the package's own is not supported; scores are summed"
        )
    for flag in flags:
        if flag not in OF_GRADER_FLAG and flag not in OTHER_FLAGS:
            folder.note(_settings_path(folder, each.name), f"the default grader has no flag {flag!r}")
    return Group(
        name=each.name,
        aggregation=next((OF_GRADER_FLAG[flag] for flag in reversed(flags) if flag in OF_GRADER_FLAG), Aggregation.SUM),
        on_reject=_on_reject(settings),
    )


def _whole(tests: Tests, groups: Iterable[Group], root: Mapping[str, Any]) -> Scoring:
    flags = str(root.get("grader_flags") or "").split()
    found = [
        group.model_copy(update={"points": 0.0}) if group.name == "sample" and "ignore_sample" in flags else group
        for group in groups
    ]
    aggregation = next((OF_GRADER_FLAG[flag] for flag in reversed(flags) if flag in OF_GRADER_FLAG), Aggregation.SUM)
    return Scoring(groups=tuple(found), aggregation=aggregation, on_reject=_on_reject(root))


def _on_reject(settings: Mapping[str, Any]) -> OnReject:
    return OnReject.CONTINUE if settings.get("on_reject") == "continue" else OnReject.BREAK


def _used(tests: Tests) -> Iterable[Directory]:
    """The folders that have a test within."""
    used = {_group_of(test) for test in tests.tests}
    return [
        each
        for each in tests.directories
        if each.name and any(f"{group}/".startswith(f"{each.name}/") for group in used)
    ]


def _group_of(test: PackagedTest) -> str:
    return test.name.rpartition("/")[0]


def _is_group(folder: Folder, each: Directory) -> bool:
    return (folder.path / "data" / each.name / GROUP_FILES[0]).exists()


def _settings_path(folder: Folder, name: str) -> Path:
    directory = folder.path / "data" / name
    return next((directory / file for file in GROUP_FILES if (directory / file).exists()), directory / GROUP_FILES[-1])
