"""What is said of a run of test code, by what the harness wrote down and by the facts of the box."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Self

from sandbox_service.errors import BadRequest
from sandbox_service.models import Execution, Guarantee, Reason, TestResult, Verdict
from sandbox_service.trials import executions
from sandbox_service.trials.contract import Contender

OUTCOME_FILE = "outcome.json"
COMPLETED = "completed"
_REFUSED = "refused"
_VERDICTS: Mapping[str, Verdict] = {
    COMPLETED: Verdict.ACCEPTED,
    "failed": Verdict.WRONG_ANSWER,
    "unsupported": Verdict.WRONG_ANSWER,
    "raised": Verdict.RUNTIME_ERROR,
    "missing": Verdict.RUNTIME_ERROR,
    "gone": Verdict.RUNTIME_ERROR,
    "protocol": Verdict.RUNTIME_ERROR,
}
_REASONS: Mapping[str, str] = {
    "unsupported": "the program answered with a value that is no plain data",
    "missing": Reason.SIGNATURE_MISMATCH,
    "gone": "the program ended before the test code did",
    "protocol": "the program wrote what is no answer",
}
NO_END = "the test code did not come to its end"


@dataclass(frozen=True, slots=True)
class Ending:
    """How the test code ended: a kind that has a verdict, and a text for people."""

    kind: str
    text: str

    @classmethod
    def read(cls, execution: Execution, mark: str) -> Self | None:
        """What was written down, if it was and bears the mark.

        Raises:
            BadRequest: the test code asks for what is not offered.
        """
        try:
            written = json.loads(execution.files[OUTCOME_FILE])
            kind, text = written["kind"], str(written["text"])
            if written["mark"] != mark or not (kind in _VERDICTS or kind == _REFUSED):
                return None
        except (KeyError, ValueError, TypeError, RecursionError):
            return None
        if kind == _REFUSED:
            raise BadRequest(f"assertions: {text}", field="problem.tests")
        return cls(kind, text)

    @property
    def verdict(self) -> Verdict:
        return _VERDICTS[self.kind]

    @property
    def reason(self) -> str | None:
        return _REASONS.get(self.kind)


def judged(
    contender: Contender, execution: Execution, ending: Ending | None, guarantee: Guarantee, *, excuse: str = NO_END
) -> TestResult:
    """The result; without an ending, ``excuse`` says why there is none.

    A failure of the program itself comes first: it may be what made the test code fail.
    """
    failure = executions.failure(execution, contender)
    if failure is not None and (ending is None or failure is not Verdict.RUNTIME_ERROR or ending.kind == COMPLETED):
        verdict, reason = failure, None
    elif ending is None:
        verdict, reason = Verdict.RUNTIME_ERROR, excuse
    else:
        verdict, reason = ending.verdict, ending.reason
    score = 1.0 if verdict is Verdict.ACCEPTED else 0.0
    facts = executions.result(contender, replace(execution, files=_without_outcome(execution)), verdict, score)
    return facts.model_copy(
        update={"guarantee": guarantee, "reason": reason, "detail": (ending.text or None) if ending else None}
    )


def _without_outcome(execution: Execution) -> Mapping[str, bytes]:
    return {name: content for name, content in execution.files.items() if name != OUTCOME_FILE}
