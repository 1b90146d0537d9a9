"""Answers as a stream, each as it is ready: server-sent events, or JSON lines."""

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable
from contextlib import aclosing
from dataclasses import dataclass

from fastapi import Request
from fastapi.responses import StreamingResponse
from pydantic import BaseModel

from sandbox_service.api.answers import End
from sandbox_service.api.failures import failure_of
from sandbox_service.api.service import Service
from sandbox_service.api.tasks import end
from sandbox_service.errors import SandboxServiceError

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


def stream(request: Request, events: AsyncGenerator[Event, None]) -> StreamingResponse:
    """The answer that tells the events as they come, in the kind of stream that the caller asks for."""
    media_type = media_type_of(request.headers.get("accept", ""))
    return StreamingResponse(
        _written(events, WRITERS[media_type]),
        media_type=media_type,
        headers={"Cache-Control": "no-store", "X-Accel-Buffering": "no"},
    )


async def events_of(
    service: Service, name: str, answers: AsyncIterator[BaseModel], ending: Callable[[], Awaitable[End]]
) -> AsyncGenerator[Event, None]:
    """Every answer under the name, then the end; none when this process closes before, so that the caller returns."""
    try:
        async with aclosing(_watch(service, answers)) as watched:
            async for answer in watched:
                yield Event(name, answer)
        if not service.closing.is_set():
            yield Event("end", await ending())
    except SandboxServiceError as error:
        yield Event("error", failure_of(error))


async def _written(events: AsyncGenerator[Event, None], write: Callable[[Event], bytes]) -> AsyncIterator[bytes]:
    async with aclosing(events) as told:
        async for event in told:
            yield write(event)


async def _watch(service: Service, answers: AsyncIterator[BaseModel]) -> AsyncGenerator[BaseModel | None, None]:
    """Each answer as it is ready, and None when there was none for a while; ends when the process closes."""
    closing = asyncio.create_task(service.closing.wait())
    upcoming = asyncio.create_task(_next_of(answers))
    try:
        while True:
            await asyncio.wait({upcoming, closing}, timeout=KEEP_ALIVE_SECONDS, return_when=asyncio.FIRST_COMPLETED)
            if upcoming.done():
                try:
                    yield upcoming.result()
                except StopAsyncIteration:
                    return
                upcoming = asyncio.create_task(_next_of(answers))
            elif closing.done():
                return
            else:
                yield None
    finally:
        await end(closing, upcoming)
        if isinstance(answers, AsyncGenerator):
            await answers.aclose()


async def _next_of(answers: AsyncIterator[BaseModel]) -> BaseModel:
    return await anext(answers)
