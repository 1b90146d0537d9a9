"""Completions with their labels, rewarded for trainers that ask by one URL."""

from collections.abc import Sequence
from typing import Annotated

from fastapi import Depends, Query, Request

from sandbox_service.api.plans import planned
from sandbox_service.api.service import Service
from sandbox_service.client.rows import problem_of
from sandbox_service.compat.runs import judge_all
from sandbox_service.errors import QueueUnavailable
from sandbox_service.models import Choice, Completion, CompletionReward, Frozen, RewardRequest

WAIT_SECONDS = 100  # slime gives an answer 120 s, OpenRLHF 180


class Rules(Frozen):
    """What a trainer's own request has no place for, and its URL has: ``?language=cpp&reward=fraction_passed``."""

    language: str
    reward: str


async def _rules(
    language: Annotated[str, Query(max_length=200)] = "python",
    reward: Annotated[str, Query(max_length=200)] = "fraction_passed",
) -> Rules:
    return Rules(language=language, reward=reward)


RulesOf = Annotated[Rules, Depends(_rules)]


async def rewarded(
    request: Request, service: Service, rules: Rules, completions: Sequence[str], labels: Sequence[object]
) -> Sequence[CompletionReward]:
    """One answer for each completion, and never one that is a failure of ours.

    Raises:
        BadRequest: a label holds no tests, or there is no such language or reward.
        QueueUnavailable: we failed at one of them, or were not there in time.
    """
    items = tuple(
        Completion(id=f"r{i}", completion=completion, problem=problem_of(label))
        for i, (completion, label) in enumerate(zip(completions, labels, strict=True))
    )
    asked = RewardRequest(items=items, language=rules.language, reward=Choice(name=rules.reward))
    plan = await planned(service, asked)
    judgements = await judge_all(request, service, plan.jobs, seconds=WAIT_SECONDS)
    judged = {name: plan.answer(judgement, service.runners) for name, judgement in judgements.items()}
    answers = plan.in_order(judged)
    if len(answers) < len(items):
        raise QueueUnavailable("no worker came to it in time; send it again")
    for answer in answers:
        if answer.reward is None:
            raise QueueUnavailable(answer.detail or "the judge failed")
    return answers
