"""GET /v1/languages and /v1/isolation: what there is, and what is in force."""

import asyncio
from collections.abc import Sequence

from fastapi import APIRouter, Response

from sandbox_service.api.answers import (
    IsolationReport,
    LanguageReport,
    Languages,
    OptionReport,
    WorkerIsolation,
    json_answer,
)
from sandbox_service.api.documentation import failures
from sandbox_service.api.service import ServiceOf
from sandbox_service.models import RequestedLimits
from sandbox_service.queues.contract import WorkerStatus
from sandbox_service.runners import Runner, toolchain_version

router = APIRouter(prefix="/v1", tags=["catalogue"])


@router.get(
    "/languages",
    summary="Every language, its options and limits, and the workers that judge it",
    response_model=Languages,
    responses=failures(401, 503),
)
async def languages(service: ServiceOf) -> Response:
    workers = await service.roster.workers()
    runners = {runner.name: runner for runner in service.runners.values()}
    # The first call asks every toolchain, which takes a while.
    reports = await asyncio.to_thread(lambda: [_report(runners[name], workers) for name in sorted(runners)])
    return json_answer(Languages(languages=tuple(reports)))


@router.get(
    "/isolation",
    summary="What separates programs from the machine, at each worker",
    response_model=IsolationReport,
    responses=failures(401, 503),
)
async def isolation(service: ServiceOf) -> Response:
    workers = await service.roster.workers()
    return json_answer(
        IsolationReport(
            minimum=service.settings.minimum_isolation,
            workers=tuple(WorkerIsolation(id=worker.id, isolation=worker.isolation) for worker in workers),
        )
    )


def _report(runner: Runner, workers: Sequence[WorkerStatus]) -> LanguageReport:
    return LanguageReport(
        name=runner.name,
        title=runner.title,
        aliases=tuple(runner.aliases),
        options={
            name: OptionReport(choices=tuple(option.choices), default=option.default)
            for name, option in runner.options.items()
        },
        version=None if runner.missing() else toolchain_version(runner.version),
        limits=runner.resolve_limits(RequestedLimits()),
        workers=tuple(worker.id for worker in workers if runner.name in worker.languages),
    )
