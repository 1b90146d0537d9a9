"""Bodies that do not come."""

import asyncio
from typing import Any

import pytest
from fastapi import Request
from starlette.requests import ClientDisconnect

from sandbox_service.api import bodies
from sandbox_service.api.failures import BodyTooSlow

JSON = {"type": "http", "headers": [(b"content-type", b"application/json")]}


def test_a_body_that_stops_coming_is_not_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bodies, "IDLE_SECONDS", 0.01)

    async def receive() -> Any:
        await asyncio.Event().wait()

    with pytest.raises(BodyTooSlow):
        asyncio.run(bodies.read_body(Request(JSON, receive), 100))


def test_a_body_whose_sender_goes_away_is_no_body() -> None:
    messages = [{"type": "http.disconnect"}, {"type": "http.request", "body": b"{", "more_body": True}]

    async def receive() -> Any:
        return messages.pop()

    with pytest.raises(ClientDisconnect):
        asyncio.run(bodies.read_body(Request(JSON, receive), 100))
