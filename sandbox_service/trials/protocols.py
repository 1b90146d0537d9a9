"""How the programs that problems bring along are called, and what their endings say."""

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from sandbox_service.errors import ProblemProgramFailed
from sandbox_service.models import MATERIAL, CheckerProtocol, Execution, InteractorProtocol, Outcome

INPUT, OUTPUT, ANSWER = f"{MATERIAL}/input", f"{MATERIAL}/output", f"{MATERIAL}/answer"
FEEDBACK = f"{MATERIAL}/feedback/"
NEXT_INPUT = f"{FEEDBACK}nextpass.in"
MESSAGE_BYTES = 4096
_SCORE_FILE = f"{FEEDBACK}score.txt"
_MESSAGE_FILES = (f"{FEEDBACK}judgemessage.txt", f"{FEEDBACK}teammessage.txt")

_TESTLIB_OK, _TESTLIB_POINTS, _TESTLIB_PARTIALLY = 0, 7, 16
_TESTLIB_REFUSALS = {
    1: "wrong answer",
    2: "presentation error",
    4: "dirt at the end",
    8: "unexpected end of the output",
}
_KATTIS_ACCEPTED, _KATTIS_REFUSED = 42, 43

_REASON_OF_OUTCOME = {
    Outcome.OUT_OF_TIME: "ran out of time",
    Outcome.OUT_OF_MEMORY: "ran out of memory",
    Outcome.OUT_OF_OUTPUT: "wrote more than it may",
}


@dataclass(frozen=True, slots=True)
class Opinion:
    """What a program thinks of a submission: a score from 0 to 1, and why."""

    score: float
    message: str | None


@dataclass(frozen=True, slots=True)
class Protocol:
    """The arguments before the program's own, where it reads the output, and how it is understood."""

    arguments: tuple[str, ...]
    understand: Callable[["Ending"], Opinion]
    output_on_stdin: bool = False


@dataclass(frozen=True, slots=True)
class Ending:
    """How a program ended that was to judge; ``role`` is what it is to the problem."""

    role: str
    execution: Execution
    full_score: float

    def opinion(self, protocol: Protocol) -> Opinion:
        """What it says.

        Raises:
            ProblemProgramFailed: it says nothing that the protocol knows.
        """
        if self.execution.outcome in _REASON_OF_OUTCOME:
            raise self.failed(_REASON_OF_OUTCOME[self.execution.outcome])
        if self.execution.exit_code is None:
            raise self.failed(f"was killed by signal {self.execution.signal}")
        return protocol.understand(self)

    @property
    def said(self) -> str | None:
        """The beginning of what it wrote for people to read."""
        execution = self.execution
        found = (execution.files[name] for name in _MESSAGE_FILES if execution.files.get(name))
        text = next(found, execution.stderr)
        return text[:MESSAGE_BYTES].decode(errors="replace").strip() or None

    def score(self, said: str) -> float:
        """The part of the full score that it says."""
        try:
            score = float(said) / self.full_score
        except ValueError:
            raise self.failed(f"said {said[:80]!r} where a score belongs") from None
        if not (math.isfinite(score) and 0 <= score <= 1):
            raise self.failed(f"said {said[:80]}, which is no score from 0 to {self.full_score:g}")
        return score

    def failed(self, what: str) -> ProblemProgramFailed:
        return ProblemProgramFailed(f"the problem's {self.role} {what}", self.said or "")


def _testlib(ending: Ending) -> Opinion:
    """The exit codes and the first words on stderr of testlib.h (MikeMirzayanov/testlib, ``resultExitCode``)."""
    code = ending.execution.exit_code or 0
    if code == _TESTLIB_OK:
        return Opinion(1.0, ending.said)
    if code in _TESTLIB_REFUSALS:
        return Opinion(0.0, ending.said or _TESTLIB_REFUSALS[code])
    if code == _TESTLIB_POINTS:
        words = (ending.said or "").split()
        return Opinion(ending.score(words[1] if len(words) > 1 and words[0] == "points" else ""), ending.said)
    if code >= _TESTLIB_PARTIALLY:
        return Opinion(ending.score(str(code - _TESTLIB_PARTIALLY)), ending.said)
    raise ending.failed(f"exited with code {code}")


def _kattis(ending: Ending) -> Opinion:
    """The exit codes and files of an output validator in the Kattis problem package format."""
    code, said = ending.execution.exit_code, ending.execution.files.get(_SCORE_FILE)
    if code == _KATTIS_ACCEPTED:
        return Opinion(1.0 if said is None else _number(ending, said), ending.said)
    if code != _KATTIS_REFUSED:
        raise ending.failed(f"exited with code {code}")
    if said is not None and _number(ending, said):  # DOMjudge's validators write a score of 0 when they refuse
        raise ending.failed("refused and wrote a score")
    return Opinion(0.0, ending.said)


def _number(ending: Ending, said: bytes) -> float:
    return ending.score(said[:80].decode(errors="replace").strip())


def _score(ending: Ending) -> Opinion:
    if ending.execution.exit_code != 0:
        raise ending.failed(f"exited with code {ending.execution.exit_code}")
    return Opinion(ending.score(ending.execution.stdout[:80].decode(errors="replace").strip()), ending.said)


OF_CHECKERS: Mapping[CheckerProtocol, Protocol] = {
    CheckerProtocol.TESTLIB: Protocol((INPUT, OUTPUT, ANSWER), _testlib),
    CheckerProtocol.KATTIS: Protocol((INPUT, ANSWER, FEEDBACK), _kattis, output_on_stdin=True),
    CheckerProtocol.SCORE: Protocol((INPUT, ANSWER, OUTPUT), _score),
}
OF_INTERACTORS: Mapping[InteractorProtocol, Protocol] = {
    InteractorProtocol.TESTLIB: Protocol((INPUT, OUTPUT, ANSWER), _testlib),
    InteractorProtocol.KATTIS: Protocol((INPUT, ANSWER, FEEDBACK), _kattis),
}
