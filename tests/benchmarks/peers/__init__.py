"""Other judges, each behind a module that speaks its API: the same work, the same answers."""

from collections.abc import Awaitable, Callable, Mapping

import httpx

from tests.benchmarks.peers import code_judge, ours, piston, sandbox_fusion, scalebox
from tests.benchmarks.work import Task

# Judges all submissions of a task on all its tests; for each submission, whether every test was passed.
Judge = Callable[[httpx.AsyncClient, Task], Awaitable[list[bool]]]

OURS = ours.judge
PEERS: Mapping[str, Judge] = {
    "code-judge": code_judge.judge,
    "sandboxfusion": sandbox_fusion.judge,
    "scalebox": scalebox.judge,
    "piston": piston.judge,
}
