"""OpenRLHF: the reward of a remote server, for queries whose labels are their tests."""

from typing import Self

from fastapi import Request, Response
from pydantic import JsonValue, model_validator

from sandbox_service.api.service import ServiceOf
from sandbox_service.client.openrlhf import completion_of
from sandbox_service.compat import routing
from sandbox_service.compat.rewarding import RulesOf, rewarded
from sandbox_service.compat.routing import Foreign

router = routing.router(routing.fastapi_refusal)


class RewardsRequest(Foreign):
    query: tuple[str, ...]
    prompts: tuple[str, ...]
    labels: tuple[JsonValue, ...]

    @model_validator(mode="after")
    def _as_many_of_each(self) -> Self:
        if not len(self.query) == len(self.prompts) == len(self.labels):
            raise ValueError("query, prompts and labels must be lists of one length")
        return self


@router.post("/get_reward")
async def get_reward(request: Request, service: ServiceOf, rules: RulesOf) -> Response:
    asked = await routing.read(request, service, RewardsRequest)
    if not asked.query:  # with several URLs, all but the first are sent nothing
        return routing.answer({"rewards": [], "scores": [], "extra_logs": {}})
    completions = [completion_of(query, prompt) for query, prompt in zip(asked.query, asked.prompts, strict=True)]
    answers = await rewarded(request, service, rules, completions, asked.labels)
    fractions = [answer.passed / answer.total for answer in answers]
    return routing.answer(
        {
            "rewards": [answer.reward for answer in answers],
            "scores": fractions,
            "extra_logs": {
                "pass_rate": fractions,
                "no_code": [float(answer.code is None) for answer in answers],
            },
        }
    )
