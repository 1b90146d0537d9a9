"""Ends tasks for sure."""

import asyncio
from contextlib import suppress
from typing import Any

HEARD_SECONDS = 0.1


async def end(*tasks: asyncio.Task[Any]) -> None:
    """Cancel the tasks and wait until they are gone, whatever becomes of them."""
    running = {task for task in tasks if not task.done()}
    while running:
        for task in running:
            task.cancel()
        # A cancellation that meets a timeout of redis-py is swallowed there, so it is said until it is heard.
        _, running = await asyncio.wait(running, timeout=HEARD_SECONDS)
    for task in tasks:
        with suppress(asyncio.CancelledError):
            task.exception()  # looked at, so that asyncio does not complain that nobody did
