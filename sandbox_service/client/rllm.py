"""rllm: a ``RewardFunction`` that answers its ``RewardOutput``."""

import importlib
from collections.abc import Callable, Mapping
from typing import Any

from sandbox_service.client.grader import Grader, metrics_of, reward_of


def code_reward_fn(**options: Any) -> Callable[[Mapping[str, Any], Any], Any]:
    """A reward function; the task's ``ground_truth`` has the tests, ``options`` are the fields of ``Grader``."""
    grader = Grader(**options)

    def code_reward_fn(task_info: Mapping[str, Any], action: Any) -> Any:
        completion = getattr(action, "action", action)
        (answer,) = grader.grade([completion], [task_info["ground_truth"]])
        metadata = {
            "all_passed": answer.reason is None,
            "total_tests": answer.total,
            "passed_tests": answer.passed,
            "reason": answer.reason,
            **metrics_of(answer),
        }
        # Imported when it is called: this package works without rllm.
        output = importlib.import_module("rllm.rewards.reward_types").RewardOutput
        return output(reward=reward_of(answer), metadata=metadata, is_correct=answer.reason is None)

    return code_reward_fn
