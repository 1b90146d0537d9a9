"""Tasks that do not want to end."""

import asyncio

from sandbox_service.api.tasks import end


def test_a_task_that_swallows_its_cancellation_is_told_again() -> None:
    cancellations = 0

    async def stubborn() -> None:
        nonlocal cancellations
        while True:
            try:
                await asyncio.sleep(60)
            except asyncio.CancelledError:
                cancellations += 1
                if cancellations == 3:
                    raise

    async def scene() -> None:
        task = asyncio.create_task(stubborn())
        await asyncio.sleep(0)
        await end(task)

    asyncio.run(asyncio.wait_for(scene(), 10))

    assert cancellations == 3


def test_what_a_task_failed_with_is_nobodys_concern_any_more() -> None:
    async def failing() -> None:
        raise ValueError

    async def scene() -> None:
        task = asyncio.create_task(failing())
        await asyncio.sleep(0)
        await end(task)

    asyncio.run(scene())
