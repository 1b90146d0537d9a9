"""Sends one request until it is answered: backoff, Retry-After, failover between base URLs, a deadline."""

import asyncio
import time
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from weakref import WeakKeyDictionary

import httpx
from pydantic import Field, ValidationError
from tenacity import AsyncRetrying, RetryCallState, retry_if_exception_type
from tenacity.wait import wait_random_exponential

from sandbox_service.client.failures import RequestRefused
from sandbox_service.models import Frozen

CONNECT_SECONDS = 10.0
SEND_SECONDS = 120.0
BACKOFF = wait_random_exponential(multiplier=0.2, max=15)
FAULTS_ALLOWED = 3  # a request that makes the service fail is not sent for ever
BUSY = (408, 429, 502, 503, 504)

Build = Callable[[str], Awaitable[bytes]]


@dataclass(frozen=True, slots=True)
class Patience:
    """How long the client tries.

    ``deadline_seconds`` bounds a whole call; ``away_seconds`` how long nobody may answer at any URL;
    ``answer_seconds`` how long an answer is waited for before the same request is sent again, which finds
    the same work.
    """

    deadline_seconds: float = 3600.0
    away_seconds: float = 60.0
    answer_seconds: float = 300.0


class GaveUp(Exception):
    """The last attempt failed, and there is no time for another."""

    def __init__(self, why: str, *, away: bool) -> None:
        super().__init__(why)
        self.away = away


class _Again(Exception):
    """An attempt that failed in a way that may pass."""

    def __init__(self, why: str, *, answered: bool, retry_after: float = 0.0) -> None:
        super().__init__(why)
        self.answered = answered
        self.retry_after = retry_after


class _Fault(_Again):
    """The service failed over the request."""


class _Error(Frozen):
    code: str = "refused"
    message: str = ""
    field: str | None = None


class _ErrorBody(Frozen):
    error: _Error = Field(default_factory=_Error)


@dataclass(slots=True)
class _Connections:
    """What belongs to one event loop."""

    http: httpx.AsyncClient
    room: asyncio.Semaphore


@dataclass(eq=False)
class Transport:
    """The base URLs, the one that answers, and the connections to it."""

    urls: Sequence[str]
    headers: dict[str, str]
    concurrency: int
    patience: Patience
    transport: httpx.AsyncBaseTransport | None = None
    _at: int = 0
    _heard_at: float = field(default_factory=time.monotonic)
    _of_loop: "WeakKeyDictionary[asyncio.AbstractEventLoop, _Connections]" = field(default_factory=WeakKeyDictionary)

    async def send(self, method: str, path: str, build: Build, *, deadline: float, key: str | None = None) -> bytes:
        """The body of the answer; ``build`` makes the request's body for the base URL that is asked.

        Raises:
            RequestRefused: the service says no.
            GaveUp: nobody answered, or not in time.
        """
        started, faults = time.monotonic(), 0

        def is_over(state: RetryCallState) -> bool:
            nonlocal faults
            failure = state.outcome.exception() if state.outcome else None
            faults += isinstance(failure, _Fault)
            return faults >= FAULTS_ALLOWED or self._time_is_up(state, started, deadline)

        def pause(state: RetryCallState) -> float:
            failure = state.outcome.exception() if state.outcome else None
            asked = failure.retry_after if isinstance(failure, _Again) else 0.0
            return max(asked, BACKOFF(state))

        attempts = AsyncRetrying(
            retry=retry_if_exception_type(_Again), wait=pause, stop=is_over, reraise=True, sleep=asyncio.sleep
        )
        try:
            answer: bytes = await attempts(self._attempt, method, path, build, deadline, key)
        except _Again as failure:
            raise GaveUp(str(failure), away=not failure.answered) from failure
        return answer

    async def put(self, url: str, path: str, body: bytes, *, deadline: float) -> bytes:
        """One attempt at one base URL, within the building of another request's body."""
        return await self._once("PUT", url, path, body, deadline, None)

    def _time_is_up(self, state: RetryCallState, started: float, deadline: float) -> bool:
        now = time.monotonic()
        failure = state.outcome.exception() if state.outcome else None
        if isinstance(failure, _Again) and not failure.answered:
            silent_since = max(self._heard_at, started)
            if now + state.upcoming_sleep > silent_since + self.patience.away_seconds:
                return True
        return now + state.upcoming_sleep > deadline

    async def _attempt(self, method: str, path: str, build: Build, deadline: float, key: str | None) -> bytes:
        at = self._at
        url = self.urls[at]
        try:
            async with self._connections().room:
                return await self._once(method, url, path, await build(url), deadline, key)
        except _Again:
            if self._at == at:  # another request may have moved on already
                self._at = (at + 1) % len(self.urls)
            raise

    async def _once(self, method: str, url: str, path: str, body: bytes, deadline: float, key: str | None) -> bytes:
        headers = {"Content-Type": "application/json"} | ({"Idempotency-Key": key} if key else {})
        left = max(deadline - time.monotonic(), 0.001)
        read = min(self.patience.answer_seconds, left)
        timeout = httpx.Timeout(SEND_SECONDS, connect=min(CONNECT_SECONDS, left), read=read, pool=None)
        try:
            answer = await self._connections().http.request(
                method, url + path, content=body, headers=headers, timeout=timeout
            )
        except httpx.ReadTimeout:
            self._heard_at = time.monotonic()
            raise _Again(f"{url} did not answer within {read:.0f} s", answered=True) from None
        except httpx.TransportError as error:
            raise _Again(f"{url} cannot be reached ({type(error).__name__}: {error})", answered=False) from error
        self._heard_at = time.monotonic()
        return _body_of(answer, url + path)

    def _connections(self) -> _Connections:
        loop = asyncio.get_running_loop()
        if loop not in self._of_loop:
            limits = httpx.Limits(max_connections=self.concurrency + 4, max_keepalive_connections=self.concurrency)
            http = httpx.AsyncClient(headers=self.headers, limits=limits, transport=self.transport)
            self._of_loop[loop] = _Connections(http, asyncio.Semaphore(self.concurrency))
        return self._of_loop[loop]

    async def close(self) -> None:
        """Close the connections of the running loop."""
        connections = self._of_loop.pop(asyncio.get_running_loop(), None)
        if connections is not None:
            await connections.http.aclose()


def _body_of(answer: httpx.Response, url: str) -> bytes:
    if answer.is_success:
        return answer.content
    error = _error_of(answer)
    said = f"{url} answered {answer.status_code} {error.code}: {error.message}"
    if answer.status_code in BUSY:
        raise _Again(said, answered=True, retry_after=_seconds(answer.headers.get("Retry-After", "")))
    if answer.status_code >= 500:
        raise _Fault(said, answered=True)
    raise RequestRefused(url, answer.status_code, error.code, error.message, error.field)


def _error_of(answer: httpx.Response) -> _Error:
    try:
        return _ErrorBody.model_validate_json(answer.content, extra="ignore").error
    except ValidationError:  # not our service's words: a proxy's, perhaps
        return _Error(message=answer.reason_phrase)


def _seconds(text: str) -> float:
    return float(text) if text.isdecimal() and len(text) < 7 else 0.0
