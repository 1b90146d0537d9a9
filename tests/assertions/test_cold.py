"""Where no interpreter can be kept warm, test code is run by interpreters that are started anew."""

from collections.abc import Iterator

import pytest

from sandbox_service.equipment import compiler_of
from sandbox_service.errors import SandboxUnavailable
from sandbox_service.models import Verdict
from sandbox_service.sandboxes import Box, Boxes, Zygote, open_box
from sandbox_service.worker import JudgingSlot
from tests.assertions.conftest import RUNNERS, SETTINGS, Judge, judge_by, needs

SOURCE = "import codec\ndef square(n): return n * n"
LOOKING = "import sys\ndef square(n): return n * n if 'peer' not in sys.modules else 0"
CHECK = "def check(candidate):\n    assert candidate(3) == {}"


def never_warm(zygote: Zygote | None) -> Box:
    if zygote is not None:
        raise SandboxUnavailable("no interpreter is kept warm here")
    return open_box()


@pytest.fixture(scope="module")
def cold() -> Iterator[Judge]:
    slot = JudgingSlot(RUNNERS, Boxes(never_warm), compiler_of(SETTINGS))
    yield judge_by(slot)
    slot.close()


@pytest.mark.parametrize("mode", ["split", "same_process"])
@pytest.mark.parametrize("language", ["python", "pypy"])
def test_test_code_is_run_all_the_same(cold: Judge, language, mode):
    needs(RUNNERS[language])

    right = cold(LOOKING, CHECK.format(9), language=language, mode=mode, entry_point="square")
    wrong = cold(LOOKING, CHECK.format(8), language=language, mode=mode, entry_point="square")

    assert (right.verdict, wrong.verdict) == (Verdict.ACCEPTED, Verdict.WRONG_ANSWER)


@pytest.mark.parametrize("mode", ["split", "same_process"])
@pytest.mark.parametrize("is_warm", [True, False])
def test_no_module_of_ours_is_there_to_import(judge: Judge, cold: Judge, is_warm, mode):
    result = (judge if is_warm else cold)(SOURCE, CHECK.format(9), mode=mode, entry_point="square").results[0]

    assert result.verdict is Verdict.RUNTIME_ERROR
    assert "No module named 'codec'" in str(result.detail)
