"""The client's methods, for asyncio programs; the blocking client has the same."""

import asyncio
import base64
import tempfile
import time
import uuid
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import Any, Self, TypeVar

import httpx
from pydantic import ValidationError

from sandbox_service.client.calls import Call, Caller
from sandbox_service.client.failures import DeadlinePassed, ServiceAway
from sandbox_service.client.generations import Generated, generated
from sandbox_service.client.runs import Runs, runs_of
from sandbox_service.client.transport import GaveUp, Patience, Transport
from sandbox_service.errors import BadRequest
from sandbox_service.models import (
    Choice,
    Completion,
    CompletionReward,
    ExtractionRule,
    Frozen,
    GenerateRequest,
    Generation,
    Job,
    Judgement,
    Matrix,
    MatrixRequest,
    Problem,
    RequestedLimits,
    RewardRequest,
    Submission,
    TestChoice,
    TestSet,
)
from sandbox_service.packages import read_package
from sandbox_service.packages.archives import ENDINGS, unpack

Model = TypeVar("Model", bound=Frozen)


class _Stored(Frozen):
    digest: str


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

    async def generate(
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
        """What a program writes when it is run once for each seed, or for each list of arguments.

        ``files`` are laid beside it; with ``keep`` what it writes becomes a test set too.

        Raises:
            BadRequest, RequestRefused: something that was asked for cannot be.
            NotAnswered: the service could not be reached, or not in time.
        """
        request = _checked(
            GenerateRequest,
            source=source,
            language=language,
            seeds=None if seeds is None else tuple(seeds),
            arguments=None if arguments is None else tuple(map(tuple, arguments)),
            files={name: base64.b64encode(content).decode() for name, content in (files or {}).items()},
            fetch=tuple(fetch),
            options=options,
            limits=limits,
            keep=keep,
        )
        body = await self._sent("POST", "/v1/generate", request.model_dump_json(exclude_unset=True).encode())
        return generated(Generation.model_validate_json(body, extra="ignore"))

    async def upload_package(self, path: str | Path, *, partly: bool = False) -> Problem:
        """The problem of a package of Kattis, the ICPC tools or DOMjudge, its tests uploaded and named by their digest.

        ``path`` is its folder, or a zip of it. What is missing of it is an error, unless ``partly`` will do. A time
        limit that the package leaves to its accepted submissions is the language's own.

        Raises:
            BadRequest: it is no package, or not whole.
            RequestRefused: the service does not take its tests.
            NotAnswered: the service could not be reached, or not in time.
        """
        problem = await asyncio.to_thread(_problem_of, Path(path), partly)
        test_set = TestSet(tests=problem.tests or ())
        body = await self._sent("PUT", "/v1/test-sets", test_set.canonical())
        kept = {name: getattr(problem, name) for name in problem.model_fields_set - {"tests"}}
        return Problem(test_set=_Stored.model_validate_json(body, extra="ignore").digest, **kept)

    async def _sent(self, method: str, path: str, body: bytes) -> bytes:
        """The answer to one request that stands for itself."""
        deadline = time.monotonic() + self._transport.patience.deadline_seconds

        async def build(_url: str) -> bytes:
            return body

        key = uuid.uuid4().hex if method == "POST" else None
        try:
            return await self._transport.send(method, path, build, deadline=deadline, key=key)
        except GaveUp as failure:
            kind = ServiceAway if failure.away else DeadlinePassed
            raise kind(str(failure), self._transport.urls, {}, []) from failure

    async def aclose(self) -> None:
        """Close the connections of the running loop."""
        await self._transport.close()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.aclose()


def _problem_of(path: Path, partly: bool) -> Problem:
    with tempfile.TemporaryDirectory() as directory:
        folder = unpack(path, Path(directory)) if path.suffix in ENDINGS else path
        package = read_package(folder, with_submissions=False)
    faults = [*map(str, package.faults), *([f"it lacks {package.lacking}"] if package.lacking else [])]
    if package.problem is None or (faults and not partly):
        raise BadRequest(f"the package {path} is not whole: {'; '.join(faults)}")
    return package.problem


def _checked(model: type[Model], **fields: Any) -> Model:
    """The request; what is wrong with it is said before anything is sent."""
    given = {name: value for name, value in fields.items() if value is not None}
    try:
        return model.model_validate(given)
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        field = ".".join(str(part) for part in first["loc"]) or None
        raise BadRequest(f"{field or 'request'}: {first['msg'].removeprefix('Value error, ')}", field=field) from None
