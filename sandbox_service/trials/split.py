"""Test code in a box of its own: it calls the submission over there, which can do no more than answer."""

import json
import secrets
from dataclasses import replace

from sandbox_service import harnesses
from sandbox_service.harnesses import Part
from sandbox_service.models import Execution, Guarantee, Limits, Outcome, Submission, TestCase, TestResult, Verdict
from sandbox_service.runners import Runner
from sandbox_service.sandboxes.contract import Command, File, Step, longest_wall_seconds
from sandbox_service.sandboxes.conversation import Conversation, Party, converse
from sandbox_service.trials import executions, verdicts
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


class Split:
    """Runs one submission and, beside it, the test code."""

    def __init__(self) -> None:
        self._candidate: tuple[Command, Command] | None = None

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
        testing = harnesses.part_command(Part.TESTS, runner, like, {"order.json": File(json.dumps(order).encode())})
        candidate = Party(contender.box, self._candidate_command(runner, like), limits, contender.fetch)
        tester = Party(
            contender.boxes.beside.of(runner.zygote(tests)),
            replace(testing, step=Step.RUN, code=b""),
            _limits_of_tests(runner, limits),
            (verdicts.OUTCOME_FILE,),
        )
        return converse(candidate, tester, settles=_settles)

    def _candidate_command(self, runner: Runner, like: Command) -> Command:
        """The same for every test, as a box keeps at hand what it is given again."""
        if self._candidate is None or self._candidate[0] is not like:
            self._candidate = like, harnesses.part_command(Part.CANDIDATE, runner, like, like.files)
        return self._candidate[1]


def _settles(side: int, execution: Execution) -> bool:
    """Whether the submission need not be waited for: the test code was ended before it could say that it is over."""
    return side == _TESTS and execution.outcome is not Outcome.EXITED


def _limits_of_tests(runner: Runner, limits: Limits) -> Limits:
    own = runner.box_limits(runner.compile_limits())
    return replace(
        own,
        cpu_seconds=min(runner.limits.cpu_seconds, _TESTS_FRACTION * limits.wall_seconds),
        wall_seconds=longest_wall_seconds(limits) + _GRACE_SECONDS,
        memory_bytes=runner.limits.memory_bytes + runner.overhead.memory_bytes,
        output_bytes=MOST_TALK_BYTES,
    )
