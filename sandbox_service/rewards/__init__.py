"""Reward schemes by name: each makes one number of a judgement."""

import inspect
import json
from collections.abc import Callable, Mapping
from functools import cache, partial

from pydantic import BaseModel, ValidationError, create_model

from sandbox_service.errors import BadRequest, UnknownName
from sandbox_service.models import Choice, Frozen, Judgement, Outline, Verdict
from sandbox_service.rewards.all_or_nothing import all_or_nothing
from sandbox_service.rewards.codeforces import codeforces
from sandbox_service.rewards.contract import CHOSEN, OUTLINE, Reward
from sandbox_service.rewards.fraction_passed import fraction_passed
from sandbox_service.rewards.scored import scored
from sandbox_service.rewards.stakes import Stakes
from sandbox_service.rewards.subtasks import subtasks
from sandbox_service.rewards.threshold import threshold
from sandbox_service.rewards.time_aware import time_aware
from sandbox_service.rewards.weighted import weighted
from sandbox_service.rewards.weighted_sum import weighted_sum
from sandbox_service.rewards.xcoder import xcoder

__all__ = ["REWARDS", "Reward", "Stakes", "build", "rewarded"]

STAKES = "stakes"  # the parameter of those schemes that ask what the problem's tests are worth

REWARDS: Mapping[str, Callable[..., float]] = {
    "all_or_nothing": all_or_nothing,
    "codeforces": codeforces,
    "fraction_passed": fraction_passed,
    "scored": scored,
    "subtasks": subtasks,
    "threshold": threshold,
    "time_aware": time_aware,
    "weighted": weighted,
    "weighted_sum": weighted_sum,
    "xcoder": xcoder,
}


def build(
    choice: Choice, outline: Outline | None = None, *, chosen: bool = False, stakes: Callable[[], Stakes] = Stakes
) -> Reward:
    """The chosen reward scheme with its parameters; ``outline`` is of the problem's tests, where they are known.

    ``chosen`` says that only some of them are run, and ``stakes`` what those are worth by themselves.

    Raises:
        UnknownName: there is no such scheme, or it has no such parameter.
        BadRequest: a parameter is missing or has a value that cannot be.
    """
    if choice.name not in REWARDS:
        raise UnknownName("reward", choice.name, REWARDS, field="reward")
    possible = _parameters_of(choice.name)
    for name in choice.parameters:
        if name not in possible.model_fields:
            names = possible.model_fields or ("none",)
            raise UnknownName(f"parameter of reward {choice.name!r}", name, names, field=f"reward.{name}")
    try:
        # Strict as the rest of a request; only in JSON is a list strictly a tuple.
        parameters = possible.model_validate_json(
            json.dumps(choice.parameters), strict=True, context={OUTLINE: outline, CHOSEN: chosen}
        )
    except ValidationError as error:
        raise _refused(choice.name, error) from None
    given = {name: getattr(parameters, name) for name in possible.model_fields}
    if _reads_stakes(choice.name):
        given[STAKES] = stakes()
    return partial(REWARDS[choice.name], **given)


@cache
def _reads_stakes(name: str) -> bool:
    return STAKES in inspect.signature(REWARDS[name]).parameters


@cache
def _parameters_of(name: str) -> type[BaseModel]:
    """What the scheme takes beside the judgement and the stakes, as its signature declares it."""
    _judgement, *others = inspect.signature(REWARDS[name]).parameters.values()
    parameters = [each for each in others if each.name != STAKES]
    fields = {p.name: (p.annotation, ... if p.default is p.empty else p.default) for p in parameters}
    return create_model(name, __base__=Frozen, **fields)  # type: ignore[call-overload,no-any-return]  # fields by name


def _refused(name: str, error: ValidationError) -> BadRequest:
    first = error.errors(include_url=False, include_context=False, include_input=False)[0]
    place = ".".join(str(part) for part in first["loc"])
    message = first["msg"].removeprefix("Value error, ")
    return BadRequest(f"reward {name!r}: {place}: {message}", field=f"reward.{place}")


def rewarded(judgement: Judgement, reward: Reward | None) -> Judgement:
    """The judgement with its reward; none when none was asked for or when the failure is ours."""
    if reward is None or judgement.verdict is Verdict.JUDGE_ERROR:
        return judgement
    return judgement.model_copy(update={"reward": reward(judgement)})
