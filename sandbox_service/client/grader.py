"""What every trainer adapter does: completions and the rows they belong to in, rewards out."""

import os
import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sandbox_service.client.blocking import Client
from sandbox_service.client.failures import ClientError, NotAnswered
from sandbox_service.client.rows import problem_of
from sandbox_service.models import Completion, CompletionReward

URL_VARIABLE = "JUDGE_URL"
KEY_VARIABLE = "JUDGE_API_KEY"
DEFAULT_URL = "http://127.0.0.1:8000"

_clients: dict[tuple[str, str | None], Client] = {}
_lock = threading.Lock()


class NoReward(ClientError):
    """The failure is the service's: there is no reward, and the sample must not be scored."""


@dataclass(frozen=True, kw_only=True)
class Grader:
    """How a trainer wants its completions rewarded.

    ``url`` is one base URL, or several with commas between; without it JUDGE_URL of the environment is
    read when the first completion comes. ``checker`` and ``limits`` go into every problem whose row says
    nothing of them. ``client`` stands in for the one that all graders of a process share.
    """

    url: str | None = None
    language: str = "python"
    reward: str | Mapping[str, Any] = "fraction_passed"
    extract: str = "last_fence"
    tests: Mapping[str, Any] | None = None
    checker: str | Mapping[str, Any] | None = None
    limits: Mapping[str, Any] | None = None
    stop_on_failure: bool = False
    client: Client | None = None

    def grade(self, completions: Sequence[object], rows: Sequence[object]) -> list[CompletionReward]:
        """One answer for each completion; the row of each has its tests.

        Raises:
            BadRequest, RequestRefused: something that was asked for cannot be.
            NotAnswered: not everything was judged; the exception has what was, by position.
        """
        return self._client().rewards(self._items(completions, rows), **self._rules())

    async def agrade(self, completions: Sequence[object], rows: Sequence[object]) -> list[CompletionReward]:
        """The same for asyncio."""
        return await self._client().asynchronous.rewards(self._items(completions, rows), **self._rules())

    def grade_what_can_be(self, completions: Sequence[object], rows: Sequence[object]) -> list[CompletionReward | None]:
        """The same, with None for what the service could not judge."""
        try:
            return list(self.grade(completions, rows))
        except NotAnswered as failure:
            return _with_gaps(failure, len(completions))

    async def agrade_what_can_be(
        self, completions: Sequence[object], rows: Sequence[object]
    ) -> list[CompletionReward | None]:
        """The same for asyncio."""
        try:
            return list(await self.agrade(completions, rows))
        except NotAnswered as failure:
            return _with_gaps(failure, len(completions))

    def _items(self, completions: Sequence[object], rows: Sequence[object]) -> Sequence[Completion]:
        rules = {"checker": self.checker, "limits": self.limits}
        given = {name: rule for name, rule in rules.items() if rule is not None}
        return [
            Completion(id=str(position), completion=text_of(completion), problem=problem_of(row, **given))
            for position, (completion, row) in enumerate(zip(completions, rows, strict=True))
        ]

    def _rules(self) -> dict[str, Any]:
        return {
            "language": self.language,
            "reward": self.reward,
            "extract": self.extract,
            "tests": self.tests,
            "stop_on_failure": self.stop_on_failure,
        }

    def _client(self) -> Client:
        if self.client is not None:
            return self.client
        url = self.url or os.environ.get(URL_VARIABLE) or DEFAULT_URL
        key = os.environ.get(KEY_VARIABLE) or None
        with _lock:
            if (url, key) not in _clients:
                urls = [part.strip() for part in url.split(",") if part.strip()]
                _clients[url, key] = Client(urls, api_key=key)
            return _clients[url, key]


def reward_of(answer: CompletionReward) -> float:
    """The reward.

    Raises:
        NoReward: the service failed over this one, so that there is none.
    """
    if answer.reward is None:
        raise NoReward(f"the judge failed: {answer.detail or answer.reason}; the sample has no reward")
    return answer.reward


def metrics_of(answer: CompletionReward) -> dict[str, float]:
    """Numbers that trainers log, the same ones for every answer."""
    return {
        "accepted": float(answer.reason is None),
        "pass_rate": answer.passed / answer.total if answer.total else 0.0,
        "has_code": float(answer.code is not None),
    }


def text_of(completion: object) -> str:
    """A completion's text: it may be a list of chat messages, of which the last one counts."""
    if isinstance(completion, str):
        return completion
    if isinstance(completion, Sequence) and completion:
        return text_of(completion[-1])
    content = completion.get("content") if isinstance(completion, Mapping) else getattr(completion, "content", None)
    if isinstance(content, str):
        return content
    if isinstance(content, Sequence):  # parts of a message, as multimodal models have them
        return "".join(str(part.get("text") or "") for part in content if isinstance(part, Mapping))
    return ""


def _with_gaps(failure: NotAnswered, count: int) -> list[CompletionReward | None]:
    return [failure.answers.get(str(position)) for position in range(count)]
