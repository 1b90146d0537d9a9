"""Reward schemes by name: each makes one number of a judgement."""

from collections.abc import Callable, Mapping

from sandbox_service.errors import UnknownName
from sandbox_service.models import Choice, Judgement, Verdict
from sandbox_service.rewards.all_or_nothing import all_or_nothing
from sandbox_service.rewards.fraction_passed import fraction_passed

Reward = Callable[[Judgement], float]

REWARDS: Mapping[str, Reward] = {
    "all_or_nothing": all_or_nothing,
    "fraction_passed": fraction_passed,
}


def build(choice: Choice) -> Reward:
    """The chosen reward scheme.

    Raises:
        UnknownName: there is no such scheme, or it has no such parameter.
    """
    if choice.name not in REWARDS:
        raise UnknownName("reward", choice.name, REWARDS, field="reward")
    for name in choice.parameters:
        raise UnknownName(f"parameter of reward {choice.name!r}", name, ("none",), field=f"reward.{name}")
    return REWARDS[choice.name]


def rewarded(judgement: Judgement, reward: Reward | None) -> Judgement:
    """The judgement with its reward; none when none was asked for or when the failure is ours."""
    if reward is None or judgement.verdict is Verdict.JUDGE_ERROR:
        return judgement
    return judgement.model_copy(update={"reward": reward(judgement)})
