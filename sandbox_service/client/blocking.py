"""The client for programs without asyncio: the asynchronous one, on a loop in a thread of its own."""

import asyncio
import os
import threading
from collections.abc import Coroutine, Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import Any, Self, TypeVar

from sandbox_service.client.asynchronous import AsyncClient
from sandbox_service.client.generations import Generated
from sandbox_service.client.runs import Runs
from sandbox_service.models import (
    Choice,
    Completion,
    CompletionReward,
    ExtractionRule,
    Judgement,
    Problem,
    RequestedLimits,
    Submission,
    TestChoice,
)

T = TypeVar("T")


class Client:
    """Judges over HTTP; safe to share between threads, and with children that were forked.

    It takes what ``AsyncClient`` takes, and every method is the one of the same name there.
    """

    def __init__(self, base_url: str | Sequence[str], *more_urls: str, **settings: Any) -> None:
        self.asynchronous = AsyncClient(base_url, *more_urls, **settings)
        self._lock = threading.Lock()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._process: int | None = None

    def judge(
        self,
        problem: Problem | Mapping[str, Any],
        submissions: Sequence[Submission | Mapping[str, Any]],
        *,
        reward: Choice | str | Mapping[str, Any] | None = None,
        tests: TestChoice | Mapping[str, Any] | None = None,
        stop_on_failure: bool = False,
        returned_output_bytes: int | None = None,
    ) -> list[Judgement]:
        """One judgement for each submission, in their order."""
        return self._run(
            self.asynchronous.judge(
                problem,
                submissions,
                reward=reward,
                tests=tests,
                stop_on_failure=stop_on_failure,
                returned_output_bytes=returned_output_bytes,
            )
        )

    def rewards(
        self,
        items: Sequence[Completion | Mapping[str, Any] | str],
        *,
        problem: Problem | Mapping[str, Any] | None = None,
        language: str | None = None,
        options: Mapping[str, str] | None = None,
        extract: ExtractionRule | str = ExtractionRule.LAST_FENCE,
        reward: Choice | str | Mapping[str, Any] = "all_or_nothing",
        tests: TestChoice | Mapping[str, Any] | None = None,
        stop_on_failure: bool = False,
    ) -> list[CompletionReward]:
        """One reward for each completion, in their order; a text alone is named by its position."""
        return self._run(
            self.asynchronous.rewards(
                items,
                problem=problem,
                language=language,
                options=options,
                extract=extract,
                reward=reward,
                tests=tests,
                stop_on_failure=stop_on_failure,
            )
        )

    def matrix(
        self,
        solutions: Sequence[Submission | Mapping[str, Any]],
        inputs: Sequence[str],
        *,
        limits: RequestedLimits | Mapping[str, Any] | None = None,
        returned_output_bytes: int | None = None,
    ) -> list[Runs]:
        """What each solution did with each input, in the order of the solutions; every pair is run once."""
        return self._run(
            self.asynchronous.matrix(solutions, inputs, limits=limits, returned_output_bytes=returned_output_bytes)
        )

    def generate(
        self,
        source: str,
        *,
        language: str = "python",
        seeds: Sequence[int] | None = None,
        arguments: Sequence[Sequence[str]] | None = None,
        files: Mapping[str, bytes] | None = None,
        fetch: Sequence[str] = ("*.in",),
        options: Mapping[str, str] | None = None,
        limits: RequestedLimits | Mapping[str, Any] | None = None,
        keep: bool = False,
    ) -> Generated:
        """What a program writes when it is run once for each seed, or for each list of arguments."""
        return self._run(
            self.asynchronous.generate(
                source,
                language=language,
                seeds=seeds,
                arguments=arguments,
                files=files,
                fetch=fetch,
                options=options,
                limits=limits,
                keep=keep,
            )
        )

    def upload_package(self, path: str | Path, *, partly: bool = False) -> Problem:
        """The problem of a package, its tests uploaded and named by their digest."""
        return self._run(self.asynchronous.upload_package(path, partly=partly))

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

    def _run(self, call: Coroutine[Any, Any, T]) -> T:
        working = asyncio.run_coroutine_threadsafe(call, self._running_loop())
        try:
            return working.result()
        except BaseException:  # Ctrl-C, mostly: what was asked for is not wanted any more
            working.cancel()
            raise

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
