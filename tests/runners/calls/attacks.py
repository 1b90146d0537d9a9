"""The task of all attacks, ``solve(n)``: n squared; a name begins with the attack's number."""

from collections.abc import Callable

from sandbox_service.models import Judgement, Verdict
from tests.runners.calling import call

TESTS = [
    call("solve", 3, expected=9),
    call("solve", -12, expected=144),
    call("solve", 0, expected=0),
    call("solve", 1.5, expected=2.25),
    call("solve", [2, 3], expected=[4, 9]),
]
RIGHT = "def right(n): return [x * x for x in n] if isinstance(n, list) else n * n\n"

# What an attacker may know of how an answer is left.
FORGE = "def forge(text, kind='returned'): return f'{kind} {len(text)}\\n{text}'.encode()\n"
SCAN = """
import os
def write_everywhere(data):
    for descriptor in range(3, 1024):
        try: os.write(descriptor, data)
        except OSError: pass
"""
TOLD = (Verdict.RUNTIME_ERROR, Verdict.WRONG_ANSWER)
ONLY_RE, ONLY_WA, ONLY_TLE = (Verdict.RUNTIME_ERROR,), (Verdict.WRONG_ANSWER,), (Verdict.TIME_LIMIT_EXCEEDED,)
LIES = "def __eq__(s, o): return True\n    def __ne__(s, o): return False\n    def __hash__(s): return 0\n"

Attack = tuple[str, tuple[Verdict, ...]]
Judge = Callable[..., Judgement]


def gains_nothing(judge_python: Judge, source: str, verdicts: tuple[Verdict, ...]) -> None:
    judgement = judge_python(source)

    assert judgement.verdict in verdicts, judgement.results[0]
    assert judgement.reward == 0.0
    honest = judge_python(f"{RIGHT}def solve(n): return right(n)")
    assert honest.verdict is Verdict.ACCEPTED, "the box is as it was"
