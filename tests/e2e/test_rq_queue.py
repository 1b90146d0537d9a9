"""What only the queue on Redis promises: processes come and go."""

import asyncio
import time

import pytest
from pydantic import SecretStr

from sandbox_service.errors import QueueFull, QueueUnavailable, UnknownTestSet
from sandbox_service.models import Isolation, Problem, TestCase, TestSet, Tier, Verdict
from sandbox_service.queues import connections, stored
from sandbox_service.queues.chunks import INDICES_FIELD, JOB_FIELD
from sandbox_service.queues.contract import WorkerStatus
from sandbox_service.queues.intake import FRESH_SECONDS
from sandbox_service.queues.journal import Journal
from sandbox_service.queues.keys import Keys
from sandbox_service.queues.lanes import Lane
from tests.e2e.jobs import answers, api, eventually, ids, job


def test_an_api_process_answers_for_jobs_of_another(settings, workers):
    async def scenario():
        async with api(settings) as gone:
            job_id = await gone.submit(job(*["sleep 0.01"] * 50))
        async with api(settings) as queue:
            watching = asyncio.create_task(answers(queue, job_id))
            workers.start()
            return await watching

    assert ids(asyncio.run(scenario())) == [f"s{i}" for i in range(50)]


def test_a_job_that_is_cancelled_before_it_started_ends_at_once(settings):
    async def scenario():
        async with api(settings) as queue:
            job_id = await queue.submit(job(*["accept"] * 20))
            await queue.cancel(job_id)
            return await answers(queue, job_id), await queue.queued()

    assert asyncio.run(scenario()) == ([], 0)


def test_a_full_queue_refuses_and_says_when_to_come_back(settings, workers):
    small = settings.model_copy(update={"maximum_queued_submissions": 10})

    async def scenario():
        async with api(small) as queue:
            await queue.submit(job(*["accept"] * 8))
            with pytest.raises(QueueFull) as refused:
                await queue.submit(job(*["accept"] * 3))
            workers.start()
            await eventually(lambda: _is_empty(queue))
            await queue.submit(job(*["accept"] * 3))
            return refused.value.retry_after_seconds

    assert 1 <= asyncio.run(scenario()) <= 60


def test_a_job_behind_others_is_cut_into_fewer_chunks(settings, redis_server):
    redis = connections.impatient(redis_server.url)
    journal = Journal(redis, settings.queue, lease_seconds=60)
    for number in range(4):
        journal.heartbeat(idle(f"w{number}"), None)

    async def scenario():
        async with api(settings) as queue:
            await queue.submit(job(*(f"accept {number}" for number in range(8))))
            before = redis.llen(journal.rq_queue.key)
            await queue.submit(job(*(f"accept {number}" for number in range(8))))
            return before, redis.llen(journal.rq_queue.key) - before

    assert asyncio.run(scenario()) == (4, 1)


def idle(worker):
    return WorkerStatus(worker, ("scripted",), Isolation(tier=Tier.UNSAFE, layers={}), None)


def test_the_workers_of_a_lane_take_turns_to_look_for_what_dead_ones_left(settings, redis_server):
    redis = connections.impatient(redis_server.url)
    common, left = (Journal(redis, settings.queue, 60, Lane(name)) for name in ("", "left"))

    turns = [journal.heartbeat(idle(worker), None) for journal, worker in [(common, "a"), (common, "b"), (left, "c")]]

    assert turns == [True, False, True]


def test_ten_thousand_workers_are_known(settings, redis_server):
    redis = connections.impatient(redis_server.url)
    keys = Keys(settings.queue)
    names = [f"w{number}" for number in range(10_000)]
    redis.zadd(keys.workers, dict.fromkeys(names, (time.time() + 60) * 1000))
    redis.hset(keys.worker_statuses, mapping={name: stored.write_status(idle(name)) for name in names})

    async def scenario():
        async with api(settings) as queue:
            return {worker.id for worker in await queue.workers()}

    assert asyncio.run(scenario()) == set(names)


async def _is_empty(queue):
    return await queue.queued() == 0


def test_a_living_worker_is_known_with_its_languages_and_isolation(settings, workers):
    async def scenario():
        async with api(settings) as queue:
            before = await queue.workers()
            process = workers.start()
            await eventually(lambda: _has_workers(queue, 1))
            (worker,) = await queue.workers()
            workers.kill(process)
            await eventually(lambda: _has_workers(queue, 0))
            return before, worker

    before, worker = asyncio.run(scenario())

    assert len(before) == 0
    assert tuple(worker.languages) == ("scripted",)
    assert worker.isolation.tier == "unsafe"


async def _has_workers(queue, number):
    return len(await queue.workers()) == number


async def _judged_by_two(settings, workers, of):
    """The judgements of a job by two workers, and how many submissions are queued then."""
    workers.start()
    workers.start()
    async with api(settings) as queue:
        await _two_are_known(queue)
        job_id = await queue.submit(of)
        return await answers(queue, job_id), await queue.queued()


async def _two_are_known(queue):
    await eventually(lambda: _has_workers(queue, 2))
    await asyncio.sleep(FRESH_SECONDS)  # for so long an older look at the workers is good enough


def test_a_redis_that_is_not_there_is_said_quickly(settings, tmp_path):
    nowhere = settings.model_copy(update={"redis_url": SecretStr(f"unix://{tmp_path / 'nowhere.sock'}")})

    async def scenario():
        async with api(nowhere) as queue, asyncio.timeout(5):
            with pytest.raises(QueueUnavailable):
                await queue.submit(job("accept"))
            with pytest.raises(QueueUnavailable):
                await queue.workers()

    asyncio.run(scenario())


def test_answers_come_whether_or_not_they_fit_beside_the_news(settings, workers):
    async def scenario():
        workers.start()
        async with api(settings) as queue:
            job_id = await queue.submit(job("accept", "say 20000", "accept", "say 30000"))
            return await answers(queue, job_id)

    judgements = asyncio.run(scenario())

    assert ids(judgements) == ["s0", "s1", "s2", "s3"]
    assert sorted(len(judgement.reason or "") for judgement in judgements) == [0, 0, 40000, 60000]


def test_a_chunk_that_does_not_name_its_job_is_judged_too(settings, workers, redis_server):
    redis = connections.impatient(redis_server.url)

    async def scenario():
        async with api(settings) as queue:
            job_id = await queue.submit(job("accept", "reject", "accept"))
            for key in redis.keys("rq:job:*"):
                redis.hdel(key, JOB_FIELD, INDICES_FIELD)
            workers.start()
            return await answers(queue, job_id)

    assert ids(asyncio.run(scenario())) == ["s0", "s1", "s2"]


def test_tests_too_large_to_be_sent_unasked_are_sent_once(settings, workers):
    tests = tuple(TestCase(stdin=f"{number}", expected="4" * 1000) for number in range(200))

    async def scenario():
        async with api(settings) as queue:
            workers.start()
            first = await queue.submit(job("accept", problem=Problem(tests=tests)))
            second = await queue.submit(job("accept", problem=Problem(tests=tests)))
            return await answers(queue, first) + await answers(queue, second)

    assert [judgement.passed for judgement in asyncio.run(scenario())] == [200, 200]


def test_a_test_set_that_is_gone_is_missed_though_its_outline_is_known(settings, redis_server):
    redis = connections.impatient(redis_server.url)

    async def scenario():
        async with api(settings) as queue:
            digest = await queue.put_test_set(TestSet(tests=(TestCase(stdin="2", expected="4"),)))
            outline = await queue.outline(digest)
            redis.delete(Keys(settings.queue).test_set(digest))
            with pytest.raises(UnknownTestSet):
                await queue.submit(job("accept", problem=Problem(test_set=digest)))
            return outline.tests, await queue.queued()

    assert asyncio.run(scenario()) == (1, 0)


LONG = Problem(tests=tuple(TestCase(stdin=f"{number}", expected="4") for number in range(300)))  # 6 s, as is guessed


def test_several_workers_share_the_tests_of_a_long_submission(settings, workers):
    (judgement,), queued = asyncio.run(_judged_by_two(settings, workers, job("accept", problem=LONG)))

    assert sorted(workers.judged()) == ["s0[0-150]", "s0[150-300]"]
    assert (judgement.id, judgement.passed, judgement.total, queued) == ("s0", 300, 300, 0)


def test_what_is_queued_of_a_submission_is_left_out_once_it_failed(settings, workers):
    async def scenario():
        idle = workers.start()
        other = workers.start()
        async with api(settings) as queue:
            await _two_are_known(queue)
            workers.kill(idle)
            workers.kill(other)
            stopping = job("reject|accept", problem=LONG).model_copy(update={"stop_on_failure": True})
            job_id = await queue.submit(stopping)
            workers.start()
            return await answers(queue, job_id)

    (judgement,) = asyncio.run(scenario())

    assert workers.judged() == ["s0[0-150]"]
    assert judgement.verdict is Verdict.WRONG_ANSWER


def test_a_part_whose_worker_was_killed_is_done_by_another(settings, workers, tmp_path):
    async def scenario():
        workers.start()
        workers.start()
        async with api(settings) as queue:
            await _two_are_known(queue)
            job_id = await queue.submit(job(f"accept|die-once {tmp_path / 'died'}", problem=LONG))
            watching = asyncio.create_task(answers(queue, job_id))
            await eventually(_exists(tmp_path / "died"))
            workers.start()
            return await watching, await queue.queued()

    (judgement,), queued = asyncio.run(scenario())

    assert sorted(workers.judged()) == ["s0[0-150]", "s0[150-300]"]
    assert (judgement.passed, queued) == (300, 0)


MUCH = tuple(TestCase(stdin=f"{number}", expected="4") for number in range(90))  # 1.8 s, as is guessed


def test_a_worker_without_work_takes_tests_over_from_one_that_has_much(settings, workers):
    (judgement,), queued = asyncio.run(_judged_by_two(settings, workers, job("each 0.03", problem=Problem(tests=MUCH))))

    positions = [int(line.removeprefix("s0:")) for line in workers.judged()]
    assert sorted(positions) == list(range(90))
    assert positions != sorted(positions), "one worker did it all"
    assert (judgement.id, judgement.passed, judgement.total, queued) == ("s0", 90, 90, 0)


def test_it_takes_whole_submissions_first(settings, workers):
    few = Problem(tests=MUCH[:5])
    # Two chunks of three, by what tests are guessed to take.
    six = job("each 0.2", "each 0.21", "each 0.22", "accept", "accept ", "accept  ", problem=few)

    judgements, queued = asyncio.run(_judged_by_two(settings, workers, six))

    said = workers.judged()
    assert said.index("s2:0") < said.index("s1:0")
    assert sorted(line for line in said if ":" in line) == sorted(f"s{s}:{t}" for s in range(3) for t in range(5))
    assert (len(judgements), queued) == (6, 0)


def test_nothing_is_lost_when_the_one_that_gave_tests_away_is_killed(settings, workers, tmp_path):
    (judgement,), queued = asyncio.run(
        _judged_by_two(settings, workers, job(f"each 0.03 40 {tmp_path / 'died'}", problem=Problem(tests=MUCH)))
    )

    positions = [int(line.removeprefix("s0:")) for line in workers.judged()]
    assert (tmp_path / "died").exists()
    assert set(positions) == set(range(90))
    assert positions.count(89) == 1, "what was given away was done twice"
    assert (judgement.passed, judgement.total, queued) == (90, 90, 0)


def test_a_worker_that_goes_in_peace_is_gone_at_once(settings, workers):
    async def scenario():
        worker = workers.start()
        async with api(settings) as queue:
            await answers(queue, await queue.submit(job("accept")))  # from then on it hears signals
            worker.terminate()
            worker.wait(timeout=10)
            return await queue.workers()

    assert asyncio.run(scenario()) == ()


def _exists(path):
    async def exists():
        return path.exists()

    return exists


def test_a_worker_without_work_is_told_once_that_it_is_idle(settings, workers):
    async def said(*lines: str) -> bool:
        judged: list[str] = workers.judged()
        return judged == [*lines]

    async def scenario():
        async with api(settings) as queue:
            workers.start(idle_seconds=0)
            await eventually(lambda: said("idle"))
            await answers(queue, await queue.submit(job("accept")))
            await eventually(lambda: said("idle", "s0", "idle"))

    asyncio.run(scenario())
