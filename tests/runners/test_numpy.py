"""A program that imports numpy is forked from an interpreter that has it, and is none the wiser."""

from collections.abc import Iterator
from dataclasses import replace

import pytest

from sandbox_service.models import Execution, Submission, Tier
from sandbox_service.sandboxes import Box, open_box
from sandbox_service.sandboxes.contract import Command, File, Step
from tests.contract.conftest import PYTHON, limits

ZYGOTE = PYTHON.zygote(Submission(id="r0", language="python", source="import numpy"))


@pytest.fixture(scope="module")
def box() -> Iterator[Box]:
    box = open_box(Tier.NAMESPACES, zygote=ZYGOTE)
    yield box
    box.close()


def run(box: Box, source: str) -> Execution:
    assert ZYGOTE is not None
    command = Command(("python3", "main.py"), {"main.py": File(source.encode())}, ZYGOTE.environment)
    if (
        "numpy"
        not in box.run(
            replace(command, argv=("python3", "-c", "import numpy; print('numpy')")), limits()
        ).stdout.decode()
    ):
        pytest.skip("numpy is not installed for /usr/bin/python3; apt-get install -y python3-numpy")
    compiled = box.run(replace(command, step=Step.COMPILE), limits(), collect=("main.code",))
    return box.run(replace(command, step=Step.RUN, code=compiled.files["main.code"]), limits())


@pytest.mark.parametrize("size", [300, 1000], ids="M17 {}".format)
def test_it_computes_with_the_threads_that_its_libraries_start(box: Box, size: int):
    source = f"import numpy as np\na = np.ones(({size}, {size}))\nprint(int((a @ a).sum()))"

    assert run(box, source).stdout == b"%d\n" % size**3


def test_two_programs_draw_different_numbers(box: Box):
    source = "import numpy as np, random\nprint(np.random.rand(), random.random(), np.random.default_rng().random())"

    first, second = (run(box, source).stdout.split() for _ in range(2))

    assert not set(first) & set(second)


def test_a_seed_gives_the_same_numbers(box: Box):
    source = "import numpy as np\nnp.random.seed(7)\nprint(np.random.rand(3))"

    assert run(box, source).stdout == run(box, source).stdout == b"[0.07630829 0.77991879 0.43840923]\n"
