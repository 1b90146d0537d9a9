"""open-r1's reward for Codeforces problems: its scoring modes, with penalties for what cannot run."""

from collections.abc import Callable, Mapping
from typing import Literal

from sandbox_service.models import Judgement, Verdict
from sandbox_service.rewards.all_or_nothing import all_or_nothing
from sandbox_service.rewards.contract import Points
from sandbox_service.rewards.fraction_passed import fraction_passed
from sandbox_service.rewards.weighted_sum import weighted_sum

MODES: Mapping[str, Callable[[Judgement], float]] = {
    "pass_fail": all_or_nothing,
    "partial": fraction_passed,
    "weighted_sum": weighted_sum,
}


def codeforces(
    judgement: Judgement,
    *,
    mode: Literal["pass_fail", "partial", "weighted_sum"] = "weighted_sum",
    no_compile: Points = -0.1,
    no_code: Points = -1.0,
) -> float:
    """−1 without code, −0.1 when it does not compile, else what ``mode`` says.

    open-r1's ``cf_code_reward`` with its defaults (``no_submission_reward``, ``no_compile_reward``).
    """
    if judgement.has_no_code:
        return no_code
    if judgement.verdict is Verdict.COMPILE_ERROR:
        return no_compile
    return MODES[mode](judgement)
