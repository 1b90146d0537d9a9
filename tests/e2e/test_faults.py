"""What breaks costs a retry and never an answer: every submission is answered once, within seconds."""

import asyncio
import signal
import time
from functools import partial

from sandbox_service.models import Verdict
from sandbox_service.queues.journal import MAXIMUM_DEATHS
from tests.e2e.jobs import answers, api, eventually, ids, job


def test_the_work_of_a_killed_worker_is_done_by_another(settings, workers, tmp_path):
    # All different: those that are alike would be judged one after the other, and one of them be killed unanswered.
    sources = "accept 0", f"wait {tmp_path / 'go'}", *(f"accept {number}" for number in range(2, 12))

    async def scenario():
        doomed = workers.start()
        async with api(settings) as queue:
            job_id = await queue.submit(job(*sources))
            watching = asyncio.create_task(answers(queue, job_id))
            await eventually(lambda: _has_answered(queue, job_id, 1))
            workers.kill(doomed)
            killed_at = time.monotonic()
            (tmp_path / "go").touch()
            workers.start()
            return await watching, time.monotonic() - killed_at

    judgements, seconds = asyncio.run(scenario())

    assert ids(judgements) == [f"s{i}" for i in range(12)]
    assert all(judgement.verdict is Verdict.ACCEPTED for judgement in judgements)
    assert sorted(workers.judged()) == sorted(f"s{i}" for i in range(12)), "only the unanswered are judged again"
    assert seconds < 10


async def _has_answered(queue, job_id, number):
    return (await queue.status(job_id)).done >= number


async def _has_judged(workers, number):
    return len(workers.judged()) >= number


def test_workers_see_to_what_a_dead_one_left_though_no_api_process_lives(settings, workers, tmp_path):
    async def scenario():
        doomed = workers.start()
        async with api(settings) as queue:
            job_id = await queue.submit(job("accept", f"wait {tmp_path / 'go'}", *["accept"] * 10))
            await eventually(lambda: _has_judged(workers, 1))
        workers.kill(doomed)
        (tmp_path / "go").touch()
        workers.start()
        await eventually(lambda: _has_judged(workers, 12))
        async with api(settings) as queue:
            return await answers(queue, job_id)

    assert ids(asyncio.run(scenario())) == [f"s{i}" for i in range(12)]


def test_two_thousand_submissions_survive_two_kills(settings, workers):
    async def scenario():
        workers.start()
        workers.start()
        async with api(settings) as queue:
            job_id = await queue.submit(job(*["sleep 0.002"] * 2000))
            watching = asyncio.create_task(answers(queue, job_id, seconds=60))
            for reached in (300, 900):
                await eventually(partial(_has_judged, workers, reached))
                workers.kill(workers.processes[-1])
                workers.start()
            return await watching, await queue.queued()

    judgements, queued = asyncio.run(scenario())

    assert ids(judgements) == [f"s{i}" for i in range(2000)]
    assert all(judgement.verdict is Verdict.ACCEPTED for judgement in judgements)
    assert queued == 0


def test_a_submission_that_kills_its_workers_is_given_up_alone(settings, workers):
    async def scenario():
        async with api(settings) as queue:
            job_id = await queue.submit(job(*["accept"] * 5, "die", *["accept"] * 5))
            watching = asyncio.create_task(answers(queue, job_id, seconds=60))
            for _ in range(MAXIMUM_DEATHS):
                process = workers.start()
                await asyncio.to_thread(process.wait, 20)
            workers.start()
            return await watching

    judgements = {judgement.id: judgement for judgement in asyncio.run(scenario())}

    assert len(judgements) == 11
    dead = judgements.pop("s5")
    assert (dead.verdict, dead.reward) == (Verdict.JUDGE_ERROR, None)
    assert "3 workers died" in (dead.reason or "")
    assert all(judgement.verdict is Verdict.ACCEPTED for judgement in judgements.values())


def test_a_chunk_that_was_popped_and_never_started_comes_back(settings, workers, redis_server):
    async def scenario():
        async with api(settings) as queue:
            job_id = await queue.submit(job("accept"))
            rq_queue = queue._journal().rq_queue
            popped = rq_queue.connection.lmove(rq_queue.key, rq_queue.intermediate_queue_key)
            assert popped is not None
            workers.start()
            return await answers(queue, job_id)

    assert ids(asyncio.run(scenario())) == ["s0"]


def test_answers_survive_a_redis_that_is_killed_and_started_again(settings, workers, redis_server):
    async def scenario():
        workers.start()
        workers.start()
        async with api(settings) as queue:
            job_id = await queue.submit(job(*["sleep 0.005"] * 400))
            watching = asyncio.create_task(answers(queue, job_id, seconds=60))
            await eventually(lambda: _has_judged(workers, 50))
            redis_server.process.send_signal(signal.SIGKILL)
            redis_server.process.wait()
            await asyncio.sleep(0.3)  # long enough for every client to notice
            redis_server.start()
            return await watching, await queue.queued(), [process.poll() for process in workers.processes]

    judgements, queued, exits = asyncio.run(scenario())

    assert ids(judgements) == [f"s{i}" for i in range(400)]
    assert all(judgement.verdict is Verdict.ACCEPTED for judgement in judgements)
    assert queued == 0
    assert exits == [None, None], "workers sit out a restart"


def test_a_job_is_taken_in_again_when_redis_lost_it(settings, workers, redis_server):
    """As after a failover to a replica that had not heard of the job yet."""

    async def scenario():
        async with api(settings) as queue:
            await eventually(lambda: _has_ticked(queue))
            job_id = await queue.submit(job(*["accept"] * 10))
            watching = asyncio.create_task(answers(queue, job_id))
            redis_server.process.kill()
            redis_server.process.wait()
            for file in (redis_server.socket.parent / "appendonlydir").iterdir():
                file.unlink()
            redis_server.start()
            workers.start()
            return await watching

    assert ids(asyncio.run(scenario())) == [f"s{i}" for i in range(10)]


async def _has_ticked(queue):
    return queue._run_id is not None


def test_a_stopped_worker_finishes_its_submission_and_hands_back_the_rest(settings, workers, tmp_path):
    async def scenario():
        first = workers.start()
        async with api(settings) as queue:
            job_id = await queue.submit(job(f"wait {tmp_path / 'go'}", *["accept"] * 10))
            watching = asyncio.create_task(answers(queue, job_id))
            await eventually(lambda: _is_judging(queue))
            first.terminate()
            (tmp_path / "go").touch()
            code = await asyncio.to_thread(first.wait, 10)
            judged = workers.judged()
            workers.start()
            return code, judged, await watching

    code, judged, judgements = asyncio.run(scenario())

    assert code == 0
    assert judged == ["s0"]
    assert ids(judgements) == [f"s{i}" for i in range(11)]
    assert sorted(workers.judged()) == sorted(f"s{i}" for i in range(11))


def test_a_worker_that_is_asked_twice_hands_back_what_it_is_judging(settings, workers, tmp_path):
    async def scenario():
        first = workers.start()
        async with api(settings) as queue:
            job_id = await queue.submit(job(f"wait {tmp_path / 'go'}", "accept"))
            watching = asyncio.create_task(answers(queue, job_id))
            await eventually(lambda: _is_judging(queue))
            first.terminate()
            await asyncio.sleep(1.1)  # what comes within a second is the same request
            first.terminate()
            await asyncio.to_thread(first.wait, 5)
            (tmp_path / "go").touch()
            workers.start()
            return first.returncode, await watching, await queue.counters()

    code, judgements, counters = asyncio.run(scenario())

    assert code == 0
    assert ids(judgements) == ["s0", "s1"]
    assert counters == {}, "no lease ran out"


async def _is_judging(queue):
    return any(worker.judging for worker in await queue.workers())


def test_a_chunk_that_is_delivered_twice_is_answered_once(settings, workers):
    async def scenario():
        async with api(settings) as queue:
            job_id = await queue.submit(job(*["sleep 0.02"] * 20))
            rq_queue = queue._journal().rq_queue
            for chunk_id in rq_queue.connection.lrange(rq_queue.key, 0, -1):
                rq_queue.connection.rpush(rq_queue.key, chunk_id)
            workers.start()
            workers.start()
            return await answers(queue, job_id), await queue.status(job_id), await queue.queued()

    judgements, status, queued = asyncio.run(scenario())

    assert ids(judgements) == [f"s{i}" for i in range(20)]
    assert (status.done, queued) == (20, 0)
