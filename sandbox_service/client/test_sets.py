"""Tests that are uploaded once, and named by their digests from then on."""

import asyncio
from collections import Counter
from collections.abc import Iterator

from sandbox_service.client.transport import Transport
from sandbox_service.models import Frozen, Job, Problem, RewardRequest, TestCase, TestSet

INLINE_BYTES = 16 * 2**10  # tests that make a request larger by less are not worth a request of their own
UPLOADS_AT_ONCE = 8
REMEMBERED = 100_000

Tests = tuple[TestCase, ...]
Key = tuple[str, str]


class _Stored(Frozen):
    digest: str


class TestSets:
    """What each base URL was given."""

    __test__ = False  # not a test class, whatever pytest makes of its name

    def __init__(self, transport: Transport) -> None:
        self._transport = transport
        self._digests: dict[Key, str] = {}
        self._uploading: dict[tuple[asyncio.AbstractEventLoop, Key], asyncio.Lock] = {}

    async def named(self, request: Frozen, url: str, deadline: float) -> Frozen:
        """The request with digests in place of tests that are large or needed more than once."""
        if isinstance(request, RewardRequest):
            return await self._named_in_rewards(request, url, deadline)
        if isinstance(request, Job):
            return request.model_copy(update={"problem": await self._named(request.problem, url, deadline, uses=1)})
        return request

    def forget(self) -> bool:
        """Give everything again that is needed again; False when nothing was given."""
        known, self._digests = bool(self._digests), {}
        return known

    async def _named_in_rewards(self, request: RewardRequest, url: str, deadline: float) -> RewardRequest:
        problems = list(_problems(request))
        uses = Counter(problem.tests for problem in problems)
        room = asyncio.Semaphore(UPLOADS_AT_ONCE)

        async def name(problem: Problem) -> Problem:
            async with room:
                return await self._named(problem, url, deadline, uses=uses[problem.tests])

        named = iter(await asyncio.gather(*map(name, problems)))
        changes: dict[str, object] = {} if request.problem is None else {"problem": next(named)}
        changes["items"] = tuple(
            item if item.problem is None else item.model_copy(update={"problem": next(named)}) for item in request.items
        )
        return request.model_copy(update=changes)

    async def _named(self, problem: Problem, url: str, deadline: float, *, uses: int) -> Problem:
        if problem.tests is None or uses * _size(problem.tests) < INLINE_BYTES:
            return problem
        digest = await self._digest(problem.tests, url, deadline)
        kept = {name: getattr(problem, name) for name in problem.model_fields_set - {"tests"}}
        return Problem.model_construct(tests=None, test_set=digest, **kept, _fields_set={*kept, "test_set"})

    async def _digest(self, tests: Tests, url: str, deadline: float) -> str:
        """The digest under which this URL keeps the tests, which are uploaded unless they were."""
        test_set = TestSet.model_construct(tests=tests)
        key = (url, test_set.digest())
        here = (asyncio.get_running_loop(), key)
        async with self._uploading.setdefault(here, asyncio.Lock()):
            if key not in self._digests:
                body = await self._transport.put(url, "/v1/test-sets", test_set.canonical(), deadline=deadline)
                if len(self._digests) >= REMEMBERED:
                    self._digests.clear()
                self._digests[key] = _Stored.model_validate_json(body, extra="ignore").digest
            digest = self._digests[key]
        self._uploading.pop(here, None)
        return digest


def _problems(request: RewardRequest) -> Iterator[Problem]:
    if request.problem is not None:
        yield request.problem
    for item in request.items:
        if item.problem is not None:
            yield item.problem


def _size(tests: Tests) -> int:
    return sum(test.size_bytes for test in tests)
