"""The images are of one shape, and what is written in several of them is written alike."""

import re
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
LANGUAGES = sorted(path.parent.name for path in ROOT.glob("runners/*/runner.toml"))
# What one language needs beyond Debian's packages: packages of npm, an archive of its compiler's classes.
ITS_OWN = re.compile(
    r"^FROM \S+ AS npm\n(?:.+\n)+\n"
    r"|^COPY --from=npm .*\n"
    r"|^COPY deploy/toolchains\.py .*\nCOPY runners/.*\nRUN python3 deploy/toolchains\.py [a-z]+\n",
    re.MULTILINE,
)


def dockerfile(language: str) -> str:
    return (ROOT / "runners" / language / "Dockerfile").read_text()


def image(name: str) -> str:
    return (ROOT / "deploy" / "images" / f"{name}.Dockerfile").read_text()


def shape(language: str) -> str:
    """The Dockerfile without what is its language's."""
    title = tomllib.loads((ROOT / "runners" / language / "runner.toml").read_text())["title"]
    text = ITS_OWN.sub("", dockerfile(language))
    text = re.sub(r"^(# A worker for ).*", r"\1: ", text)
    text = re.sub(r"(python3)(?: [a-z0-9.+-]+)+$", r"\1", text, flags=re.MULTILINE)
    assert dockerfile(language).startswith(f"# A worker for {title}: docker build -f runners/{language}/Dockerfile ")
    return text.replace(f"runners/{language}/", "runners/LANGUAGE/").replace(f"LANE={language} ", "LANE=LANGUAGE ")


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_runner_has_an_image_of_the_same_shape(language: str):
    assert shape(language) == shape("go")


@pytest.mark.parametrize("file", ["api", "worker"])
def test_the_service_is_set_up_alike_in_every_image(file: str):
    stage = dockerfile("go").partition("AS service")[2].partition("FROM")[0]

    assert stage in image(file)


def test_what_npm_brings_comes_alike_into_every_image():
    dockerfiles = [*(dockerfile(language) for language in LANGUAGES), image("worker")]
    stages = [re.search(r"FROM \S+ AS npm\n((?:.+\n)+)\n", text) for text in dockerfiles]
    found = [re.sub(r"(--packages-only).*", r"\1", stage[1]) for stage in stages if stage]

    assert len(found) == 3
    assert len(set(found)) == 1


def test_no_image_keeps_npm():
    for language in LANGUAGES:
        last_stage = dockerfile(language).rpartition("\nFROM ")[2]

        assert not re.search(r"packages .*\bnpm\b", last_stage)
