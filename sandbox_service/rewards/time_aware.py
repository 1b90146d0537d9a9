"""The part of all tests that was passed, each worth less the longer it ran."""

from typing import Annotated

from pydantic import Field

from sandbox_service.models import Judgement, TestResult, Verdict
from sandbox_service.rewards.contract import Fraction


def time_aware(judgement: Judgement, *, limit_seconds: Annotated[float, Field(gt=0)], least: Fraction = 0.0) -> float:
    """The mean over all tests of 1 − time ÷ ``limit_seconds`` for those that were passed.

    open-instruct's ``CodeVerifier`` with ``code_apply_perf_penalty``; 0 when less than the part ``least``
    was passed (its ``code_pass_rate_reward_threshold``). The time is CPU time, where open-instruct takes
    the wall clock: the same program earns the same on a busy machine.
    """
    if judgement.passed < least * judgement.total:
        return 0.0
    return sum(_worth(result, limit_seconds) for result in judgement.results) / judgement.total


def _worth(result: TestResult, limit_seconds: float) -> float:
    if result.verdict is not Verdict.ACCEPTED:
        return 0.0
    return max(0.0, 1 - result.cpu_seconds / limit_seconds)
