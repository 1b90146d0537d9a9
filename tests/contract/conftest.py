"""One suite of claims, run over every tier of box that this machine should have."""

import os
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from sandbox_service.errors import SandboxUnavailable
from sandbox_service.models import Execution, Limits, Tier
from sandbox_service.runners import read_runners
from sandbox_service.sandboxes import Box, layout, open_box
from sandbox_service.sandboxes.contract import Command, File, Step, Zygote
from sandbox_service.sandboxes.docker import Containers, DockerBox, connect
from sandbox_service.settings import Settings

MIB = 2**20
# Where the suite runs on purpose, SANDBOX_TEST_TIERS says which tiers there must be: none of them may be missing.
EXPECTED = os.environ.get("SANDBOX_TEST_TIERS")
# How many times slower than a usual machine this one is; User-mode Linux takes its time over each page it touches.
PATIENCE = float(os.environ.get("SANDBOX_TEST_PATIENCE", "1"))
TIERS = [Tier(name) for name in EXPECTED.split(",")] if EXPECTED else [Tier.NAMESPACES, Tier.LANDLOCK]

Run = Callable[..., Execution]
PYTHON = read_runners(Settings())["python"]
(ZYGOTE, *_) = PYTHON.zygotes()


class Kind(NamedTuple):
    """A tier of box, whether Python programs in it are forks of a warm interpreter, and whether an agent drives it.

    ``compiled`` is whether compiled code forks them, where it can; else Python does everywhere. ``first`` is whether
    each run is the first of its program, and compiles it.
    """

    tier: Tier
    warm: bool
    attached: bool = False
    compiled: bool = True
    first: bool = False

    def __str__(self) -> str:
        return f"{self.tier}{'-warm' * self.warm}{'-attached' * self.attached}{'-uncompiled' * (not self.compiled)}{'-first' * self.first}"


# Where every test takes minutes, SANDBOX_TEST_KINDS=warm leaves out the boxes that start each program anew.
KINDS = [Kind(tier, True) for tier in TIERS]
if os.environ.get("SANDBOX_TEST_KINDS") != "warm":
    KINDS = [Kind(tier, warm) for tier in TIERS for warm in (False, True)]
_WARM = Kind(Tier.NAMESPACES, warm=True)
OTHER_WAYS = [] if EXPECTED else [_WARM._replace(compiled=False), _WARM._replace(first=True)]


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line("markers", "only(*tiers): a claim that is made of these tiers alone")
    config.addinivalue_line("markers", "warm: a claim that is made of boxes with a warm interpreter alone")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """A claim marked with ``only("namespaces")`` is not made of the other tiers, nor one with ``warm`` of cold boxes."""
    selected: list[pytest.Item] = []
    deselected: list[pytest.Item] = []
    for item in items:
        kind: Any = item.callspec.params.get("box") if hasattr(item, "callspec") else None
        (deselected if isinstance(kind, Kind) and not _is_made_of(item, kind) else selected).append(item)
    if deselected:
        items[:] = selected
        config.hook.pytest_deselected(items=deselected)


def _is_made_of(claim: pytest.Item, kind: Kind) -> bool:
    only = claim.get_closest_marker("only")
    return (only is None or kind.tier in only.args) and (kind.warm or claim.get_closest_marker("warm") is None)


@pytest.fixture(scope="module", params=[*KINDS, *OTHER_WAYS], ids=str)
def box(request: pytest.FixtureRequest) -> Iterator[Box]:
    try:
        with pytest.MonkeyPatch.context() as changes:
            if not request.param.compiled:
                changes.setattr(layout, "forker", str)
            box = open_tier(request.param.tier, ZYGOTE if request.param.warm else None)
    except SandboxUnavailable as error:
        if EXPECTED:
            raise
        pytest.skip(str(error))
    yield box
    box.close()


def open_tier(tier: Tier, zygote: Zygote | None = None) -> Box:
    """A box of the tier; one in a container is of the image that SANDBOX_TEST_DOCKER_IMAGE names."""
    if tier is not Tier.DOCKER:
        return open_box(tier, zygote=zygote)
    profile = os.environ.get("SANDBOX_TEST_DOCKER_PROFILE")
    containers = Containers(
        image=os.environ["SANDBOX_TEST_DOCKER_IMAGE"],
        memory_bytes=4 * 2**30,
        processes=4096,
        seccomp_profile=Path(profile) if profile else None,
    )
    return DockerBox(connect(), containers, zygote, Tier.LANDLOCK)


def limits(**changes: float) -> Limits:
    usual = {
        "cpu_seconds": 2.0 * PATIENCE,
        "wall_seconds": 6.0 * PATIENCE,
        "memory_bytes": 256 * MIB,
        "output_bytes": MIB,
        "processes": 32,
        "file_bytes": 64 * MIB,
    }
    return Limits(**(usual | changes))  # type: ignore[arg-type]


def python_command(box: Box, source: str, *, warm: bool) -> Command:
    """What runs a Python program in the box; compiled first, where an interpreter waits for it."""
    command = Command(("python3", "main.py"), {"main.py": File(source.encode())})
    if not warm:
        return command
    compiled = box.run(replace(command, step=Step.COMPILE), limits(), collect=("main.code",))
    return replace(command, step=Step.RUN, code=compiled.files["main.code"])


def first_run(source: str) -> Command:
    """What compiles a Python program and runs it, in one go."""
    return Command(("python3", "main.py"), {"main.py": File(source.encode())}, step=Step.FIRST_RUN)


@pytest.fixture
def run(request: pytest.FixtureRequest, box: Box) -> Run:
    """Run a Python program in the box; keywords change the limits."""

    def run_python(source: str, *, stdin: bytes = b"", collect: tuple[str, ...] = (), **changes: float) -> Execution:
        kind = request.node.callspec.params["box"]
        if kind.first:
            execution = box.run(first_run(source), limits(**changes), stdin=stdin, collect=collect)
            if execution.compiled is not None:  # else the limits left no room for it
                return execution
        command = python_command(box, source, warm=kind.warm)
        return box.run(command, limits(**changes), stdin=stdin, collect=collect)

    return run_python
