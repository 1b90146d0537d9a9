"""The International Olympiad's scoring: each subtask counts by its worst test."""

from collections.abc import Sequence
from typing import Annotated

from pydantic import Field

from sandbox_service.models import Frozen, Judgement, TestResult
from sandbox_service.rewards.contract import Position, Weight


class Subtask(Frozen):
    """Tests, by their positions in the problem, that are worth ``points`` together."""

    tests: Annotated[tuple[Position, ...], Field(min_length=1)]
    points: Weight = 1.0


def subtasks(judgement: Judgement, *, subtasks: Annotated[tuple[Subtask, ...], Field(min_length=1)]) -> float:
    """The sum over all subtasks of their points × the lowest score of their tests.

    The scoring of the IOI as open-r1's ``ioi_code_reward`` has it, for all subtasks instead of one: with a
    single subtask and one point it is the same number. A test may belong to several subtasks; one that
    did not run has the score 0. ``{"subtasks": [{"tests": [0, 1], "points": 30}, …]}``
    """
    results = judgement.results
    return sum(subtask.points * min(_score(results, test) for test in subtask.tests) for subtask in subtasks)


def _score(results: Sequence[TestResult], test: int) -> float:
    return results[test].score if test < len(results) else 0.0
