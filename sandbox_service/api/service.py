"""What every route needs, gathered once when the app is made."""

import asyncio
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Annotated

from fastapi import Depends, Request

from sandbox_service.api.observing import Requests
from sandbox_service.api.recent import RecentJudgements
from sandbox_service.queues.contract import Queue, WorkerStatus
from sandbox_service.runners import Runner
from sandbox_service.settings import Settings

ROSTER_SECONDS = 1.0


class Roster:
    """The workers that live, asked of the queue at most once a second."""

    def __init__(self, queue: Queue) -> None:
        self._queue = queue
        self._workers: Sequence[WorkerStatus] = ()
        self._asked_at = float("-inf")

    async def workers(self) -> Sequence[WorkerStatus]:
        """Raises QueueUnavailable when the queue does not answer."""
        # None is never remembered: a caller who is sent away for want of a worker should be let in with the first.
        if not self._workers or time.monotonic() - self._asked_at > ROSTER_SECONDS:
            self._workers = await self._queue.workers()
            self._asked_at = time.monotonic()
        return self._workers


@dataclass(frozen=True, slots=True)
class Service:
    """The settings, the queue, the languages, the live workers, the counts, what was judged, and whether it ends."""

    settings: Settings
    queue: Queue
    runners: Mapping[str, Runner]
    roster: Roster
    requests: Requests
    recent: RecentJudgements = field(default_factory=RecentJudgements)
    closing: asyncio.Event = field(default_factory=asyncio.Event)


async def _service_of(request: Request) -> Service:
    service: Service = request.app.state.service
    return service


ServiceOf = Annotated[Service, Depends(_service_of)]
