"""The client's methods, for asyncio programs; the blocking client has the same."""

from collections.abc import Mapping, Sequence
from types import TracebackType
from typing import Any, Self, TypeVar

import httpx
from pydantic import ValidationError

from sandbox_service.client.calls import Call, Caller
from sandbox_service.client.runs import Runs, runs_of
from sandbox_service.client.transport import Patience, Transport
from sandbox_service.errors import BadRequest
from sandbox_service.models import (
    Choice,
    Completion,
    CompletionReward,
    ExtractionRule,
    Frozen,
    Job,
    Judgement,
    Matrix,
    MatrixRequest,
    Problem,
    RequestedLimits,
    RewardRequest,
    Submission,
    TestChoice,
)

Model = TypeVar("Model", bound=Frozen)


class _Judgements(Frozen):
    judgements: tuple[Judgement, ...]


class _Rewards(Frozen):
    rewards: tuple[CompletionReward, ...]


class AsyncClient:
    """Judges over HTTP; safe to share between tasks.

    Args:
        base_url: where the service is; of several, the next is asked when one does not answer.
        api_key: sent with every request, when given.
        concurrency: requests under way at a time.
        patience: how long it tries, see ``Patience``.
        progress: whether a bar shows how far a call is; None: when there is a terminal to show it on.
        resend: how often what ended as judge_error is sent again.
        transport: how httpx sends, for tests.
    """

    def __init__(
        self,
        base_url: str | Sequence[str],
        *more_urls: str,
        api_key: str | None = None,
        concurrency: int = 16,
        patience: Patience | None = None,
        progress: bool | None = None,
        resend: int = 1,
        transport: httpx.AsyncBaseTransport | None = None,
    ) -> None:
        urls = [base_url] if isinstance(base_url, str) else list(base_url)
        headers = {"Authorization": f"Bearer {api_key}"} if api_key else {}
        self._transport = Transport(
            urls=[url.rstrip("/") for url in (*urls, *more_urls)],
            headers=headers,
            concurrency=concurrency,
            patience=patience or Patience(),
            transport=transport,
        )
        if not self._transport.urls:
            raise BadRequest("give at least one base URL", field="base_url")
        self._caller = Caller(self._transport, progress, resend)

    async def judge(
        self,
        problem: Problem | Mapping[str, Any],
        submissions: Sequence[Submission | Mapping[str, Any]],
        *,
        reward: Choice | str | Mapping[str, Any] | None = None,
        tests: TestChoice | Mapping[str, Any] | None = None,
        stop_on_failure: bool = False,
        returned_output_bytes: int | None = None,
    ) -> list[Judgement]:
        """One judgement for each submission, in their order.

        Raises:
            BadRequest, RequestRefused: something that was asked for cannot be.
            ServiceAway, DeadlinePassed: not everything was judged; the exception has what was.
        """
        if not submissions:
            return []
        job = _checked(
            Job,
            problem=problem,
            submissions=tuple(submissions),
            reward=reward,
            tests=tests,
            stop_on_failure=stop_on_failure,
            returned_output_bytes=returned_output_bytes,
        )
        call = Call[Submission, Judgement](
            path="/v1/judge",
            part=lambda part: job.model_copy(update={"submissions": part}),
            read=lambda body: _Judgements.model_validate_json(body, extra="ignore").judgements,
            size=lambda submission: len(submission.source),
        )
        return await self._caller.answers(call, job.submissions, "judging")

    async def rewards(
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
        """One reward for each completion, in their order; a text alone is named by its position.

        Raises: as ``judge``.
        """
        if not items:
            return []
        named = tuple(
            {"id": str(position), "completion": item} if isinstance(item, str) else item
            for position, item in enumerate(items)
        )
        request = _checked(
            RewardRequest,
            items=named,
            problem=problem,
            language=language,
            options=options or {},
            extract=extract,
            reward=reward,
            tests=tests,
            stop_on_failure=stop_on_failure,
        )
        call = Call[Completion, CompletionReward](
            path="/v1/rewards",
            part=lambda part: request.model_copy(update={"items": part}),
            read=lambda body: _Rewards.model_validate_json(body, extra="ignore").rewards,
            size=lambda item: len(item.completion),
        )
        return await self._caller.answers(call, request.items, "rewarding")

    async def matrix(
        self,
        solutions: Sequence[Submission | Mapping[str, Any]],
        inputs: Sequence[str],
        *,
        limits: RequestedLimits | Mapping[str, Any] | None = None,
        returned_output_bytes: int | None = None,
    ) -> list[Runs]:
        """What each solution did with each input, in the order of the solutions; every pair is run once.

        Raises: as ``judge``.
        """
        if not solutions:
            return []
        request = _checked(
            MatrixRequest,
            solutions=tuple(solutions),
            inputs=tuple(inputs),
            limits=limits,
            returned_output_bytes=returned_output_bytes,
        )
        call = Call[Submission, Runs](
            path="/v1/matrix",
            part=lambda part: request.model_copy(update={"solutions": part}),
            read=lambda body: runs_of(Matrix.model_validate_json(body, extra="ignore")),
            size=lambda solution: len(solution.source),
        )
        return await self._caller.answers(call, request.solutions, "running")

    async def aclose(self) -> None:
        """Close the connections of the running loop."""
        await self._transport.close()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.aclose()


def _checked(model: type[Model], **fields: Any) -> Model:
    """The request; what is wrong with it is said before anything is sent."""
    given = {name: value for name, value in fields.items() if value is not None}
    try:
        return model.model_validate(given)
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        field = ".".join(str(part) for part in first["loc"]) or None
        raise BadRequest(f"{field or 'request'}: {first['msg'].removeprefix('Value error, ')}", field=field) from None
