"""What the tests of a problem are worth by themselves, for the schemes that are told nothing else."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated, Self

from pydantic import Field

from sandbox_service.models import Frozen, Group, Scoring, TestCase
from sandbox_service.rewards.contract import Position, Weight
from sandbox_service.scoring import Scheme


class Subtask(Frozen):
    """Tests, by their positions, that are worth ``points`` together, and nothing unless all it requires are passed."""

    tests: Annotated[tuple[Position, ...], Field(min_length=1)]
    points: Weight = 1.0
    requires: tuple[Position, ...] = ()


@dataclass(frozen=True, slots=True)
class Stakes:
    """The weight of each test that is run, and the subtasks that they make up."""

    weights: tuple[float, ...] = ()
    subtasks: tuple[Subtask, ...] = ()

    @classmethod
    def of(cls, scoring: Scoring | None, tests: Sequence[TestCase]) -> Self:
        """Those of the tests that are run."""
        weights = tuple(1.0 if test.weight is None else test.weight for test in tests)
        return cls(weights, _subtasks(scoring or _by_name(tests), tests))


def _by_name(tests: Sequence[TestCase]) -> Scoring:
    """The groups that tests name where the problem says nothing of them."""
    names = dict.fromkeys(test.group for test in tests if test.group is not None)
    return Scoring.model_construct(groups=tuple(Group.model_construct(name=name) for name in names))


def _subtasks(scoring: Scoring, tests: Sequence[TestCase]) -> tuple[Subtask, ...]:
    """Each group that has tests of its own, without those of the groups within it; a test of no group is one alone.

    A test that weighs nothing is in none.
    """
    scheme = Scheme.of(scoring, tests)
    if scheme is None:
        return ()
    _, scores = scheme.score(())
    points = {group.name: group.maximum_score for group in scores}
    own: dict[str | int, list[int]] = {}
    for position, (weight, groups) in enumerate(zip(scheme.weights, scheme.groups_of, strict=True)):
        if not weight:
            continue
        own.setdefault(groups[0].name if groups else position, []).append(position)
    return tuple(
        Subtask.model_construct(
            tests=tuple(positions),
            points=scheme.weights[positions[0]] if isinstance(name, int) else points[name],
            requires=_required(scheme, positions[0]),
        )
        for name, positions in own.items()
    )


def _required(scheme: Scheme, position: int) -> tuple[int, ...]:
    """The tests of all groups that those of this test require."""
    names = {name for group in scheme.groups_of[position] for name in group.requires}
    if not names:
        return ()
    return tuple(other for other, groups in enumerate(scheme.groups_of) if any(group.name in names for group in groups))
