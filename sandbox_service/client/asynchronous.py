"""The client for asyncio programs; the blocking one is made of it."""

import asyncio
import base64
import tempfile
import time
import uuid
from collections.abc import Callable, Coroutine, Iterator, Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import Any, Generic, Protocol, Self, TypeVar

import httpx
from pydantic import ValidationError

from sandbox_service.client.failures import ClientError, DeadlinePassed, RequestRefused, ServiceAway
from sandbox_service.client.generations import Generated, generated
from sandbox_service.client.progress import bar
from sandbox_service.client.runs import Runs, runs_of
from sandbox_service.client.test_sets import TestSets
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
    Verdict,
)
from sandbox_service.packages import read_package
from sandbox_service.packages.archives import ENDINGS, unpack

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
        self._test_sets = TestSets(self._transport)
        self._progress = progress
        self._resend = resend

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
        return await self._answers(call, job.submissions, "judging")

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
        return await self._answers(call, request.items, "rewarding")

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
        return await self._answers(call, request.solutions, "running")

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

    async def _answers(self, call: "Call[Asked, Answer]", asked: Sequence[Asked], description: str) -> list[Answer]:
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
        call: "Call[Asked, Answer]",
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
        call: "Call[Asked, Answer]",
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

    async def aclose(self) -> None:
        """Close the connections of the running loop."""
        await self._transport.close()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.aclose()


class Call(Generic[Asked, Answer]):
    """A route that takes many of a thing: how a part is asked for, read and measured."""

    def __init__(
        self,
        *,
        path: str,
        part: Callable[[tuple[Asked, ...]], Frozen],
        read: Callable[[bytes], Sequence[Answer]],
        size: Callable[[Asked], int],
    ) -> None:
        self.path, self.part, self.read, self.size = path, part, read, size


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
