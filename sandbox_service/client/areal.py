"""AReaL: ``code_reward_fn`` for its RLVR workflow, which runs it in processes of its own."""

from typing import Any

from sandbox_service.client.grader import Grader, reward_of

DEFAULT_COLUMN = "input_output"


def code_reward_fn(
    prompt: str,
    completions: str,
    prompt_ids: object,
    completion_ids: object,
    *,
    column: str = DEFAULT_COLUMN,
    options: dict[str, Any] | None = None,
    **columns: Any,
) -> float:
    """The reward; ``column`` of the data set has the tests, ``options`` are the fields of ``Grader``.

    A function of a module, which ``functools.partial`` gives its options: AReaL sends it to other processes.
    It raises when the service failed, and AReaL calls it again.
    """
    (answer,) = Grader(**(options or {})).grade([completions], [columns[column]])
    return reward_of(answer)
