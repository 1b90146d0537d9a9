"""What the tests that were passed come to, by weights and groups."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from statistics import fmean
from typing import Self

from sandbox_service.errors import BadRequest
from sandbox_service.models import (
    Aggregation,
    Group,
    GroupScore,
    OnReject,
    Outline,
    Scoring,
    TestCase,
    TestResult,
    Verdict,
)

BY_WEIGHT_ALONE = Scoring(aggregation=Aggregation.SUM, points=1.0)

_OF_MANY: Mapping[Aggregation, Callable[[Sequence[float]], float]] = {
    Aggregation.SUM: sum,
    Aggregation.MIN: min,
    Aggregation.MAX: max,
    Aggregation.AVERAGE: fmean,
}


def check(scoring: Scoring | None, outline: Outline) -> None:
    """Raises BadRequest when the scoring speaks of other groups than the tests of a problem."""
    if scoring is None:
        return
    declared = {group.name for group in scoring.groups}
    used = set[str]()
    for name, position in outline.groups.items():
        found = declared.intersection(_around(name))
        if not found:
            available = ", ".join(sorted(declared)) or "none"
            message = f"the scoring has no group {name!r}, of which test {position} is; available: {available}"
            raise BadRequest(message, field=f"problem.tests.{position}.group")
        used |= found
    for position, group in enumerate(scoring.groups):
        if group.name not in used:
            message = f"no test is of the group {group.name!r}"
            raise BadRequest(message, field=f"problem.scoring.groups.{position}.name")


def _around(name: str) -> Iterator[str]:
    """The name and those it goes on from, the longest first."""
    while name:
        yield name
        name = name.rpartition("/")[0]


@dataclass(frozen=True, slots=True)
class Worth:
    """A score, and what it can be at most."""

    score: float
    most: float

    def of(self, points: float | None) -> "Worth":
        """The same part of so many points; of what is worth nothing, nothing."""
        if points is None or not self.most:
            return self
        return Worth(points * (self.score / self.most), points)


@dataclass(frozen=True, slots=True)
class Scheme:
    """How the chosen tests of a problem count; ``groups_of`` has the groups of each test, from within."""

    scoring: Scoring
    weights: tuple[float, ...]
    groups_of: tuple[tuple[Group, ...], ...]

    @classmethod
    def of(cls, scoring: Scoring | None, tests: Sequence[TestCase]) -> Self | None:
        """None when every test counts the same and there are no groups."""
        if scoring is None:
            if all(test.weight is None for test in tests):
                return None
            scoring = BY_WEIGHT_ALONE
        declared = {group.name: group for group in scoring.groups}
        found: dict[str | None, tuple[Group, ...]] = {None: ()}
        for test in tests:
            if test.group is not None and test.group not in found:
                found[test.group] = tuple(declared[name] for name in _around(test.group) if name in declared)
        weights = (1.0 if test.weight is None else test.weight for test in tests)
        return cls(scoring, tuple(weights), tuple(found[test.group] for test in tests))

    def course(self) -> "Course":
        """What is to be run of one submission."""
        return Course(self)

    def score(self, results: Sequence[TestResult]) -> tuple[Worth, tuple[GroupScore, ...]]:
        """The whole, and each group by itself; a test without a result was not passed."""
        failed = dict[str, Verdict]()
        within: dict[str | None, list[Worth]] = {None: []}
        for position, (weight, groups) in enumerate(zip(self.weights, self.groups_of, strict=True)):
            result = results[position] if position < len(results) else None
            worth = Worth(result.score * weight if result else 0.0, weight)
            within.setdefault(groups[0].name if groups else None, []).append(worth)
            if result is None or result.verdict is not Verdict.ACCEPTED:
                for group in groups:
                    failed.setdefault(group.name, _verdict(result, results))
        said = tuple(self._scored(within, failed))
        return _aggregated(within[None], self.scoring.aggregation).of(self.scoring.points), said

    def _scored(self, within: dict[str | None, list[Worth]], failed: Mapping[str, Verdict]) -> Iterator[GroupScore]:
        """Each group, its own groups before it; what it comes to goes to the one around it."""
        declared = {group.name for group in self.scoring.groups}
        for group in sorted(self.scoring.groups, key=lambda group: -len(group.name)):
            worth = _aggregated(within.get(group.name, []), group.aggregation).of(group.points)
            if any(required in failed for required in group.requires):
                worth = Worth(0.0, worth.most)
            around = next((name for name in _around(group.name) if name in declared and name != group.name), None)
            within.setdefault(around, []).append(worth)
            verdict = failed.get(group.name, Verdict.ACCEPTED)
            yield GroupScore(name=group.name, score=worth.score, maximum_score=worth.most, verdict=verdict)


class Course:
    """Which tests are left out on the way, because of those that failed before."""

    def __init__(self, scheme: Scheme) -> None:
        self._scheme = scheme
        self._whole = Group(name="all", on_reject=scheme.scoring.on_reject)
        self._failed: dict[str, Verdict] = {}
        # For each group, the whole being None, the first of its tests or of the groups in it that was not passed.
        self._broken: dict[str | None, tuple[str | int, Verdict]] = {}

    def left_out(self, position: int) -> Verdict | None:
        """The verdict of the test for whose failure this one need not be run; None when it is to be run."""
        for group, member in self._memberships(position):
            # A group that goes on is finished, also where the one around it breaks.
            if group.on_reject is OnReject.BREAK and (broken := self._broken.get(self._key(group))):
                first, verdict = broken
                if first != member:
                    return verdict
            for required in group.requires:
                if required in self._failed:
                    return self._failed[required]
        return None

    def note(self, position: int, result: TestResult) -> None:
        """What came out of a test; one that has some of its points breaks nothing off."""
        if result.verdict is Verdict.ACCEPTED:
            return
        for group, member in self._memberships(position):
            self._failed.setdefault(group.name, result.verdict)
            if not result.score:
                self._broken.setdefault(self._key(group), (member, result.verdict))

    def _memberships(self, position: int) -> Iterator[tuple[Group, str | int]]:
        """The groups of a test from within, each with what of it the test is or is in."""
        member: str | int = position
        for group in (*self._scheme.groups_of[position], self._whole):
            yield group, member
            member = group.name

    def _key(self, group: Group) -> str | None:
        return None if group is self._whole else group.name


def _verdict(result: TestResult | None, results: Sequence[TestResult]) -> Verdict:
    """Of a test that was not passed: what it ended with, or what the submission did before it came to it."""
    if result is not None:
        return result.verdict
    return next((each.verdict for each in results if each.verdict is not Verdict.ACCEPTED), Verdict.COMPILE_ERROR)


def _aggregated(members: Sequence[Worth], aggregation: Aggregation) -> Worth:
    """What is worth nothing does not count, so that a group of samples spoils no minimum."""
    counting = [worth for worth in members if worth.most]
    if not counting:
        return Worth(0.0, 0.0)
    scores, most = [worth.score for worth in counting], [worth.most for worth in counting]
    if aggregation is Aggregation.PASS_FAIL:
        return Worth(sum(most) if all(worth.score >= worth.most for worth in counting) else 0.0, sum(most))
    of_many = _OF_MANY[aggregation]
    return Worth(of_many(scores), of_many(most))
