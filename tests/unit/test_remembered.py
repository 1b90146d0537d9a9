"""An example that came out as expected is remembered for as long as nothing it depends on changes."""

from pathlib import Path

import pytest

from sandbox_service import remembered, runners
from sandbox_service.models import Isolation, Tier
from sandbox_service.remembered import Remembered
from sandbox_service.settings import Settings

SETTINGS = Settings()
PYTHON = runners.read_runners(SETTINGS)["python"]
EXAMPLE = next(runners.examples(PYTHON, SETTINGS))
BOX = Isolation(tier=Tier.NAMESPACES, layers={"uid": "1000"})
DIGEST = remembered.digest(EXAMPLE, PYTHON, BOX)


def test_what_was_added_is_known_to_the_next_one(tmp_path: Path):
    Remembered(tmp_path).add(["a", "b"])

    assert "a" in Remembered(tmp_path)
    assert "c" not in Remembered(tmp_path)


def test_without_a_directory_nothing_is_kept():
    memory = Remembered(None)

    memory.add(["a"])

    assert "a" in memory
    assert "a" not in Remembered(None)


@pytest.mark.parametrize("content", ["", "[", "{}", "[1, null]", '"a"'])
def test_a_file_that_is_not_ours_is_forgotten(tmp_path: Path, content: str):
    (tmp_path / "examples.json").write_text(content)

    memory = Remembered(tmp_path)
    memory.add(["a"])

    assert "a" in Remembered(tmp_path)


def test_the_oldest_are_forgotten_first(tmp_path: Path):
    Remembered(tmp_path).add(str(number) for number in range(remembered.MOST + 1))

    memory = Remembered(tmp_path)

    assert "0" not in memory
    assert str(remembered.MOST) in memory


def test_the_same_example_has_the_same_digest_whatever_uid_its_box_got():
    assert remembered.digest(EXAMPLE, PYTHON, BOX.model_copy(update={"layers": {"uid": "1001"}})) == DIGEST


@pytest.mark.parametrize(
    ("runner", "isolation"),
    [
        (PYTHON.model_copy(update={"title": "Another"}), BOX),
        (PYTHON.model_copy(update={"version": ("echo", "Python 2")}), BOX),
        (PYTHON.model_copy(update={"executables": {"bash": "apt"}}), BOX),
        (PYTHON, BOX.model_copy(update={"tier": Tier.LANDLOCK})),
        (PYTHON, BOX.model_copy(update={"layers": {}})),
        (PYTHON, BOX.model_copy(update={"missing": {"cgroup": "not allowed"}})),
    ],
    ids=["runner", "version", "executable", "tier", "layer", "missing layer"],
)
def test_whatever_it_depends_on_changes_the_digest(runner: runners.Runner, isolation: Isolation):
    assert remembered.digest(EXAMPLE, runner, isolation) != DIGEST


def test_another_source_changes_the_digest():
    longer = EXAMPLE.submission.model_copy(update={"source": EXAMPLE.submission.source + "\n"})

    assert remembered.digest(EXAMPLE._replace(submission=longer), PYTHON, BOX) != DIGEST


def test_another_service_changes_the_digest(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(remembered, "_own_sources", lambda: "other sources")

    assert remembered.digest(EXAMPLE, PYTHON, BOX) != DIGEST
