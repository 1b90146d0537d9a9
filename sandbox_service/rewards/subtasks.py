"""The International Olympiad's scoring: each subtask counts by its worst test."""

from collections.abc import Sequence
from typing import Annotated

from pydantic import AfterValidator, Field, ValidationInfo

from sandbox_service.models import Judgement, TestResult, Verdict
from sandbox_service.rewards.contract import outline_in
from sandbox_service.rewards.stakes import Stakes, Subtask


def _not_none(subtasks: tuple[Subtask, ...] | None, info: ValidationInfo) -> tuple[Subtask, ...] | None:
    outline = outline_in(info)
    if subtasks is None and outline is not None and not outline.groups:
        raise ValueError("has to be given, as the tests of the problem are in no groups")
    return subtasks


def subtasks(
    judgement: Judgement,
    stakes: Stakes,
    *,
    subtasks: Annotated[
        Annotated[tuple[Subtask, ...], Field(min_length=1)] | None,
        Field(validate_default=True),
        AfterValidator(_not_none),
    ] = None,
) -> float:
    """The sum over all subtasks of their points × the lowest score of their tests.

    The scoring of the IOI as open-r1's ``ioi_code_reward`` has it, for all subtasks instead of one: with a
    single subtask and one point it is the same number. A test may belong to several subtasks; one that
    did not run has the score 0. ``{"subtasks": [{"tests": [0, 1], "points": 30}, …]}`` Without them each group of the
    problem's ``scoring`` that has tests of its own is a subtask with the points that it is worth there.
    """
    results = judgement.results
    return sum(
        subtask.points * min(_score(results, test) for test in subtask.tests)
        for subtask in (stakes.subtasks if subtasks is None else subtasks)
        if all(_is_passed(results, test) for test in subtask.requires)
    )


def _score(results: Sequence[TestResult], test: int) -> float:
    return results[test].score if test < len(results) else 0.0


def _is_passed(results: Sequence[TestResult], test: int) -> bool:
    return test < len(results) and results[test].verdict is Verdict.ACCEPTED
