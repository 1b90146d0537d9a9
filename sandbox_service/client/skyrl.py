"""SkyRL: an environment of one turn whose reward is the judge's."""

import importlib
from collections.abc import Mapping
from typing import Any

from sandbox_service.client.grader import Grader, metrics_of, reward_of


def code_env(**options: Any) -> type:
    """An environment class for ``skyrl_gym.register``; ``options`` are the fields of ``Grader``.

    The tests are ``reward_spec.ground_truth``. A step raises when the service failed.
    """
    grader = Grader(**options)
    # Imported when it is called: this package works without SkyRL.
    base: type = importlib.import_module("skyrl_gym.envs.base_text_env").BaseTextEnv

    class CodeEnv(base):  # type: ignore[misc]  # the base is known only where SkyRL is
        def __init__(self, env_config: object = None, extras: Mapping[str, Any] | None = None) -> None:
            super().__init__()
            self._tests = (extras or {})["reward_spec"]["ground_truth"]

        def step(self, action: str) -> dict[str, Any]:
            (answer,) = grader.grade([action], [self._tests])
            metadata = {"parsed_code": answer.code, "reason": answer.reason, **metrics_of(answer)}
            return {"observations": [], "reward": reward_of(answer), "done": True, "metadata": metadata}

    return CodeEnv
