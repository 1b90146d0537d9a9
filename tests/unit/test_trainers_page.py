"""The recipes of docs/trainers.md run as they stand there."""

import importlib.abc
import importlib.machinery
import inspect
import re
import subprocess
import sys
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path
from types import ModuleType
from typing import Any

import httpx
import pytest

from tests.unit.client.service import FakeService

PAGE = (Path(__file__).parents[2] / "docs" / "trainers.md").read_text("utf-8")
SECTIONS = dict(re.findall(r"^## (.+?)\n(.*?)(?=^## |\Z)", PAGE, re.MULTILINE | re.DOTALL))
TRAINERS = ("trl", "rllm", "areal", "verifiers", "open_instruct", "skyrl_gym")
RECIPES = (
    "verl", "TRL", "OpenRLHF", "slime", "rllm", "AReaL", "verifiers, prime-rl", "open-instruct", "SkyRL",
)  # fmt: skip


def blocks(language: str) -> list[Any]:
    return [
        pytest.param(block, id=f"{title} {number}")
        for title, text in SECTIONS.items()
        for number, block in enumerate(re.findall(rf"```{language}\n(.*?)```", text, re.DOTALL))
    ]


class Anything:
    """Stands for whatever a trainer brings that is not installed here."""

    def __init__(self, *_args: object, **_named: object) -> None: ...

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        return Anything()

    def __call__(self, *_args: object, **_named: object) -> Any:
        return Anything()

    def __getitem__(self, _key: object) -> Any:
        return Anything()

    def __setitem__(self, _key: object, _value: object) -> None: ...

    def __mro_entries__(self, _bases: object) -> tuple[type, ...]:
        return ()


class Trainers(importlib.abc.MetaPathFinder, importlib.abc.Loader):
    """Imports the trainers' modules, with anything in them."""

    def find_spec(self, name: str, path: object = None, target: object = None) -> importlib.machinery.ModuleSpec | None:
        ours = name.partition(".")[0] in TRAINERS
        return importlib.machinery.ModuleSpec(name, self, is_package=True) if ours else None

    def create_module(self, spec: importlib.machinery.ModuleSpec) -> ModuleType | None:
        return None

    def exec_module(self, module: ModuleType) -> None:
        vars(module)["__getattr__"] = lambda name: getattr(Anything(), name)


@pytest.fixture
def trainers() -> Iterator[None]:
    finder = Trainers()
    sys.meta_path.insert(0, finder)
    yield
    sys.meta_path.remove(finder)
    for name in [name for name in sys.modules if name.partition(".")[0] in TRAINERS]:
        del sys.modules[name]


@pytest.fixture
def service(monkeypatch: pytest.MonkeyPatch) -> FakeService:
    """What answers, whatever the URL."""
    service = FakeService()

    async def answer(_transport: object, request: httpx.Request) -> httpx.Response:
        await request.aread()
        return await service.answer(request)

    monkeypatch.setattr(httpx.AsyncHTTPTransport, "handle_async_request", answer)
    return service


def test_every_trainer_has_a_recipe_of_ten_lines() -> None:
    for title in RECIPES:
        recipes = re.findall(r"```\w+\n(.*?)```", SECTIONS[title], re.DOTALL)

        assert recipes, title
        assert all(len(recipe.strip().splitlines()) <= 12 for recipe in recipes), title


@pytest.mark.parametrize("block", blocks("python"))
def test_a_recipe_runs(block: str, trainers: None, service: FakeService) -> None:
    given: dict[str, Any] = {
        "dataset": [],
        "args": Anything(),
        "CodeData": Anything(),
        "tests": [{"stdin": "1", "expected": "1"}],
        "completions": ["right", "wrong"],
        "submissions": [{"id": "s", "language": "python", "source": "right"}],
        "solutions": [{"id": str(n), "language": "python", "source": "print(1)"} for n in range(3)],
        "inputs": ["1", "2", "3"],
        "task": "task",
        "task_id": 7,
    }

    exec(compile(block, "docs/trainers.md", "exec"), given)

    if "Client(" in block:
        assert service.requests


@pytest.mark.parametrize("block", blocks("bash"))
def test_a_command_can_be_parsed(block: str) -> None:
    assert subprocess.run(["bash", "-n"], input=block, text=True, check=False).returncode == 0


@pytest.mark.parametrize("block", blocks("yaml"))
def test_what_is_configured_for_verl_exists(block: str) -> None:
    found = dict(re.findall(r"^ +(path|name): (\S+)", block, re.MULTILINE))
    module = import_module(found["path"].removeprefix("pkg://"))

    function = getattr(module, found["name"])
    assert list(inspect.signature(function).parameters)[:4] == [
        "data_source", "solution_str", "ground_truth", "extra_info",
    ]  # fmt: skip
