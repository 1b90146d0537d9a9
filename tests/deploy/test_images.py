"""The images are of one shape, and what is written in several of them is written alike."""

import re
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
LANGUAGES = sorted(path.parent.name for path in ROOT.glob("runners/*/runner.toml"))
# What one language needs beyond Debian's packages.
ITS_OWN = re.compile(
    r"^COPY deploy/(?:images/with-npm .*\nCOPY deploy/)?toolchains\.py .*\nCOPY .*\nRUN .*\n", re.MULTILINE
)


def dockerfile(language: str) -> str:
    return (ROOT / "runners" / language / "Dockerfile").read_text()


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

    assert stage in (ROOT / "deploy" / "images" / f"{file}.Dockerfile").read_text()
