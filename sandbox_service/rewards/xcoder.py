"""X-Coder's reward: a penalty when nothing could run, else a multiple of the part that was passed."""

from sandbox_service.models import Judgement, Verdict
from sandbox_service.rewards.contract import Points


def xcoder(judgement: Judgement, *, nothing_runs: Points = -2.0, all_passed: Points = 5.0) -> float:
    """−2 when there is no code or it does not compile, else 5 × the part of all tests that was passed.

    Equation 6 of X-Coder (arXiv 2601.06953) and its reward manager ``code_execution``, with ``distilled``
    on. ``nothing_runs`` and ``all_passed`` change the two numbers.
    """
    if judgement.verdict is Verdict.COMPILE_ERROR:
        return nothing_runs
    return all_passed * judgement.passed / judgement.total
