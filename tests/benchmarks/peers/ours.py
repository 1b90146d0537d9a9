"""This service: one request for each task, the tests uploaded and named by their digest."""

import httpx

from tests.benchmarks.serving import ask, body, upload
from tests.benchmarks.work import Task


async def judge(client: httpx.AsyncClient, task: Task) -> list[bool]:
    judgements = await ask(client, body(task, await upload(client, task)))
    return [judgement["verdict"] == "accepted" for judgement in judgements]
