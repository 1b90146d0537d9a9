"""A test in which a submission talks with an interactor of the problem's."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Self

from sandbox_service.compilers import Compiler
from sandbox_service.errors import ProblemProgramFailed
from sandbox_service.models import (
    CheckerProgram,
    Execution,
    Interactor,
    InteractorProtocol,
    Outcome,
    Problem,
    Submission,
    TestCase,
    TestResult,
    Verdict,
)
from sandbox_service.programs import Program
from sandbox_service.runners import Runner
from sandbox_service.sandboxes.contract import Box, longest_wall_seconds
from sandbox_service.sandboxes.conversation import Conversation, Party, converse
from sandbox_service.trials import executions, protocols
from sandbox_service.trials.checked import Passes, ProgramChecker, slower
from sandbox_service.trials.contract import Contender
from sandbox_service.trials.printed import PrintedTest, encoded
from sandbox_service.trials.problem_programs import COLLECTED, Material, ReadyProgram
from sandbox_service.trials.protocols import ANSWER, INPUT, OUTPUT, Ending, Opinion

_SUBMISSION, _INTERACTOR = 0, 1
_MORE_TO_SAY = (
    4  # an interactor may write so much more than the submission: in a dialogue without end, it is not to blame
)


@dataclass(frozen=True, slots=True)
class Dialogue:
    """How one conversation went, and what the interactor left behind."""

    execution: Execution
    verdict: Verdict | None
    opinion: Opinion
    left_behind: Material


class Interactive:
    """Lets the interactor decide, unless the submission failed before it did.

    Who is to blame follows the Kattis problem package format and what problemtools and DOMjudge's runpipe do:

    - An interactor that ends first and refuses has decided; what the submission does then, which is killed, is nothing.
    - After one that ends first and accepts, the submission must still end well within its limits.
    - A submission that ends first and fails has failed, whatever its end does to the interactor.
    - One that ends first and well is for the interactor to judge, which reads the end of its input.
    - Else an interactor that does not say what it thinks has failed, and so nothing is concluded.
    """

    def __init__(
        self, tests: Sequence[PrintedTest], interactor: Interactor, passes: int, languages: Mapping[str, Runner]
    ) -> None:
        """Raises BadRequest when the interactor's language cannot be."""
        self.tests = tests
        self._program = ReadyProgram("interactor", interactor, languages)
        self._protocol = protocols.OF_INTERACTORS[interactor.protocol]
        self._passes = passes
        self._checker: ProgramChecker | None = None

    @classmethod
    def of(cls, problem: Problem, tests: Sequence[TestCase], languages: Mapping[str, Runner]) -> Self:
        """Raises BadRequest when a language cannot be."""
        assert problem.interactor is not None
        trial = cls(encoded(tests), problem.interactor, problem.passes, languages)
        if isinstance(problem.checker, CheckerProgram) and problem.interactor.protocol is InteractorProtocol.TESTLIB:
            trial._checker = ProgramChecker(problem.checker, languages)
        return trial

    def compile(self, submission: Submission, runner: Runner, box: Box, compiler: Compiler) -> Program:
        return compiler.compile(submission, runner, box)

    def run(self, contender: Contender, test: PrintedTest) -> TestResult:
        # First, so that what does not compile is the same failure for every submission.
        self._program.make_ready(contender)
        if self._checker is not None:
            self._checker.make_ready(contender)
        contender = contender.called_with(test.arguments)
        passes = Passes("interactor", self._passes)
        given, execution = test, None
        while True:
            dialogue = self._dialogue(contender, given, passes.feedback)
            execution = slower(dialogue.execution, execution)
            if dialogue.verdict is not None:
                return executions.result(contender, execution, dialogue.verdict, 0.0, message=dialogue.opinion.message)
            opinion = self._checked(contender, given, dialogue)
            next_input = passes.next_input(opinion, dialogue.left_behind)
            if next_input is None:
                verdict = Verdict.ACCEPTED if opinion.score >= 1 else Verdict.WRONG_ANSWER
                return executions.result(contender, execution, verdict, opinion.score, message=opinion.message)
            given = replace(test, stdin=next_input)

    def _checked(self, contender: Contender, test: PrintedTest, dialogue: Dialogue) -> Opinion:
        """A testlib interactor may leave to a checker what it wrote about the dialogue."""
        if self._checker is None or not dialogue.opinion.score:
            return dialogue.opinion
        return self._checker.opinion(contender, test, dialogue.left_behind.get(OUTPUT, b""), {})[0]

    def _dialogue(self, contender: Contender, test: PrintedTest, feedback: Material) -> Dialogue:
        """One conversation; a near-limit timeout is confirmed by one more."""

        def once() -> Conversation:
            return self._converse(contender, test, feedback)

        first = once()
        said = first.executions[_SUBMISSION]
        if executions.is_doubtful(said, contender.limits) or _waited_for_a_busy_one(first):
            second = once()
            said = executions.confirmed(said, second.executions[_SUBMISSION], contender.limits)
            first = second if said is second.executions[_SUBMISSION] else first
        return self._judged(contender, said, first)

    def _converse(self, contender: Contender, test: PrintedTest, feedback: Material) -> Conversation:
        material = {INPUT: test.stdin, ANSWER: test.expected or b"", **feedback}
        own = self._program.limits(material)
        limits = replace(
            own,
            wall_seconds=own.wall_seconds + longest_wall_seconds(contender.limits),
            output_bytes=max(own.output_bytes, _MORE_TO_SAY * contender.limits.output_bytes),
        )
        command = self._program.command(self._protocol.arguments, material, test.checker_arguments)
        return converse(
            Party(contender.box, contender.command, contender.limits, contender.fetch),
            Party(self._program.box(contender), command, limits, (*COLLECTED, OUTPUT)),
            settles=lambda side, execution: side == _INTERACTOR and not self._accepts(execution),
        )

    def _accepts(self, execution: Execution) -> bool:
        try:
            return self._opinion(execution).score > 0
        except ProblemProgramFailed:
            return False

    def _opinion(self, execution: Execution) -> Opinion:
        return Ending(self._program.role, execution, self._program.full_score).opinion(self._protocol)

    def _judged(self, contender: Contender, said: Execution, conversation: Conversation) -> Dialogue:
        interacted = conversation.executions[_INTERACTOR]
        failure = executions.failure(said, contender)
        left_behind = interacted.files
        if conversation.ended_first == _SUBMISSION and failure is not None:
            return Dialogue(said, failure, Opinion(0.0, None), left_behind)
        opinion = self._opinion(interacted)
        return Dialogue(said, failure if opinion.score > 0 else None, opinion, left_behind)


def _waited_for_a_busy_one(conversation: Conversation) -> bool:
    """Whether the submission ran out of wall time while the interactor computed: the machine may have been busy."""
    said, interacted = conversation.executions
    busy_seconds = executions.BUSY_FRACTION * said.wall_seconds
    return said.outcome is Outcome.OUT_OF_TIME and said.cpu_seconds < busy_seconds <= interacted.cpu_seconds
