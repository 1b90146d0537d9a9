"""open-instruct: a verifier for its table of verifiers."""

import importlib
from typing import Any

from sandbox_service.client.grader import Grader, reward_of


class CodeVerifier:
    """Judges the code in a prediction; the label has the tests.

    It has what open-instruct's ``VerifierFunction`` has. ``options`` are the fields of ``Grader``; the
    rule of open-instruct's own verifier is ``reward="fraction_passed"``, with a penalty for slow programs
    ``{"name": "time_aware", "limit_seconds": …}``. Raises when the service failed.
    """

    def __init__(self, name: str = "code", weight: float = 1.0, **options: Any) -> None:
        self.name = name
        self.weight = weight
        self._grader = Grader(**options)

    def __call__(
        self,
        tokenized_prediction: object,
        prediction: str,
        label: object,
        query: str | None = None,
        rollout_state: object = None,
    ) -> Any:
        (answer,) = self._grader.grade([prediction], [label])
        return _result(reward_of(answer), answer.reason)

    async def async_call(
        self,
        tokenized_prediction: object,
        prediction: str,
        label: object,
        query: str | None = None,
        rollout_state: object = None,
    ) -> Any:
        (answer,) = await self._grader.agrade([prediction], [label])
        return _result(reward_of(answer), answer.reason)


def _result(score: float, reason: str | None) -> Any:
    # Imported when it is called: this package works without open-instruct.
    return importlib.import_module("open_instruct.ground_truth_utils").VerificationResult(score=score, reasoning=reason)
