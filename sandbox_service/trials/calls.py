"""A test of what a function answers: its arguments go into the box, a checker outside compares what comes out."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Self

from pydantic import JsonValue

from sandbox_service import harnesses
from sandbox_service.checkers import ValueChecker
from sandbox_service.checkers.values.codec import UnreadableValue, read_value
from sandbox_service.compilers import Compiler
from sandbox_service.models import Execution, Reason, Submission, TestCase, TestResult, Verdict
from sandbox_service.programs import Program
from sandbox_service.runners import Runner
from sandbox_service.sandboxes.contract import Box
from sandbox_service.trials import executions
from sandbox_service.trials.answers import RESULT_FILE, Answer, AnswerKind, NoAnswer, TwoAnswers, read_answer
from sandbox_service.trials.contract import Contender

EXITED_BEFORE = "exited before result"
ANSWERED_TWICE = "protocol violation: more than one result"
SHOWN_BYTES = 100


@dataclass(frozen=True, slots=True)
class CallTest:
    """A call as a harness reads it, and the value that is expected; when none is, the function is only called."""

    call: bytes
    is_checked: bool
    expected: JsonValue


@dataclass(frozen=True, slots=True)
class _Opinion:
    verdict: Verdict
    reason: str | None = None


@dataclass(frozen=True, slots=True)
class Calls:
    """Compares what functions answer with what is expected."""

    tests: Sequence[CallTest]
    functions: Sequence[str]
    checker: ValueChecker

    @classmethod
    def of(cls, tests: Sequence[TestCase], checker: ValueChecker) -> Self:
        calls = [test.call for test in tests if test.call is not None]
        written = (json.dumps(call.model_dump(), ensure_ascii=False).encode() for call in calls)
        return cls(
            tests=tuple(
                CallTest(call, test.is_checked, test.expected) for call, test in zip(written, tests, strict=True)
            ),
            functions=sorted({call.function for call in calls}),
            checker=checker,
        )

    def compile(self, submission: Submission, runner: Runner, box: Box, compiler: Compiler) -> Program:
        harnessed = harnesses.harnessed(submission, runner, self.functions)
        program = compiler.compile(harnessed.submission, harnessed.runner, box, late=True)
        return replace(program, runner=harnessed.runner)

    def run(self, contender: Contender, test: CallTest) -> TestResult:
        collecting = replace(contender, fetch=(*contender.fetch, RESULT_FILE))
        execution = executions.run(collecting, test.call)
        content = execution.files.get(RESULT_FILE)
        execution = replace(execution, files=_without_result(execution.files))
        failure = executions.failure(execution, contender)
        if failure is not None:
            return executions.result(contender, execution, failure, 0.0, is_checked=test.is_checked)
        if content is not None and len(content) > contender.limits.output_bytes:
            return self._told(contender, execution, test, _Opinion(Verdict.OUTPUT_LIMIT_EXCEEDED))
        try:
            answer = read_answer(content)
        except NoAnswer:
            return self._told(contender, execution, test, _Opinion(Verdict.RUNTIME_ERROR, EXITED_BEFORE))
        except TwoAnswers:
            return self._told(contender, execution, test, _Opinion(Verdict.RUNTIME_ERROR, ANSWERED_TWICE))
        return self._told(contender, execution, test, self._opinion(test, answer), answer)

    def _opinion(self, test: CallTest, answer: Answer) -> _Opinion:
        if answer.kind is AnswerKind.MISSING:
            return _Opinion(Verdict.RUNTIME_ERROR, str(Reason.SIGNATURE_MISMATCH))
        if answer.kind is AnswerKind.UNSUPPORTED:
            return _Opinion(Verdict.WRONG_ANSWER, f"unsupported value: {_shown(answer.text)}")
        try:
            value = read_value(answer.text)
        except UnreadableValue as error:
            return _Opinion(Verdict.WRONG_ANSWER, f"unreadable value: {error}")
        score = self.checker(test.expected, value) if test.is_checked else 1.0
        return _Opinion(Verdict.ACCEPTED if score >= 1 else Verdict.WRONG_ANSWER)

    def _told(
        self,
        contender: Contender,
        execution: Execution,
        test: CallTest,
        opinion: _Opinion,
        answer: Answer | None = None,
    ) -> TestResult:
        score = float(opinion.verdict is Verdict.ACCEPTED)
        told = executions.result(contender, execution, opinion.verdict, score, is_checked=test.is_checked)
        changes: dict[str, object] = {"reason": opinion.reason}
        if answer is not None and answer.kind is AnswerKind.RETURNED:
            most = executions.returned_bytes(contender, is_checked=test.is_checked)
            changes["returned"], changes["returned_truncated"] = executions.text(answer.text, most)
        return told.model_copy(update=changes)


def _without_result(files: Mapping[str, bytes]) -> Mapping[str, bytes]:
    return {name: content for name, content in files.items() if name != RESULT_FILE}


def _shown(text: bytes) -> str:
    return text[:SHOWN_BYTES].decode(errors="replace")
