"""Calls that ask for many of a thing: cut into requests, each answered once, what our side failed over sent again."""

import asyncio
import time
import uuid
from collections.abc import Callable, Coroutine, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Generic, Protocol, TypeVar

from pydantic import ValidationError

from sandbox_service.client.failures import ClientError, DeadlinePassed, RequestRefused, ServiceAway
from sandbox_service.client.progress import bar
from sandbox_service.client.test_sets import TestSets
from sandbox_service.client.transport import GaveUp, Transport
from sandbox_service.models import Frozen, Verdict

SUBMISSIONS_PER_REQUEST = 64
BYTES_PER_REQUEST = 8 * 2**20


class _Answer(Protocol):
    @property
    def id(self) -> str: ...
    @property
    def verdict(self) -> Verdict: ...


class _Asked(Protocol):
    @property
    def id(self) -> str: ...


Answer = TypeVar("Answer", bound=_Answer)
Asked = TypeVar("Asked", bound=_Asked)


@dataclass(frozen=True)  # with slots, Call[…](…) fails in Python 3.11
class Call(Generic[Asked, Answer]):
    """A route that takes many of a thing: how a part is asked for, read and measured."""

    path: str
    part: Callable[[tuple[Asked, ...]], Frozen]
    read: Callable[[bytes], Sequence[Answer]]
    size: Callable[[Asked], int]


class Caller:
    """Makes calls over a transport.

    ``progress`` says whether a bar shows how far a call is (None: when there is a terminal to show it on), and
    ``resend`` how often what ended as judge_error is sent again.
    """

    def __init__(self, transport: Transport, progress: bool | None, resend: int) -> None:
        self._transport = transport
        self._test_sets = TestSets(transport)
        self._progress = progress
        self._resend = resend

    async def answers(self, call: Call[Asked, Answer], asked: Sequence[Asked], description: str) -> list[Answer]:
        """One answer for each, in their order; what our side failed over is sent again."""
        deadline = time.monotonic() + self._transport.patience.deadline_seconds
        answers: dict[str, Answer] = {}
        parts = list(_cut(asked, call.size))
        with bar(len(asked), description, self._shown(parts)) as advance:
            await self._send_all(call, parts, answers, deadline, advance)
            for _ in range(self._resend):
                again = [one for one in asked if answers[one.id].verdict is Verdict.JUDGE_ERROR]
                await self._send_all(call, list(_cut(again, call.size)), answers, deadline, lambda _count: None)
        return [answers[one.id] for one in asked]

    async def _send_all(
        self,
        call: Call[Asked, Answer],
        parts: Sequence[tuple[Asked, ...]],
        answers: dict[str, Answer],
        deadline: float,
        advance: Callable[[int], None],
    ) -> None:
        given_up = await self._outcomes([self._send(call, part, answers, deadline, advance) for part in parts])
        if given_up:
            missing = [one.id for part in parts for one in part if one.id not in answers]
            kind = ServiceAway if any(failure.away for failure in given_up) else DeadlinePassed
            raise kind(str(given_up[-1]), self._transport.urls, answers, missing) from given_up[-1]

    async def _outcomes(self, parts: Sequence[Coroutine[Any, Any, None]]) -> list[GaveUp]:
        """Do all parts; those that were given up are told, while a refusal ends the others too."""
        given_up: list[GaveUp] = []

        async def do(part: Coroutine[Any, Any, None]) -> None:
            try:
                await part
            except GaveUp as failure:
                given_up.append(failure)

        doing = [asyncio.create_task(do(part)) for part in parts]
        try:
            for done in asyncio.as_completed(doing):
                await done
        finally:
            for task in doing:
                task.cancel()
            await asyncio.gather(*doing, return_exceptions=True)
        return given_up

    async def _send(
        self,
        call: Call[Asked, Answer],
        part: tuple[Asked, ...],
        answers: dict[str, Answer],
        deadline: float,
        advance: Callable[[int], None],
    ) -> None:
        body = call.part(part)

        async def build(url: str) -> bytes:
            return (await self._test_sets.named(body, url, deadline)).model_dump_json(exclude_unset=True).encode()

        try:
            answer = await self._transport.send("POST", call.path, build, deadline=deadline, key=uuid.uuid4().hex)
        except RequestRefused as refused:
            if refused.code != "unknown_test_set" or not self._test_sets.forget():
                raise
            answer = await self._transport.send("POST", call.path, build, deadline=deadline, key=uuid.uuid4().hex)
        try:
            found = {one.id: one for one in call.read(answer)}
        except ValidationError as error:
            raise ClientError(f"the answer of {call.path} cannot be read: {error}") from None
        if set(found) != {one.id for one in part}:
            raise ClientError(f"{call.path} answered for other ids than were asked for")
        answers.update(found)
        advance(len(part))

    def _shown(self, parts: Sequence[object]) -> bool | None:
        return False if self._progress is None and len(parts) < 2 else self._progress


def _cut(asked: Sequence[Asked], size: Callable[[Asked], int]) -> Iterator[tuple[Asked, ...]]:
    """Parts that are each worth a request."""
    part: list[Asked] = []
    part_bytes = 0
    for one in asked:
        if part and (len(part) == SUBMISSIONS_PER_REQUEST or part_bytes + size(one) > BYTES_PER_REQUEST):
            yield tuple(part)
            part, part_bytes = [], 0
        part.append(one)
        part_bytes += size(one)
    if part:
        yield tuple(part)
