"""Workers that have some languages stand in lanes of their own."""

import asyncio

from sandbox_service.models import Submission
from tests.e2e.jobs import answers, api, eventually, ids, job


def mixed_job(left: str, right: str):
    """One submission for each of two languages."""
    both = job(left, right)
    languages = ("left", "right")
    return both.model_copy(
        update={
            "submissions": tuple(
                Submission(id=submission.id, language=language, source=submission.source)
                for submission, language in zip(both.submissions, languages, strict=True)
            )
        }
    )


async def lives(queue, number):
    return len(await queue.workers()) == number


async def are_done(queue, job_id, number):
    return (await queue.status(job_id)).done == number


def test_a_submission_waits_for_a_worker_of_its_lane(settings, workers):
    async def scenario():
        left = workers.start("left", lane="left")
        workers.start("right", lane="right")
        async with api(settings) as queue:
            await eventually(lambda: lives(queue, 2))
            workers.kill(left)
            job_id = await queue.submit(mixed_job("accept", "accept"))
            watching = asyncio.create_task(answers(queue, job_id))
            await eventually(lambda: are_done(queue, job_id, 1))
            judged_by_right, waiting = workers.judged(), await queue.waiting_chunks()
            workers.start("left", lane="left")
            return judged_by_right, waiting, await watching

    judged_by_right, waiting, judgements = asyncio.run(scenario())

    assert judged_by_right == ["s1"]
    assert waiting == {"": 0, "left": 1, "right": 0}
    assert ids(judgements) == ["s0", "s1"]


def test_what_a_killed_worker_had_goes_back_to_its_own_lane(settings, workers, tmp_path):
    async def scenario():
        workers.start("left", lane="left")
        workers.start("right", lane="right")
        async with api(settings) as queue:
            await eventually(lambda: lives(queue, 2))
            job_id = await queue.submit(mixed_job(f"die-once {tmp_path / 'died'}", "accept"))
            watching = asyncio.create_task(answers(queue, job_id))
            await eventually(lambda: lives(queue, 1))
            judged_by_right = workers.judged()
            workers.start("left", lane="left")
            return judged_by_right, await watching

    judged_by_right, judgements = asyncio.run(scenario())

    assert judged_by_right == ["s1"]
    assert ids(judgements) == ["s0", "s1"]


def test_what_came_before_the_first_worker_finds_its_lane(settings, workers):
    async def scenario():
        async with api(settings) as queue:
            job_id = await queue.submit(mixed_job("accept", "accept"))
            watching = asyncio.create_task(answers(queue, job_id))
            workers.start("left", lane="left")
            workers.start("right", lane="right")
            return await watching

    assert ids(asyncio.run(scenario())) == ["s0", "s1"]


def test_what_waits_in_a_lane_that_is_given_up_goes_to_whoever_can(settings, workers):
    async def scenario():
        left = workers.start("left", lane="left")
        async with api(settings) as queue:
            await eventually(lambda: lives(queue, 1))
            workers.kill(left)
            job_id = await queue.submit(mixed_job("accept", "accept"))
            watching = asyncio.create_task(answers(queue, job_id))
            workers.start("left", "right", lane="other")
            return await watching

    assert ids(asyncio.run(scenario())) == ["s0", "s1"]
