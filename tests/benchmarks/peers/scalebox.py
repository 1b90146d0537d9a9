"""ScaleBox: its unified evaluation of a batch of tests, the fastest way it has."""

import httpx

from tests.benchmarks.peers.fusion import submit
from tests.benchmarks.work import Task


async def judge(client: httpx.AsyncClient, task: Task) -> list[bool]:
    inputs, outputs = [stdin for stdin, _ in task.tests], [expected for _, expected in task.tests]
    tests = {"type": "stdin_stdout", "fn_name": None, "input": inputs, "output": outputs}
    return await submit(client, "/common_evaluate_batch", task, {"test_cases": tests})
