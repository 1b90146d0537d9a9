"""1 when enough of the tests were passed, else 0."""

from sandbox_service.models import Judgement
from sandbox_service.rewards.contract import Fraction


def threshold(judgement: Judgement, *, least: Fraction) -> float:
    """1 when at least the part ``least`` of all tests was passed, else 0.

    What open-r1's ``binary_code_reward`` makes of the part, which asks for more than 0.99 of it.
    """
    return float(judgement.passed / judgement.total >= least)
