"""slime: ``custom_rm`` for ``--custom-rm-path``, for one sample or for a batch of them."""

from collections.abc import Callable, Coroutine, Sequence
from typing import Any

from sandbox_service.client.grader import Grader, reward_of


def custom_rm_of(**options: Any) -> Callable[..., Coroutine[Any, Any, Any]]:
    """A reward function; a sample's label has the tests, ``options`` are the fields of ``Grader``."""
    grader = Grader(**options)

    async def custom_rm(args: Any, sample: Any, **_others: Any) -> float | list[float]:
        samples: Sequence[Any] = sample if isinstance(sample, list) else [sample]
        answers = await grader.agrade([one.response for one in samples], [one.label for one in samples])
        rewards = [reward_of(answer) for answer in answers]
        return rewards if isinstance(sample, list) else rewards[0]

    return custom_rm


async def custom_rm(args: Any, sample: Any, **others: Any) -> Any:
    """The reward function with the defaults of ``Grader``; the service is at JUDGE_URL."""
    return await custom_rm_of()(args, sample, **others)
