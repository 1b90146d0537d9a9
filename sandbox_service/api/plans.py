"""What becomes of a request for rewards: the jobs that it takes, and what is known before any has run."""

import asyncio
from collections.abc import Collection, Mapping, Sequence
from typing import Self

from sandbox_service import completions
from sandbox_service.api.door import (
    admit_rules,
    check_kind,
    check_language,
    check_number,
    offered_languages,
    outline_of,
)
from sandbox_service.api.service import Service
from sandbox_service.completions import Group, Read
from sandbox_service.errors import BadRequest
from sandbox_service.models import (
    CompletionReward,
    Frozen,
    Job,
    Judgement,
    Outline,
    Problem,
    Reason,
    RewardRequest,
)
from sandbox_service.runners import Runner


class Expected(Frozen):
    """A completion that is or will be judged; what its judgement does not tell."""

    language: str
    code: str | None
    reason: Reason | None


class Plan(Frozen):
    """The jobs, what can be answered at once, and what is expected, by the ids of the items."""

    ids: tuple[str, ...]
    jobs: tuple[Job, ...]
    answered: Mapping[str, CompletionReward]
    expected: Mapping[str, Expected]

    def answer(self, judgement: Judgement, runners: Mapping[str, Runner]) -> CompletionReward:
        """What is told of the completion that was judged."""
        expected = self.expected[judgement.id]
        read = Read(judgement.id, runners[expected.language], expected.code, expected.reason)
        return completions.answer(judgement, read)

    def in_order(self, judged: Mapping[str, CompletionReward]) -> tuple[CompletionReward, ...]:
        """All answers that there are, in the order of the items."""
        known = {**self.answered, **judged}
        return tuple(known[item] for item in self.ids if item in known)

    def without_jobs(self) -> Self:
        """What must be known when the jobs have been queued."""
        return self.model_copy(update={"jobs": ()})


async def planned(service: Service, request: RewardRequest) -> Plan:
    """Let the request in and look into its completions, or say what is wrong with it.

    Raises:
        BadRequest: a name that does not exist or a number above its maximum; ``field`` says where.
        UnknownTestSet: a problem names tests that are not kept.
    """
    check_number(len(request.items), "items", service.settings)
    offered = await offered_languages(service)
    outlines = Outlines(service)
    runners = [await _runner(service, request, position, offered, outlines) for position in range(len(request.items))]
    # A long completion takes a while, and others go on meanwhile.
    reads = await asyncio.to_thread(_read_all, request, runners, service.settings.maximum_source_bytes)
    groups = completions.groups(request, reads)
    answered: dict[str, CompletionReward] = {}
    for group in groups:
        outline = await outlines.of(group.problem)
        await _admit(service, group, request, outline)
        answered |= {answer.id: answer for answer in completions.refusals(group, request, outline.tests)}
    return Plan.model_construct(
        ids=tuple(item.id for item in request.items),
        jobs=tuple(job for job in (group.job(request) for group in groups) if job is not None),
        answered=answered,
        expected={
            read.id: Expected.model_construct(language=read.runner.name, code=read.code, reason=read.reason)
            for read in reads
            if read.reason is None
        },
    )


def _read_all(request: RewardRequest, runners: Sequence[Runner], maximum_source_bytes: int) -> Sequence[Read]:
    return [
        completions.read(item, request, runner, maximum_source_bytes)
        for item, runner in zip(request.items, runners, strict=True)
    ]


class Outlines:
    """What the tests of the problems of one request are, looked up once each."""

    def __init__(self, service: Service) -> None:
        self._service = service
        self._known: dict[str | int, Outline] = {}

    async def of(self, problem: Problem) -> Outline:
        """The outline of its tests; the problem belongs to the request, and lives as long."""
        key = problem.test_set or id(problem)
        if key not in self._known:
            self._known[key] = await outline_of(problem, self._service)
        return self._known[key]


async def _runner(
    service: Service, request: RewardRequest, position: int, offered: Collection[str], outlines: Outlines
) -> Runner:
    item = request.items[position]
    problem = item.problem or request.problem
    for name in ("problem", "language"):
        if getattr(item, name) is None and getattr(request, name) is None:
            field = f"items.{position}.{name}"
            raise BadRequest(f"{field}: the item has none, and the request has none for all", field=field)
    assert problem is not None
    try:
        runner = check_language(service, item.language or request.language or "", request.options, offered)
        check_kind(await outlines.of(problem), runner, service, "language", problem)
    except BadRequest as error:
        own = item.language if error.field == "language" else item.problem
        if own is not None and (error.field or "").startswith(("language", "problem")):
            error.field = f"items.{position}.{error.field}"
        raise
    return runner


async def _admit(service: Service, group: Group, request: RewardRequest, outline: Outline) -> None:
    try:
        await admit_rules(service, group.problem, outline, request.tests, request.reward)
    except BadRequest as error:
        own = group.position is not None and (error.field or "").startswith("problem")
        error.field = f"items.{group.position}.{error.field}" if own else error.field
        raise
