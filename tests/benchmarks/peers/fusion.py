"""The request that SandboxFusion and what grew out of it understand: one submission with all its tests."""

import asyncio
from typing import Any

import httpx

from tests.benchmarks.work import Entry, Task

SECONDS = 120  # it starts many compilers at once, of which none shall run into a limit
LANGUAGES = {"javascript": "nodejs"}


async def submit(
    client: httpx.AsyncClient, path: str, task: Task, provided: dict[str, Any], **config: str
) -> list[bool]:
    """A request for each submission, all at once."""

    async def one(entry: Entry) -> bool:
        language = LANGUAGES.get(entry.language, entry.language)
        settings = {
            "language": language,
            "compile_timeout": SECONDS,
            "run_timeout": SECONDS,
            "provided_data": provided,
            "extra": {"run_all_cases": True, "total_timeout": SECONDS * len(task.tests)},
            **config,
        }
        completion = f"```{language}\n{entry.source}\n```"
        request = {"dataset": "benchmark", "id": 0, "completion": completion, "config": settings}
        answer = await client.post(path, json=request)
        answer.raise_for_status()
        return bool(answer.json()["accepted"])

    return list(await asyncio.gather(*map(one, task.entries)))
