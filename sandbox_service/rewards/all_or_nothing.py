"""1 when every test was passed, else 0."""

from sandbox_service.models import Judgement, Verdict


def all_or_nothing(judgement: Judgement) -> float:
    """1 when every test was passed, else 0."""
    return float(judgement.verdict is Verdict.ACCEPTED)
