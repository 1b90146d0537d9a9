"""open-r1's weighted sum: whether all tests were passed, and a little for each that was."""

from sandbox_service.models import Judgement, Verdict
from sandbox_service.rewards.contract import Points


def weighted_sum(judgement: Judgement, *, fraction: Points = 0.1) -> float:
    """1 when every test was passed, and on top of it ``fraction`` × the part of all tests that was passed.

    ``scoring_mode="weighted_sum"`` of open-r1's ``cf_code_reward``, without its penalties; ``codeforces``
    has them.
    """
    return float(judgement.verdict is Verdict.ACCEPTED) + fraction * judgement.passed / judgement.total
