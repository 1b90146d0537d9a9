"""From completions to jobs, and from judgements back to rewards."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sandbox_service import chosen_tests, extraction, rewards
from sandbox_service.models import (
    Completion,
    CompletionReward,
    Job,
    Judgement,
    Problem,
    Reason,
    RewardRequest,
    Submission,
    Verdict,
)
from sandbox_service.runners import Runner

DETAILS: Mapping[Reason, str] = {
    Reason.NO_CODE: "the completion holds no code in this language",
    Reason.INCOMPLETE_CODE: "the completion ends within its code",
    Reason.CODE_TOO_LARGE: "the code is larger than a source may be",
    Reason.SYNTAX_ERROR: "the code holds NUL characters",
}
SHOWN_CHARACTERS = 2000


@dataclass(frozen=True, slots=True)
class Read:
    """A completion with the program that was found in it, or the reason why there is none to run."""

    id: str
    runner: Runner
    code: str | None
    reason: Reason | None


@dataclass(frozen=True, slots=True)
class Group:
    """The completions of one problem; ``position`` is that of the item which brought it, None for the request's own."""

    problem: Problem
    position: int | None
    completions: tuple[Read, ...]

    def job(self, request: RewardRequest) -> Job | None:
        """What there is to judge, if anything."""
        submissions = tuple(
            Submission(id=read.id, language=read.runner.name, source=read.code or "", options=request.options)
            for read in self.completions
            if read.reason is None
        )
        if not submissions:
            return None
        return Job(
            problem=self.problem,
            submissions=submissions,
            tests=request.tests,
            stop_on_failure=request.stop_on_failure,
            reward=request.reward,
            returned_output_bytes=0,
        )


def read(item: Completion, request: RewardRequest, runner: Runner, maximum_source_bytes: int) -> Read:
    """The program in a completion."""
    found = extraction.extract(item.completion, request.extract, runner.tags)
    if found.reason is not None:
        return Read(item.id, runner, None, found.reason)
    if "\0" in found.code:
        return Read(item.id, runner, None, Reason.SYNTAX_ERROR)
    if len(found.code.encode()) > maximum_source_bytes:
        return Read(item.id, runner, None, Reason.CODE_TOO_LARGE)
    return Read(item.id, runner, found.code, None)


def groups(request: RewardRequest, completions: Sequence[Read]) -> Sequence[Group]:
    """The completions by their problems, in the order in which the problems come first."""
    members: dict[str, tuple[int | None, Problem, list[Read]]] = {}
    for position, (item, completion) in enumerate(zip(request.items, completions, strict=True)):
        problem = item.problem or request.problem
        assert problem is not None  # the request was refused otherwise
        key = "" if item.problem is None else problem.model_dump_json()
        own = None if item.problem is None else position
        members.setdefault(key, (own, problem, []))[2].append(completion)
    return [Group(problem, position, tuple(found)) for position, problem, found in members.values()]


def refusals(group: Group, request: RewardRequest, tests: int) -> Sequence[CompletionReward]:
    """The answers to those completions of the group that hold nothing to run."""
    reward = rewards.build(request.reward)
    total = chosen_tests.count(request.tests, tests)
    return [
        answer(rewards.rewarded(_not_run(read.id, read.reason, total), reward), read)
        for read in group.completions
        if read.reason is not None
    ]


def answer(judgement: Judgement, read: Read) -> CompletionReward:
    """What is told of a completion; the judgement was validated when it was made."""
    return CompletionReward.model_construct(
        id=judgement.id,
        reward=judgement.reward,
        verdict=judgement.verdict,
        reason=read.reason or _reason(judgement, read.runner),
        passed=judgement.passed,
        total=judgement.total,
        verdicts=tuple(result.verdict for result in judgement.results),
        code=read.code,
        detail=_detail(judgement, read.reason),
    )


def _not_run(completion_id: str, reason: Reason, total: int) -> Judgement:
    return Judgement(
        id=completion_id,
        verdict=Verdict.COMPILE_ERROR,
        reward=None,
        score=0.0,
        passed=0,
        total=total,
        compilation=None,
        results=(),
        isolation=None,
        reason=reason,
    )


def _reason(judgement: Judgement, runner: Runner) -> Reason | None:
    if judgement.verdict is Verdict.ACCEPTED:
        return None
    if judgement.verdict is Verdict.COMPILE_ERROR:
        only_syntax = runner.is_only_checked and judgement.reason is None  # else the compiler itself came to an end
        return Reason.SYNTAX_ERROR if only_syntax else Reason.COMPILE_ERROR
    if judgement.reason == Reason.SIGNATURE_MISMATCH:
        return Reason.SIGNATURE_MISMATCH
    return Reason(judgement.verdict)


def _detail(judgement: Judgement, reason: Reason | None) -> str | None:
    if reason is not None:
        return DETAILS[reason]
    if judgement.compilation is not None and not judgement.compilation.succeeded:
        return (judgement.reason or judgement.compilation.log)[:SHOWN_CHARACTERS]
    said = next((result.detail for result in judgement.results if result.detail is not None), None)
    return said or judgement.reason
