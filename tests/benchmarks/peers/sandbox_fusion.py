"""SandboxFusion: its online judge, with the tests in the request."""

import httpx

from tests.benchmarks.peers.fusion import submit
from tests.benchmarks.work import Task


async def judge(client: httpx.AsyncClient, task: Task) -> list[bool]:
    tests = [{"input": {"stdin": stdin}, "output": {"stdout": expected}} for stdin, expected in task.tests]
    provided = {"id": 0, "content": "", "test": tests}
    return await submit(client, "/submit", task, provided, dataset_type="CommonOJDataset")
