"""The part of the points that the problem's own weights and groups give."""

from sandbox_service.models import Judgement


def scored(judgement: Judgement) -> float:
    """The score as a part of the most that it can be, by the tests' weights and the problem's ``scoring``.

    With groups whose aggregation is ``min`` it is the International Olympiad's; without weights and groups it is
    the mean of the tests' scores.
    """
    if judgement.maximum_score == 0:
        return 0.0
    return (judgement.score or 0.0) / (judgement.maximum_score or 1.0)
