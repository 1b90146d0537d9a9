"""One contract for every queue: what goes in comes out, once, under its id."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager

import pytest

from sandbox_service.errors import Conflict, QueueFull, UnknownJob, UnknownTestSet
from sandbox_service.models import Problem, TestKind, TestSet, Verdict
from sandbox_service.queues.contract import JobState, Queue
from sandbox_service.queues.inline import InlineQueue
from sandbox_service.settings import Settings
from tests.e2e.jobs import ONE_TEST, answers, api, eventually, ids, job
from tests.e2e.scripted_worker import ScriptedSlot

Open = Callable[..., AbstractAsyncContextManager[Queue]]


@pytest.fixture(params=["rq", "inline"])
def opened(request: pytest.FixtureRequest, tmp_path) -> Open:
    """Opens a queue with two scripted slots behind it."""
    return _rq(request) if request.param == "rq" else _inline(ScriptedSlot(tmp_path / "judged"))


def _rq(request: pytest.FixtureRequest) -> Open:
    settings, workers = request.getfixturevalue("settings"), request.getfixturevalue("workers")

    @asynccontextmanager
    async def open_rq(**changes: object) -> AsyncIterator[Queue]:
        workers.start()
        workers.start()
        async with api(settings.model_copy(update=changes)) as queue:
            yield queue

    return open_rq


def _inline(slot: ScriptedSlot) -> Open:
    @asynccontextmanager
    async def open_inline(**changes: object) -> AsyncIterator[Queue]:
        queue = InlineQueue(Settings(workers=2).model_copy(update=changes), lambda: slot)
        await queue.start()
        try:
            yield queue
        finally:
            await queue.close()

    return open_inline


def test_every_submission_is_answered_once_under_its_id(opened):
    async def scenario():
        async with opened() as queue:
            job_id = await queue.submit(job(*["accept"] * 200))
            return await answers(queue, job_id), await queue.status(job_id), await queue.queued()

    judgements, status, queued = asyncio.run(scenario())

    assert ids(judgements) == [f"s{i}" for i in range(200)]
    assert all(judgement.verdict is Verdict.ACCEPTED for judgement in judgements)
    assert [judgement.id for judgement in status.judgements] == [f"s{i}" for i in range(200)]
    assert (status.state, status.done, queued) == (JobState.FINISHED, 200, 0)


def test_answers_come_as_they_are_ready(opened, tmp_path):
    async def scenario():
        async with opened() as queue:
            job_id = await queue.submit(job("accept", f"wait {tmp_path / 'go'}"))
            watch = queue.watch(job_id)
            first = await anext(watch)
            running = await queue.status(job_id)
            (tmp_path / "go").touch()
            return first, running, [judgement async for judgement in watch]

    first, running, rest = asyncio.run(scenario())

    assert first.id == "s0"
    assert (running.state, running.done, running.total) == (JobState.RUNNING, 1, 2)
    assert ids(rest) == ["s1"]


def test_two_who_watch_the_same_job_both_see_everything(opened):
    async def scenario():
        async with opened() as queue:
            job_id = await queue.submit(job(*["accept"] * 50))
            return await asyncio.gather(answers(queue, job_id), answers(queue, job_id))

    first, second = asyncio.run(scenario())

    assert ids(first) == ids(second) == [f"s{i}" for i in range(50)]


def test_a_test_set_is_named_by_its_digest(opened):
    async def scenario():
        async with opened() as queue:
            digest = await queue.put_test_set(TestSet(tests=ONE_TEST * 3))
            outline = await queue.outline(digest)
            job_id = await queue.submit(job("accept", problem=Problem(test_set=digest)))
            return outline, await answers(queue, job_id)

    outline, judgements = asyncio.run(scenario())

    assert (outline.tests, outline.kind) == (3, TestKind.STDIN)
    assert [judgement.total for judgement in judgements] == [3]


def test_an_unknown_test_set_is_refused(opened):
    unknown = "sha256:" + "0" * 64

    async def scenario():
        async with opened() as queue:
            with pytest.raises(UnknownTestSet):
                await queue.submit(job("accept", problem=Problem(test_set=unknown)))
            with pytest.raises(UnknownTestSet):
                await queue.outline(unknown)
            return await queue.queued()

    assert asyncio.run(scenario()) == 0


def test_an_unknown_job_is_refused(opened):
    async def scenario():
        async with opened() as queue:
            for call in (queue.status, queue.cancel):
                with pytest.raises(UnknownJob):
                    await call("0" * 32)
            with pytest.raises(UnknownJob):
                await answers(queue, "0" * 32)

    asyncio.run(scenario())


def test_an_idempotency_key_gives_the_same_job_again(opened, tmp_path):
    held = f"wait {tmp_path / 'go'}"

    async def scenario():
        async with opened() as queue:
            first = await queue.submit(job(held), idempotency_key="k")
            again = await queue.submit(job(held), idempotency_key="k")
            other = await queue.submit(job(held), idempotency_key="other")
            with pytest.raises(Conflict):
                await queue.submit(job("accept"), idempotency_key="k")
            queued = await queue.queued()
            (tmp_path / "go").touch()
            return first, again, other, queued

    first, again, other, queued = asyncio.run(scenario())

    assert first == again != other
    assert queued == 2


def test_the_same_idempotency_key_at_once_queues_one_job(opened, tmp_path):
    held = f"wait {tmp_path / 'go'}"

    async def scenario():
        async with opened() as queue:
            given = await asyncio.gather(*(queue.submit(job(held), idempotency_key="k") for _ in range(20)))
            queued = await queue.queued()
            (tmp_path / "go").touch()
            return set(given), queued

    given, queued = asyncio.run(scenario())

    assert (len(given), queued) == (1, 1)


def test_cancelling_drops_what_has_not_started(opened, tmp_path):
    held = f"wait {tmp_path / 'go'}"

    async def scenario():
        async with opened() as queue:
            running = await queue.submit(job(held, held))
            job_id = await queue.submit(job(held, *["accept"] * 20))
            await eventually(lambda: _is_running(queue, running))
            cancelled = await queue.cancel(job_id)
            (tmp_path / "go").touch()
            await answers(queue, running)
            judgements = await answers(queue, job_id)
            return cancelled, judgements, await queue.status(job_id), await queue.queued()

    cancelled, judgements, status, queued = asyncio.run(scenario())

    assert cancelled.state is JobState.CANCELLED
    assert len(judgements) == status.done <= 1
    assert (status.state, status.total, queued) == (JobState.CANCELLED, 21, 0)


async def _is_running(queue, job_id):
    return (await queue.status(job_id)).state is JobState.RUNNING


def test_what_runs_is_finished_when_its_job_is_cancelled(opened, tmp_path):
    async def scenario():
        async with opened() as queue:
            job_id = await queue.submit(job(f"wait {tmp_path / 'go'}"))
            await eventually(lambda: _is_running(queue, job_id))
            await queue.cancel(job_id)
            (tmp_path / "go").touch()
            return await answers(queue, job_id), await queue.status(job_id), await queue.queued()

    judgements, status, queued = asyncio.run(scenario())

    assert ids(judgements) == ["s0"]
    assert (status.state, status.done, queued) == (JobState.CANCELLED, 1, 0)


def test_a_full_queue_takes_nothing_more(opened, tmp_path):
    held = f"wait {tmp_path / 'go'}"

    async def scenario():
        async with opened(maximum_queued_submissions=10) as queue:
            job_id = await queue.submit(job(*[held] * 8))
            with pytest.raises(QueueFull):
                await queue.submit(job(*["accept"] * 3))
            (tmp_path / "go").touch()
            await answers(queue, job_id)
            return await answers(queue, await queue.submit(job(*["accept"] * 3)))

    assert len(asyncio.run(scenario())) == 3


def test_a_text_is_kept_under_its_name(opened):
    async def scenario():
        async with opened() as queue:
            await queue.keep("a", "first")
            await queue.keep("a", "é")
            return await queue.kept("a"), await queue.kept("b")

    assert asyncio.run(scenario()) == ("é", None)
