"""Piston: a request for each execution; it knows no expected output, so that we compare."""

import asyncio

import httpx

from tests.benchmarks.work import Entry, Task

AT_ONCE = 8
LANGUAGES = {"cpp": "c++"}


async def judge(client: httpx.AsyncClient, task: Task) -> list[bool]:
    room = asyncio.Semaphore(AT_ONCE)

    async def passes(entry: Entry, stdin: str, expected: str) -> bool:
        request = {
            "language": LANGUAGES.get(entry.language, entry.language),
            "version": "*",
            "files": [{"content": entry.source}],
            "stdin": stdin,
        }
        async with room:
            answer = await client.post("/api/v2/execute", json=request)
        answer.raise_for_status()
        run = answer.json()["run"]
        return bool(run["code"] == 0 and run["stdout"].split() == expected.split())

    executions = [passes(entry, stdin, expected) for entry in task.entries for stdin, expected in task.tests]
    passed = await asyncio.gather(*executions)
    tests = len(task.tests)
    return [all(passed[start : start + tests]) for start in range(0, len(passed), tests)]
