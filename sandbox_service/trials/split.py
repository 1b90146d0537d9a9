"""Test code in a box of its own: it calls the submission over there, which can do no more than answer."""

import json
import secrets
from dataclasses import dataclass, replace
from typing import Self

from sandbox_service.compilers import Compiler
from sandbox_service.models import Execution, Guarantee, Limits, Outcome, Submission, TestCase, TestResult, Verdict
from sandbox_service.programs import Program
from sandbox_service.runners import Runner
from sandbox_service.sandboxes.contract import Box, File
from sandbox_service.sandboxes.conversation import Conversation, Party, converse
from sandbox_service.trials import executions, harness, verdicts
from sandbox_service.trials.contract import Contender

MOST_TALK_BYTES = 32 * 2**20  # of one side; what a submission prints is no part of it
_TESTS_FRACTION = 0.8  # of the wall time is the test code's own CPU time: its own loop is not the submission's
_GRACE_SECONDS = 10.0  # the submission's end comes first, whoever waits for whom
_SUBMISSION, _TESTS = 0, 1
_EXCUSES = {
    Outcome.OUT_OF_TIME: (Verdict.TIME_LIMIT_EXCEEDED, "the test code ran out of time over the answers"),
    Outcome.OUT_OF_MEMORY: (Verdict.MEMORY_LIMIT_EXCEEDED, "the test code ran out of memory over the answers"),
    Outcome.OUT_OF_OUTPUT: (Verdict.OUTPUT_LIMIT_EXCEEDED, "the test code said more than it may"),
}


@dataclass(frozen=True, slots=True)
class Split:
    """The two programs that speak for the submission and for the test code."""

    candidate: Program
    tests: Program

    @classmethod
    def compiled(cls, runner: Runner, box: Box, compiler: Compiler) -> Self:
        return cls(*(harness.compiled(name, runner, box, compiler) for name in (harness.CANDIDATE, harness.TESTS)))

    def run(self, contender: Contender, test: TestCase) -> TestResult:
        mark = secrets.token_hex(16)
        talk = self._confirmed(contender, test, mark)
        execution, tester = talk.executions
        execution = replace(execution, stdout=b"", stdout_truncated=False)  # that was the talk, and for no other eyes
        if tester.outcome is Outcome.EXITED and tester.exit_code == 0:
            return verdicts.judged(contender, execution, verdicts.Ending.read(tester, mark), Guarantee.SPLIT)
        result = verdicts.judged(contender, execution, None, Guarantee.SPLIT)
        if talk.ended_first == _TESTS and tester.outcome in _EXCUSES:
            verdict, reason = _EXCUSES[tester.outcome]
            return result.model_copy(update={"verdict": verdict, "reason": reason})
        return result

    def _confirmed(self, contender: Contender, test: TestCase, mark: str) -> Conversation:
        """One talk; what ended near a limit is confirmed by one more."""
        first = self._talk(contender, test, mark)
        said, tester = first.executions
        if not executions.is_doubtful(said, contender.limits):
            return first
        second = self._talk(contender, test, mark)
        confirmed = executions.confirmed(said, second.executions[_SUBMISSION], contender.limits)
        # Only its time gets better: nobody gains a second try at the answers.
        return second if confirmed is second.executions[_SUBMISSION] else replace(first, executions=(confirmed, tester))

    def _talk(self, contender: Contender, test: TestCase, mark: str) -> Conversation:
        runner, like = contender.runner, contender.command
        limits = replace(contender.limits, output_bytes=max(contender.limits.output_bytes, MOST_TALK_BYTES))
        order = {"assertions": test.assertions, "entry_point": test.entry_point or "", "mark": mark}
        tests = Submission(id="tests", language=runner.name, source=test.assertions or "")
        candidate = Party(
            contender.box,
            harness.command(self.candidate, like, runner, harness.submission_files(like)),
            limits,
            contender.fetch,
        )
        tester = Party(
            contender.boxes.beside.of(runner.zygote(tests)),
            harness.command(self.tests, like, runner, {"order.json": File(json.dumps(order).encode())}),
            _limits_of_tests(runner, limits),
            (verdicts.OUTCOME_FILE,),
        )
        return converse(candidate, tester, settles=_settles)


def _settles(side: int, execution: Execution) -> bool:
    """Whether the submission need not be waited for: the test code was ended before it could say that it is over."""
    return side == _TESTS and execution.outcome is not Outcome.EXITED


def _limits_of_tests(runner: Runner, limits: Limits) -> Limits:
    own = runner.box_limits(runner.compile_limits())
    return replace(
        own,
        cpu_seconds=min(runner.limits.cpu_seconds, _TESTS_FRACTION * limits.wall_seconds),
        wall_seconds=limits.wall_seconds + _GRACE_SECONDS,
        memory_bytes=runner.limits.memory_bytes + runner.overhead.memory_bytes,
        output_bytes=MOST_TALK_BYTES,
    )
