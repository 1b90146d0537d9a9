"""The weight of the passed tests as a part of the weight of all."""

from typing import Annotated

from pydantic import AfterValidator, Field, ValidationInfo

from sandbox_service.models import Judgement, Verdict
from sandbox_service.rewards.contract import Weights, outline_in
from sandbox_service.rewards.stakes import Stakes


def _not_nothing(weights: Weights | None, info: ValidationInfo) -> Weights | None:
    outline = outline_in(info)
    if weights is None and outline is not None and not outline.weighs:
        raise ValueError("every test of the problem has the weight 0")
    if weights is not None and not any(weights):
        raise ValueError("must not all be 0")
    return weights


def weighted(
    judgement: Judgement,
    stakes: Stakes,
    *,
    weights: Annotated[Weights | None, Field(validate_default=True), AfterValidator(_not_nothing)] = None,
) -> float:
    """The weight of the passed tests as a part of the weight of all; ``weights`` has one number for each test.

    Without them a test counts by its own ``weight``. The rule by which dual verification (X-Coder, arXiv 2601.06953,
    equation 2) scores a solution. A test that stop_on_failure left out counts as failed.
    """
    weights = stakes.weights if weights is None else weights
    passed = (result.verdict is Verdict.ACCEPTED for result in judgement.results)
    weight_passed = sum(weight for weight, ok in zip(weights, passed, strict=False) if ok)
    return weight_passed / sum(weights) if weight_passed else 0.0
