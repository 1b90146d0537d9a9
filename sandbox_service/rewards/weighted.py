"""The weight of the passed tests as a part of the weight of all."""

from typing import Annotated

from pydantic import AfterValidator

from sandbox_service.models import Judgement, Verdict
from sandbox_service.rewards.contract import Weights


def _not_nothing(weights: Weights) -> Weights:
    if not any(weights):
        raise ValueError("must not all be 0")
    return weights


def weighted(judgement: Judgement, *, weights: Annotated[Weights, AfterValidator(_not_nothing)]) -> float:
    """The weight of the passed tests as a part of the weight of all; ``weights`` has one number for each test.

    The rule by which dual verification (X-Coder, arXiv 2601.06953, equation 2) scores a solution. A test
    that stop_on_failure left out counts as failed.
    """
    passed = (result.verdict is Verdict.ACCEPTED for result in judgement.results)
    return sum(weight for weight, ok in zip(weights, passed, strict=False) if ok) / sum(weights)
