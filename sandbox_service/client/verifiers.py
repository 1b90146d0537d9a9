"""verifiers and prime-rl: a reward whose failures are SandboxErrors, which the trainer masks."""

import importlib
from collections.abc import Callable, Coroutine
from typing import Any

from sandbox_service.client.failures import ClientError
from sandbox_service.client.grader import Grader, reward_of


def reward_of_trace(**options: Any) -> Callable[[Any, object], Coroutine[Any, Any, float]]:
    """For a task's ``@vf.reward`` method: ``await judged(trace, tests)``; ``options`` are the fields of ``Grader``.

    Raises a SandboxError when the service failed, so that the rollout counts as errored.
    """
    grader = Grader(**options)

    async def judged(trace: Any, tests: object) -> float:
        try:
            (answer,) = await grader.agrade([trace.last_reply], [tests])
            return reward_of(answer)
        except ClientError as failure:
            raise _sandbox_error("verifiers.v1", failure) from failure

    return judged


def reward_func_of(**options: Any) -> Callable[..., Coroutine[Any, Any, float]]:
    """For a ``Rubric``: a reward function whose ``answer`` has the tests.

    A rubric scores an exception as 0, so that the failure is written into the state, which is what
    prime-rl looks at, and the 0 that comes with it does not count.
    """
    grader = Grader(**options)

    async def code_reward(completion: Any, answer: object, state: dict[str, Any], **_others: Any) -> float:
        try:
            (judged,) = await grader.agrade([completion], [answer])
            return reward_of(judged)
        except ClientError as failure:
            state["error"] = _sandbox_error("verifiers", failure)
            return 0.0

    return code_reward


def _sandbox_error(package: str, failure: ClientError) -> Exception:
    # Imported when it is needed: this package works without verifiers.
    error: Exception = importlib.import_module(package).SandboxError(str(failure))
    return error
