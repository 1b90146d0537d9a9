"""Every warm interpreter starts: without it programs run all the same, so that nothing else would notice."""

import pytest

from sandbox_service.equipment import boxes_of
from sandbox_service.runners import read_runners
from sandbox_service.settings import Settings

SETTINGS = Settings()
WARM = {name: runner for name, runner in read_runners(SETTINGS).items() if runner.warm is not None}


@pytest.mark.parametrize("language", WARM)
def test_a_warm_interpreter_is_refused_nowhere(language: str) -> None:
    runner = WARM[language]
    if missing := runner.missing():
        pytest.skip(f"needs {', '.join(missing)}")
    boxes = boxes_of(SETTINGS)
    try:
        for zygote in runner.zygotes():
            boxes.of(zygote)
        assert boxes.refused == {}
    finally:
        boxes.close()
