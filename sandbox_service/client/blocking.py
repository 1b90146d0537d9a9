"""The client for programs without asyncio: the asynchronous one, on a loop in a thread of its own."""

import asyncio
import functools
import os
import threading
from collections.abc import Callable, Coroutine, Sequence
from types import TracebackType
from typing import Any, Concatenate, ParamSpec, Self, TypeVar

from sandbox_service.client.asynchronous import AsyncClient

P = ParamSpec("P")
T = TypeVar("T")


def _waits_for(
    method: Callable[Concatenate[AsyncClient, P], Coroutine[Any, Any, T]],
) -> "Callable[Concatenate[Client, P], T]":
    """The method of the same name, signature and words that waits for the asynchronous one."""

    @functools.wraps(method)
    def wait(client: "Client", /, *args: P.args, **kwargs: P.kwargs) -> T:
        return client.run(method(client.asynchronous, *args, **kwargs))

    return wait


class Client:
    """Judges over HTTP; safe to share between threads, and with children that were forked.

    It takes what ``AsyncClient`` takes.
    """

    def __init__(self, base_url: str | Sequence[str], *more_urls: str, **settings: Any) -> None:
        self.asynchronous = AsyncClient(base_url, *more_urls, **settings)
        self._lock = threading.Lock()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._process: int | None = None

    judge = _waits_for(AsyncClient.judge)
    rewards = _waits_for(AsyncClient.rewards)
    matrix = _waits_for(AsyncClient.matrix)
    generate = _waits_for(AsyncClient.generate)
    upload_package = _waits_for(AsyncClient.upload_package)

    def run(self, call: Coroutine[Any, Any, T]) -> T:
        """What the coroutine gives, once it is done on the client's own loop."""
        working = asyncio.run_coroutine_threadsafe(call, self._running_loop())
        try:
            return working.result()
        except BaseException:  # Ctrl-C, mostly: what was asked for is not wanted any more
            working.cancel()
            raise

    def close(self) -> None:
        """Close the connections and end the thread; the next call would begin anew."""
        with self._lock:
            loop, self._loop = self._loop, None
        if loop is not None and self._process == os.getpid():
            asyncio.run_coroutine_threadsafe(self.asynchronous.aclose(), loop).result()
            loop.call_soon_threadsafe(loop.stop)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _running_loop(self) -> asyncio.AbstractEventLoop:
        with self._lock:
            # A fork has the loop's object and not its thread.
            if self._loop is None or self._process != os.getpid():
                self._loop, self._process = asyncio.new_event_loop(), os.getpid()
                threading.Thread(target=_serve, args=[self._loop], name="sandbox-client", daemon=True).start()
            return self._loop


def _serve(loop: asyncio.AbstractEventLoop) -> None:
    asyncio.set_event_loop(loop)
    try:
        loop.run_forever()
    finally:
        loop.close()
