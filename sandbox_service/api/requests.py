"""The bodies and headers of requests as the routes want them: read, parsed and let in."""

import re
from typing import Annotated

from fastapi import Depends, Header, Path, Request
from pydantic import TypeAdapter

from sandbox_service.api import generations
from sandbox_service.api.bodies import parse, read_body
from sandbox_service.api.door import admit, check_test_set
from sandbox_service.api.matrices import field_of, job_of
from sandbox_service.api.plans import Plan, planned
from sandbox_service.api.service import ServiceOf
from sandbox_service.errors import BadRequest, UnknownJob
from sandbox_service.models import GenerateRequest, Job, MatrixRequest, RewardRequest, TestSet

_JOB_ID = re.compile(r"[0-9A-Za-z_-]{1,100}", re.ASCII)
_JOBS = TypeAdapter(tuple[Job, ...])


async def _job(request: Request, service: ServiceOf) -> Job:
    body = await read_body(request, service.settings.maximum_request_bytes)
    # Strict: "1" is not a number and "yes" not a boolean.
    job = parse(lambda text: Job.model_validate_json(text, strict=True), body)
    await admit(service, job)
    return job


async def read_job_or_jobs(request: Request, service: ServiceOf) -> Job | tuple[Job, ...]:
    """A job or a list of jobs, all let in."""
    body = await read_body(request, service.settings.maximum_request_bytes)
    if body.lstrip()[:1] != b"[":
        job = parse(lambda text: Job.model_validate_json(text, strict=True), body)
        await admit(service, job)
        return job
    jobs = parse(lambda text: _JOBS.validate_json(text, strict=True), body)
    maximum = service.settings.maximum_submissions
    if not 0 < sum(len(job.submissions) for job in jobs) <= maximum:
        raise BadRequest(f"a list of jobs must hold 1 to {maximum} submissions in all", field="submissions")
    for position, job in enumerate(jobs):
        try:
            await admit(service, job)
        except BadRequest as error:
            error.field = f"{position}.{error.field}"
            raise
    return jobs


async def _test_set(request: Request, service: ServiceOf) -> TestSet:
    body = await read_body(request, service.settings.maximum_request_bytes)
    test_set = parse(lambda text: TestSet.model_validate_json(text, strict=True), body)
    check_test_set(test_set, service.settings)
    return test_set


async def read_plan(request: Request, service: ServiceOf) -> Plan:
    """What becomes of a request for rewards."""
    body = await read_body(request, service.settings.maximum_request_bytes)
    asked = parse(lambda text: RewardRequest.model_validate_json(text, strict=True), body)
    return await planned(service, asked)


async def _matrix(request: Request, service: ServiceOf) -> MatrixRequest:
    body = await read_body(request, service.settings.maximum_request_bytes)
    asked = parse(lambda text: MatrixRequest.model_validate_json(text, strict=True), body)
    job = job_of(asked)
    try:
        await admit(service, job)
    except BadRequest as error:
        error.field = field_of(error.field, asked, job)
        raise
    return asked


async def _generate(request: Request, service: ServiceOf) -> GenerateRequest:
    body = await read_body(request, service.settings.maximum_request_bytes)
    asked = parse(lambda text: GenerateRequest.model_validate_json(text, strict=True), body)
    try:
        await admit(service, generations.job_of(asked))
    except BadRequest as error:
        error.field = generations.field_of(error.field)
        raise
    return asked


async def _idempotency_key(
    idempotency_key: Annotated[
        str | None,
        Header(
            alias="Idempotency-Key",
            min_length=1,
            max_length=200,
            pattern=r"^[!-~]+$",
            description="a name of your own for this request: sent again, it answers for the same job",
        ),
    ] = None,
) -> str | None:
    return idempotency_key


async def _job_id(job_id: Annotated[str, Path(description="as POST /v1/jobs answered it")]) -> str:
    # Ids are names in Redis: what could not be one is not looked for.
    if not _JOB_ID.fullmatch(job_id):
        raise UnknownJob("no job of that id is known")
    return job_id


JobBody = Annotated[Job, Depends(_job)]
TestSetBody = Annotated[TestSet, Depends(_test_set)]
MatrixBody = Annotated[MatrixRequest, Depends(_matrix)]
GenerateBody = Annotated[GenerateRequest, Depends(_generate)]
PlanBody = Annotated[Plan, Depends(read_plan)]
IdempotencyKey = Annotated[str | None, Depends(_idempotency_key)]
JobId = Annotated[str, Depends(_job_id)]
