"""TRL: functions for ``reward_funcs`` that answer None for what the service failed to judge."""

from collections.abc import Callable, Coroutine, Sequence
from typing import Any

from sandbox_service.client.grader import Grader
from sandbox_service.models import CompletionReward

DEFAULT_COLUMN = "verification_info"


def code_reward(column: str = DEFAULT_COLUMN, **options: Any) -> Callable[..., list[float | None]]:
    """A reward function; ``column`` of the data set has the tests, ``options`` are the fields of ``Grader``."""
    grader = Grader(**options)

    def code_reward(completions: Sequence[object], **columns: Any) -> list[float | None]:
        return _rewards(grader.grade_what_can_be(completions, columns[column]), columns)

    return code_reward


def async_code_reward(
    column: str = DEFAULT_COLUMN, **options: Any
) -> Callable[..., Coroutine[Any, Any, list[float | None]]]:
    """The same as a coroutine, which TRL runs beside the other reward functions."""
    grader = Grader(**options)

    async def code_reward(completions: Sequence[object], **columns: Any) -> list[float | None]:
        return _rewards(await grader.agrade_what_can_be(completions, columns[column]), columns)

    return code_reward


def _rewards(answers: Sequence[CompletionReward | None], columns: dict[str, Any]) -> list[float | None]:
    log_metric = columns.get("log_metric")
    if log_metric is not None:
        judged = [answer for answer in answers if answer is not None and answer.reward is not None]
        log_metric("judge/not_judged", 1 - len(judged) / len(answers))
        log_metric("judge/has_code", sum(answer.code is not None for answer in judged) / max(len(judged), 1))
    return [None if answer is None else answer.reward for answer in answers]
