"""A test of a submission of ours within one process, after which a fork finds everything where it needs it.

Whatever runs for the first time writes to where its code and its classes are kept, and a fork would have to copy those
pages of memory, one by one.
"""

import os
import sys

import candidate

import tests

_TIMES = 20  # the interpreter rewrites code that it has run some times
_SOURCE = """
def answer(value, other=None):
    value.append(1)
    return [*value, "text", (2.5, None)]
"""
_TESTS = """
def check(candidate):
    for value in ([1], [True]):
        assert candidate(value, other={"key": 2}) == [value[0], 1, "text", (2.5, None)], "wrong"
"""


class _Tester(tests.Tester):
    """Lets the other side answer before it waits for that."""

    other: candidate.Candidate

    def _receive(self):
        self.other._serve(self.other._receive())
        return super()._receive()


def rehearse() -> None:
    """Leaves nothing that a program could see."""
    modules, finders = dict(sys.modules), [*sys.meta_path]
    for _ in range(_TIMES):
        _talk()
        sys.meta_path[:] = finders
        for name in sys.modules.keys() - modules.keys():
            del sys.modules[name]


def _talk() -> None:
    pipes = [*os.pipe(), *os.pipe()]
    submission, tester = candidate.Candidate(pipes[0], pipes[3]), _Tester(pipes[2], pipes[1])
    tester.other = submission
    submission.load(compile(_SOURCE, "main.py", "exec"), "main.py")
    tests.Suite(tester, {"assertions": _TESTS, "entry_point": "answer"}).run()
    for each in pipes:
        os.close(each)
