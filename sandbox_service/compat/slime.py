"""slime: the reward of one sample, whose label is its tests."""

from fastapi import Request, Response
from pydantic import JsonValue

from sandbox_service.api.service import ServiceOf
from sandbox_service.compat import routing
from sandbox_service.compat.rewarding import RulesOf, rewarded
from sandbox_service.compat.routing import Foreign

router = routing.router(routing.fastapi_refusal)


class Sample(Foreign):
    response: str
    label: JsonValue


@router.post("/rm")
async def reward(request: Request, service: ServiceOf, rules: RulesOf) -> Response:
    asked = await routing.read(request, service, Sample)
    (answer,) = await rewarded(request, service, rules, [asked.response], [asked.label])
    return routing.answer(answer.reward)
