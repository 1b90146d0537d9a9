"""code-judge: a batch of single executions, each with the source, an input and what is expected."""

import httpx

from tests.benchmarks.work import Task


async def judge(client: httpx.AsyncClient, task: Task) -> list[bool]:
    executions = [
        {"type": entry.language, "solution": entry.source, "input": stdin, "expected_output": expected}
        for entry in task.entries
        for stdin, expected in task.tests
    ]
    # The long batch has no limit on how long an execution may wait for its turn.
    answer = await client.post("/judge/long-batch", json={"type": "batch", "submissions": executions})
    answer.raise_for_status()
    passed = [bool(result["success"]) for result in answer.json()["results"]]
    tests = len(task.tests)
    return [all(passed[start : start + tests]) for start in range(0, len(passed), tests)]
