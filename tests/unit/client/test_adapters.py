"""Trainer adapters, called as each trainer calls them."""

import asyncio
import inspect
import pickle
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import partial
from types import ModuleType, SimpleNamespace
from typing import Any

import pytest

from sandbox_service.client import Client, NotAnswered, areal, openrlhf, slime, trl, verifiers, verl
from sandbox_service.client import open_instruct as open_instruct_adapter
from sandbox_service.client import rllm as rllm_adapter
from sandbox_service.client import skyrl as skyrl_adapter
from sandbox_service.client.grader import Grader, NoReward, text_of
from tests.unit.client.service import SHORT, URL, FakeService, gone

TESTS = '{"inputs": ["1"], "outputs": ["2"]}'


class Trainer:
    """A fake service and the option that leads an adapter to it."""

    def __init__(self) -> None:
        self.service = FakeService()
        self.client = Client(URL, transport=self.service.transport, patience=SHORT, resend=0)
        self.options: dict[str, Any] = {"client": self.client}

    def fails_ours(self, *positions: int) -> None:
        for position in positions:
            self.service.fails_ours[str(position)] = 99

    def goes_away(self) -> None:
        self.service.script = [gone] * 1000


@pytest.fixture
def trainer() -> Iterator[Trainer]:
    trainer = Trainer()
    yield trainer
    trainer.client.close()


@pytest.fixture
def installed(monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
    """Makes a module importable that a trainer would bring."""

    def install(name: str, **members: Any) -> None:
        parts = name.split(".")
        for depth in range(1, len(parts) + 1):
            monkeypatch.setitem(sys.modules, ".".join(parts[:depth]), ModuleType(parts[depth - 1]))
        vars(sys.modules[name]).update(members)

    return install


# ---------------------------------------------------------------- verl


def test_verl_gets_a_score_and_the_same_keys_for_every_response(trainer: Trainer):
    scores = [
        verl.compute_score("taco", text, TESTS, {"index": 1}, reward_router_address=None, **trainer.options)
        for text in ("right", "wrong")
    ]

    assert [score["score"] for score in scores] == [1.0, 0.0]
    assert scores[0].keys() == scores[1].keys()


def test_verl_calls_by_name(trainer: Trainer):
    call: dict[str, Any] = {"data_source": "taco", "solution_str": "right", "ground_truth": TESTS, "extra_info": {}}

    assert verl.compute_score(**call, **trainer.options)["score"] == 1.0
    assert inspect.iscoroutinefunction(verl.compute_score_async)
    assert asyncio.run(verl.compute_score_async(**call, **trainer.options))["score"] == 1.0


def test_verls_manager_prime_gets_a_number(trainer: Trainer):
    assert verl.compute_score_number("taco", "right", TESTS, None, **trainer.options) == 1.0


def test_verl_gets_a_batch_in_one_request(trainer: Trainer):
    scores = verl.compute_score_batch(
        data_sources=["taco"] * 3,
        solution_strs=["right", "wrong", "right"],
        ground_truths=[TESTS] * 3,
        extra_infos=[{}] * 3,
        **trainer.options,
    )

    assert [score["score"] for score in scores] == [1.0, 0.0, 1.0]
    assert len(trainer.service.bodies("/v1/rewards")) == 1


def test_verl_never_gets_a_score_for_our_failure_unless_it_asked_for_one(trainer: Trainer):
    trainer.fails_ours(0)

    with pytest.raises(NoReward):
        verl.compute_score("taco", "right", TESTS, **trainer.options)
    assert verl.compute_score("taco", "right", TESTS, ours=-0.5, **trainer.options)["score"] == -0.5


def test_an_option_that_does_not_exist_is_an_error(trainer: Trainer):
    with pytest.raises(TypeError, match="rewrad"):
        verl.compute_score("taco", "right", TESTS, rewrad="xcoder", **trainer.options)


# ---------------------------------------------------------------- TRL


def test_trl_gets_a_list_with_none_for_our_failures(trainer: Trainer):
    trainer.fails_ours(1)
    logged: dict[str, float] = {}
    reward = trl.code_reward(**trainer.options)

    rewards = reward(
        prompts=["p"] * 3, completions=["right", "right", "wrong"], completion_ids=[[1]] * 3,
        verification_info=[{"test_cases": [{"input": "1", "output": "2"}]}] * 3,
        trainer_state=None, log_extra=lambda *_: None, log_metric=logged.__setitem__,
    )  # fmt: skip

    assert rewards == [1.0, None, 0.0]
    assert logged["judge/not_judged"] == pytest.approx(1 / 3)
    assert reward.__name__ == "code_reward"


def test_trl_may_send_messages_and_await(trainer: Trainer):
    reward = trl.async_code_reward("tests", **trainer.options)
    completions = [[{"role": "assistant", "content": text}] for text in ("right", "wrong")]

    rewards = asyncio.run(reward(prompts=["p"] * 2, completions=completions, tests=[TESTS] * 2))

    assert inspect.iscoroutinefunction(reward)
    assert rewards == [1.0, 0.0]


def test_trl_gets_none_for_all_while_the_service_is_away(trainer: Trainer):
    trainer.goes_away()

    assert trl.code_reward("tests", **trainer.options)(completions=["right"] * 2, tests=[TESTS] * 2) == [None, None]


# ---------------------------------------------------------------- OpenRLHF


def test_openrlhf_gets_numbers_for_one_sample(trainer: Trainer):
    reward_func = openrlhf.reward_func_of(**trainer.options)

    found = reward_func(["<s>prompt right</s>"], ["prompt"], [TESTS])

    assert found["rewards"] == 1.0
    assert 0 <= found["scores"] <= 1
    assert found["extra_logs"]["accepted"] == 1.0


def test_openrlhf_gets_lists_for_several(trainer: Trainer):
    found = openrlhf.reward_func_of(**trainer.options)(["a right", "a wrong"], ["a", "a"], [TESTS] * 2)

    assert found["rewards"] == [1.0, 0.0]


def test_only_what_follows_the_prompt_is_the_completion():
    assert openrlhf.completion_of("<s>say ```python``` please</s>yes", "say ```python``` please") == "</s>yes"
    assert openrlhf.completion_of("yes", "another prompt") == "yes"


def test_openrlhf_gets_an_exception_for_our_failure(trainer: Trainer):
    trainer.fails_ours(0)

    with pytest.raises(NoReward):
        openrlhf.reward_func_of(**trainer.options)(["right"], ["p"], [TESTS])


# ---------------------------------------------------------------- slime


@dataclass
class Sample:
    response: str
    label: str = TESTS
    metadata: dict[str, Any] = field(default_factory=dict)


def test_slime_gets_a_number_for_a_sample_and_a_list_for_a_list(trainer: Trainer):
    custom_rm = slime.custom_rm_of(**trainer.options)

    assert asyncio.run(custom_rm(SimpleNamespace(), Sample("right"))) == 1.0
    assert asyncio.run(custom_rm(SimpleNamespace(), [Sample("right"), Sample("wrong")])) == [1.0, 0.0]


def test_slime_gets_an_exception_while_the_service_is_away(trainer: Trainer):
    trainer.goes_away()

    with pytest.raises(NotAnswered):
        asyncio.run(slime.custom_rm_of(**trainer.options)(SimpleNamespace(), Sample("right")))


# ---------------------------------------------------------------- rllm


@dataclass(kw_only=True)
class RewardOutput:
    reward: float
    metadata: dict[str, Any]
    is_correct: bool | None = None


@pytest.mark.parametrize("action", ["right", SimpleNamespace(action="right")])
def test_rllm_gets_its_reward_output(trainer: Trainer, installed: Any, action: Any):
    installed("rllm.rewards.reward_types", RewardOutput=RewardOutput)

    output = rllm_adapter.code_reward_fn(**trainer.options)({"ground_truth": TESTS}, action)

    assert (output.reward, output.is_correct, output.metadata["all_passed"]) == (1.0, True, True)


# ---------------------------------------------------------------- AReaL


def test_areal_calls_with_tokens_and_columns(trainer: Trainer):
    reward = areal.code_reward_fn("p", "right", [1], [2], input_output=TESTS, query_id="q", options=trainer.options)

    assert reward == 1.0


def test_areal_can_send_the_function_to_another_process():
    options = {"url": URL, "reward": "all_or_nothing"}

    sent = pickle.loads(pickle.dumps(partial(areal.code_reward_fn, column="tests", options=options)))

    assert (sent.func, sent.keywords["options"]) == (areal.code_reward_fn, options)


# ---------------------------------------------------------------- verifiers, prime-rl


class SandboxError(Exception):
    pass


def test_a_verifiers_task_gets_a_number_for_its_trace(trainer: Trainer):
    judged = verifiers.reward_of_trace(**trainer.options)

    assert asyncio.run(judged(SimpleNamespace(last_reply="right"), TESTS)) == 1.0


def test_a_verifiers_task_gets_a_sandbox_error_for_our_failure(trainer: Trainer, installed: Any):
    installed("verifiers.v1", SandboxError=SandboxError)
    trainer.fails_ours(0)

    with pytest.raises(SandboxError):
        asyncio.run(verifiers.reward_of_trace(**trainer.options)(SimpleNamespace(last_reply="right"), TESTS))


def test_a_rubric_marks_a_rollout_over_which_the_service_failed(trainer: Trainer, installed: Any):
    installed("verifiers", SandboxError=SandboxError)
    reward = verifiers.reward_func_of(**trainer.options)
    message = [{"role": "assistant", "content": "right"}]
    state: dict[str, Any] = {"error": None}

    good: float = asyncio.run(reward(prompt="p", completion=message, answer=TESTS, info={}, state=state))
    assert (good, state["error"]) == (1.0, None)

    trainer.goes_away()
    asyncio.run(reward(prompt="p", completion=message, answer=TESTS, info={}, state=state))
    assert isinstance(state["error"], SandboxError)


# ---------------------------------------------------------------- open-instruct


def test_open_instruct_gets_its_verification_result(trainer: Trainer, installed: Any):
    installed("open_instruct.ground_truth_utils", VerificationResult=lambda score, reasoning: (score, reasoning))
    verifier = open_instruct_adapter.CodeVerifier(weight=2.0, **trainer.options)

    assert (verifier.name, verifier.weight) == ("code", 2.0)
    assert asyncio.run(verifier.async_call([1], "right", [{"input": "1", "output": "2"}], "q", {})) == (1.0, None)
    assert verifier([1], "wrong", TESTS) == (0.0, "wrong_answer")


# ---------------------------------------------------------------- SkyRL


class BaseTextEnv:
    def __init__(self) -> None:
        self.turns = 0


def test_skyrl_gets_an_environment_of_one_turn(trainer: Trainer, installed: Any):
    installed("skyrl_gym.envs.base_text_env", BaseTextEnv=BaseTextEnv)
    environment = skyrl_adapter.code_env(**trainer.options)(
        env_config=None, extras={"reward_spec": {"ground_truth": TESTS}}
    )

    step = environment.step("right")

    assert isinstance(environment, BaseTextEnv)
    assert (step["reward"], step["done"], step["observations"]) == (1.0, True, [])


# ---------------------------------------------------------------- what they share


def test_the_rules_of_a_grader_go_with_every_request(trainer: Trainer):
    grader = Grader(
        language="cpp", reward={"name": "xcoder"}, extract="first_fence", tests={"sample": 3, "seed": 1},
        checker="floats", limits={"cpu_seconds": 2}, stop_on_failure=True, client=trainer.client,
    )  # fmt: skip

    grader.grade(["right"], [TESTS])

    (body,) = trainer.service.bodies("/v1/rewards")
    problem = body["items"][0]["problem"]
    assert (body["language"], body["extract"], body["tests"]) == ("cpp", "first_fence", {"sample": 3, "seed": 1})
    assert (problem["checker"], problem["limits"]) == ({"name": "floats"}, {"cpu_seconds": 2.0})


def test_graders_of_one_process_share_a_client(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("JUDGE_URL", "http://a:1, http://b:1")

    assert Grader()._client() is Grader(reward="xcoder")._client()
    assert Grader()._client() is not Grader(url="http://c:1")._client()


def test_completions_and_rows_must_be_equally_many(trainer: Trainer):
    with pytest.raises(ValueError, match="shorter"):
        Grader(client=trainer.client).grade(["right"], [])


@pytest.mark.parametrize(
    ("completion", "text"),
    [
        ("a", "a"),
        ([{"role": "user", "content": "q"}, {"role": "assistant", "content": "a"}], "a"),
        ([{"role": "assistant", "content": [{"type": "text", "text": "a"}, {"type": "image"}]}], "a"),
        ([SimpleNamespace(content="a")], "a"),
        ([{"role": "assistant", "content": None}], ""),
        ([], ""),
    ],
)
def test_the_text_of_a_completion_is_that_of_its_last_message(completion: object, text: str):
    assert text_of(completion) == text
