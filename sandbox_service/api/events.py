"""A job's judgements as a stream, each as it is ready: server-sent events, or JSON lines."""

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Callable
from contextlib import aclosing
from dataclasses import dataclass

from pydantic import BaseModel

from sandbox_service.api.answers import End
from sandbox_service.api.failures import failure_of
from sandbox_service.api.service import Service
from sandbox_service.api.tasks import end
from sandbox_service.errors import SandboxServiceError
from sandbox_service.models import Judgement

KEEP_ALIVE_SECONDS = 15.0
SERVER_SENT_EVENTS = "text/event-stream"
JSON_LINES = "application/x-ndjson"
JSON_LINES_NAMES = (JSON_LINES, "application/ndjson", "application/jsonl")


@dataclass(frozen=True, slots=True)
class Event:
    """Something to tell; ``body`` is None when there is nothing new."""

    name: str
    body: BaseModel | None


def as_server_sent(event: Event) -> bytes:
    """The event as text/event-stream; nothing new is a comment, which clients pass over."""
    if event.body is None:
        return b": still judging\n\n"
    return f"event: {event.name}\ndata: {event.body.model_dump_json()}\n\n".encode()


def as_json_line(event: Event) -> bytes:
    """The event as one line with one key; nothing new is a line too, so that every line can be parsed alike."""
    if event.body is None:
        return b'{"waiting":{}}\n'
    return f'{{"{event.name}":{event.body.model_dump_json()}}}\n'.encode()


WRITERS: dict[str, Callable[[Event], bytes]] = {SERVER_SENT_EVENTS: as_server_sent, JSON_LINES: as_json_line}


def media_type_of(accept: str) -> str:
    """The kind of stream that an Accept header asks for; server-sent events when it does not say."""
    wanted = [part.partition(";")[0].strip().lower() for part in accept.split(",")]
    return JSON_LINES if any(name in JSON_LINES_NAMES for name in wanted) else SERVER_SENT_EVENTS


async def events_of(service: Service, job_id: str) -> AsyncGenerator[Event, None]:
    """Every judgement, then the end; no end when this process closes before, so that the caller comes back."""
    try:
        async with aclosing(_watch(service, job_id)) as judgements:
            async for judgement in judgements:
                yield Event("judgement", judgement)
        if not service.closing.is_set():
            status = await service.queue.status(job_id)
            yield Event("end", End(state=status.state, total=status.total, done=status.done))
    except SandboxServiceError as error:
        yield Event("error", failure_of(error))


async def _watch(service: Service, job_id: str) -> AsyncGenerator[Judgement | None, None]:
    """Each judgement as it is ready, and None when there was none for a while; ends when the process closes."""
    judgements = service.queue.watch(job_id)
    closing = asyncio.create_task(service.closing.wait())
    upcoming = asyncio.create_task(_next_of(judgements))
    try:
        while True:
            await asyncio.wait({upcoming, closing}, timeout=KEEP_ALIVE_SECONDS, return_when=asyncio.FIRST_COMPLETED)
            if upcoming.done():
                try:
                    yield upcoming.result()
                except StopAsyncIteration:
                    return
                upcoming = asyncio.create_task(_next_of(judgements))
            elif closing.done():
                return
            else:
                yield None
    finally:
        await end(closing, upcoming)


async def _next_of(judgements: AsyncIterator[Judgement]) -> Judgement:
    return await anext(judgements)
