"""The part of all tests that was passed."""

from sandbox_service.models import Judgement


def fraction_passed(judgement: Judgement) -> float:
    """The part of all tests that was passed; a test that stop_on_failure left out counts as failed."""
    return judgement.passed / judgement.total
