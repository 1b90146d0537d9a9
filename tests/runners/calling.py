"""Judges a program by calls of its functions, as the service would."""

from collections.abc import Mapping, Sequence
from typing import Any

from sandbox_service.compilers import Compiler
from sandbox_service.judge import Rules, judge
from sandbox_service.models import Job, Judgement
from sandbox_service.runners import read_runners
from sandbox_service.sandboxes import Boxes
from sandbox_service.settings import Settings

RUNNERS = read_runners(Settings())
QUICK = {"cpu_seconds": 1, "wall_seconds": 3, "memory_bytes": 256 * 2**20}


def call(function: str, *arguments: Any, **expected: Any) -> Mapping[str, Any]:
    """A test; without the keyword ``expected``, the function is only called."""
    return {"call": {"function": function, "arguments": list(arguments)}, **expected}


def judged(
    boxes: Boxes,
    compiler: Compiler,
    language: str,
    source: str,
    tests: Sequence[Mapping[str, Any]],
    *,
    checker: str | Mapping[str, Any] | None = None,
    limits: Mapping[str, Any] | None = None,
    stop_on_failure: bool = True,
    **submission: Any,
) -> Judgement:
    job = Job.model_validate(
        {
            "problem": {"tests": list(tests), "checker": checker, "limits": limits or {}},
            "submissions": [{"id": "r0", "language": language, "source": source, **submission}],
            "reward": "all_or_nothing",
            "stop_on_failure": stop_on_failure,
        }
    )
    rules = Rules.of(job, job.problem.tests or ())
    return judge(job.submissions[0], rules, RUNNERS[language], boxes, compiler)
