"""The console: a page at /, and what it asks for beside the routes for everybody."""

import asyncio
import hashlib
import json
from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple

from fastapi import APIRouter, Request, Response
from starlette.exceptions import HTTPException

from sandbox_service import __version__, checkers, runners
from sandbox_service.api.answers import json_answer
from sandbox_service.api.documentation import failures
from sandbox_service.api.recent import JudgementDetails, JudgementSummary
from sandbox_service.api.service import ServiceOf
from sandbox_service.models import Frozen, Problem, Tier, Verdict
from sandbox_service.settings import Settings

FOLDER = Path(__file__).parents[1] / "console"
MEDIA_TYPES = {
    ".html": "text/html; charset=utf-8",
    ".css": "text/css; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".svg": "image/svg+xml",
}
# What programs print is hostile: nothing but our own files may become script or style, and no text markup.
HEADERS = {
    "Content-Security-Policy": "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; "
    "connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'; "
    "require-trusted-types-for 'script'; trusted-types 'none'",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cache-Control": "no-cache",
}


class PageFile(NamedTuple):
    """A file of the page as it is sent."""

    content: bytes
    headers: Mapping[str, str]


def _read(path: Path) -> PageFile:
    content = path.read_bytes()
    tag = f'"{hashlib.sha256(content).hexdigest()[:32]}"'
    return PageFile(content, {**HEADERS, "ETag": tag, "Content-Type": MEDIA_TYPES[path.suffix]})


FILES: Mapping[str, PageFile] = {path.name: _read(path) for path in sorted(FOLDER.iterdir())}

page = APIRouter(include_in_schema=False)
router = APIRouter(prefix="/v1/console", tags=["console"])


@page.get("/")
async def root(request: Request) -> Response:
    return _sent("index.html", request)


@page.get("/console/{name}")
async def file(request: Request, name: str) -> Response:
    if name not in FILES:
        raise HTTPException(404)
    return _sent(name, request)


def _sent(name: str, request: Request) -> Response:
    known = request.headers.get("If-None-Match") == FILES[name].headers["ETag"]
    return Response(b"" if known else FILES[name].content, 304 if known else 200, FILES[name].headers)


class ExampleProgram(Frozen):
    """A program of a language with the verdict it gets."""

    language: str
    verdict: Verdict
    source: str


class Playground(Frozen):
    """What there is to try: checkers by what they compare, and examples that all solve one problem."""

    version: str
    checkers: Mapping[str, str]
    problem: Problem
    examples: tuple[ExampleProgram, ...]


class WorkerNow(Frozen):
    """A live worker; ``judging`` is the beginning of the job's id."""

    id: str
    judging: str | None
    isolation: Tier
    languages: int
    lane: str


class Now(Frozen):
    """The queue, the workers and the latest judgements of this process."""

    queued: int
    maximum_queued: int
    judged_submissions: int
    run_tests: int
    workers: tuple[WorkerNow, ...]
    judgements: tuple[JudgementSummary, ...]


@router.get(
    "/playground",
    summary="Checkers and example programs",
    response_model=Playground,
    responses=failures(401, 503),
)
async def playground(service: ServiceOf) -> Response:
    return json_answer(await asyncio.to_thread(_playground, service.runners, service.settings))


def _playground(languages: Mapping[str, runners.Runner], settings: Settings) -> Playground:
    problem = (runners.runners_directory(settings) / "examples.json").read_bytes()
    found = (example for runner in languages.values() for example in runners.examples(runner, settings))
    return Playground(
        version=__version__,
        checkers={name: text.partition("\n")[0] for name, text in checkers.describe().items()},
        problem=Problem.model_validate(json.loads(problem)),
        examples=tuple(
            ExampleProgram(language=e.submission.language, verdict=e.verdict, source=e.submission.source) for e in found
        ),
    )


@router.get(
    "/now",
    summary="The queue, the workers and the latest judgements",
    response_model=Now,
    responses=failures(401, 503),
)
async def now(service: ServiceOf) -> Response:
    """Judgements are those of this API process, without sources and outputs; of a flood, a part."""
    workers = await service.roster.workers()
    counters = await service.queue.counters()
    return json_answer(
        Now.model_construct(
            queued=await service.queue.queued(),
            maximum_queued=service.settings.maximum_queued_submissions,
            judged_submissions=_sum(counters, "submissions|"),
            run_tests=_sum(counters, "tests|"),
            workers=tuple(
                WorkerNow(
                    id=worker.id,
                    judging=worker.judging and worker.judging[:8],
                    isolation=worker.isolation.tier,
                    languages=len(worker.languages),
                    lane=worker.lane,
                )
                for worker in sorted(workers, key=lambda worker: worker.id)
            ),
            judgements=tuple(_summary(judgement) for judgement in service.recent.latest()),
        )
    )


@router.get(
    "/judgements/{number}",
    summary="One of the latest judgements, test by test",
    response_model=JudgementDetails,
    responses=failures(401, 404, 422),
)
async def judgement(service: ServiceOf, number: int) -> Response:
    found = service.recent.details(number)
    if found is None:
        raise HTTPException(404, f"judgement {number} is not remembered any more")
    return json_answer(found)


def _summary(details: JudgementSummary) -> JudgementSummary:
    return JudgementSummary.model_construct(**{name: getattr(details, name) for name in JudgementSummary.model_fields})


def _sum(counters: Mapping[str, float], prefix: str) -> int:
    return int(sum(count for name, count in counters.items() if name.startswith(prefix)))
