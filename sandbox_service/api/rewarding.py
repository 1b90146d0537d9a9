"""/v1/rewards: completions in, rewards out, in one request or as a job."""

import hashlib
import secrets
from collections.abc import AsyncGenerator, Mapping, Sequence
from contextlib import aclosing
from dataclasses import dataclass

from fastapi import APIRouter, Request, Response

from sandbox_service.api.answers import Accepted, RewardJobReport, Rewards, json_answer
from sandbox_service.api.batches import cancel_all, state_of, submit_all, watch_all
from sandbox_service.api.documentation import REWARD_EVENTS, REWARDS_BODY, failures
from sandbox_service.api.failures import JobCancelled
from sandbox_service.api.job_routes import Kind, job_routes
from sandbox_service.api.plans import Plan
from sandbox_service.api.requests import IdempotencyKey, PlanBody, read_plan
from sandbox_service.api.service import Service, ServiceOf
from sandbox_service.api.waiting import KEEP_SECONDS, first_of, require_workers
from sandbox_service.errors import Conflict, UnknownJob
from sandbox_service.models import CompletionReward, Frozen

router = APIRouter()


class StoredPlan(Frozen):
    """What is kept of a reward job: the digest of its request, its jobs, and what their judgements do not tell."""

    request: str
    job_ids: tuple[str, ...]
    plan: Plan


@router.post(
    "/v1/rewards",
    tags=["rewards"],
    summary="Judge completions and wait for their rewards",
    openapi_extra=REWARDS_BODY,
    response_model=Rewards,
    responses=failures(400, 401, 404, 408, 409, 413, 415, 422, 429, 503),
)
async def rewards(request: Request, service: ServiceOf, plan: PlanBody, key: IdempotencyKey) -> Response:
    """Take the programs out of the completions, judge them, and answer one reward per item in the order sent.

    Items without code are answered without being queued. When the caller goes away, what has not run is
    dropped, unless an Idempotency-Key lets it come back.
    """
    if plan.jobs:
        await require_workers(service)
    job_ids = await submit_all(
        service.queue, plan.jobs, key and _own(key), keep_seconds=KEEP_SECONDS if key is None else None
    )
    done = False
    try:
        judged = await first_of(request, service, _collect(service, job_ids, plan))
        done = True
    finally:
        if not done and key is None:
            await cancel_all(service.queue, job_ids)
    answers = plan.in_order(judged)
    if len(answers) < len(plan.ids):
        missing = len(plan.ids) - len(answers)
        raise JobCancelled(f"the job was cancelled; {missing} of {len(plan.ids)} completions were never judged")
    return json_answer(Rewards.model_construct(rewards=answers))


async def _collect(service: Service, job_ids: Sequence[str], plan: Plan) -> Mapping[str, CompletionReward]:
    async with aclosing(watch_all(service.queue, job_ids)) as judgements:
        return {judgement.id: plan.answer(judgement, service.runners) async for judgement in judgements}


# ---------------------------------------------------------------- as a job


@dataclass(frozen=True, slots=True)
class QueuedRewards:
    """A reward job: the jobs in the queue, and what is kept beside them."""

    service: Service
    id: str
    stored: StoredPlan

    async def report(self) -> RewardJobReport:
        """Raises UnknownJob."""
        plan, runners = self.stored.plan, self.service.runners
        statuses = [await self.service.queue.status(job_id) for job_id in self.stored.job_ids]
        ready = plan.in_order({j.id: plan.answer(j, runners) for status in statuses for j in status.judgements})
        return RewardJobReport.model_construct(
            id=self.id, state=state_of(statuses), total=len(plan.ids), done=len(ready), rewards=ready
        )

    async def watch(self) -> AsyncGenerator[CompletionReward, None]:
        """Every answer, those first that are known without a judgement."""
        for answer in self.stored.plan.answered.values():
            yield answer
        async with aclosing(watch_all(self.service.queue, self.stored.job_ids)) as judgements:
            async for judgement in judgements:
                yield self.stored.plan.answer(judgement, self.service.runners)

    async def cancel(self) -> None:
        await cancel_all(self.service.queue, self.stored.job_ids)


async def _submit(service: Service, plan: Plan, key: str | None) -> Accepted:
    reward_job_id = secrets.token_hex(16) if key is None else _digest(key)[:32]
    digest = _digest(plan.model_dump_json())
    if key is not None:
        before = await service.queue.kept(_name(reward_job_id))
        if before is not None and StoredPlan.model_validate_json(before).request != digest:
            raise Conflict("this idempotency key came with another request before", field="Idempotency-Key")
    job_ids = await submit_all(service.queue, plan.jobs, key and _own(key))
    stored = StoredPlan.model_construct(request=digest, job_ids=job_ids, plan=plan.without_jobs())
    await service.queue.keep(_name(reward_job_id), stored.model_dump_json())
    return Accepted(id=reward_job_id)


async def _find(service: Service, reward_job_id: str) -> QueuedRewards:
    text = await service.queue.kept(_name(reward_job_id))
    if text is None:
        raise UnknownJob(f"no reward job {reward_job_id!r} is known")
    return QueuedRewards(service, reward_job_id, StoredPlan.model_validate_json(text))


def _name(reward_job_id: str) -> str:
    return f"rewards {reward_job_id}"


def _own(key: str) -> str:
    """A caller's key as that of the jobs behind it; a space cannot be in a key that was sent."""
    return f"{key} rewards"


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


router.include_router(
    job_routes(
        "/v1/rewards/jobs",
        "rewards",
        Kind(
            read=read_plan,
            submit=_submit,
            find=_find,
            event="reward",
            thing="reward job",
            summary="Queue completions to be rewarded",
            body=REWARDS_BODY,
            accepted=Accepted,
            report=RewardJobReport,
            events=REWARD_EVENTS,
        ),
    )
)
