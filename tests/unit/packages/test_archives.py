"""A zip is unpacked into its directory and nowhere else."""

import zipfile
from pathlib import Path

import pytest

from sandbox_service.errors import BadRequest
from sandbox_service.packages import read_package
from sandbox_service.packages.archives import unpack


def zipped(path: Path, entries: dict[str, str], links: dict[str, str] | None = None) -> Path:
    with zipfile.ZipFile(path / "p.zip", "w") as archive:
        for name, content in entries.items():
            archive.writestr(name, content)
        for name, target in (links or {}).items():
            entry = zipfile.ZipInfo(name)
            entry.create_system, entry.external_attr = 3, 0o120777 << 16
            archive.writestr(entry, target)
    return path / "p.zip"


@pytest.mark.parametrize("wrapped", ["", "squares/"])
def test_the_package_may_stand_in_a_folder_of_its_own(tmp_path, wrapped):
    archive = zipped(tmp_path, {f"{wrapped}data/secret/1.in": "1", f"{wrapped}data/secret/1.ans": "1"})
    (tmp_path / "out").mkdir()

    assert len(read_package(unpack(archive, tmp_path / "out")).test_names) == 1


@pytest.mark.parametrize("name", ["../evil", "a/../../evil", "/evil", "..\\evil", "C:/evil"])
def test_a_name_that_leads_out_is_refused(tmp_path, name):
    (tmp_path / "out").mkdir()

    with pytest.raises(BadRequest, match="leads out"):
        unpack(zipped(tmp_path, {name: "x"}), tmp_path / "out")

    assert not list((tmp_path / "out").iterdir())


def test_a_link_in_an_archive_links_to_nothing(tmp_path):
    (tmp_path / "out").mkdir()
    (tmp_path / "secret").write_text("secret")
    entries = {"problem.yaml": "name: x\n", "data/secret/1.in": "1"}

    folder = unpack(zipped(tmp_path, entries, {"data/secret/1.ans": str(tmp_path / "secret")}), tmp_path / "out")

    package = read_package(folder)
    assert package.problem is not None
    assert package.problem.tests is not None
    assert package.problem.tests[0].expected == str(tmp_path / "secret")


def test_an_archive_that_says_it_is_huge_is_refused(tmp_path, monkeypatch):
    monkeypatch.setattr("sandbox_service.packages.archives.MOST_BYTES", 10)

    with pytest.raises(BadRequest, match="more than"):
        unpack(zipped(tmp_path, {"a": "x" * 11}), tmp_path / "out")


def test_what_is_no_archive_is_said_to_be_none(tmp_path):
    (tmp_path / "p.zip").write_text("no archive")

    with pytest.raises(BadRequest, match="cannot be unpacked"):
        unpack(tmp_path / "p.zip", tmp_path / "out")
