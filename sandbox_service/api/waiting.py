"""Waits for an answer as long as there is somebody who wants it."""

import asyncio
from collections.abc import Coroutine
from typing import Any, TypeVar

from fastapi import Request

from sandbox_service.api.service import Service
from sandbox_service.api.tasks import end
from sandbox_service.errors import QueueUnavailable

ENDING_SECONDS = 10.0
KEEP_SECONDS = 60  # for answers that nobody can ask for again

T = TypeVar("T")


async def first_of(request: Request, service: Service, work: Coroutine[Any, Any, T]) -> T:
    """What the work comes to, unless the caller goes away or the process ends before.

    Raises:
        QueueUnavailable: it did not come to its end.
    """
    working = asyncio.create_task(work)
    gone = asyncio.create_task(_until_gone(request))
    ending = asyncio.create_task(_until_ending(service))
    try:
        await asyncio.wait({working, gone, ending}, return_when=asyncio.FIRST_COMPLETED)
        if working.done():
            return working.result()
        raise QueueUnavailable("the service is being stopped; send the request again")
    finally:
        await end(working, gone, ending)


async def require_workers(service: Service) -> None:
    """Let nobody wait where no worker lives."""
    if not await service.roster.workers():
        raise QueueUnavailable("no worker lives; the service is starting or its workers are gone")


async def _until_gone(request: Request) -> None:
    while (await request.receive())["type"] != "http.disconnect":
        pass


async def _until_ending(service: Service) -> None:
    await service.closing.wait()
    await asyncio.sleep(ENDING_SECONDS)
