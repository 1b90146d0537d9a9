"""/v1/rewards: completions in, rewards out, in one request or as a job."""

import hashlib
import secrets
from collections.abc import AsyncGenerator, Mapping, Sequence
from contextlib import aclosing

from fastapi import APIRouter, Request, Response
from fastapi.responses import StreamingResponse

from sandbox_service.api.answers import Accepted, End, RewardJobReport, Rewards, json_answer
from sandbox_service.api.batches import cancel_all, state_of, submit_all, watch_all
from sandbox_service.api.documentation import REWARD_EVENTS, REWARDS_BODY, failures
from sandbox_service.api.events import events_of, stream
from sandbox_service.api.failures import JobCancelled
from sandbox_service.api.plans import Plan
from sandbox_service.api.requests import IdempotencyKey, JobId, PlanBody
from sandbox_service.api.service import Service, ServiceOf
from sandbox_service.api.waiting import KEEP_SECONDS, first_of, require_workers
from sandbox_service.errors import Conflict, UnknownJob
from sandbox_service.models import CompletionReward, Frozen

router = APIRouter(prefix="/v1/rewards", tags=["rewards"])


class StoredPlan(Frozen):
    """What is kept of a reward job: the digest of its request, its jobs, and what their judgements do not tell."""

    request: str
    job_ids: tuple[str, ...]
    plan: Plan


@router.post(
    "",
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


@router.post(
    "/jobs",
    summary="Queue completions to be rewarded",
    status_code=202,
    openapi_extra=REWARDS_BODY,
    response_model=Accepted,
    responses=failures(400, 401, 404, 408, 409, 413, 415, 422, 429, 503),
)
async def submit(service: ServiceOf, plan: PlanBody, key: IdempotencyKey) -> Response:
    """Queue what was sent and answer at once; the rewards are asked for later."""
    reward_job_id = secrets.token_hex(16) if key is None else _digest(key)[:32]
    digest = _digest(plan.model_dump_json())
    if key is not None:
        before = await service.queue.kept(_name(reward_job_id))
        if before is not None and StoredPlan.model_validate_json(before).request != digest:
            raise Conflict("this idempotency key came with another request before", field="Idempotency-Key")
    job_ids = await submit_all(service.queue, plan.jobs, key and _own(key))
    stored = StoredPlan.model_construct(request=digest, job_ids=job_ids, plan=plan.without_jobs())
    await service.queue.keep(_name(reward_job_id), stored.model_dump_json())
    return json_answer(Accepted(id=reward_job_id), 202, Location=f"/v1/rewards/jobs/{reward_job_id}")


@router.get(
    "/jobs/{job_id}",
    summary="How far a reward job is, and what is ready of it",
    response_model=RewardJobReport,
    responses=failures(401, 404, 503),
)
async def status(service: ServiceOf, job_id: JobId) -> Response:
    return json_answer(await _report(service, job_id, await _stored(service, job_id)))


@router.get(
    "/jobs/{job_id}/events",
    summary="Each reward as it is ready",
    response_class=StreamingResponse,
    responses={200: REWARD_EVENTS, **failures(401, 404, 503)},
)
async def events(request: Request, service: ServiceOf, job_id: JobId) -> Response:
    """A stream as that of a job, from its beginning."""
    stored = await _stored(service, job_id)
    await _report(service, job_id, stored)  # a job that is gone is told by the status, which a stream has sent already

    async def ending() -> End:
        report = await _report(service, job_id, stored)
        return End(state=report.state, total=report.total, done=report.done)

    return stream(request, events_of(service, "reward", _watch(service, stored), ending))


@router.delete(
    "/jobs/{job_id}",
    summary="Drop what has not run",
    response_model=RewardJobReport,
    responses=failures(401, 404, 503),
)
async def cancel(service: ServiceOf, job_id: JobId) -> Response:
    """What runs is finished and answered; what waits is dropped."""
    stored = await _stored(service, job_id)
    await cancel_all(service.queue, stored.job_ids)
    return json_answer(await _report(service, job_id, stored))


async def _collect(service: Service, job_ids: Sequence[str], plan: Plan) -> Mapping[str, CompletionReward]:
    async with aclosing(watch_all(service.queue, job_ids)) as judgements:
        return {judgement.id: plan.answer(judgement, service.runners) async for judgement in judgements}


async def _watch(service: Service, stored: StoredPlan) -> AsyncGenerator[CompletionReward, None]:
    """Every answer, those first that are known without a judgement."""
    for answer in stored.plan.answered.values():
        yield answer
    async with aclosing(watch_all(service.queue, stored.job_ids)) as judgements:
        async for judgement in judgements:
            yield stored.plan.answer(judgement, service.runners)


async def _report(service: Service, reward_job_id: str, stored: StoredPlan) -> RewardJobReport:
    statuses = [await service.queue.status(job_id) for job_id in stored.job_ids]
    judged = {j.id: stored.plan.answer(j, service.runners) for status in statuses for j in status.judgements}
    ready = stored.plan.in_order(judged)
    return RewardJobReport.model_construct(
        id=reward_job_id, state=state_of(statuses), total=len(stored.plan.ids), done=len(ready), rewards=ready
    )


async def _stored(service: Service, reward_job_id: str) -> StoredPlan:
    text = await service.queue.kept(_name(reward_job_id))
    if text is None:
        raise UnknownJob(f"no reward job {reward_job_id!r} is known")
    return StoredPlan.model_validate_json(text)


def _name(reward_job_id: str) -> str:
    return f"rewards {reward_job_id}"


def _own(key: str) -> str:
    """A caller's key as that of the jobs behind it; a space cannot be in a key that was sent."""
    return f"{key} rewards"


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()
