"""OpenRLHF: ``reward_func`` for ``--reward.remote_url file.py``."""

from collections.abc import Callable, Sequence
from typing import Any

from sandbox_service.client.grader import Grader, metrics_of, reward_of


def reward_func_of(**options: Any) -> Callable[..., dict[str, Any]]:
    """A reward function; the labels of the data set are the tests, ``options`` are the fields of ``Grader``.

    It raises when the service failed: OpenRLHF then leaves the sample without a reward.
    """
    grader = Grader(**options)

    def reward_func(
        queries: Sequence[str], prompts: Sequence[str], labels: Sequence[object], **_others: Any
    ) -> dict[str, Any]:
        completions = [completion_of(query, prompt) for query, prompt in zip(queries, prompts, strict=True)]
        answers = grader.grade(completions, labels)
        rewards = [reward_of(answer) for answer in answers]
        metrics = [metrics_of(answer) for answer in answers]
        logs = {name: _one_or_all([each[name] for each in metrics]) for name in metrics[0]} if metrics else {}
        # Dynamic filtering wants a score from 0 to 1, whatever the reward is.
        return {"rewards": _one_or_all(rewards), "scores": logs.get("pass_rate", []), "extra_logs": logs}

    return reward_func


def reward_func(
    queries: Sequence[str], prompts: Sequence[str], labels: Sequence[object], **others: Any
) -> dict[str, Any]:
    """The reward function with the defaults of ``Grader``; the service is at JUDGE_URL."""
    return reward_func_of()(queries, prompts, labels, **others)


def completion_of(query: str, prompt: str) -> str:
    """What the model added to the prompt; a query is both, with special tokens before and within."""
    return query.partition(prompt)[2] if prompt and prompt in query else query


def _one_or_all(values: list[float]) -> float | list[float]:
    # The trainer asks for one sample at a time and puts what comes into a tensor of its own.
    return values[0] if len(values) == 1 else values
