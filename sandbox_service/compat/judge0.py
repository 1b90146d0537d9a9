"""Judge0: submissions by token, alone or in batches, waited for or asked for later."""

import asyncio
import re
from collections.abc import Mapping, Sequence
from http import HTTPStatus
from typing import Annotated

from fastapi import Query, Request, Response
from pydantic import ValidationError

from sandbox_service import runners
from sandbox_service.api.batches import cancel_all
from sandbox_service.api.door import admit
from sandbox_service.api.failures import bad_request_of, status_of
from sandbox_service.api.service import Service, ServiceOf
from sandbox_service.api.waiting import first_of, require_workers
from sandbox_service.compat import routing
from sandbox_service.compat.judge0_answers import STATUSES, encoded, fields_of, told_of
from sandbox_service.compat.judge0_configuration import configuration
from sandbox_service.compat.judge0_submissions import (
    LANGUAGES,
    MOST_IN_A_BATCH,
    Asked,
    AskedBatch,
    Kept,
    Refused,
    attribute_of,
    job_of,
)
from sandbox_service.errors import BadRequest, QueueUnavailable, SandboxServiceError, UnknownJob, UnknownName
from sandbox_service.models import Judgement, Verdict
from sandbox_service.runners import toolchain_version

VERSION = "1.13.1"  # of Judge0, whose API this is
ROUNDS = 2  # what is waited for is judged once more when we fail at it
_TOKEN = re.compile(r"[0-9A-Za-z_-]{1,100}", re.ASCII)


def _refuse(error: SandboxServiceError) -> Response:
    if isinstance(error, Refused):
        return routing.refused(error, error.body)
    status = status_of(error)
    if status == HTTPStatus.TOO_MANY_REQUESTS:
        status = HTTPStatus.SERVICE_UNAVAILABLE
    return routing.refused(error, {"error": str(error)}, status)


router = routing.router(_refuse)


Base64Encoded = Annotated[bool, Query()]
Fields = Annotated[str | None, Query(max_length=1000)]


@router.post("/submissions")
async def submit(
    request: Request,
    service: ServiceOf,
    base64_encoded: Base64Encoded = False,
    wait: Annotated[bool, Query()] = False,
    fields: Fields = None,
) -> Response:
    asked = await routing.read(request, service, Asked)
    asked = asked.decoded() if base64_encoded else asked
    names = fields_of(fields)
    if not wait:
        return routing.answer({"token": await _submit(service, asked)}, HTTPStatus.CREATED)
    token = await _submit_and_wait(request, service, asked)
    return routing.answer(await _told(service, token, names, base64_encoded), HTTPStatus.CREATED)


@router.post("/submissions/batch")
async def submit_batch(request: Request, service: ServiceOf, base64_encoded: Base64Encoded = False) -> Response:
    batch = await routing.read(request, service, AskedBatch)
    answers: list[Mapping[str, object]] = []
    tokens: list[str] = []
    try:
        for submission in batch.submissions:
            try:
                asked = Asked.model_validate(submission)
                tokens.append(await _submit(service, asked.decoded() if base64_encoded else asked))
                answers.append({"token": tokens[-1]})
            except ValidationError as error:
                bad = bad_request_of(error)
                answers.append({bad.field or "submission": [str(bad)]})
            except Refused as error:
                answers.append(error.body)
    except QueueUnavailable:
        await cancel_all(service.queue, tokens)  # nobody learns of them
        raise
    return routing.answer(answers, HTTPStatus.CREATED)


@router.get("/submissions/batch")
async def told_batch(
    service: ServiceOf,
    tokens: Annotated[str, Query()],
    base64_encoded: Base64Encoded = False,
    fields: Fields = None,
) -> Response:
    names = fields_of(fields)
    told: list[object] = []
    for token in tokens.split(",")[:MOST_IN_A_BATCH]:
        try:
            told.append(await _told(service, token, names, base64_encoded))
        except UnknownJob:
            told.append(None)
    return routing.answer({"submissions": told})


@router.get("/submissions/{token}")
async def told(
    service: ServiceOf, token: str, base64_encoded: Base64Encoded = False, fields: Fields = None
) -> Response:
    return routing.answer(await _told(service, token, fields_of(fields), base64_encoded))


@router.get("/languages")
@router.get("/languages/all")
async def languages(service: ServiceOf) -> Response:
    # The first call asks every toolchain, which takes a while.
    told = await asyncio.to_thread(lambda: [_language(service, each, LANGUAGES[each]) for each in sorted(LANGUAGES)])
    return routing.answer(told)


@router.get("/languages/{number}")
async def language(service: ServiceOf, number: int) -> Response:
    if number not in LANGUAGES:
        raise UnknownJob(f"there is no language with id {number} here")
    return routing.answer(await asyncio.to_thread(_language, service, number, LANGUAGES[number]))


@router.get("/about")
async def about() -> Response:
    return routing.answer({"version": VERSION, "homepage": "/docs", "source_code": None, "maintainer": None})


@router.get("/config_info")
async def config_info(service: ServiceOf) -> Response:
    return routing.answer(configuration(service.settings))


@router.get("/statuses")
async def statuses() -> Response:
    return routing.answer([{"id": number, "description": text} for number, text in STATUSES.items()])


# ---------------------------------------------------------------- in


async def _submit(service: Service, asked: Asked) -> str:
    job = job_of(asked)
    await require_workers(service)
    try:
        await admit(service, job)
    except UnknownName as error:
        raise Refused("language_id", str(error)) from None
    except BadRequest as error:
        raise Refused(attribute_of(error.field), str(error)) from None
    token = await service.queue.submit(job)
    kept = Kept.model_validate(asked.model_dump(include=set(Kept.model_fields)))
    await service.queue.keep(_name(token), kept.model_dump_json())
    return token


async def _submit_and_wait(request: Request, service: Service, asked: Asked) -> str:
    token = ""
    for _ in range(ROUNDS):
        token = await _submit(service, asked)
        done = False
        try:
            judgements = await first_of(request, service, _collect(service, token))
            done = True
        finally:
            if not done:
                await service.queue.cancel(token)
        if all(judgement.verdict is not Verdict.JUDGE_ERROR for judgement in judgements):
            break
    return token


async def _collect(service: Service, token: str) -> Sequence[Judgement]:
    return [judgement async for judgement in service.queue.watch(token)]


async def _told(service: Service, token: str, names: Sequence[str], in_base64: bool) -> Mapping[str, object]:
    kept = await service.queue.kept(_name(token)) if _TOKEN.fullmatch(token) else None
    if kept is None:
        raise UnknownJob("no submission of that token is known")
    status = await service.queue.status(token)
    known = {"token": token, **Kept.model_validate_json(kept).model_dump()}
    everything = told_of(known, status.judgements[0] if status.judgements else None, status.state)
    told = {name: everything.get(name) for name in names}
    return encoded(told) if in_base64 else told


def _language(service: Service, number: int, name: str) -> Mapping[str, object]:
    runner = runners.find(service.runners, name)
    version = toolchain_version(runner.version) if not runner.missing() else "not installed here"
    return {"id": number, "name": f"{runner.title} ({version})"}


def _name(token: str) -> str:
    return f"judge0 {token}"
