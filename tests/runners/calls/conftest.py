"""The boxes in which functions of programs in Python are called."""

from collections.abc import Iterator
from functools import partial

import pytest

from sandbox_service.compilers import Compiler
from sandbox_service.errors import SandboxUnavailable
from sandbox_service.models import Tier
from sandbox_service.sandboxes import Boxes, open_box
from tests.runners.calling import QUICK, judged
from tests.runners.calls.attacks import TESTS, Judge


@pytest.fixture(scope="session", params=["warm", "cold"])
def boxes(request: pytest.FixtureRequest) -> Iterator[Boxes]:
    """Forks of a warm interpreter, and interpreters started anew."""
    try:
        boxes = Boxes(lambda zygote: open_box(Tier.NAMESPACES, zygote=zygote if request.param == "warm" else None))
        boxes.of(None)
    except SandboxUnavailable as error:
        pytest.skip(str(error))
    yield boxes
    boxes.close()


@pytest.fixture(scope="session")
def compiler() -> Compiler:
    return Compiler()


@pytest.fixture
def judge_python(boxes: Boxes, compiler: Compiler) -> Judge:
    return partial(judged, boxes, compiler, "python", tests=TESTS, limits=QUICK)
