"""verl: ``compute_score`` as a custom reward function, for one response or for a batch, with or without asyncio."""

from collections.abc import Sequence
from typing import Any

from sandbox_service.client.grader import Grader, metrics_of, reward_of
from sandbox_service.models import CompletionReward

NOT_FOR_US = (
    "reward_router_address",
    "reward_model_tokenizer",
    "sandbox_fusion_url",
    "concurrent_semaphore",
    "memory_limit_mb",
)


def compute_score(
    data_source: str, solution_str: str, ground_truth: object, extra_info: object = None, **options: Any
) -> dict[str, Any]:
    """The score of one response; ``options`` are ``reward_kwargs``: the fields of ``Grader``, and ``ours``.

    Raises:
        NoReward: the service failed; with ``ours`` given, that is the score instead.
    """
    grader, ours = _grader(options)
    (answer,) = grader.grade([solution_str], [ground_truth])
    return _score(answer, ours)


async def compute_score_async(
    data_source: str, solution_str: str, ground_truth: object, extra_info: object = None, **options: Any
) -> dict[str, Any]:
    """The same for verl's reward loop, which awaits it."""
    grader, ours = _grader(options)
    (answer,) = await grader.agrade([solution_str], [ground_truth])
    return _score(answer, ours)


def compute_score_number(
    data_source: str, solution_str: str, ground_truth: object, extra_info: object = None, **options: Any
) -> float:
    """The score alone, for the reward manager ``prime``, which takes nothing else."""
    score: float = compute_score(data_source, solution_str, ground_truth, extra_info, **options)["score"]
    return score


def compute_score_batch(
    data_sources: Sequence[str],
    solution_strs: Sequence[str],
    ground_truths: Sequence[object],
    extra_infos: Sequence[object] | None = None,
    **options: Any,
) -> list[dict[str, Any]]:
    """The scores of a batch, for the reward manager ``batch``."""
    grader, ours = _grader(options)
    return [_score(answer, ours) for answer in grader.grade(solution_strs, ground_truths)]


def _grader(options: dict[str, Any]) -> tuple[Grader, float | None]:
    ours = options.pop("ours", None)
    return Grader(**{name: value for name, value in options.items() if name not in NOT_FOR_US}), ours


def _score(answer: CompletionReward, ours: float | None) -> dict[str, Any]:
    """What verl logs: every response must have the same keys."""
    score = ours if answer.reward is None and ours is not None else reward_of(answer)
    return {"score": score, **metrics_of(answer), "reason": answer.reason or "accepted"}
